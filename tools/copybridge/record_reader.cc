// The loop of reading and cutting.
#include "tools/copybridge/record_reader.h"

#include <algorithm>
#include <utility>

namespace copybridge::cli {

namespace {

/// Records are never smaller than what tells them apart, but for records of one byte.
constexpr std::size_t kBatchRecordsMax = std::size_t{64} << 10;

}  // namespace

Result<RecordReader> RecordReader::open(InputStream input, const framing::FramingOptions& options,
                                        std::size_t piece_bytes) {
  auto framer = framing::make_framer(options);
  if (!framer) return pass_on(framer);
  return RecordReader(std::move(input), std::move(*framer), piece_bytes);
}

Result<bool> RecordReader::next(RecordPiece& piece) {
  piece.records.clear();
  piece.bytes.clear();
  piece.bytes.append(rest_.view());
  rest_.clear();
  bool is_fresh = piece.bytes.size() == 0;
  while (!fault_) {
    // What was left over may hold whole records only where there were too many for one piece.
    if (is_fresh && !is_end_) {
      const Result<void> filled = refill(piece.bytes);
      if (!filled) fault_ = filled.error();
    }
    if (fault_) break;
    is_fresh = true;
    const auto framed = framer_->next(piece.bytes.view(), is_end_, kBatchRecordsMax, piece.records);
    const bool is_assembled = framer_->take_assembled(piece.assembled);
    piece.view = is_assembled ? piece.assembled.view() : piece.bytes.view();
    piece.raw_position = input_.raw_position();
    if (!framed) fault_ = framed.error();
    const std::size_t consumed = framed ? static_cast<std::size_t>(framed->consumed) : 0;
    if (!piece.records.empty()) {
      rest_.append(piece.bytes.view().subspan(consumed));
      return true;
    }
    if (fault_) break;
    if (is_end_) return false;
    piece.bytes.consume(consumed);
  }
  return tl::make_unexpected(*fault_);
}

Result<void> RecordReader::refill(ByteBuffer& bytes) {
  const std::size_t kept = bytes.size();
  // A framer asks for more only within a record of bounded size, so this growth is bounded too.
  std::size_t capacity = std::max(piece_bytes_, bytes.capacity());
  if (kept == capacity) capacity *= 2;
  bytes.resize(capacity);
  const Result<std::size_t> count = input_.read({bytes.data() + kept, capacity - kept});
  bytes.resize(kept + (count ? *count : 0));
  if (!count) return pass_on(count);
  is_end_ = *count == 0;
  return {};
}

}  // namespace copybridge::cli
