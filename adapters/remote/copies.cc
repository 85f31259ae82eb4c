// POSIX calls of the copies.
#include "adapters/remote/copies.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

namespace copybridge::adapters::remote {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

tl::unexpected<Error> failure(const fs::path& path, std::string_view doing, int number) {
  return fail(ErrorKind::storage, "state: " + path.string() + " cannot be " + std::string(doing) +
                                      ": " + std::generic_category().message(number));
}

/// Another one after each start of the system; empty where it cannot be told, and then no part
/// of an earlier process is gone on with.
std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id.empty() ? std::to_string(::getpid()) : id;
}

Result<void> make_folder(const fs::path& folder) {
  for (const fs::path& path : {folder.parent_path(), folder}) {
    if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
      return failure(path, "made", errno);
    }
  }
  return {};
}

}  // namespace

Result<Copies> Copies::open(const fs::path& folder, const std::set<std::uint64_t>& arrivals) {
  const Result<void> made = make_folder(folder);
  if (!made) return pass_on(made);
  Copies copies;
  copies.folder_ = folder;
  copies.boot_ = boot_id();
  std::set<fs::path> kept;
  for (const std::uint64_t arrival : arrivals) {
    kept.insert(copies.whole(arrival));
    kept.insert(copies.part(arrival));
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!kept.contains(entry.path())) ::unlink(entry.path().c_str());
  }
  if (error) return failure(folder, "listed", error.value());
  return copies;
}

fs::path Copies::whole(std::uint64_t arrival) const { return folder_ / std::to_string(arrival); }

fs::path Copies::part(std::uint64_t arrival) const {
  return folder_ / (std::to_string(arrival) + "." + boot_ + ".part");
}

Result<Descriptor> Copies::open_whole(std::uint64_t arrival) const {
  Descriptor file(::open(whole(arrival).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open() && errno != ENOENT) return failure(whole(arrival), "opened", errno);
  return file;
}

Result<Descriptor> Copies::open_part(std::uint64_t arrival) const {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  Descriptor file(::open(part(arrival).c_str(), flags, kFileMode));
  if (!file.is_open()) return failure(part(arrival), "opened", errno);
  return file;
}

Result<void> Copies::complete(std::uint64_t arrival, const Descriptor& part_file) const {
  if (::fsync(part_file.number()) != 0) return failure(part(arrival), "synced", errno);
  if (::rename(part(arrival).c_str(), whole(arrival).c_str()) != 0) {
    return failure(part(arrival), "renamed", errno);
  }
  const int error = sync_folder(folder_);
  if (error != 0) return failure(folder_, "synced", error);
  return {};
}

void Copies::remove(std::uint64_t arrival) const {
  ::unlink(whole(arrival).c_str());
  ::unlink(part(arrival).c_str());
}

bool append(const Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::uint64_t size_of(const Descriptor& file) {
  struct stat status {};
  return ::fstat(file.number(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace copybridge::adapters::remote
