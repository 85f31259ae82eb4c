// POSIX calls of the spool.
#include "bridge/spool/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "bridge/core/descriptor.h"

namespace copybridge::spool {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;

tl::unexpected<Error> failed(const std::string& path, std::string_view doing, int error) {
  return fail(ErrorKind::storage, "spool: " + path + ": cannot " + std::string(doing) + ": " +
                                      std::generic_category().message(error));
}

class DiskFile final : public StoredFile {
 public:
  DiskFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(file_.number(), &status) != 0) return failed(path_, "look at it", errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got = ::pread(file_.number(), to.data() + done, to.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed(path_, "read", errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put = ::pwrite(file_.number(), bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return failed(path_, "write", put < 0 ? errno : EIO);
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Result<void> cut(std::uint64_t size) override {
    if (::ftruncate(file_.number(), static_cast<off_t>(size)) != 0) {
      return failed(path_, "cut", errno);
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(file_.number()) != 0) return failed(path_, "sync", errno);
    return {};
  }

 private:
  const std::string path_;
  Descriptor file_;
};

class DiskDirectory final : public Storage {
 public:
  explicit DiskDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  Result<std::vector<std::string>> list() override {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(path_, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      names.push_back(entry->path().filename());
    }
    if (error) return failed(path_, "list", error.value());
    return names;
  }

  Result<std::unique_ptr<StoredFile>> open(const std::string& name) override {
    return open_with(name, O_RDWR);
  }
  Result<std::unique_ptr<StoredFile>> create(const std::string& name) override {
    return open_with(name, O_RDWR | O_CREAT | O_EXCL);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename((path_ / from).c_str(), (path_ / to).c_str()) != 0) {
      return failed(path_of(from), "rename", errno);
    }
    return {};
  }

  Result<void> remove(const std::string& name) override {
    if (::unlink((path_ / name).c_str()) != 0) return failed(path_of(name), "remove", errno);
    return {};
  }

  Result<void> sync_names() override {
    const int error = sync_folder(path_);
    if (error != 0) return failed(path_, "sync", error);
    return {};
  }

  [[nodiscard]] std::string path_of(const std::string& name) const override { return path_ / name; }

 private:
  Result<std::unique_ptr<StoredFile>> open_with(const std::string& name, int flags) {
    const std::filesystem::path path = path_ / name;
    Descriptor file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!file.is_open()) return failed(path, "open", errno);
    return std::make_unique<DiskFile>(path, std::move(file));
  }

  const std::filesystem::path path_;
};

}  // namespace

Result<std::unique_ptr<Storage>> open_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    if (const int error = sync_folder(path.parent_path()); error != 0) {
      return failed(path.parent_path(), "sync", error);
    }
  } else if (errno != EEXIST) {
    return failed(path, "make", errno);
  }
  return look_at_directory(path);
}

Result<std::unique_ptr<Storage>> look_at_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return failed(path, "open", ENOTDIR);
  return std::make_unique<DiskDirectory>(path);
}

}  // namespace copybridge::spool
