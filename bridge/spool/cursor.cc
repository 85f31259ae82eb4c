// Slots of the cursor: two for what is settled and two for the mark, written by turns.
#include "bridge/spool/cursor.h"

#include <array>
#include <cstring>

#include "bridge/spool/frame.h"
#include "bridge/spool/wire.h"

namespace copybridge::spool {
namespace {

/// A slot has a page of its own: a torn write of one leaves the others.
constexpr std::uint64_t kSlotDistance = 4096;
constexpr std::uint64_t kTurns = 2;
constexpr std::uint64_t kMarkSlot = 2;
constexpr std::uint64_t kSlots = 4;
constexpr std::array<std::uint8_t, 8> kMagic = {'C', 'B', 's', 'p', 'c', 'u', 'r', 1};
constexpr std::size_t kFields = 4;  // epoch and three numbers
constexpr std::size_t kCheckOffset = kMagic.size() + kFields * 8;
constexpr std::size_t kSlotSize = kCheckOffset + 8;

using SlotBytes = std::array<std::uint8_t, kSlotSize>;
using Fields = std::array<std::uint64_t, kFields>;

/// Seeded with the slot's number, so that one copied over another is none.
std::uint64_t check_of_slot(const SlotBytes& bytes, std::uint64_t slot) {
  return check_of(ByteView(bytes).first(kCheckOffset), slot);
}

SlotBytes encode(const Fields& fields, std::uint64_t slot) {
  SlotBytes bytes;
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  for (std::size_t i = 0; i < kFields; ++i) {
    put_number(bytes.data() + kMagic.size() + i * 8, fields[i]);
  }
  put_number(bytes.data() + kCheckOffset, check_of_slot(bytes, slot));
  return bytes;
}

Result<std::optional<Fields>> read_slot(StoredFile& file, std::uint64_t slot) {
  SlotBytes bytes{};
  const Result<std::size_t> got = file.read_at(slot * kSlotDistance, bytes);
  if (!got) return pass_on(got);
  const bool is_sound =
      *got == kSlotSize && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0 &&
      get_number<std::uint64_t>(bytes.data() + kCheckOffset) == check_of_slot(bytes, slot);
  if (!is_sound) return std::optional<Fields>();
  Fields fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    fields[i] = get_number<std::uint64_t>(bytes.data() + kMagic.size() + i * 8);
  }
  return std::optional(fields);
}

}  // namespace

Result<std::unique_ptr<Cursor>> Cursor::look_at(Storage& storage) {
  Result<std::unique_ptr<StoredFile>> file = storage.open(kCursorName);
  if (!file) return pass_on(file);
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(*file)));
  const Result<void> loaded = cursor->load();
  if (!loaded) return pass_on(loaded);
  return cursor;
}

Result<std::unique_ptr<Cursor>> Cursor::open(Storage& storage, std::uint64_t new_epoch) {
  const Result<std::vector<std::string>> names = storage.list();
  if (!names) return pass_on(names);
  for (const std::string& name : *names) {
    if (name == kCursorName) return look_at(storage);
  }
  Result<std::unique_ptr<StoredFile>> file = storage.create(kCursorName);
  if (!file) return pass_on(file);
  std::unique_ptr<Cursor> cursor(new Cursor(std::move(*file)));
  cursor->epoch_ = new_epoch;
  cursor->are_slots_sound_ = false;
  // All slots are written once, so that later writes need no new blocks.
  Result<void> done = cursor->file_->write_at(
      0, std::array<std::uint8_t, (kSlots - 1) * kSlotDistance + kSlotSize>{});
  // Without a mark the tail of the first segment could not be told from damage.
  if (done) done = cursor->write_slot(kMarkSlot, 0, 0, 1);
  for (std::uint64_t slot = 0; slot < kTurns && done; ++slot) done = cursor->store_settled(1);
  if (done) done = storage.sync_names();
  cursor->mark_ = Mark{0, 0, 1};
  if (done) return cursor;
  // A half-made cursor would be taken for a damaged one.
  [[maybe_unused]] const Result<void> removed = storage.remove(kCursorName);
  return pass_on(done);
}

Result<void> Cursor::load() {
  for (std::uint64_t slot = 0; slot < kTurns; ++slot) {
    const Result<std::optional<Fields>> fields = read_slot(*file_, slot);
    if (!fields) return pass_on(fields);
    are_slots_sound_ = are_slots_sound_ && *fields;
    if (!*fields || (**fields)[1] < generation_) continue;
    epoch_ = (**fields)[0];
    generation_ = (**fields)[1];
    settled_ = (**fields)[2];
  }
  for (std::uint64_t slot = kMarkSlot; slot < kSlots; ++slot) {
    const Result<std::optional<Fields>> fields = read_slot(*file_, slot);
    if (!fields) return pass_on(fields);
    if (!*fields) continue;
    const auto& [epoch, segment, offset, sequence] = **fields;
    if (!epoch_) epoch_ = epoch;
    const bool is_newer = !mark_ || sequence > mark_->sequence || segment > mark_->segment;
    if (epoch_ != epoch || !is_newer) continue;
    mark_ = Mark{segment, offset, sequence};
    mark_turn_ = slot - kMarkSlot;
  }
  return {};
}

Result<void> Cursor::write_slot(std::uint64_t slot, std::uint64_t a, std::uint64_t b,
                                std::uint64_t c) {
  return file_->write_at(slot * kSlotDistance, encode({epoch_.value_or(0), a, b, c}, slot));
}

Result<void> Cursor::store_settled(std::uint64_t sequence) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t generation = generation_ + 1;
  Result<void> done = write_slot(generation % kTurns, generation, sequence, 0);
  if (done) done = file_->sync();
  if (!done) return done;
  generation_ = generation;
  settled_ = sequence;
  return {};
}

void Cursor::note(const Mark& mark) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t turn = (mark_turn_ + 1) % kTurns;
  if (write_slot(kMarkSlot + turn, mark.segment, mark.offset, mark.sequence)) mark_turn_ = turn;
}

}  // namespace copybridge::spool
