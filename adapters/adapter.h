// The contract between a source and the pipeline. An adapter reads records from one kind of
// legacy source and settles them there, and knows nothing of what becomes of them in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/log.h"
#include "bridge/core/options.h"
#include "bridge/core/state.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters {

/// Names and values of where a record came from (file, queue, message properties).
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Where a record's own attributes end with this one, nothing can be made of the record (its
/// message's headers are broken), and the value says why: it becomes a dead letter unread.
inline constexpr std::string_view kFaultAttribute = "fault";

/// Records as they were read: one buffer, views into it, and what they have in common. Recycled
/// by the pipeline; an adapter overwrites every member (reset() first).
struct RecordBatch {
  ByteBuffer bytes;  ///< kReadableTail readable bytes follow
  std::vector<framing::RecordSpan> records;

  /// The id of records[i] is id_prefix and then first_number + i in decimal, or ids[i] where the
  /// source names each record itself. Ids say where a record came from and are the same when it
  /// is read again.
  std::string id_prefix;
  std::uint64_t first_number = 1;
  std::vector<std::string> ids;

  std::uint64_t position = 0;  ///< of bytes[0] in the source, where it is a stream
  std::int64_t time_ms = 0;    ///< when the source says the records arrived, since 1970, UTC
  std::vector<std::int64_t> record_times_ms;  ///< empty, or one per record in place of time_ms
  Attributes attributes;                      ///< of all records
  std::vector<Attributes> record_attributes;  ///< empty, or one per record

  /// True: the one record is an event made by the adapter itself, JSON text as is (a file's end).
  /// It goes to every destination of the source and is settled like a record.
  bool is_notice = false;
  std::string notice_type;  ///< the event type of a notice

  std::uint64_t token = 0;  ///< the adapter's own, handed back in the settlement

  std::size_t memory = 0;  ///< not the adapter's: bytes that are counted for it, events included

  void reset();
  /// Why nothing can be made of a record; empty: something may.
  [[nodiscard]] std::string_view fault_of(std::size_t record) const {
    if (record_attributes.empty() || record_attributes[record].empty()) return {};
    const auto& [name, value] = record_attributes[record].back();
    return name == kFaultAttribute ? std::string_view(value) : std::string_view();
  }
  [[nodiscard]] std::int64_t time_of(std::size_t record) const {
    return record_times_ms.empty() ? time_ms : record_times_ms[record];
  }
};

/// What became of one record, over all its destinations.
enum class Fate : std::uint8_t {
  retry,         ///< nothing durable has it: the source keeps or re-reads it
  delivered,     ///< at least one destination has it, all others filtered or dead-lettered it
  filtered,      ///< no destination wanted it
  dead_lettered  ///< it lies in the dead letters, and no destination has it
};

/// The fates of one batch's records, in read order.
struct Settlement {
  std::uint64_t token = 0;
  std::vector<Fate> fates;
};

enum class ReadStatus : std::uint8_t {
  batch,  ///< the batch holds at least one record
  idle,   ///< nothing came within the wait; the batch is empty
  ended,  ///< likewise, and nothing comes before something is settled: said without a wait
  dry     ///< nothing is there and nothing of it is unsettled; with --until-idle the source ends
};

/// How far behind a source is, for the summary line and the exit code.
struct SourceStatus {
  std::string lag;    ///< "3 files, 1,204,000 bytes"; empty where unknown
  int exit_code = 0;  ///< the worst thing that happened to an input (3: broken framing)
  std::optional<SteadyTime> lost_since = {};  ///< of a source behind a spool, while it is away
  /// Settlements that were taken without being durable (a commit whose outcome is unknown): their
  /// records may come again.
  std::uint64_t settlements_in_doubt = 0;
};

/// One source. Every method but interrupt() is called by the pipeline's source thread, one at a
/// time, so that connections that belong to one thread can be used (IBM MQ).
class Adapter {
 public:
  virtual ~Adapter() = default;

  /// Connects, takes up where the last run stopped. May block for the source's own timeouts.
  /// Called again after it failed or after close(). ErrorKind::source or storage: tried again
  /// with back-off; config: the bridge does not start.
  virtual Result<void> open() = 0;

