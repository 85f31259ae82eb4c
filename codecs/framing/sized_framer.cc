// Cutting of F, FB, length-prefixed streams and records with a length field.
#include "codecs/framing/sized_framer.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::framing {

namespace {

constexpr std::size_t kShownBytes = 4;

tl::unexpected<Error> ended_early(ByteView rest, std::uint64_t position) {
  return fail(ErrorKind::framing,
              fmt::format("framing: the stream ends at byte {}, within the record at byte {}: "
                          "found {} bytes that begin with {}, expected all of the record",
                          position + rest.size(), position, rest.size(),
                          to_hex(rest.first(std::min(kShownBytes, rest.size())))));
}

std::optional<std::int64_t> read_binary(ByteView bytes, bool is_little_endian) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value * 256 + bytes[is_little_endian ? bytes.size() - 1 - i : i];
  return value;
}

std::optional<std::int64_t> read_zoned(ByteView bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    const int zone = byte >> 4;
    // EBCDIC digits F0..F9, a plus sign C0..C9 over the last one, ASCII digits 30..39.
    if ((zone != 0xF && zone != 0xC && zone != 0x3) || (byte & 0x0F) > 9) return std::nullopt;
    value = value * 10 + (byte & 0x0F);
  }
  return value;
}

std::optional<std::int64_t> read_packed(ByteView bytes) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i + 1 < 2 * bytes.size(); ++i) {
    const int nibble = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F;
    if (nibble > 9) return std::nullopt;
    value = value * 10 + nibble;
  }
  const int sign = bytes.back() & 0x0F;
  if (sign <= 9 || sign == 0xB || sign == 0xD) return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_length(ByteView bytes, LengthField::Form form) {
  switch (form) {
    case LengthField::Form::binary_big:
      return read_binary(bytes, false);
    case LengthField::Form::binary_little:
      return read_binary(bytes, true);
    case LengthField::Form::zoned:
      return read_zoned(bytes);
    case LengthField::Form::packed:
      return read_packed(bytes);
  }
  return std::nullopt;
}

}  // namespace

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
      return ended_early(rest, position);
    }
    cuts.add(cuts.consumed + length_bytes_, size);
    cuts.consumed += length_bytes_ + size;
  }
  return {};
}

LengthFieldFramer::LengthFieldFramer(const FramingOptions& options)
    : StreamFramer(options),
      field_(*options.length_field),
      adjust_(options.rdw_adjust),
      record_bytes_max_(options.lrecl > 0 ? options.lrecl : options.record_bytes_max) {}

Result<void> LengthFieldFramer::cut(const Piece& piece, Cuts& cuts) {
  const std::size_t field_end = std::size_t{field_.offset} + field_.size;
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const std::uint64_t position = piece.position + cuts.consumed;
    if (rest.size() < field_end) {
      if (!piece.is_end) return {};
      return ended_early(rest, position);
    }
    const ByteView field = rest.subspan(field_.offset, field_.size);
    const std::int64_t size = read_length(field, field_.form).value_or(-1 - adjust_) + adjust_;
    if (size < static_cast<std::int64_t>(field_end) || size > record_bytes_max_) {
      return fail(
          ErrorKind::framing,
          fmt::format("framing: length field at byte {}: found {}, expected a length from "
                      "{} to {}",
                      position + field_.offset, to_hex(field),
                      static_cast<std::int64_t>(field_end) - adjust_, record_bytes_max_ - adjust_));
    }
    if (rest.size() < static_cast<std::size_t>(size)) {
      if (!piece.is_end) return {};
      return ended_early(rest, position);
    }
    cuts.add(cuts.consumed, static_cast<std::size_t>(size));
    cuts.consumed += static_cast<std::size_t>(size);
  }
  return {};
}

}  // namespace copybridge::framing
