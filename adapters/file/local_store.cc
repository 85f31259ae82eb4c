// The file system behind the contract of stores.
#include "adapters/file/local_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/file/finisher.h"
#include "adapters/file/reader.h"
#include "adapters/file/scanner.h"

namespace copybridge::adapters::file {
namespace {

/// No link is followed, no pipe is waited for.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

tl::unexpected<Error> unreadable(const std::filesystem::path& path, const std::string& reason) {
  return fail(ErrorKind::source, "file: " + printable(path) + " cannot be read: " + reason);
}

}  // namespace

Result<void> LocalStore::open(const StateDirectory&, const std::vector<Arrival>& unfinished,
                              std::function<void()>) {
  std::set<std::filesystem::path> private_paths;
  for (const Arrival& arrival : unfinished) {
    private_paths.insert(private_path(arrival.path, arrival.number));
  }
  restore_unknown_private_files(settings_, private_paths);
  Result<void> made = make_folder(settings_.after);
  if (!made) return made;
  return make_folder(settings_.on_error);
}

Pending<Listing> LocalStore::list() {
  Result<Listing> listing = list_files(settings_);
  if (!listing) return pass_on(listing);
  return std::optional<Listing>(std::move(*listing));
}

Pending<OpenedFile> LocalStore::open_file(const Arrival& arrival) {
  OpenedFile file{Descriptor(::open(arrival.path.c_str(), kOpenFlags)), {}, {}};
  if (!file.descriptor.is_open()) {
    if (errno == ENOENT) return std::optional<OpenedFile>(std::move(file));
    return unreadable(arrival.path, std::generic_category().message(errno));
  }
  struct stat status {};
  if (::fstat(file.descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return unreadable(arrival.path, "it is no regular file");
  }
  file.signature = file::signature_of(status);
  file.change = difference(arrival.signature, file.signature);
  return std::optional<OpenedFile>(std::move(file));
}

std::string LocalStore::change_of(const Arrival& arrival, const Signature& opened) const {
  std::string change = difference(arrival.signature, opened);
  if (!change.empty()) return change;
  const std::optional<Signature> named = signature_at(arrival.path);
  if (!named) return errno == ENOENT ? "it was removed" : "";
  return difference(arrival.signature, *named);
}

bool LocalStore::is_missing(const std::filesystem::path& path) const {
  return !signature_at(path) && errno == ENOENT;
}

Result<bool> LocalStore::has_prefix(const std::filesystem::path& path,
                                    const Checkpoint& checkpoint) const {
  return file::has_prefix(path, checkpoint);
}

Pending<Finished> LocalStore::finish(const Arrival& arrival, const Disposal& disposal) {
  Result<Finished> finished = finish_file(arrival, disposal, settings_.trigger);
  if (!finished) return pass_on(finished);
  if (!finished->change.empty()) finished->now = signature_at(arrival.path);
  return std::optional<Finished>(std::move(*finished));
}

}  // namespace copybridge::adapters::file
