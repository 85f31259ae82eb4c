// The loop of reading and cutting.
#include "tools/copybridge/record_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace copybridge::cli {

namespace {

/// Records are never smaller than what tells them apart, but for records of one byte.
constexpr std::size_t kBatchRecordsMax = std::size_t{64} << 10;
/// For what a piece leaves over: most records are smaller.
constexpr std::size_t kRoomBytes = std::size_t{32} << 10;
constexpr std::size_t kPieceBytesMin = std::size_t{16} << 10;

/// No larger than the input, which is to be seen to be at its end.
std::size_t bytes_for(const InputStream& input, std::size_t piece_bytes) {
  const auto size = input.raw_size();
  if (!size || input.compression() != Compression::none || *size >= piece_bytes) return piece_bytes;
  return std::min(piece_bytes, std::max<std::size_t>(*size + 1, kPieceBytesMin));
}

/// Puts what the piece before has left over in front of what was read.
void put_in_front(ByteView rest, RecordPiece& piece) {
  if (rest.size() > piece.room) {
    const std::size_t count = piece.bytes.size() - piece.room;
    piece.bytes.resize(rest.size() + count);
    std::memmove(piece.bytes.data() + rest.size(), piece.bytes.data() + piece.room, count);
    piece.room = rest.size();
  }
  piece.room -= rest.size();
  if (!rest.empty()) std::memcpy(piece.bytes.data() + piece.room, rest.data(), rest.size());
}

}  // namespace

Result<RecordReader> RecordReader::open(InputStream input, const framing::FramingOptions& options,
                                        std::size_t piece_bytes) {
  auto framer = framing::make_framer(options);
  if (!framer) return pass_on(framer);
  const std::size_t fitting = bytes_for(input, piece_bytes);
  return RecordReader(std::move(input), std::move(*framer), fitting);
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
    const std::size_t consumed = frame(piece, piece.bytes.view(), kBatchRecordsMax);
    piece.raw_position = input_.raw_position();
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

// Finds the records in what there is; returns how much of it they take.
std::size_t RecordReader::frame(RecordPiece& piece, ByteView bytes, std::size_t records_max) {
  const auto framed = framer_->next(bytes, is_end_, records_max, piece.records);
  const bool is_assembled = framer_->take_assembled(piece.assembled);
  piece.view = is_assembled ? piece.assembled.view() : bytes;
  if (!framed) fault_ = framed.error();
  return framed ? static_cast<std::size_t>(framed->consumed) : 0;
}

void RecordReader::claim(RecordPiece& piece) {
  piece.begin = claimed_;
  claimed_ += piece_bytes_;
}

void RecordReader::fetch(RecordPiece& piece) const {
  piece.room = kRoomBytes;
  piece.bytes.resize(kRoomBytes + piece_bytes_);
  const auto count = input_.read_at(piece.begin, {piece.bytes.data() + kRoomBytes, piece_bytes_});
  piece.fault = count ? std::nullopt : std::optional(count.error());
  piece.bytes.resize(kRoomBytes + count.value_or(0));
}

Result<bool> RecordReader::cut(RecordPiece& piece) {
  piece.records.clear();
  if (!fault_ && !is_end_ && piece.fault) fault_ = piece.fault;
  if (fault_) return tl::make_unexpected(*fault_);
  // What lies behind the end has been added since.
  if (is_end_) piece.bytes.resize(piece.room);
  is_end_ = is_end_ || piece.bytes.size() < piece.room + piece_bytes_;
  piece.raw_position = piece.begin + piece.bytes.size() - piece.room;
  put_in_front(rest_.view(), piece);
  rest_.clear();
  const ByteView bytes = piece.bytes.view().subspan(piece.room);
  const std::size_t consumed = frame(piece, bytes, std::numeric_limits<std::size_t>::max());
  if (piece.records.empty() && fault_) return tl::make_unexpected(*fault_);
  rest_.append(bytes.subspan(consumed));
  return !is_end_ || !piece.records.empty();
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
