// From segments to batches, and from settlements to the cursor.
#include "bridge/spool/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace copybridge::spool {
namespace {

using adapters::Fate;
using adapters::RecordBatch;
using adapters::Settlement;

constexpr std::uint64_t kCopySize = 1 << 20;

}  // namespace

Reader::Reader(Storage& storage, Shelf& shelf, Cursor& cursor, const BatchBuilder::Limits& limits,
               OnDamage on_damage)
    : storage_(storage),
      shelf_(shelf),
      cursor_(cursor),
      on_damage_(std::move(on_damage)),
      builder_(limits),
      next_(shelf.settled()) {}

bool Reader::has_unread() const { return has_gap_ || next_ < shelf_.committed().sequence; }

void Reader::leave() {
  scan_.reset();
  item_.reset();
}

/// A file that is removed keeps its room on the disk for as long as it is open.
void Reader::leave_removed() {
  if (scan_ && !shelf_.has(place_.segment.number())) leave();
}

void Reader::rewind() {
  leave();
  next_ = shelf_.settled();
  has_gap_ = false;
}

Result<bool> Reader::read(RecordBatch& batch) {
  batch.reset();
  if (has_gap_ && !outstanding_.empty()) return false;
  if (has_gap_) rewind();
  builder_.begin(batch);
  const Result<void> filled = fill();
  if (!filled) {
    // Read again from the batch's start; what is lost before it has been passed.
    if (!builder_.is_empty()) next_ = batch_first_;
    leave();
    batch.reset();
    return pass_on(filled);
  }
  if (builder_.is_empty()) return false;
  builder_.finish();
  batch.token = next_token_++;
  outstanding_.push_back({batch.token, batch_first_, next_});
  return true;
}

Result<void> Reader::fill() {
  for (;;) {
    if (!item_) {
      Result<std::optional<ScanItem>> item = next_item();
      if (!item) return pass_on(item);
      if (!*item) return {};
      item_ = **item;
    }
    const Result<bool> taken = take(*item_);
    if (!taken) return pass_on(taken);
    if (!*taken) return {};
    item_.reset();
  }
}

/// False: the item belongs behind the batch that is being made.
Result<bool> Reader::take(const ScanItem& item) {
  ScanItem damage = item;
  if (item.kind == ScanItem::Kind::record) {
    if (item.sequence < next_) return true;
    StoredRecord record;
    if (read_record(item.payload, record)) {
      if (builder_.is_empty()) batch_first_ = next_;
      if (!builder_.add(record)) return false;
      next_ = item.sequence + 1;
      return true;
    }
    damage.kind = ScanItem::Kind::damage;
    damage.lost = 1;
    damage.reason = "a record is not in a form that is known";
  }
  if (!builder_.is_empty()) return false;
  const Result<void> passed = pass(damage);
  if (!passed) return pass_on(passed);
  return true;
}

Result<std::optional<ScanItem>> Reader::next_item() {
  for (;;) {
    if (scan_ && scan_->expected() < bounds_.end_sequence) {
      const Result<ScanItem> item = scan_->next(bounds_);
      if (!item) return pass_on(item);
      if (item->kind != ScanItem::Kind::end) return std::optional(*item);
      continue;
    }
    const std::uint64_t wanted = scan_ ? scan_->expected() : next_;
    if (wanted >= shelf_.committed().sequence) {
      leave_removed();
      return std::optional<ScanItem>();
    }
    const std::optional<Shelf::Place> place = shelf_.find(wanted);
    if (!place) {
      scan_.reset();
      return std::optional(ScanItem{.kind = ScanItem::Kind::damage,
                                    .sequence = wanted,
                                    .lost = shelf_.first_behind(wanted) - wanted,
                                    .reason = "segments are missing"});
    }
    if (!scan_ || place->segment.number() != place_.segment.number()) {
      const Result<void> entered = enter(*place);
      if (!entered) return pass_on(entered);
    }
    place_ = *place;
    bounds_ = shelf_.bounds(place_.segment.number());
    const Result<std::uint64_t> size = scan_->file().size();
    if (!size) return pass_on(size);
    bounds_.limit = std::min(bounds_.limit, *size);
  }
}

