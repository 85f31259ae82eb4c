// What a run leaves behind when it dies: how many records it had in flight, and which one it had
// under way alone. Where a record may be to blame the next run takes these singly, and moves only
// the one aside that kills.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/clock.h"
#include "bridge/core/descriptor.h"
#include "bridge/core/error.h"

namespace copybridge::bridge {

/// The records that a run had in flight when it died are under suspicion until a later one has
/// settled them. The next run takes them in units of one, each marked durably before anybody looks
/// into it; a record that was marked when the process died is the one that killed it. That is so
/// where the process died of itself (a fault, an abort). SIGKILL may be anybody's, the system's for
/// want of memory among them: it takes several in a row to make the next run careful, and as many
/// with the same record alone to find it guilty. Otherwise nothing is synced but once per run: what
/// else is written outlives the process. One source's; for one thread.
class RunMarker {
 public:
  RunMarker() = default;
  RunMarker(const RunMarker&) = delete;
  RunMarker& operator=(const RunMarker&) = delete;
  ~RunMarker();

  /// Reads what the last run left. Without a call nothing is suspected and nothing written.
  /// ErrorKind::storage.
  Result<void> open(const std::filesystem::path& path);

  /// Whether the source is to be read in units of one.
  [[nodiscard]] bool wants_units_of_one() const { return is_cautious_ && now_.suspects > 0; }

  enum class Verdict : std::uint8_t {
    free,    ///< may be looked into
    guilty,  ///< the one record killed the bridge
    later    ///< another source has its turn; asked again within a moment
  };
  /// Before anybody looks into the records of a batch. After an error they wait.
  Result<Verdict> note_read(std::string_view first_id, std::size_t records);
  /// The unit under way has been tried, or is settled, and the process lives: it is not the one.
  /// Where that cannot be written it stays marked until the next one is.
  void note_alive();
  [[nodiscard]] bool has_turn() const { return has_turn_; }
  /// How many of the batches that were read the source has durably settled.
  void note_settled(std::uint64_t batches);
  /// An orderly end: nothing is suspected.
  void remove();

 private:
  /// What lies in the file. Ids are hashes: they may be long, and hold anything.
  struct Content {
    std::string alone;            ///< the record under way in a unit of one
    std::string accused;          ///< what an earlier run had under way alone when it died
    std::uint64_t charges = 0;    ///< how often in a row; as kills
    std::uint64_t kills = 0;      ///< runs in a row that died before they were past the suspects
    std::uint64_t suspects = 0;   ///< records still to be settled, or read in units of one
    std::uint64_t in_flight = 0;  ///< records read and not settled
  };

  Result<Verdict> note_unit(const std::string& id, std::size_t records);
  Result<void> write(bool is_durable);
  void take_over(std::uint64_t weight);
  [[nodiscard]] bool take_turn();
  void let_others();
  void close();

  std::filesystem::path path_;
  Descriptor file_;
  Content now_;
  std::deque<std::uint64_t> batches_;  ///< records of each that is not settled
  std::uint64_t settled_ = 0;          ///< batches
  bool has_written_ = false;           ///< in this run
  bool is_cautious_ = false;
  bool is_convicted_ = false;  ///< the guilty one has come; it is settled when the next one does
  bool has_turn_ = false;
};

}  // namespace copybridge::bridge
