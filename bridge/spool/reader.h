// The reading side of a spool: records in order, around what is damaged, until they are settled.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "adapters/adapter.h"
#include "bridge/spool/cursor.h"
#include "bridge/spool/record_codec.h"
#include "bridge/spool/shelf.h"

namespace copybridge::spool {

/// Something in the spool is not what was written.
struct Damage {
  std::string file = {};
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;  ///< that are lost by it
  std::string reason = {};
  std::string put_aside = {};  ///< the file that has the bytes now; empty: there are none
};
using OnDamage = std::function<void(const Damage&)>;

/// For one thread.
class Reader {
 public:
  Reader(Storage& storage, Shelf& shelf, Cursor& cursor, const BatchBuilder::Limits& limits,
         OnDamage on_damage);

  /// Reads the next batch in order; false where nothing is left to read, or records that came
  /// back wait for the settlement of what was read after them.
  Result<bool> read(adapters::RecordBatch& batch);
  /// See adapters::Adapter.
  void limit_batches(std::size_t records_max) { builder_.limit_records(records_max); }
  /// Takes the settlement of the oldest batch that was read and not settled. From its first
  /// `retry` on records are read again. After an error nothing has changed.
  Result<void> settle(const adapters::Settlement& settlement);
  /// Whether something is left to read, now or after settlements that are to come.
  [[nodiscard]] bool has_unread() const;
  [[nodiscard]] bool has_unsettled() const { return !outstanding_.empty(); }

 private:
  /// What was read and is not settled: the records of a batch, or lost ones.
  struct Outstanding {
    std::uint64_t token = 0;  ///< 0: lost ones
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };

  Result<void> fill();
  Result<bool> take(const ScanItem& item);
  Result<std::optional<ScanItem>> next_item();
  Result<void> enter(const Shelf::Place& place);
  void leave();
  void leave_removed();
  void rewind();
  Result<void> pass(const ScanItem& item);
  Result<std::string> copy_aside(const ScanItem& item);
  Result<void> settle_until(std::uint64_t sequence);

  Storage& storage_;
  Shelf& shelf_;
  Cursor& cursor_;
  const OnDamage on_damage_;
  BatchBuilder builder_;

  std::uint64_t next_;  ///< the record that is read next
  std::optional<SegmentScan> scan_;
  Shelf::Place place_;            ///< of scan_
  ScanBounds bounds_;             ///< of scan_
  std::optional<ScanItem> item_;  ///< comes next
  std::deque<Outstanding> outstanding_;
  std::uint64_t batch_first_ = 0;
  std::uint64_t next_token_ = 1;
  bool has_gap_ = false;  ///< records came back, and with them all that follow
  std::set<std::pair<std::uint64_t, std::uint64_t>> reported_;  ///< segment and offset
};

}  // namespace copybridge::spool
