// The disk's behaviour.
#include "tests/unit/spool/memory_disk.h"

#include <algorithm>
#include <cstring>

namespace copybridge::tests {
namespace {

constexpr std::size_t kSector = 512;

tl::unexpected<Error> failed(const std::string& name, const char* what) {
  return fail(ErrorKind::storage, "memory: " + name + ": " + what);
}

void apply(std::string& contents, const MemoryFile::Change& change) {
  if (change.is_cut) {
    contents.resize(change.offset, '\0');
    return;
  }
  if (contents.size() < change.offset + change.bytes.size()) {
    contents.resize(change.offset + change.bytes.size(), '\0');
  }
  std::memcpy(contents.data() + change.offset, change.bytes.data(), change.bytes.size());
}

/// The sectors of a write, which survive a crash each by itself.
std::vector<MemoryFile::Change> sectors_of(const MemoryFile::Change& change) {
  if (change.is_cut) return {change};
  std::vector<MemoryFile::Change> sectors;
  for (std::size_t done = 0; done < change.bytes.size();) {
    const std::size_t left = kSector - (change.offset + done) % kSector;
    const std::string piece = change.bytes.substr(done, left);
    sectors.push_back({change.offset + done, piece});
    done += piece.size();
  }
  return sectors;
}

}  // namespace

class MemoryHandle : public spool::StoredFile {
 public:
  MemoryHandle(MemoryDisk& disk, std::uint64_t mount, std::string name,
               std::shared_ptr<MemoryFile> file)
      : disk_(disk), mount_(mount), name_(std::move(name)), file_(std::move(file)) {
    ++file_->handles;
  }
  ~MemoryHandle() override { --file_->handles; }

  Result<std::uint64_t> size() override { return file_->now.size(); }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= file_->now.size()) return 0U;
    const std::size_t size = std::min<std::size_t>(to.size(), file_->now.size() - offset);
    std::memcpy(to.data(), file_->now.data() + offset, size);
    return size;
  }

  Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
    const bool is_dead = disk_.mounts_ != mount_;
    const bool fails = disk_.fails();
    const bool grows = offset + bytes.size() > file_->now.size();
    if (is_dead) return failed(name_, "gone");
    const bool is_full =
        grows && (disk_.is_full_ || !disk_.has_room(offset + bytes.size() - file_->now.size()));
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (is_full) {
      // As much as there is room for.
      text.resize(file_->now.size() > offset ? file_->now.size() - offset : 0);
    } else if (fails) {
      // Whole sectors: no system leaves half of one.
      const std::size_t end = (offset + text.size() / 2) / kSector * kSector;
      text.resize(end > offset ? end - offset : 0);
    }
    change({offset, text});
    if (is_full) return failed(name_, "no space left on device");
    if (fails) return failed(name_, "write failed");
    return {};
  }

  Result<void> cut(std::uint64_t size) override {
    if (disk_.fails() || disk_.mounts_ != mount_) return failed(name_, "cut failed");
    change({size, {}, true});
    return {};
  }

  Result<void> sync() override {
    const bool fails = disk_.fails();
    if (disk_.mounts_ != mount_) return failed(name_, "gone");
    // What a failed sync did not write is never written: the next one has nothing to do.
    if (!fails) {
      for (const MemoryFile::Change& change : file_->unsynced) apply(file_->synced, change);
    }
    file_->unsynced.clear();
    if (fails) return failed(name_, "sync failed");
    return {};
  }

 private:
  void change(const MemoryFile::Change& change) {
    apply(file_->now, change);
    file_->unsynced.push_back(change);
  }

  MemoryDisk& disk_;
  const std::uint64_t mount_;
  const std::string name_;
  std::shared_ptr<MemoryFile> file_;
};

class MemoryStorage : public spool::Storage {
 public:
  explicit MemoryStorage(MemoryDisk& disk) : disk_(disk), mount_(++disk.mounts_) {}

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, file] : disk_.names_) names.push_back(name);
    return names;
  }
  Result<std::unique_ptr<spool::StoredFile>> open(const std::string& name) override {
    const auto found = disk_.names_.find(name);
    if (found == disk_.names_.end()) return failed(name, "not there");
    return std::make_unique<MemoryHandle>(disk_, mount_, name, found->second);
  }
  Result<std::unique_ptr<spool::StoredFile>> create(const std::string& name) override {
    if (disk_.fails() || disk_.is_full_) return failed(name, "cannot be made");
    if (disk_.names_.contains(name)) return failed(name, "is there");
    rename_to(name, std::make_shared<MemoryFile>());
    return open(name);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (disk_.fails()) return failed(from, "rename failed");
    rename_to(to, disk_.names_.at(from));
    return drop(from);
  }
  Result<void> remove(const std::string& name) override {
    if (disk_.fails()) return failed(name, "remove failed");
    if (!disk_.names_.contains(name)) return failed(name, "not there");
    return erase(name);
  }
  Result<void> sync_names() override {
    if (disk_.fails()) return failed("", "sync of names failed");
    disk_.synced_names_ = disk_.names_;
    disk_.unsynced_names_.clear();
    return {};
  }
  [[nodiscard]] std::string path_of(const std::string& name) const override { return name; }

 private:
  void rename_to(const std::string& name, const std::shared_ptr<MemoryFile>& file) {
    disk_.names_[name] = file;
    disk_.unsynced_names_.push_back({name, file});
  }
  Result<void> erase(const std::string& name) {
    disk_.nameless_.push_back(disk_.names_.at(name));
    return drop(name);
  }
  Result<void> drop(const std::string& name) {
    disk_.names_.erase(name);
    disk_.unsynced_names_.push_back({name, nullptr});
    return {};
  }

  MemoryDisk& disk_;
  const std::uint64_t mount_;
};

std::unique_ptr<spool::Storage> MemoryDisk::mount() {
  return std::make_unique<MemoryStorage>(*this);
}

bool MemoryDisk::has_room(std::uint64_t growth) const {
  std::uint64_t used = growth;
  for (const auto& [name, file] : names_) used += file->now.size();
  for (const auto& file : nameless_) used += file->handles > 0 ? file->now.size() : 0;
  return used <= capacity_;
}

void MemoryDisk::crash(std::minstd_rand& random) {
  ++mounts_;
  const std::size_t kept = random() % (unsynced_names_.size() + 1);
  names_ = synced_names_;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto& [name, file] = unsynced_names_[i];
    if (file == nullptr) {
      names_.erase(name);
    } else {
      names_[name] = file;
    }
  }
  synced_names_ = names_;
  unsynced_names_.clear();
  const std::uint32_t percent = static_cast<std::uint32_t>(random() % 5) * 25;
  for (auto& [name, file] : names_) {
    for (const MemoryFile::Change& change : file->unsynced) {
      for (const MemoryFile::Change& sector : sectors_of(change)) {
        if (random() % 100 < percent) apply(file->synced, sector);
      }
    }
    file->unsynced.clear();
    file->now = file->synced;
  }
}

std::shared_ptr<MemoryDisk> MemoryDisk::copy() const {
  auto disk = std::make_shared<MemoryDisk>();
  for (const auto& [name, file] : names_) disk->put(name, file->now);
  return disk;
}

std::map<std::string, std::string> MemoryDisk::files() const {
  std::map<std::string, std::string> all;
  for (const auto& [name, file] : names_) all[name] = file->now;
  return all;
}

void MemoryDisk::put(const std::string& name, const std::string& bytes) {
  auto file = std::make_shared<MemoryFile>();
  file->now = file->synced = bytes;
  names_[name] = synced_names_[name] = file;
}

}  // namespace copybridge::tests
