// The state directory: what must survive a crash and is not at the source or an endpoint. Mode
// 0700, locked against a second instance, versioned.
#pragma once

#include <filesystem>
#include <memory>

#include "bridge/core/error.h"
#include "bridge/core/sqlite.h"

namespace copybridge {

/// An opened and locked state directory. Every thread opens its own Database on it.
class StateDirectory {
 public:
  /// Makes the directory where it is missing, takes the lock, checks the version.
  /// ErrorKind::storage: not writable, held by another process (named), or of a newer version.
  static Result<StateDirectory> open(const std::filesystem::path& path);

  StateDirectory(StateDirectory&& other) noexcept;
  StateDirectory& operator=(StateDirectory&&) = delete;
  ~StateDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// A new connection to the one database of the directory. Components keep their tables apart by
  /// a prefix and create them IF NOT EXISTS.
  [[nodiscard]] Result<Database> open_database() const;

 private:
  StateDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

/// The database file of a state directory.
[[nodiscard]] std::filesystem::path database_path(const std::filesystem::path& state);

/// That database for tools that look at it while no bridge runs, or only read. ErrorKind::storage
/// where no bridge has made it yet.
[[nodiscard]] Result<Database> open_existing_database(const std::filesystem::path& state);

}  // namespace copybridge
