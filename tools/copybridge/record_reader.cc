// The loop of reading and cutting.
#include "tools/copybridge/record_reader.h"

#include <utility>

namespace copybridge::cli {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kBatchRecordsMax = std::size_t{64} << 10;

}  // namespace

RecordReader::RecordReader(InputStream input, std::unique_ptr<framing::Framer> framer)
    : input_(std::move(input)), framer_(std::move(framer)) {
  buffer_.reserve(kBufferBytes);
}

Result<RecordReader> RecordReader::open(InputStream input, const framing::FramingOptions& options) {
  auto framer = framing::make_framer(options);
  if (!framer) return pass_on(framer);
  return RecordReader(std::move(input), std::move(*framer));
}

Result<std::span<const framing::RecordSpan>> RecordReader::next() {
  records_.clear();
  while (!fault_) {
    base_ = begin_;
    const ByteView piece = buffer_.view(begin_, buffer_.size() - begin_);
    const auto framed = framer_->next(piece, is_end_, kBatchRecordsMax, records_);
    is_assembled_ = framer_->take_assembled(assembled_);
    if (framed) begin_ += framed->consumed;
    if (!framed) fault_ = framed.error();
    if (!records_.empty()) return std::span<const framing::RecordSpan>(records_);
    if (fault_) break;
    if (is_end_) return std::span<const framing::RecordSpan>();
    const Result<void> filled = refill();
    if (!filled) fault_ = filled.error();
  }
  return tl::make_unexpected(*fault_);
}

Result<void> RecordReader::refill() {
  buffer_.consume(begin_);
  begin_ = 0;
  // A framer asks for more only within a record of bounded size, so this growth is bounded too.
  const std::size_t kept = buffer_.size();
  if (kept == buffer_.capacity()) buffer_.reserve(2 * buffer_.capacity());
  buffer_.resize(buffer_.capacity());
  const Result<std::size_t> count = input_.read({buffer_.data() + kept, buffer_.size() - kept});
  buffer_.resize(kept + (count ? *count : 0));
  if (!count) return pass_on(count);
  is_end_ = *count == 0;
  return {};
}

}  // namespace copybridge::cli
