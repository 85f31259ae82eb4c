// A disk in memory that fails where it is told to, fills up, and forgets at a crash what was not
// synced: every 512 bytes of an unsynced write by themselves, and any number of the last changes
// of names.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bridge/spool/storage.h"

namespace copybridge::tests {

struct MemoryFile {
  /// A write, or a cut where `is_cut`.
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes = {};
    bool is_cut = false;
  };
  std::string now;
  std::string synced;
  std::vector<Change> unsynced;
  int handles = 0;  ///< it keeps its room while it is open, also without a name
};

class MemoryDisk {
 public:
  using Names = std::map<std::string, std::shared_ptr<MemoryFile>>;

  /// A directory on the disk; it reads and writes nothing any more after crash().
  [[nodiscard]] std::unique_ptr<spool::Storage> mount();
  /// The power fails. `random` draws what of the unsynced survives.
  void crash(std::minstd_rand& random);
  /// An independent copy, as it is now.
  [[nodiscard]] std::shared_ptr<MemoryDisk> copy() const;

  /// Contents of all files by name.
  [[nodiscard]] std::map<std::string, std::string> files() const;
  [[nodiscard]] std::string& contents(const std::string& name) { return names_.at(name)->now; }
  /// As somebody else would do it, durably.
  void put(const std::string& name, const std::string& bytes);
  void erase(const std::string& name) { names_.erase(name); }

  /// Every operation from the nth on fails, `times` of them; reading never does.
  void fail_from(std::uint64_t nth, std::uint64_t times) {
    fail_from_ = operations_ + nth;
    fail_until_ = fail_from_ + times;
  }
  void stop_failing() { fail_until_ = 0; }
  /// Files cannot become larger and no new ones be made; what is there can be written.
  void set_full(bool is_full) { is_full_ = is_full; }
  /// Files cannot have more than so many bytes together.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  /// Nothing is going to fail by fail_from().
  [[nodiscard]] bool is_well() const { return operations_ >= fail_until_; }
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

 private:
  friend class MemoryStorage;
  friend class MemoryHandle;
  struct NameChange {
    std::string name;
    std::shared_ptr<MemoryFile> file;  ///< null: the name is gone
  };
  [[nodiscard]] bool fails() {
    const std::uint64_t number = operations_++;
    return number >= fail_from_ && number < fail_until_;
  }

  /// Whether a file may grow by so much.
  [[nodiscard]] bool has_room(std::uint64_t growth) const;

  Names names_;
  Names synced_names_;
  std::vector<NameChange> unsynced_names_;
  std::uint64_t mounts_ = 0;  ///< storages of earlier mounts are dead
  std::uint64_t operations_ = 0;
  std::uint64_t fail_from_ = 0;
  std::uint64_t fail_until_ = 0;
  bool is_full_ = false;
  std::uint64_t capacity_ = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::shared_ptr<MemoryFile>> nameless_;
};

}  // namespace copybridge::tests
