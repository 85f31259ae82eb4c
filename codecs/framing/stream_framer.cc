// The way of a piece: header off, trailer off, records cut, position moved.
#include "codecs/framing/stream_framer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace copybridge::framing {

namespace {

// Offsets of records in a piece are 32 bits wide; a larger piece is taken in part.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 30;

}  // namespace

StreamFramer::StreamFramer(const FramingOptions& options, bool assembles)
    : record_prefix_(options.record_prefix),
      record_suffix_(options.record_suffix),
      header_records_(options.header_records),
      skip_header_(options.skip_header),
      skip_trailer_(options.skip_trailer),
      assembles_(assembles) {}

Result<void> StreamFramer::Cuts::refuse(std::size_t size) const {
  return fail(ErrorKind::framing,
              fmt::format("framing: record at byte {}: found {} bytes, expected at least the {} "
                          "that are cut off it",
                          position + consumed, size, prefix + suffix));
}

bool StreamFramer::take_assembled(ByteBuffer& bytes) {
  if (assembles_) std::swap(assembled_, bytes);
  return assembles_;
}

Result<Framed> StreamFramer::next(ByteView piece, bool end_of_stream, std::size_t records_max,
                                  std::vector<RecordSpan>& records) {
  assembled_.clear();
  const bool is_whole = piece.size() <= kPieceBytesMax;
  if (!is_whole) piece = piece.first(kPieceBytesMax);
  const bool is_end = end_of_stream && is_whole;
  std::size_t header = 0;
  if (state_.position < skip_header_) {
    header = std::min<std::uint64_t>(piece.size(), skip_header_ - state_.position);
    if (is_end && state_.position + header < skip_header_) {
      state_.position += header;
      return fail(ErrorKind::framing,
                  fmt::format("framing: the stream ends at byte {}, expected a header of {} bytes",
                              state_.position, skip_header_));
    }
  }
  const std::uint64_t headers_seen = std::min<std::uint64_t>(state_.records, header_records_);
  Cuts cuts{.records = records,
            .records_max = records_max,
            .prefix = record_prefix_,
            .suffix = record_suffix_,
            .headers_left = header_records_ - headers_seen,
            .position = state_.position + header};
  return cut_between(piece, header, is_end, cuts);
}

Result<Framed> StreamFramer::cut_between(ByteView piece, std::size_t header, bool is_end,
                                         Cuts& cuts) {
  ByteView bytes = piece.subspan(header);
  // The trailer is given back until the end and is never framed; when it has been consumed at
  // the end, an empty piece is all that can follow.
  const bool is_done = piece.empty() && state_.position > skip_header_;
  const std::uint64_t trailer = is_done ? 0 : skip_trailer_;
  if (is_end && bytes.size() < trailer) {
    state_.position += header;
    return fail(ErrorKind::framing,
                fmt::format("framing: the stream ends at byte {}, {} bytes behind the last record, "
                            "expected a trailer of {} bytes",
                            state_.position + bytes.size(), bytes.size(), trailer));
  }
  bytes = bytes.first(bytes.size() - std::min<std::uint64_t>(bytes.size(), trailer));
  const std::size_t first = cuts.records.size();
  const Result<void> result = cut({bytes, state_.position + header, is_end}, cuts);
  if (header > 0 && !assembles_) {
    for (std::size_t i = first; i < cuts.records.size(); ++i)
      cuts.records[i].offset += static_cast<std::uint32_t>(header);
  }
  std::uint64_t consumed = header + cuts.consumed;
  // Within a block the next call has to say that the block ends early.
  const bool is_complete = is_end && cuts.consumed == bytes.size() && state_.block_left == 0;
  if (result && is_complete) consumed = piece.size();
  state_.position += consumed;
  state_.records += cuts.count;
  if (!result) return pass_on(result);
  return Framed{consumed};
}

}  // namespace copybridge::framing
