// Which file is read next: the listing compared with what is known, files that are still being
// written, trigger files, the order.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapters/file/arrivals.h"
#include "adapters/file/settings.h"
#include "adapters/file/store.h"
#include "adapters/file/watcher.h"
#include "bridge/core/clock.h"

namespace copybridge::adapters::file {

/// A file that is ready to be read.
struct Candidate {
  std::filesystem::path path;
  Signature signature;
  Signature trigger;
  std::optional<Arrival> continues;  ///< the arrival of a followed file that has grown
};

using PathSet = std::unordered_set<std::string>;

/// Used by the source's thread. Memory follows the number of files that are there, not of those
/// that ever were.
class Inbox {
 public:
  Inbox(const Settings& settings, Store& store, const Clock& clock);

  /// Forgets everything but the settings; `followed` are the arrivals that may grow.
  void start(std::vector<Arrival> followed);

  /// Lists the files again where that is due. `busy`: paths of arrivals that are under way. The
  /// errors are those of the store and of the table.
  Result<void> scan(ArrivalTable& table, Watcher& watcher, const PathSet& busy);
  /// When the next listing is due; nothing where only a change in a folder makes it so.
  [[nodiscard]] std::optional<SteadyTime> next_scan() const;
  /// The folders have changed: list them again.
  void note_change() { is_changed_ = true; }

  /// The next file to read.
  std::optional<Candidate> take();
  /// The candidate could not be begun for a reason that has nothing to do with it.
  void put_back(Candidate candidate);
  /// The candidate went away or changed: look at the path again, as at a new file.
  void look_again(const Candidate& candidate);
  /// The candidate cannot be read now; it is tried again later.
  void refuse(const Candidate& candidate);
  /// An arrival is through.
  void note_finished(const std::filesystem::path& path);

  /// The arrival may grow. `verified_in`: how long it took to compare its prefix; growth is looked
  /// at no sooner than ten times that long from now.
  void follow(Arrival arrival, SteadyTime::duration verified_in);
  /// Followed arrivals whose file is gone, cut or rewritten: they have ended.
  std::vector<Arrival> take_ended();

  /// Nothing is ready or becoming ready, and no listing is due.
  [[nodiscard]] bool is_dry() const;
  [[nodiscard]] bool has_refused() const { return refused_ > 0; }
  [[nodiscard]] std::size_t files() const { return queue_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return queue_bytes_; }

 private:
  enum class Verdict : std::uint8_t { fresh, settling, known, refused };
  struct Seen {
    Signature signature;
    Verdict verdict = Verdict::fresh;
    SteadyTime since;     ///< first seen like this
    SteadyTime retry_at;  ///< of refused
  };
  struct Followed {
    Arrival arrival;
    SteadyTime not_before;
    bool was_found = false;
  };
  using SeenFiles = std::unordered_map<std::string, Seen>;

  [[nodiscard]] bool is_due(SteadyTime now) const;
  Result<void> look_at(const FoundFile& file, Seen& seen, ArrivalTable& table);
  Result<bool> is_known(const FoundFile& file, ArrivalTable& table);
  bool look_at_followed(const FoundFile& file, Seen& seen);
  Result<std::optional<Signature>> trigger_of(const FoundFile& file, ArrivalTable& table);
  [[nodiscard]] SteadyTime settled_at(const Seen& seen, SteadyTime now) const;
  void wait_until(SteadyTime time);
  void enqueue(Candidate candidate);
  void end_missing_followed();
  void sort_queue();

  const Settings& settings_;
  Store& store_;
  const Clock& clock_;
  SeenFiles seen_;
  std::unordered_map<std::uint64_t, Followed> followed_;  ///< by inode
  std::vector<Arrival> ended_;
  PathSet skipped_as_busy_;
  std::deque<Candidate> queue_;
  std::uint64_t queue_bytes_ = 0;
  std::size_t refused_ = 0;
  bool is_changed_ = true;
  bool has_listed_ = false;               ///< since start()
  std::optional<SteadyTime> next_ready_;  ///< of the files that are settling
  std::optional<SteadyTime> next_retry_;  ///< of the files that were refused
  SteadyTime last_scan_;
  SteadyTime earliest_scan_;
};

}  // namespace copybridge::adapters::file
