// POSIX calls of the file publisher.
#include "bridge/publishers/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace copybridge::publishers {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

bool needs_somebody(int error) {
  return error == EACCES || error == EPERM || error == EROFS || error == ENOTDIR ||
         error == ELOOP || error == ENAMETOOLONG || error == EISDIR || error == EXDEV;
}

tl::unexpected<Error> failed(const std::filesystem::path& path, std::string_view what, int error) {
  const ErrorKind kind = needs_somebody(error) ? ErrorKind::peer_refused : ErrorKind::storage;
  return fail(kind, "file: " + path.string() + ": cannot " + std::string(what) + ": " +
                        std::generic_category().message(error));
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Whether the open file is still the one under its path.
bool is_same_file(int number, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(number, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// rename without replacing; through a hard link where the file system cannot do it in one step.
int rename_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<void> sync_directory(const std::filesystem::path& path) {
  const int error = sync_folder(path);
  if (error != 0) return failed(path, "sync the folder", error);
  return {};
}

Result<void> make_directories(const std::filesystem::path& path) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : path) {
    const std::filesystem::path parent = made.empty() ? std::filesystem::path(".") : made;
    made /= part;
    if (::mkdir(made.c_str(), kDirectoryMode) == 0) {
      if (auto synced = sync_directory(parent); !synced) return synced;
    } else if (errno != EEXIST && errno != EISDIR) {
      return failed(made, "make the folder", errno);
    }
  }
  return {};
}

constexpr int kOpenFlags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

Result<PartFile> PartFile::open(const std::filesystem::path& path) {
  for (;;) {
    Descriptor file(::open(path.c_str(), kOpenFlags, kFileMode));
    if (!file.is_open()) return failed(path, "open", errno);
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) return failed(path, "look at it", errno);
    if (!S_ISREG(status.st_mode)) {
      return fail(ErrorKind::peer_refused, "file: " + path.string() + ": is not a plain file");
    }
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorKind::peer_refused,
                  "file: " + path.string() + ": another process is writing it");
    }
    // Its former owner may have renamed it between open and lock.
    if (!is_same_file(file.number(), path)) continue;
    if (::fstat(file.number(), &status) == 0 && status.st_nlink > 1) {
      // It has its final name already; only the private one was not taken away.
      if (::unlink(path.c_str()) != 0) return failed(path, "remove", errno);
      continue;
    }
    PartFile part(path, std::move(file));
    if (auto recovered = part.recover(); !recovered) return pass_on(recovered);
    return part;
  }
}

Result<void> PartFile::recover() {
  std::array<char, 65536> piece{};
  std::uint64_t read_size = 0;
  std::uint64_t lines_end = 0;
  for (;;) {
    const ssize_t got =
        ::pread(file_.number(), piece.data(), piece.size(), static_cast<off_t>(read_size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path_, "read", errno);
    if (got == 0) break;
    std::string_view text(piece.data(), static_cast<std::size_t>(got));
    const std::size_t nul = text.find('\0');
    text = text.substr(0, nul);
    if (const std::size_t end = text.rfind('\n'); end != std::string_view::npos) {
      lines_end = read_size + end + 1;
    }
    if (nul != std::string_view::npos) break;
    read_size += text.size();
  }
  synced_size_ = lines_end;
  is_dirty_ = true;
  if (auto cut = rewind(); !cut) return cut;
  if (auto synced = sync(); !synced) return synced;
  return sync_directory(directory_of(path_));
}

Result<void> PartFile::append(std::string_view text) {
  if (is_dirty_) {
    if (auto cut = rewind(); !cut) return cut;
  }
  is_dirty_ = true;
  while (!text.empty()) {
    const ssize_t written = ::write(file_.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed(path_, "write", written < 0 ? errno : EIO);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> PartFile::sync() {
  if (::fsync(file_.number()) != 0) return failed(path_, "sync", errno);
  struct stat status {};
  if (::fstat(file_.number(), &status) != 0) return failed(path_, "look at it", errno);
  if (status.st_nlink == 0) return failed(path_, "find it again", ENOENT);
  synced_size_ = static_cast<std::uint64_t>(status.st_size);
  is_dirty_ = false;
  return {};
}

Result<void> PartFile::rewind() {
  if (::ftruncate(file_.number(), static_cast<off_t>(synced_size_)) != 0) {
    return failed(path_, "cut", errno);
  }
  is_dirty_ = false;
  return {};
}

Result<bool> PartFile::rename_to(const std::filesystem::path& path) {
  if (is_dirty_) {
    if (auto cut = rewind(); !cut) return pass_on(cut);
  }
  const int error = rename_new(path_, path);
  if (error == EEXIST) return false;
  if (error != 0) return failed(path, "take this name", error);
  return true;
}

void PartFile::remove() { ::unlink(path_.c_str()); }

bool PartFile::is_deleted() const {
  struct stat status {};
  return ::fstat(file_.number(), &status) == 0 && status.st_nlink == 0;
}

}  // namespace copybridge::publishers
