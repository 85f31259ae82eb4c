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

  // Of a piece that is read apart from being cut.
  std::uint64_t begin = 0;     ///< where it begins in the input
  std::size_t room = 0;        ///< in front of what was read, for what the piece before left over
  std::optional<Error> fault;  ///< of reading

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
  /// The kernel copies large pieces faster than small ones, by more than it costs that they and
  /// their JSON are not in a core's own cache.
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  /// Pieces have `piece_bytes`, more only where a record does not fit, less where all of the input
  /// is less.
  static Result<RecordReader> open(InputStream input, const framing::FramingOptions& options,
                                   std::size_t piece_bytes = kPieceBytes);

  /// Fills `piece` with the next records in order; false at the end of the input. kReadableTail
  /// bytes are readable behind each. Records in front of a fault are returned first, the fault by
  /// the call after.
  Result<bool> next(RecordPiece& piece);

  /// Whether several threads can read at once. Then each piece goes through the three calls below
  /// in turn, next() is not called.
  [[nodiscard]] bool may_share() const { return input_.can_read_at(); }
  /// By one thread at a time.
  void claim(RecordPiece& piece);
  /// Reads what was claimed. By any number of threads at once.
  void fetch(RecordPiece& piece) const;
  /// Finds the records, as next() does, but there may be none in a piece. By one thread at a time,
  /// in the order of claim().
  Result<bool> cut(RecordPiece& piece);

  [[nodiscard]] const InputStream& input() const { return input_; }

 private:
  RecordReader(InputStream input, std::unique_ptr<framing::Framer> framer, std::size_t piece_bytes)
      : input_(std::move(input)), framer_(std::move(framer)), piece_bytes_(piece_bytes) {}
  Result<void> refill(ByteBuffer& bytes);
  std::size_t frame(RecordPiece& piece, ByteView bytes, std::size_t records_max);

  InputStream input_;
  std::unique_ptr<framing::Framer> framer_;
  std::size_t piece_bytes_;
  ByteBuffer rest_;            ///< what the last piece left over
  bool is_end_ = false;        ///< nothing follows what was read
  std::uint64_t claimed_ = 0;  ///< where the next claim begins
  std::optional<Error> fault_;
};

}  // namespace copybridge::cli
