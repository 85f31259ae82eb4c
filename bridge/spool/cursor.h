// How far the spool is settled and how far it is synced: a small file of slots that are written in
// place, so that settling needs no room on a disk that is full.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "bridge/spool/storage.h"

namespace copybridge::spool {

inline constexpr const char* kCursorName = "cursor";

/// Up to here everything appended is on the disk. A hint: it is written after each sync and not
/// synced itself, so that after a power failure an older one may be there, never a newer one.
struct Mark {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t sequence = 0;  ///< of the next record
};

/// Thread-safe.
class Cursor {
 public:
  /// Opens the file; where there is none, makes one for a new spool of this epoch.
  /// ErrorKind::storage.
  static Result<std::unique_ptr<Cursor>> open(Storage& storage, std::uint64_t new_epoch);
  /// As open(), of a file that is there and is not changed.
  static Result<std::unique_ptr<Cursor>> look_at(Storage& storage);

  /// Nothing where no slot can be read.
  [[nodiscard]] std::optional<std::uint64_t> epoch() const { return epoch_; }
  /// Records before it are settled. Zero where no slot can be read.
  [[nodiscard]] std::uint64_t settled() const { return settled_; }
  /// False where a slot could not be read, or the file was not there: what is settled may be more
  /// than settled() says.
  [[nodiscard]] bool is_settled_sure() const { return are_slots_sound_; }
  [[nodiscard]] std::optional<Mark> mark() const { return mark_; }

  /// Gives a cursor whose slots cannot be read an epoch, so that it can be written again.
  void adopt(std::uint64_t epoch) { epoch_ = epoch; }
  /// Durable on return. After an error the earlier value still stands.
  Result<void> store_settled(std::uint64_t sequence);
  /// Not synced; a failure only leaves an older mark.
  void note(const Mark& mark);

 private:
  explicit Cursor(std::unique_ptr<StoredFile> file) : file_(std::move(file)) {}
  Result<void> load();
  Result<void> write_slot(std::uint64_t slot, std::uint64_t a, std::uint64_t b, std::uint64_t c);

  std::mutex mutex_;
  std::unique_ptr<StoredFile> file_;
  std::optional<std::uint64_t> epoch_;
  std::uint64_t generation_ = 0;  ///< of the newest settled slot
  std::uint64_t settled_ = 0;
  bool are_slots_sound_ = true;
  std::optional<Mark> mark_;
  std::uint64_t mark_turn_ = 0;  ///< of the mark's slots the one with the newest
};

}  // namespace copybridge::spool
