// From an input to its records, a buffer full at a time: read, cut, carry the rest over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/input_stream.h"
#include "codecs/framing/framing.h"

namespace copybridge::cli {

/// Reads one input. Memory is one buffer of 1 MiB that grows only for records that do not fit.
class RecordReader {
 public:
  static Result<RecordReader> open(InputStream input, const framing::FramingOptions& options);

  /// The next records in order; none at the end of the input. They and their bytes (with
  /// kReadableTail behind each) stay valid until the next call. Records in front of a fault are
  /// returned first, the fault by the call after.
  Result<std::span<const framing::RecordSpan>> next();
  [[nodiscard]] ByteView bytes(const framing::RecordSpan& record) const {
    return is_assembled_ ? assembled_.view(record.offset, record.size)
                         : buffer_.view(base_ + record.offset, record.size);
  }

  /// Bytes of the input that were framed so far, decompressed.
  [[nodiscard]] std::uint64_t position() const { return framer_->state().position; }
  [[nodiscard]] const InputStream& input() const { return input_; }

 private:
  RecordReader(InputStream input, std::unique_ptr<framing::Framer> framer);
  Result<void> refill();

  InputStream input_;
  std::unique_ptr<framing::Framer> framer_;
  ByteBuffer buffer_;
  ByteBuffer assembled_;       ///< records that are put together from parts of the input
  bool is_assembled_ = false;  ///< records_ lie there
  std::size_t base_ = 0;       ///< where the piece began that records_ lie in
  std::size_t begin_ = 0;      ///< first byte that is not done with
  bool is_end_ = false;        ///< nothing follows what is in the buffer
  std::vector<framing::RecordSpan> records_;
  std::optional<Error> fault_;
};

}  // namespace copybridge::cli
