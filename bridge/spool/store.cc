// Opening a spool: which segments there are, whose they are, and where the last one ends.
#include "bridge/spool/store.h"

#include <algorithm>
#include <random>
#include <utility>

namespace copybridge::spool {
namespace {

constexpr std::string_view kPutAside = ".damaged";
constexpr std::uint64_t kPieceSize = 1 << 20;

std::uint64_t random_epoch() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

/// Where an earlier sync failed the system shows bytes that are not on the disk, and a later sync
/// does not write them.
Result<void> write_again(StoredFile& file, std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint8_t> piece;
  for (; from < to; from += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceSize, to - from)));
    const Result<std::size_t> got = file.read_at(from, piece);
    if (!got) return pass_on(got);
    Result<void> written = file.write_at(from, ByteView(piece).first(*got));
    if (!written) return written;
  }
  return {};
}

}  // namespace

Store::Store(std::unique_ptr<Storage> storage, const StoreSettings& settings, OnDamage on_damage)
    : settings_(settings),
      on_damage_(std::move(on_damage)),
      storage_(std::move(storage)),
      shelf_(*storage_, settings.bytes_max) {}

Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<Storage> storage,
                                           const StoreSettings& settings, OnDamage on_damage) {
  std::unique_ptr<Store> store(new Store(std::move(storage), settings, std::move(on_damage)));
  const Result<void> recovered = store->recover();
  if (!recovered) return pass_on(recovered);
  for (const Damage& damage : store->damages_) store->on_damage_(damage);
  store->appender_ =
      std::make_unique<Appender>(*store->storage_, store->shelf_, *store->cursor_, settings.append,
                                 *store->cursor_->epoch(), store->last_segment_);
  store->reader_ = std::make_unique<Reader>(*store->storage_, store->shelf_, *store->cursor_,
                                            settings.batch, store->on_damage_);
  return store;
}

Result<void> Store::recover() {
  // What an earlier process removed must not come back when this one has gone on.
  Result<void> synced = storage_->sync_names();
  if (!synced) return synced;
  const Result<std::vector<std::string>> names = storage_->list();
  if (!names) return pass_on(names);
  Result<std::vector<Segment>> segments = find_segments(*names);
  if (!segments) return pass_on(segments);
  Result<void> opened = open_cursor(*segments);
  if (!opened) return opened;
  Result<void> dropped = drop_strangers(*segments);
  if (!dropped) return dropped;
  const std::optional<Mark> mark = cursor_->mark();
  if (mark) last_segment_ = std::max(last_segment_, mark->segment);
  std::uint64_t settled = cursor_->settled();
  Tail tail{last_segment_, 0, std::max(settled, mark ? mark->sequence : 0)};
  if (!segments->empty()) {
    const Result<Tail> found = find_tail(segments->back());
    if (!found) return pass_on(found);
    tail = *found;
  }
  // What is gone from the front was settled, where a later settlement may have been lost.
  if (!cursor_->is_settled_sure()) {
    const std::uint64_t first =
        segments->empty() ? tail.sequence : segments->front().identity.first_sequence;
    settled = std::max(settled, first);
  }
  settled = std::max<std::uint64_t>(settled, 1);
  tail.sequence = std::max(tail.sequence, settled);
  report_headers(*segments, settled, tail.sequence);
  // Where an earlier process failed to sync it, the system shows what is not on the disk.
  Result<void> stored = cursor_->store_settled(settled);
  if (!stored) return stored;
  shelf_.restore(std::move(*segments), tail, settled);
  shelf_.settle(settled);
  [[maybe_unused]] const bool is_empty = shelf_.remove_all();
  return {};
}

Result<std::vector<Segment>> Store::find_segments(const std::vector<std::string>& names) {
  std::vector<Segment> segments;
  for (const std::string& name : names) {
    if (name == kCursorName || name.ends_with(kPutAside)) continue;
    Result<std::optional<Segment>> segment = identify(name);
    if (!segment) return pass_on(segment);
    if (*segment) segments.push_back(std::move(**segment));
  }
  // Of two that say they are the same, the one that is named so is first.
  std::ranges::sort(segments, [](const Segment& a, const Segment& b) {
    if (a.number() != b.number()) return a.number() < b.number();
    return (a.name == segment_name(a.identity)) > (b.name == segment_name(b.identity));
  });
  return segments;
}

/// What the header says a file is, or else its name.
Result<std::optional<Segment>> Store::identify(const std::string& name) {
  Result<std::unique_ptr<StoredFile>> file = storage_->open(name);
  if (!file) return pass_on(file);
  const Result<std::uint64_t> size = (*file)->size();
  if (!size) return pass_on(size);
  const Result<std::optional<SegmentIdentity>> header = read_segment_header(**file);
  if (!header) return pass_on(header);
  const std::optional<SegmentIdentity> named = read_segment_name(name);
  if (named) last_segment_ = std::max(last_segment_, named->home.segment);
  if (*header) last_segment_ = std::max(last_segment_, (*header)->home.segment);
  if (!*header && !named) {
    const Result<void> done = put_aside(name, "the file is no segment");
    if (!done) return pass_on(done);
    return std::optional<Segment>();
  }
  return std::optional(Segment{*header ? **header : *named, name, *size, header->has_value()});
}

