// The private file that the file publisher writes until it gets its final name: appends, durable
// sizes, recovery after a crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "bridge/core/descriptor.h"
#include "bridge/core/error.h"

namespace copybridge::publishers {

/// Not thread-safe. Errors are ErrorKind::peer_refused where only somebody else can help (rights,
/// a read-only file system, a foreign file in the way), otherwise ErrorKind::storage. Messages
/// name the path and what the operating system said.
class PartFile {
 public:
  /// Opens the file under `path` or makes it, its directory entry synced. Of a file that is there
  /// a torn last line, and everything from the first NUL byte on (what a file system may leave
  /// behind a lost write), is cut; the rest is synced. Refused where another process holds it.
  [[nodiscard]] static Result<PartFile> open(const std::filesystem::path& path);

  /// Bytes that are known to be durable.
  [[nodiscard]] std::uint64_t size() const { return synced_size_; }

  /// Writes text behind the durable bytes; what an earlier append left without a sync is cut
  /// first.
  [[nodiscard]] Result<void> append(std::string_view text);
  /// Makes everything appended durable. After a failure the bytes count as not written: an
  /// operating system drops them and answers the next fsync with success.
  [[nodiscard]] Result<void> sync();
  /// Cuts back to the durable bytes.
  [[nodiscard]] Result<void> rewind();
  /// Gives the file its final name, with its durable bytes only; false where `path` is taken. The
  /// object can only be destroyed after success. The directory entries are not synced yet.
  [[nodiscard]] Result<bool> rename_to(const std::filesystem::path& path);
  /// Deletes the file; only for one without contents.
  void remove();
  /// Whether somebody deleted the file while it was written.
  [[nodiscard]] bool is_deleted() const;

 private:
  PartFile(std::filesystem::path path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] Result<void> recover();

  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t synced_size_ = 0;
  bool is_dirty_ = false;  ///< there may be bytes behind synced_size_
};

/// Makes a folder and its parents where they are missing; new entries are synced.
[[nodiscard]] Result<void> make_directories(const std::filesystem::path& path);
/// Makes the entries of a folder durable.
[[nodiscard]] Result<void> sync_directory(const std::filesystem::path& path);

}  // namespace copybridge::publishers
