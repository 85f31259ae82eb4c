// Waiting: for changes in watched folders, for an interruption from another thread, or for time.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/core/descriptor.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::file {

/// Sleeps until something happens. All methods belong to the source's thread, but interrupt().
class Watcher {
 public:
  /// Makes the event descriptor; interrupt() works from here on.
  Watcher();

  /// Begins to watch folders. Where the system has no watches left, changes are only found by the
  /// rescan. `sees_growth`: also reports every write, for files that are followed.
  void start(bool sees_growth);
  void stop();
  /// Watches exactly these folders from now on; those that are missing are left out.
  void set_folders(const std::set<std::string>& folders);

  /// Takes the changes that were reported since the last call; true where there were any.
  bool take_changes();

  /// Sleeps at most `limit`. Ends early for a change in a folder or interrupt(). True where it was
  /// interrupted; that interruption is then used up.
  bool wait(Milliseconds limit);
  /// As wait(), without sleeping.
  bool take_interruption() { return wait(Milliseconds{0}); }

  /// Thread-safe.
  void interrupt();

 private:
  Descriptor event_;
  Descriptor inotify_;
  std::uint32_t mask_ = 0;
  std::set<std::pair<std::string, int>> watches_;
  bool changed_ = false;
};

}  // namespace copybridge::adapters::file
