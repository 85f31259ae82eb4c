// From an input to its records, a piece at a time: read, cut, carry the rest over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/input_stream.h"
#include "codecs/framing/framing.h"

namespace copybridge::cli {

/// A piece of an input with the records that lie in it. Used again and again.
struct RecordPiece {
  ByteBuffer bytes;
  ByteBuffer assembled;  ///< records that are put together from parts of the input
  std::vector<framing::RecordSpan> records;
  ByteView view;                   ///< where the records lie: one of the two
  std::uint64_t raw_position = 0;  ///< of the input, as stored, behind the piece

  [[nodiscard]] ByteView record(const framing::RecordSpan& span) const {
    return view.subspan(span.offset, span.size);
  }
  [[nodiscard]] std::size_t bytes_held() const {
    return bytes.capacity() + assembled.capacity() +
           records.capacity() * sizeof(framing::RecordSpan);
  }
};

/// Reads one input. What it holds itself is what was left over from the last piece.
class RecordReader {
 public:
  /// Small enough to stay in a core's own cache together with the JSON of its records.
  static constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

  /// Pieces have `piece_bytes`, more only where a record does not fit.
  static Result<RecordReader> open(InputStream input, const framing::FramingOptions& options,
                                   std::size_t piece_bytes = kPieceBytes);

  /// Fills `piece` with the next records in order; false at the end of the input. kReadableTail
  /// bytes are readable behind each. Records in front of a fault are returned first, the fault by
  /// the call after.
  Result<bool> next(RecordPiece& piece);

  [[nodiscard]] const InputStream& input() const { return input_; }

 private:
  RecordReader(InputStream input, std::unique_ptr<framing::Framer> framer, std::size_t piece_bytes)
      : input_(std::move(input)), framer_(std::move(framer)), piece_bytes_(piece_bytes) {}
  Result<void> refill(ByteBuffer& bytes);

  InputStream input_;
  std::unique_ptr<framing::Framer> framer_;
  std::size_t piece_bytes_;
  ByteBuffer rest_;      ///< what the last piece left over
  bool is_end_ = false;  ///< nothing follows what was read
  std::optional<Error> fault_;
};

}  // namespace copybridge::cli
