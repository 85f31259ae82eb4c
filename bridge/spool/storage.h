// The few file operations a spool is made of, so that tests can put a disk under it that fails,
// fills up and forgets what was not synced.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"

namespace copybridge::spool {

/// An open file. For one thread at a time. Every error is ErrorKind::storage and names the file.
class StoredFile {
 public:
  virtual ~StoredFile() = default;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  /// Reads from `offset` on; fewer bytes than asked for only at the file's end.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> to) = 0;
  /// Writes all bytes, or fails with any part of them written.
  virtual Result<void> write_at(std::uint64_t offset, ByteView bytes) = 0;
  virtual Result<void> cut(std::uint64_t size) = 0;
  /// Makes the contents durable. After a failure nothing written since the last success can be
  /// trusted, whatever a later call says.
  virtual Result<void> sync() = 0;
};

/// A directory of files. Thread-safe.
class Storage {
 public:
  virtual ~Storage() = default;
  /// Names of all files, in no order.
  [[nodiscard]] virtual Result<std::vector<std::string>> list() = 0;
  /// Opens a file that is there.
  [[nodiscard]] virtual Result<std::unique_ptr<StoredFile>> open(const std::string& name) = 0;
  /// Makes a file that is not there yet.
  [[nodiscard]] virtual Result<std::unique_ptr<StoredFile>> create(const std::string& name) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& name) = 0;
  /// Makes durable which names there are.
  virtual Result<void> sync_names() = 0;
  /// For messages.
  [[nodiscard]] virtual std::string path_of(const std::string& name) const = 0;
};

/// A directory on the disk, made with mode 0700 where it is missing; its files have mode 0600.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_directory(const std::filesystem::path& path);
/// The same of one that is there, without touching it.
[[nodiscard]] Result<std::unique_ptr<Storage>> look_at_directory(const std::filesystem::path& path);

}  // namespace copybridge::spool
