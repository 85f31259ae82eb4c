// The adapter's tables in the state directory: every arrival of a file, how far it is settled and
// what became of its records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/file/identity.h"
#include "bridge/core/sqlite.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::file {

/// How far an arrival has come. The numbers are kept in the state and do not change.
enum class Stage : std::uint8_t {
  reading = 0,    ///< records are left to read or to settle
  following = 1,  ///< all that was there is settled; more is expected (`follow: yes`)
  ended = 2,      ///< every record is settled; the end event, where wanted, is not
  announced = 3,  ///< the end event is settled
  finishing = 4,  ///< the log has said so; the file is being moved or deleted
  done = 5        ///< nothing is left to do; the file stays where it is
};

/// What was wrong with an arrival.
enum class Fault : std::uint8_t { none = 0, broken = 1, changed = 2, trailer = 3 };

/// Where reading goes on after a restart: everything before is settled or counted in
/// `settled` - `framed`.
struct Checkpoint {
  framing::Framer::State framing;
  std::uint64_t framed = 0;   ///< records before framing.position
  std::uint64_t settled = 0;  ///< records settled without a gap from the first on; >= framed
  Digest digest{};            ///< of the stream before framing.position
  std::string control;        ///< trailer sums of the `framed` records
};

struct Counts {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t bad = 0;
};

/// One arrival of a file: the unit that ids are made of.
struct Arrival {
  std::uint64_t number = 0;
  std::filesystem::path path;
  Signature signature;
  Signature trigger;  ///< of the trigger file that made it ready; zero without
  Stage stage = Stage::reading;
  Fault fault = Fault::none;
  Checkpoint checkpoint;
  Counts counts;
};

/// The arrivals of one adapter. For one thread. Every failure is ErrorKind::storage.
class ArrivalTable {
 public:
  /// Makes the tables where they are missing. `adapter` is the name in the bridge file.
  static Result<ArrivalTable> open(const StateDirectory& state, std::string adapter);

  /// Gives the arrival the next number and stores it, durably, in place of finished arrivals of
  /// the same file or path.
  Result<void> insert(Arrival& arrival);
  /// Stores every column of an arrival, durably.
  Result<void> update(const Arrival& arrival);
  Result<void> remove(std::uint64_t number);

  /// What is neither done nor followed, by number.
  Result<std::vector<Arrival>> unfinished();
  Result<std::vector<Arrival>> following();
  /// Every arrival of an inode number, whatever device it is on; the newest first.
  Result<std::vector<Arrival>> of_inode(std::uint64_t inode);
  /// The newest arrival of a path.
  Result<std::optional<Arrival>> of_path(const std::filesystem::path& path);
  /// Drops finished arrivals whose file has been away for long, so that the table does not grow
  /// for ever. A file that is back sooner is still known.
  Result<void> forget_missing(WallTime now,
                              const std::function<bool(const std::filesystem::path&)>& is_missing);

 private:
  ArrivalTable(Database database, std::string adapter)
      : database_(std::move(database)), adapter_(std::move(adapter)) {}
  struct Old {
    std::uint64_t number = 0;
    std::filesystem::path path;
    std::optional<std::int64_t> missing_since;
  };

  Result<void> prepare();
  Result<std::uint64_t> next_number();
  Result<void> drop_finished(const Arrival& arrival);
  Result<std::vector<Old>> untouched_since(std::int64_t limit);
  Result<void> mark_missing(std::uint64_t number, std::optional<std::int64_t> since);
  void bind_all(Statement& statement, const Arrival& arrival) const;
  Result<std::vector<Arrival>> rows_of(Statement& query);

  Database database_;
  std::string adapter_;
  Statement number_, insert_, drop_path_, drop_inode_, remove_, mark_missing_;
  Statement by_stages_, by_inode_, by_path_;
};

}  // namespace copybridge::adapters::file
