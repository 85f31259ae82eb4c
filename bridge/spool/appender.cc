// Encoding, writing, syncing; and what becomes of a group where one of them fails.
#include "bridge/spool/appender.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::spool {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

tl::unexpected<Error> sync_lost() {
  return fail(ErrorKind::storage, "spool: what was written may not be on the disk");
}

/// Half of the epoch tells spools apart well enough, and an id stays readable.
std::string minted_prefix(const std::string& name, std::uint64_t epoch) {
  return fmt::format("{}/{:08x}/", name, epoch >> 32U);
}

}  // namespace

Appender::Appender(Storage& storage, Shelf& shelf, Cursor& cursor, const AppendSettings& settings,
                   std::uint64_t epoch, std::uint64_t last_segment)
    : storage_(storage),
      shelf_(shelf),
      cursor_(cursor),
      settings_(settings),
      epoch_(epoch),
      writer_(minted_prefix(settings.name, epoch)),
      last_segment_(last_segment),
      tail_(shelf.committed()) {}

bool Appender::rolls() const {
  return file_ == nullptr || is_tail_unsure_ || tail_.offset >= settings_.segment_bytes;
}

void Appender::encode(const adapters::RecordBatch& batch, const SegmentIdentity& identity,
                      bool is_new) {
  scratch_.clear();
  if (is_new) append_segment_header(scratch_, identity);
  writer_.begin(batch);
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const std::size_t begin = begin_frame(scratch_);
    writer_.append(scratch_, i, tail_.sequence + i);
    end_frame(scratch_, begin, identity.home, tail_.sequence + i);
  }
}

Result<bool> Appender::append(const adapters::RecordBatch& batch) {
  if (is_sync_lost_) return sync_lost();
  Result<bool> appended = try_append(batch);
  const bool is_refused = !appended || !*appended;
  // Within its bounds or not, it may be the spool itself that fills the disk.
  if (is_refused && make_room()) appended = try_append(batch);
  return appended;
}

Result<bool> Appender::try_append(const adapters::RecordBatch& batch) {
  const bool is_new = rolls();
  const SegmentIdentity identity =
      is_new ? SegmentIdentity{{epoch_, last_segment_ + 1}, tail_.sequence} : identity_;
  encode(batch, identity, is_new);
  const std::uint64_t begin = is_new ? 0 : tail_.offset;
  const std::uint64_t end = begin + scratch_.size();
  const std::uint64_t old_size = is_new ? 0 : size_;
  const std::uint64_t size = std::max(old_size, round_up(end, settings_.extend_bytes));
  if (!shelf_.has_room(size - old_size)) return false;
  Result<void> done;
  if (is_new) done = begin_segment(identity);
  if (done) done = write(begin, size);
  if (!done) return pass_on(done);
  tail_ = {identity.home.segment, end, tail_.sequence + batch.records.size()};
  return true;
}

/// Everything is settled: the segments are removed, and there is room for any batch.
bool Appender::make_room() {
  if (tail_.sequence > shelf_.committed().sequence || !shelf_.remove_all()) return false;
  file_.reset();
  return true;
}

Result<void> Appender::begin_segment(const SegmentIdentity& identity) {
  // That a segment is there means that the one before it is whole.
  if (file_ != nullptr && tail_.sequence > shelf_.committed().sequence) {
    Result<void> synced = file_->sync();
    is_sync_lost_ = !synced;
    if (!synced) return synced;
  }
  file_.reset();
  const std::string name = segment_name(identity);
  Result<std::unique_ptr<StoredFile>> made = storage_.create(name);
  // A number is not used again: a file that could not be removed may have it.
  last_segment_ = identity.home.segment;
  if (!made) return pass_on(made);
  file_ = std::move(*made);
  identity_ = identity;
  size_ = 0;
  is_tail_unsure_ = false;
  are_names_synced_ = false;
  shelf_.add({identity, name, 0});
  return {};
}

/// Writes scratch_, and zeros behind it up to the file's new size.
Result<void> Appender::write(std::uint64_t begin, std::uint64_t size) {
  if (size > size_) {
    const std::size_t old_size = scratch_.size();
    scratch_.resize(static_cast<std::size_t>(size - begin));
    std::fill(scratch_.data() + old_size, scratch_.data() + scratch_.size(), std::uint8_t{0});
    size_ = size;
    shelf_.resize_newest(size_);
  }
  Result<void> written = file_->write_at(begin, scratch_.view());
  if (written) return written;
  is_tail_unsure_ = true;
  if (begin > 0) return written;
  // Nothing is in it: a disk that is full is not filled further with every attempt.
  file_.reset();
  shelf_.remove_newest();
  return written;
}

Result<void> Appender::commit() {
  if (tail_.sequence == shelf_.committed().sequence) return {};
  Result<void> done;
  if (is_sync_lost_) done = sync_lost();
  if (done && file_ != nullptr) done = file_->sync();
  if (done && !are_names_synced_) done = storage_.sync_names();
  if (!done) {
    roll_back();
    return done;
  }
  are_names_synced_ = true;
  shelf_.commit(tail_);
  cursor_.note({tail_.segment, tail_.offset, tail_.sequence});
  return {};
}

void Appender::roll_back() {
  file_.reset();
  shelf_.remove_uncommitted();
  tail_ = shelf_.committed();
  is_sync_lost_ = false;
}

}  // namespace copybridge::spool
