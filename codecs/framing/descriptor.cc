// Reading of descriptor words, and the decision whether blocks have them.
#include "codecs/framing/descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace copybridge::framing {

namespace {

constexpr std::uint32_t kExtendedBit = 0x80000000;

std::uint32_t read_word(ByteView bytes, bool is_little_endian) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < kDescriptorBytes; ++i) {
    const std::size_t at = is_little_endian ? kDescriptorBytes - 1 - i : i;
    word = (word << 8) | bytes[at];
  }
  return word;
}

Flaw flaw_of_flags(std::uint32_t flags, const DescriptorRule& rule) {
  if (flags == 0) return Flaw::none;
  // Third byte of an RDW: 1 first, 2 last, 3 middle segment of a spanned record.
  const bool is_segment = (flags & 0x00FF) == 0 && (flags >> 8) <= 3;
  return is_segment && !rule.may_be_extended ? Flaw::spanned : Flaw::reserved;
}

/// Steps over the RDWs of a block. `at` is where the last one stood that was looked at.
Flaw walk_block(ByteView bytes, std::size_t begin, std::uint64_t end, const DescriptorRule& rdw,
                std::size_t& fitted) {
  std::uint64_t at = begin;
  while (at < end && at < kSightBytes) {
    if (end - at < kDescriptorBytes) return Flaw::block_remainder;
    if (at + kDescriptorBytes > bytes.size()) return Flaw::more;
    const Descriptor record = read_descriptor(bytes.subspan(at), rdw);
    if (record.flaw != Flaw::none) return record.flaw;
    const std::uint64_t size = kDescriptorBytes + static_cast<std::uint64_t>(record.payload);
    if (size > end - at) return Flaw::across_block;
    at += size;
    ++fitted;
  }
  return Flaw::none;
}

}  // namespace

Descriptor read_descriptor(ByteView bytes, const DescriptorRule& rule) {
  const std::uint32_t word = read_word(bytes, rule.is_little_endian);
  Descriptor descriptor;
  std::uint32_t flags = 0;
  if (rule.may_be_extended && (word & kExtendedBit) != 0) {
    descriptor.length = word & ~kExtendedBit;
  } else {
    descriptor.length = word >> 16;
    flags = word & 0xFFFF;
    if (rule.is_little_endian && descriptor.length == 0) std::swap(descriptor.length, flags);
  }
  descriptor.payload = std::int64_t{descriptor.length} + rule.adjust;
  if (rule.includes_itself) descriptor.payload -= std::int64_t{kDescriptorBytes};
  descriptor.flaw = flaw_of_flags(flags, rule);
  if (descriptor.flaw != Flaw::none) return descriptor;
  if (descriptor.length == 0 || descriptor.payload < rule.payload_min)
    descriptor.flaw = Flaw::too_small;
  if (descriptor.payload > rule.payload_max) descriptor.flaw = Flaw::too_large;
  return descriptor;
}

std::string expected_length(const DescriptorRule& rule) {
  const std::int64_t own = rule.includes_itself ? std::int64_t{kDescriptorBytes} : 0;
  const std::int64_t least = std::max<std::int64_t>(1, rule.payload_min + own - rule.adjust);
  return fmt::format("a length from {} to {}", least, rule.payload_max + own - rule.adjust);
}

Fit begins_with_block(ByteView bytes, bool is_end, const DescriptorRule& bdw,
                      const DescriptorRule& rdw) {
  if (bytes.size() < kDescriptorBytes) return is_end ? Fit::no : Fit::undecided;
  const Descriptor block = read_descriptor(bytes, bdw);
  if (block.flaw != Flaw::none) return Fit::no;
  const std::uint64_t end = kDescriptorBytes + static_cast<std::uint64_t>(block.payload);
  std::size_t fitted = 0;
  const Flaw flaw = walk_block(bytes, kDescriptorBytes, end, rdw, fitted);
  if (flaw == Flaw::none) return Fit::yes;
  if (flaw == Flaw::more && !is_end) return Fit::undecided;
  return fitted >= (flaw == Flaw::more ? 1U : 2U) ? Fit::yes : Fit::no;
}

bool begins_with_records(ByteView bytes, bool is_end, const DescriptorRule& rdw) {
  std::size_t fitted = 0;
  const std::uint64_t end = is_end ? bytes.size() : 2 * kSightBytes;
  const Flaw flaw = walk_block(bytes, 0, end, rdw, fitted);
  if (is_end) return fitted > 0 && flaw == Flaw::none;
  // A first record may be a whole block; only the second descriptor is evidence.
  return fitted > 1 && (flaw == Flaw::none || flaw == Flaw::more);
}

}  // namespace copybridge::framing
