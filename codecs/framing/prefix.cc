// Reading and writing of lengths in front of records.
#include "codecs/framing/prefix.h"

#include <algorithm>

namespace copybridge::framing {

std::uint32_t read_number(ByteView bytes, bool is_little_endian) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    number = (number << 8) | bytes[is_little_endian ? bytes.size() - 1 - i : i];
  return number;
}

void append_number(std::uint64_t number, std::size_t count, bool is_little_endian,
                   ByteBuffer& out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t shift = 8 * (is_little_endian ? i : count - 1 - i);
    const auto byte = static_cast<std::uint8_t>(number >> shift);
    out.append({&byte, 1});
  }
}

std::int64_t PrefixRule::payload(ByteView bytes) const {
  const std::uint32_t length = read_number(bytes.first(length_bytes), is_little_endian);
  return std::int64_t{length} + adjust - own();
}

bool PrefixRule::is_tail_sound(ByteView bytes) const {
  const ByteView tail = bytes.subspan(length_bytes, tail_bytes);
  return !must_tail_be_zero ||
         std::all_of(tail.begin(), tail.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t PrefixRule::largest() const {
  const std::int64_t written = (std::int64_t{1} << (8 * length_bytes)) - 1 + adjust - own();
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(written, 0, payload_max));
}

void PrefixRule::append(std::size_t payload, ByteBuffer& out) const {
  const std::int64_t length = static_cast<std::int64_t>(payload) + own() - adjust;
  append_number(static_cast<std::uint64_t>(length), length_bytes, is_little_endian, out);
  append_number(0, tail_bytes, false, out);
}

PrefixRule prefix_rule(const FramingOptions& options) {
  PrefixRule rule;
  rule.payload_max = options.lrecl > 0 ? options.lrecl : options.record_bytes_max;
  rule.adjust = options.rdw_adjust;
  rule.is_little_endian = options.rdw_little_endian;
  if (options.recfm == Recfm::length_prefixed) rule.length_bytes = options.length_bytes;
  if (options.recfm == Recfm::ims_llzz) {
    rule.name = "LLZZ";
    rule.length_bytes = 2;
    rule.tail_bytes = 2;
    rule.must_tail_be_zero = false;
    rule.includes_itself = true;
  }
  if (options.recfm == Recfm::gnucobol) {
    // COB_VARSEQ_FORMAT: 0 two bytes and two zeros, 1 four bytes, 2 four of an x86, 3 two.
    const std::uint32_t format = options.varseq_format;
    rule.name = "record length";
    rule.adjust = 0;
    rule.length_bytes = format == 1 || format == 2 ? 4 : 2;
    rule.tail_bytes = format == 0 ? 2 : 0;
    rule.is_little_endian = format == 2;
  }
  return rule;
}

}  // namespace copybridge::framing
