// Making, locking and versioning of the state directory.
#include "bridge/core/state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace copybridge {
namespace {

/// Raised whenever a table changes in a way an older program would misread.
constexpr std::int64_t kVersion = 1;

tl::unexpected<Error> failed(const std::filesystem::path& path, std::string_view doing) {
  return fail(ErrorKind::storage,
              "state: " + path.string() + ": " + std::string(doing) + ": " + std::strerror(errno));
}

Result<int> take_lock(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "lock";
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return failed(path, "open");
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t size = ::pread(lock, holder, sizeof holder - 1, 0);
    ::close(lock);
    return fail(ErrorKind::storage, "state: " + directory.string() + " is in use by process " +
                                        (size > 0 ? holder : "of unknown number"));
  }
  const std::string own = std::to_string(::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, own.data(), own.size(), 0) < 0) {
    auto error = failed(path, "write");
    ::close(lock);
    return error;
  }
  return lock;
}

Result<void> check_version(const std::filesystem::path& directory) {
  Result<Database> database = Database::open(database_path(directory));
  if (!database) return pass_on(database);
  Result<Statement> query = database->prepare("PRAGMA user_version");
  if (!query) return pass_on(query);
  const Result<bool> row = query->step();
  if (!row) return pass_on(row);
  const std::int64_t version = query->integer(0);
  if (version > kVersion) {
    return fail(ErrorKind::storage,
                "state: " + directory.string() + " was written by a newer copybridge (version " +
                    std::to_string(version) + ", this one knows " + std::to_string(kVersion) + ")");
  }
  query->reset();
  return database->execute("PRAGMA user_version=" + std::to_string(kVersion));
}

/// Original record bytes lie there: a directory that others made readable is closed to them.
Result<void> close_to_others(const std::filesystem::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return failed(directory, "look at");
  if ((status.st_mode & 077U) == 0 || !S_ISDIR(status.st_mode)) return {};
  if (::chmod(directory.c_str(), 0700) != 0) return failed(directory, "make private");
  return {};
}

}  // namespace

std::filesystem::path database_path(const std::filesystem::path& state) {
  return state / "copybridge.db";
}

Result<StateDirectory> StateDirectory::open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path, "make");
  const Result<void> closed = close_to_others(path);
  if (!closed) return pass_on(closed);
  const Result<int> lock = take_lock(path);
  if (!lock) return pass_on(lock);
  StateDirectory state(path, *lock);
  const Result<void> version = check_version(path);
  if (!version) return pass_on(version);
  return state;
}

StateDirectory::StateDirectory(StateDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

StateDirectory::~StateDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<Database> open_existing_database(const std::filesystem::path& state) {
  const std::filesystem::path path = database_path(state);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(ErrorKind::storage,
                "state: " + path.string() + " is not there; has the bridge run yet?");
  }
  return Database::open(path);
}

Result<Database> StateDirectory::open_database() const {
  return Database::open(database_path(path_));
}

}  // namespace copybridge
