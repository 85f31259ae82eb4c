// Loaded before the system's library into a bridge under test (LD_PRELOAD): notes what every change
// of a watched file replaces, until it is synced, so that tests/faults/power.py can take back after
// a kill what a power failure would have taken.
//
// COPYBRIDGE_POWER_IGNORES: syncs of files with this in their path count for nothing; what relies
// on them must then be found lost. COPYBRIDGE_POWER_UNDER: files below are watched.
// COPYBRIDGE_POWER_JOURNAL: a folder for the notes. What was written and not synced is undone;
// names that were changed by rename or unlink are where their folder was not synced. A file that
// was made is there once it is synced itself, as ext4 and XFS have it.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace {

/// What precedes each note's bytes in the journal.
struct Note {
  char kind = 0;  ///< W write, S sync, R rename, U unlink
  std::array<char, 7> pad{};
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
  std::uint64_t old_size = 0;
  std::uint64_t size = 0;  ///< of the bytes that follow
};

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::mutex& mutex() {
  static std::mutex only;
  return only;
}

const std::string& setting(const char* name) {
  static const std::string under =
      std::getenv("COPYBRIDGE_POWER_UNDER") ? std::getenv("COPYBRIDGE_POWER_UNDER") : "";
  static const std::string journal =
      std::getenv("COPYBRIDGE_POWER_JOURNAL") ? std::getenv("COPYBRIDGE_POWER_JOURNAL") : "";
  return std::strcmp(name, "under") == 0 ? under : journal;
}

using Write = ssize_t (*)(int, const void*, size_t);
using PositionedWrite = ssize_t (*)(int, const void*, size_t, off64_t);

void append(const Note& note, const std::string& bytes) {
  static const int file = real<int (*)(const char*, int, ...)>("open")(
      (setting("journal") + "/journal").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::string text(reinterpret_cast<const char*>(&note), sizeof note);
  text += bytes;
  static const auto write = real<Write>("write");
  if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

std::string path_of(int file) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

bool is_watched(const std::string& path) {
  return !setting("journal").empty() && path.starts_with(setting("under") + "/");
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  std::array<char, PATH_MAX> folder{};
  return std::string(::getcwd(folder.data(), folder.size())) + "/" + path;
}

/// Notes what a change of `size` bytes at `offset` (-1: where the file's own position is) replaces.
void note_change(int file, std::int64_t offset, std::uint64_t size) {
  struct stat status {};
  if (setting("journal").empty() || ::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if (!is_watched(path_of(file))) return;
  const auto old_size = static_cast<std::uint64_t>(status.st_size);
  if (offset < 0) {
    const bool appends = (::fcntl(file, F_GETFL) & O_APPEND) != 0;
    offset = appends ? status.st_size : ::lseek(file, 0, SEEK_CUR);
  }
  const auto from = static_cast<std::uint64_t>(offset);
  std::string old(from < old_size ? std::min(size, old_size - from) : 0, '\0');
  if (!old.empty()) {
    const std::string again = "/proc/self/fd/" + std::to_string(file);
    const int reader = ::open(again.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t got = ::pread(reader, old.data(), old.size(), static_cast<off_t>(offset));
    ::close(reader);
    if (got != static_cast<ssize_t>(old.size())) std::abort();
  }
  append({.kind = 'W',
          .inode = status.st_ino,
          .offset = from,
          .old_size = old_size,
          .size = old.size()},
         old);
}

void note_sync(int file) {
  struct stat status {};
  if (setting("journal").empty() || ::fstat(file, &status) != 0) return;
  const std::string path = path_of(file);
  if (path != setting("under") && !is_watched(path)) return;
  static const char* const ignored = std::getenv("COPYBRIDGE_POWER_IGNORES");
  if (ignored != nullptr && path.find(ignored) != std::string::npos) return;
  append({.kind = 'S', .inode = status.st_ino, .size = path.size()}, path);
}

/// A second name for a file that is about to lose its own; empty where there is none.
std::string keep(const std::string& path) {
  static int kept = 0;
  const std::string name =
      setting("journal") + "/kept-" + std::to_string(::getpid()) + "-" + std::to_string(++kept);
  static const auto link = real<int (*)(const char*, const char*)>("link");
  return link(path.c_str(), name.c_str()) == 0 ? name : "";
}

void note_rename(const char* from, const char* to, bool replaces) {
  const std::string old_name = absolute(from);
  const std::string new_name = absolute(to);
  if (!is_watched(old_name) && !is_watched(new_name)) return;
  const std::string kept = replaces ? keep(new_name) : "";
  const std::string bytes = old_name + '\0' + new_name + '\0' + kept;
  append({.kind = 'R', .size = bytes.size()}, bytes);
}

void note_unlink(const char* path) {
  const std::string name = absolute(path);
  if (!is_watched(name)) return;
  const std::string bytes = name + '\0' + keep(name);
  append({.kind = 'U', .size = bytes.size()}, bytes);
}

template <typename Call>
auto change(int file, std::int64_t offset, std::size_t size, Call call) {
  const std::scoped_lock lock(mutex());
  note_change(file, offset, size);
  return call();
}

/// The end of a sync is what counts.
template <typename Call>
int sync(int file, Call call) {
  const int done = call();
  const std::scoped_lock lock(mutex());
  if (done == 0) note_sync(file);
  return done;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static const auto next = real<Write>("write");
  return change(file, -1, size, [&] { return next(file, bytes, size); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  static const auto next = real<PositionedWrite>("pwrite");
  return change(file, offset, size, [&] { return next(file, bytes, size, offset); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  static const auto next = real<PositionedWrite>("pwrite64");
  return change(file, offset, size, [&] { return next(file, bytes, size, offset); });
}

int ftruncate(int file, off_t size) noexcept {
  static const auto next = real<int (*)(int, off_t)>("ftruncate");
  return change(file, size, SIZE_MAX >> 1U, [&] { return next(file, size); });
}

int ftruncate64(int file, off64_t size) noexcept {
  static const auto next = real<int (*)(int, off64_t)>("ftruncate64");
  return change(file, size, SIZE_MAX >> 1U, [&] { return next(file, size); });
}

int fsync(int file) {
  static const auto next = real<int (*)(int)>("fsync");
  return sync(file, [&] { return next(file); });
}

int fdatasync(int file) {
  static const auto next = real<int (*)(int)>("fdatasync");
  return sync(file, [&] { return next(file); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  const std::scoped_lock lock(mutex());
  note_rename(from, to, true);
  return next(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  static const auto next = real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  const std::scoped_lock lock(mutex());
  const int done = next(from_folder, from, to_folder, to, flags);
  // One that is refused changes nothing, and the bridge never replaces a file with it.
  if (done == 0) note_rename(from, to, false);
  return done;
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  const std::scoped_lock lock(mutex());
  note_unlink(path);
  return next(path);
}
}