  /// Reads the next batch, waiting at most `wait` for its first record. Batches are in the
  /// source's order. Errors: ErrorKind::framing means that the adapter has logged it and put the
  /// broken input aside; read() is called again at once. Retryable kinds: read() is called again
  /// after a back-off, and records that were read and not settled may come again.
  virtual Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) = 0;

  /// From the next read() on a batch has at most so many records (units of one, where one may be to
  /// blame for what happens to all); 0: as many as the adapter likes.
  virtual void limit_batches(std::size_t records_max) = 0;

  /// Tells the source what became of a batch. Called once per batch, in read order, possibly
  /// after later batches were read. Returns after the source has it durably. An adapter may treat
  /// more records as `retry` than it is told (a unit of work rolls back whole), never fewer.
  /// After an error the pipeline tries again with the same settlement.
  virtual Result<void> settle(const Settlement& settlement) = 0;

  /// Makes a read() that waits return soon. Any thread, also before open().
  virtual void interrupt() = 0;

  /// Hands back everything that is unsettled and disconnects. Called twice it does nothing.
  virtual void close() = 0;

  /// How many batches may be read and not settled (1: a unit of work must end before the next).
  [[nodiscard]] virtual std::size_t batches_in_flight_max() const = 0;

  /// How long a batch may be unsettled because of an endpoint (an open unit of work ties up the
  /// source's log). After that it is handed back once, settled with `retry`, and read() is not
  /// called again until the endpoint takes events. 0: for ever. Only where one batch may be in
  /// flight.
  [[nodiscard]] virtual Milliseconds unit_age_max() const { return Milliseconds(0); }

  [[nodiscard]] virtual SourceStatus status() const = 0;

  /// True: the source does not keep itself what is settled. Where it goes on is a position that the
  /// publisher stores with the events, as one, and only then are they settled.
  [[nodiscard]] virtual bool gives_positions() const { return false; }
  /// Where it goes on once the first `records` records of a batch, and all batches before, are
  /// settled. Any thread, between the batch's read() and its settle(). Nothing: the source has
  /// taken back what is unsettled (it belongs to another reader by now).
  [[nodiscard]] virtual std::optional<std::string> position_after(std::uint64_t /*token*/,
                                                                  std::size_t /*records*/) {
    return std::nullopt;
  }
  /// What is unsettled was refused for its position: it is settled with `retry`, and until then
  /// position_after() has nothing to say. Any thread.
  virtual void take_back() {}
};

/// What an adapter is given when it is made. References outlive the adapter.
struct AdapterContext {
  std::string name;                 ///< of the adapter in the bridge file
  std::filesystem::path directory;  ///< of the bridge file; relative paths start here
  const StateDirectory* state;      ///< null while a configuration is only checked
  Log& log;
  const Clock& clock;
};

class CallSource;

/// A row of the registry: one kind of adapter.
struct AdapterKind {
  std::string_view kind;
  std::string_view help;
  std::span<const OptionSpec> options;
  /// Makes an adapter without touching the source (it is also how `check` checks). Mistakes that
  /// the table cannot see go to `diagnostics`; null where there are any.
  std::unique_ptr<Adapter> (*make)(const AdapterContext& context, const Options& options,
                                   Diagnostics& diagnostics);
  /// False: what it has sent is nowhere else (a socket), so that it must be on the disk before it
  /// is settled. It is read by way of a spool, whether its section says so or not.
  bool holds_records = true;
  /// Of kinds with an option `instances`: records of one key come to one of them, so that their
  /// order is kept. False: they compete for every record.
  bool binds_keys = false;
  /// Whether these options make it give positions (Adapter::gives_positions); null: never.
  bool (*gives_positions)(const Options& options) = nullptr;
  /// Why nothing that it feeds can be exactly once with these options; empty: it can. Null: it may
  /// send again what it was told is settled, unless it has a spool in any case.
  std::string (*why_not_once)(const Options& options) = nullptr;
  /// Of kinds that hold records where their options say so: whether these do. A spool is then a
  /// mistake. Null: holds_records says it.
  bool (*may_hold)(const Options& options) = nullptr;
  /// Of kinds whose records may be calls that wait for an answer (calls.h): likewise, in place of
  /// an adapter.
  std::unique_ptr<CallSource> (*make_calls)(const AdapterContext& context, const Options& options,
                                            Diagnostics& diagnostics) = nullptr;
};

}  // namespace copybridge::adapters