Result<void> Reader::enter(const Shelf::Place& place) {
  Result<std::unique_ptr<StoredFile>> file = storage_.open(place.segment.name);
  if (!file) return pass_on(file);
  scan_.emplace(std::move(*file), place.segment.identity);
  return {};
}

/// Reports what is damaged, puts its bytes aside, and goes on behind it. Records that are lost
/// count as settled when everything before them is.
Result<void> Reader::pass(const ScanItem& item) {
  const std::uint64_t end = item.sequence + item.lost;
  const std::uint64_t first = std::max(item.sequence, next_);
  if (item.lost > 0 ? end <= next_ : item.sequence < next_) return {};
  const bool has_file = scan_.has_value();
  const auto place = std::pair(has_file ? place_.segment.number() : 0, item.offset);
  if (!reported_.contains(place)) {
    Damage damage{.offset = item.offset,
                  .bytes = item.size,
                  .records = end - first,
                  .reason = std::string(item.reason)};
    damage.file = storage_.path_of(has_file ? place_.segment.name : "");
    if (item.size == 0 && place_.is_next_missing) damage.reason = "the segments behind are missing";
    if (item.size > 0) {
      Result<std::string> copied = copy_aside(item);
      if (!copied) return pass_on(copied);
      damage.put_aside = storage_.path_of(*copied);
    }
    reported_.insert(place);
    on_damage_(damage);
  }
  if (end <= first) return {};
  if (outstanding_.empty()) {
    Result<void> settled = settle_until(end);
    if (!settled) return settled;
  } else {
    outstanding_.push_back({0, first, end});
  }
  next_ = end;
  return {};
}

Result<std::string> Reader::copy_aside(const ScanItem& item) {
  const std::string name = fmt::format("{}-{}.damaged", place_.segment.name, item.offset);
  const Result<std::vector<std::string>> names = storage_.list();
  if (!names) return pass_on(names);
  // One of an earlier run may be cut short.
  if (std::ranges::find(*names, name) != names->end()) {
    if (Result<void> removed = storage_.remove(name); !removed) return pass_on(removed);
  }
  Result<std::unique_ptr<StoredFile>> copy = storage_.create(name);
  if (!copy) return pass_on(copy);
  std::vector<std::uint8_t> piece;
  for (std::uint64_t done = 0; done < item.size; done += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min(kCopySize, item.size - done)));
    const Result<std::size_t> got = scan_->file().read_at(item.offset + done, piece);
    if (!got) return pass_on(got);
    const ByteView bytes(piece.data(), *got);
    const Result<void> written = (*copy)->write_at(done, bytes);
    if (!written) return pass_on(written);
    if (*got < piece.size()) break;
  }
  Result<void> synced = (*copy)->sync();
  if (synced) synced = storage_.sync_names();
  if (!synced) return pass_on(synced);
  return name;
}

Result<void> Reader::settle_until(std::uint64_t sequence) {
  if (sequence <= shelf_.settled()) return {};
  Result<void> stored = cursor_.store_settled(sequence);
  if (!stored) return stored;
  shelf_.settle(sequence);
  return {};
}

Result<void> Reader::settle(const Settlement& settlement) {
  if (outstanding_.empty() || outstanding_.front().token != settlement.token) {
    return fail(ErrorKind::source, "spool: batch " + std::to_string(settlement.token) +
                                       " is not the oldest that is unsettled");
  }
  const Outstanding& batch = outstanding_.front();
  const auto came_back = std::ranges::find(settlement.fates, Fate::retry);
  const auto accepted = static_cast<std::uint64_t>(came_back - settlement.fates.begin());
  const bool is_whole = accepted >= batch.end - batch.first;
  auto behind = outstanding_.begin() + 1;
  while (behind != outstanding_.end() && behind->token == 0) ++behind;
  if (!has_gap_) {
    const std::uint64_t end = is_whole ? (behind - 1)->end : batch.first + accepted;
    Result<void> settled = settle_until(end);
    if (!settled) return settled;
  }
  has_gap_ = has_gap_ || !is_whole;
  outstanding_.erase(outstanding_.begin(), behind);
  return {};
}

}  // namespace copybridge::spool
