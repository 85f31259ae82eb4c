// Renames, unlinks and the order in which they are made durable.
#include "adapters/file/finisher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "adapters/file/scanner.h"
#include "adapters/file/watcher.h"
#include "bridge/core/crash_point.h"

namespace copybridge::adapters::file {
namespace {

namespace fs = std::filesystem;

constexpr int kAttemptsMax = 1000;

tl::unexpected<Error> failure(const fs::path& path, std::string_view doing, int number) {
  return fail(ErrorKind::source, "file: " + printable(path) + " cannot be " + std::string(doing) +
                                     ": " + std::generic_category().message(number));
}

Result<void> sync(const fs::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) return failure(path, "opened", errno);
  if (::fsync(descriptor.number()) == 0) return {};
  // Some file systems do not sync folders; there a rename is as durable as it gets.
  if (errno == EINVAL || errno == ENOTSUP) return {};
  return failure(path, "synced", errno);
}

/// `NAME`, `NAME.7`, `NAME.7.2` …: the names tried in a folder, until one is free.
fs::path candidate(const fs::path& path, std::uint64_t arrival, int attempt) {
  if (attempt == 0) return path;
  fs::path numbered = path;
  numbered += "." + std::to_string(arrival);
  if (attempt > 1) numbered += "." + std::to_string(attempt);
  return numbered;
}

/// The name the file got.
Result<fs::path> rename_to_free_name(const fs::path& from, const fs::path& to,
                                     std::uint64_t arrival) {
  int number = EEXIST;
  for (int attempt = 0; attempt < kAttemptsMax && number == EEXIST; ++attempt) {
    const fs::path free = candidate(to, arrival, attempt);
    number = rename_without_overwriting(from, free);
    if (number == 0) return free;
  }
  return failure(from, "moved to " + printable(to), number);
}

Result<void> copy_whole(const fs::path& from, const fs::path& to, const struct stat& status) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return failure(from, "copied to " + printable(to), error.value());
  const timespec times[] = {status.st_atim, status.st_mtim};
  if (::utimensat(AT_FDCWD, to.c_str(), times, 0) != 0) return failure(to, "dated", errno);
  return sync(to);
}

/// To another file system: a copy under a private name, synced, renamed, then the original goes.
Result<void> move_across(const fs::path& from, const fs::path& to, std::uint64_t arrival) {
  struct stat status {};
  if (::lstat(from.c_str(), &status) != 0) return failure(from, "copied", errno);
  const fs::path copy = private_path(to, arrival);
  Result<void> copied = copy_whole(from, copy, status);
  if (!copied) return copied;
  const Result<fs::path> renamed = rename_to_free_name(copy, to, arrival);
  if (!renamed) return pass_on(renamed);
  Result<void> synced = sync(to.parent_path());
  if (!synced) return synced;
  if (::unlink(from.c_str()) != 0) return failure(from, "deleted", errno);
  return {};
}

Result<void> dispose(const fs::path& from, const std::string& name, std::uint64_t arrival,
                     const Disposal& disposal) {
  if (disposal.kind == Disposal::Kind::remove) {
    if (::unlink(from.c_str()) != 0 && errno != ENOENT) return failure(from, "deleted", errno);
    return {};
  }
  Result<void> made = make_folder(disposal);
  if (!made) return made;
  const fs::path to = disposal.directory / name;
  const int number = rename_without_overwriting(from, to);
  if (number == 0) return {};
  // The kernel looks at the file systems before it looks at the names.
  if (number == EXDEV) return move_across(from, to, arrival);
  const Result<fs::path> renamed = rename_to_free_name(from, to, arrival);
  if (!renamed) return pass_on(renamed);
  return {};
}

Result<void> dispose_trigger(const Arrival& arrival, const Disposal& disposal,
                             const std::string& suffix) {
  if (suffix.empty()) return {};
  fs::path path = arrival.path;
  path += suffix;
  const auto now = signature_at(path);
  // A trigger that was written since belongs to the next file of that name.
  if (!now || !is_untouched(arrival.trigger, *now)) return {};
  return dispose(path, path.filename().native(), arrival.number, disposal);
}

Result<void> sync_folders(const Arrival& arrival, const Disposal& disposal) {
  if (disposal.kind == Disposal::Kind::move) {
    Result<void> synced = sync(disposal.directory);
    if (!synced) return synced;
  }
  return sync(arrival.path.parent_path());
}

/// Gives the file its own name back.
Result<Finished> give_back(const fs::path& hidden, const Arrival& arrival, std::string change) {
  const Result<fs::path> renamed = rename_to_free_name(hidden, arrival.path, arrival.number);
  if (!renamed) return pass_on(renamed);
  if (*renamed != arrival.path) {
    change += change.empty() ? "" : "; ";
    change += "another file took its name, it is now " + printable(*renamed);
  }
  return Finished{std::move(change), {}};
}

/// Takes the file away under its private name, so that no sender finds it any more. True: it is
/// there. False: there is nothing to finish, or `finished` says what has changed.
Result<bool> hide(const fs::path& hidden, const Arrival& arrival, Finished& finished) {
  if (signature_at(hidden)) return true;
  const auto now = signature_at(arrival.path);
  if (!now) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return failure(arrival.path, "looked at", errno);
  }
  finished.change = difference(arrival.signature, *now);
  if (!finished.change.empty()) return false;
  const int number = rename_without_overwriting(arrival.path, hidden);
  if (number == ENOENT) return false;
  if (number != 0) return failure(arrival.path, "renamed", number);
  return true;
}

}  // namespace

int rename_without_overwriting(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
  // Network file systems that cannot exclude it in one step.
  if (signature_at(to)) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

Result<void> make_folder(const Disposal& disposal) {
  if (disposal.kind != Disposal::Kind::move) return {};
  std::error_code error;
  fs::create_directories(disposal.directory, error);
  if (error) return failure(disposal.directory, "made", error.value());
  return {};
}

Result<Finished> finish_file(const Arrival& arrival, const Disposal& disposal,
                             const std::string& trigger_suffix) {
  const fs::path hidden = private_path(arrival.path, arrival.number);
  if (disposal.kind == Disposal::Kind::keep) {
    // Hidden by an earlier run that was told to move or delete.
    return signature_at(hidden) ? give_back(hidden, arrival, {}) : Finished{};
  }
  Finished finished;
  const Result<bool> is_hidden = hide(hidden, arrival, finished);
  if (!is_hidden) return pass_on(is_hidden);
  if (!finished.change.empty()) return finished;
  if (*is_hidden) {
    const auto now = signature_at(hidden);
    if (!now) return failure(hidden, "looked at", errno);
    const std::string change = difference(arrival.signature, *now);
    if (!change.empty()) return give_back(hidden, arrival, change);
  }
  const Result<void> triggered = dispose_trigger(arrival, disposal, trigger_suffix);
  if (!triggered) return pass_on(triggered);
  if (*is_hidden) {
    const Result<void> disposed =
        dispose(hidden, arrival.path.filename().native(), arrival.number, disposal);
    if (!disposed) return pass_on(disposed);
  }
  Result<void> synced = sync_folders(arrival, disposal);
  if (!synced) return pass_on(synced);
  crash_point("after_file_moved");
  return finished;
}

}  // namespace copybridge::adapters::file
