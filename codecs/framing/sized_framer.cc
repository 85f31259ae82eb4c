// Cutting of F, FB and length-prefixed streams.
#include "codecs/framing/sized_framer.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::framing {

Result<void> FixedFramer::cut(const Piece& piece, Cuts& cuts) {
  const std::size_t count = std::min(piece.bytes.size() / lrecl_, cuts.records_max);
  for (std::size_t i = 0; i < count; ++i) cuts.add(i * lrecl_, lrecl_);
  cuts.consumed = count * lrecl_;
  const std::size_t rest = piece.bytes.size() - cuts.consumed;
  if (!piece.is_end || rest == 0 || rest >= lrecl_) return {};
  return fail(
      ErrorKind::framing,
      fmt::format("framing: the stream ends at byte {}, within the record at byte {}: found "
                  "{} bytes, expected {} (LRECL)",
                  piece.position + piece.bytes.size(), piece.position + cuts.consumed, rest,
                  lrecl_));
}

LengthPrefixedFramer::LengthPrefixedFramer(const FramingOptions& options)
    : StreamFramer(options),
      length_bytes_(options.length_bytes),
      record_bytes_max_(options.lrecl > 0 ? options.lrecl : options.record_bytes_max) {}

Result<void> LengthPrefixedFramer::cut(const Piece& piece, Cuts& cuts) {
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const std::uint64_t position = piece.position + cuts.consumed;
    const ByteView prefix = rest.first(std::min(length_bytes_, rest.size()));
    std::size_t size = 0;
    for (const std::uint8_t byte : prefix) size = (size << 8) | byte;
    const bool has_prefix = prefix.size() == length_bytes_;
    if (has_prefix && size > record_bytes_max_) {
      return fail(ErrorKind::framing,
                  fmt::format("framing: length prefix at byte {}: found {}, a length of {}, "
                              "expected at most {}",
                              position, to_hex(prefix), size, record_bytes_max_));
    }
    if (!has_prefix || rest.size() - length_bytes_ < size) {
      if (!piece.is_end) return {};
      return fail(ErrorKind::framing,
                  fmt::format("framing: the stream ends at byte {}, within the record at byte {}: "
                              "found {} bytes that begin with {}, expected all of the record",
                              position + rest.size(), position, rest.size(), to_hex(prefix)));
    }
    cuts.add(cuts.consumed + length_bytes_, size);
    cuts.consumed += length_bytes_ + size;
  }
  return {};
}

}  // namespace copybridge::framing