/// Of the segments that hold something that is not settled.
void Store::report_headers(const std::vector<Segment>& segments, std::uint64_t settled,
                           std::uint64_t end) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if ((i + 1 < segments.size() ? segments[i + 1].identity.first_sequence : end) <= settled) {
      continue;
    }
    // The first group of a segment may be torn, its header with it.
    const bool is_synced = !cursor_->mark() || cursor_->mark()->segment >= segment.number();
    Damage damage{.file = storage_->path_of(segment.name)};
    if (!segment.is_header_sound && is_synced) {
      damage.bytes = std::min(kSegmentHeaderSize, segment.size);
      damage.reason = "the header is not what was written";
      damages_.push_back(std::move(damage));
    } else if (segment.name != segment_name(segment.identity)) {
      damage.reason = "the file has the name of another";
      damages_.push_back(std::move(damage));
    }
  }
}

Result<void> Store::open_cursor(const std::vector<Segment>& segments) {
  std::uint64_t epoch = settings_.new_epoch != 0 ? settings_.new_epoch : random_epoch();
  if (!segments.empty()) epoch = segments.back().identity.home.epoch;
  Result<std::unique_ptr<Cursor>> cursor = Cursor::open(*storage_, epoch);
  if (!cursor) return pass_on(cursor);
  cursor_ = std::move(*cursor);
  if (!cursor_->epoch()) cursor_->adopt(epoch);
  if (cursor_->settled() <= 1 && !cursor_->is_settled_sure() && !segments.empty()) {
    damages_.push_back({.file = storage_->path_of(kCursorName),
                        .reason = "what is settled is not known; records come again"});
  }
  return {};
}

/// Puts aside what is not of this spool or there twice, and removes what a failed group left.
Result<void> Store::drop_strangers(std::vector<Segment>& segments) {
  std::vector<Segment> kept;
  for (Segment& segment : segments) {
    const bool is_ours = segment.identity.home.epoch == cursor_->epoch();
    const bool is_twice = !kept.empty() && kept.back().number() == segment.number();
    if (is_ours && !is_twice) {
      // A group that failed was begun anew in a later segment.
      while (!kept.empty() &&
             kept.back().identity.first_sequence >= segment.identity.first_sequence) {
        if (auto removed = storage_->remove(kept.back().name); !removed) return removed;
        kept.pop_back();
      }
      kept.push_back(std::move(segment));
      continue;
    }
    Result<void> done = put_aside(
        segment.name, is_ours ? "the segment is there twice" : "the segment is of another spool");
    if (!done) return done;
  }
  segments = std::move(kept);
  return {};
}

Result<void> Store::put_aside(const std::string& name, const std::string& reason) {
  Damage damage{.file = storage_->path_of(name), .reason = reason};
  const std::string aside = name + std::string(kPutAside);
  Result<void> done = storage_->rename(name, aside);
  if (done) done = storage_->sync_names();
  if (!done) return done;
  damage.put_aside = storage_->path_of(aside);
  damages_.push_back(std::move(damage));
  return {};
}

/// Where the newest segment ends. Records that follow the mark without a gap may be there; they
/// are made durable now. What else follows it was never confirmed to anybody and is cut.
Result<Tail> Store::find_tail(Segment& newest) {
  const std::optional<Mark> mark = cursor_->mark();
  ScanBounds bounds{.limit = newest.size, .synced = newest.size, .is_open_ended = true};
  if (mark && mark->segment == newest.number()) {
    bounds.synced = mark->offset;
    bounds.end_sequence = mark->sequence;
  } else if (mark && mark->segment < newest.number()) {
    bounds.synced = 0;
  }
  Result<std::unique_ptr<StoredFile>> file = storage_->open(newest.name);
  if (!file) return pass_on(file);
  SegmentScan scan(std::move(*file), newest.identity);
  bool is_whole = true;
  for (;;) {
    const Result<ScanItem> item = scan.next(bounds);
    if (!item) return pass_on(item);
    if (item->kind == ScanItem::Kind::end) break;
    is_whole = item->kind == ScanItem::Kind::record;
  }
  Tail tail{newest.number(), scan.offset(), scan.expected()};
  if (mark) tail.segment = std::max(tail.segment, mark->segment);
  if (mark) tail.sequence = std::max(tail.sequence, mark->sequence);
  // Damaged bytes at the end are left for the reader to report.
  if (!is_whole || tail.sequence > scan.expected()) tail.offset = newest.size;
  Result<void> done;
  if (tail.offset < newest.size) {
    done = scan.file().cut(tail.offset);
    newest.size = tail.offset;
  }
  if (done) done = write_again(scan.file(), bounds.synced, tail.offset);
  if (done) done = scan.file().sync();
  if (!done) return pass_on(done);
  return tail;
}

}  // namespace copybridge::spool
