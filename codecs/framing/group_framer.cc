// Reading ahead, record by record, to where a document ends.
#include "codecs/framing/group_framer.h"

#include <fmt/format.h>

#include <utility>

#include "codecs/framing/prefix.h"

namespace copybridge::framing {

namespace {

/// Offsets of documents are 32 bits wide.
constexpr std::size_t kAssembledMax = std::size_t{1} << 31;

}  // namespace

void append_part(ByteView record, ByteBuffer& document) {
  append_number(record.size(), kPartHeadBytes, false, document);
  document.append(record);
}

GroupFramer::GroupFramer(std::unique_ptr<Framer> records, const FramingOptions& options)
    : records_(std::move(records)),
      grouper_(options.grouper),
      skip_header_(options.skip_header),
      document_bytes_max_(options.record_bytes_max) {
  state_ = records_->state();
}

bool GroupFramer::take_assembled(ByteBuffer& bytes) {
  std::swap(assembled_, bytes);
  return true;
}

void GroupFramer::restore(const State& state) {
  records_->restore(state);
  state_ = records_->state();
}

Result<Framed> GroupFramer::next(ByteView piece, bool end_of_stream, std::size_t records_max,
                                 std::vector<RecordSpan>& records) {
  assembled_.clear();
  Run run{.piece = piece,
          .is_end = end_of_stream,
          .begin = state_.position,
          .records_max = records_max,
          .documents = records};
  const Result<void> gathered = gather(run);
  assembled_.resize(run.is_open ? run.open_at : assembled_.size());
  if (!gathered) return pass_on(gathered);
  // What is not handed out is presented again.
  records_->restore(state_);
  return Framed{state_.position - run.begin};
}

Result<void> GroupFramer::gather(Run& run) {
  while (run.count < run.records_max && assembled_.size() < kAssembledMax) {
    const State before = records_->state();
    ByteView record;
    const Result<bool> is_read = read_one(run, record);
    if (!is_read && run.is_open) {
      Error error = is_read.error();
      error.message += fmt::format(" (within the document at byte {})", run.open_position);
      return tl::make_unexpected(std::move(error));
    }
    if (!is_read) {
      state_ = records_->state();
      return pass_on(is_read);
    }
    const State after = records_->state();
    if (*is_read) {
      Result<void> taken = take(run, record, before);
      if (!taken) return taken;
      continue;
    }
    // A header or an end mark of the stream may be done with, without any record.
    if (after.position != before.position) {
      if (!run.is_open) state_ = after;
      continue;
    }
    if (run.is_end && run.is_open) close(run, after);
    if (run.is_end || !run.is_open) state_ = after;
    return {};
  }
  return {};
}

/// The next record; false where none is whole.
Result<bool> GroupFramer::read_one(const Run& run, ByteView& record) {
  const std::uint64_t position = records_->state().position;
  ByteView rest = run.piece.subspan(static_cast<std::size_t>(position - run.begin));
  bool is_end = run.is_end;
  // A header is taken by itself, so that documents begin behind it.
  if (position + rest.size() >= skip_header_ && position < skip_header_) {
    rest = rest.first(static_cast<std::size_t>(skip_header_ - position));
    is_end = false;
  }
  spans_.clear();
  const Result<Framed> framed = records_->next(rest, is_end, 1, spans_);
  if (spans_.empty()) {
    if (!framed) return pass_on(framed);
    return false;
  }
  const bool is_assembled = records_->take_assembled(record_bytes_);
  const ByteView from = is_assembled ? record_bytes_.view() : rest;
  record = from.subspan(spans_[0].offset, spans_[0].size);
  return true;
}

/// Of the record that was read last.
RecordGrouper::Role GroupFramer::role(ByteView record) const {
  if (spans_[0].place != RecordPlace::detail) return RecordGrouper::Role::alone;
  return grouper_->role(record);
}

Result<void> GroupFramer::take(Run& run, ByteView record, const State& before) {
  const RecordGrouper::Role role = this->role(record);
  const bool continues = role == RecordGrouper::Role::continues && run.is_open;
  if (run.is_open && !continues) {
    close(run, before);
    // It is read again, as the first of the next call.
    if (run.count == run.records_max) return {};
  }
  if (role == RecordGrouper::Role::alone) {
    const std::size_t begin = assembled_.size();
    assembled_.append(record);
    run.documents.push_back({static_cast<std::uint32_t>(begin),
                             static_cast<std::uint32_t>(record.size()), spans_[0].place});
    ++run.count;
    state_ = records_->state();
    return {};
  }
  if (!run.is_open) {
    run.is_open = true;
    run.open_at = assembled_.size();
    run.open_position = before.position;
  }
  append_part(record, assembled_);
  if (assembled_.size() - run.open_at <= document_bytes_max_) return {};
  return fail(ErrorKind::framing,
              fmt::format("framing: document at byte {}: found more than {} bytes up to byte {}, "
                          "expected the record that begins the next one",
                          run.open_position, document_bytes_max_, records_->state().position));
}

/// Hands the open document out, which ends where `end` stands.
void GroupFramer::close(Run& run, const State& end) {
  run.documents.push_back({static_cast<std::uint32_t>(run.open_at),
                           static_cast<std::uint32_t>(assembled_.size() - run.open_at)});
  ++run.count;
  run.is_open = false;
  state_ = end;
}

}  // namespace copybridge::framing
