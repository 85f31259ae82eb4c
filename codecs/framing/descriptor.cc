// Reading of descriptor words, and the decision whether blocks have them.
#include "codecs/framing/descriptor.h"

#include <fmt/format.h>

#include <algorithm>

#include "codecs/framing/prefix.h"

namespace copybridge::framing {

namespace {

constexpr std::uint32_t kExtendedBit = 0x80000000;

constexpr std::int64_t kBlockBytesMax = 0x7FFFFFFF;

/// `flags` are the two bytes behind the length, in the order in which they stand.
Flaw flaw_of_flags(std::uint32_t flags, const DescriptorRule& rule) {
  if (flags == 0) return Flaw::none;
  const bool is_segment = (flags & 0x00FF) == 0 && (flags >> 8) <= 3;
  if (!is_segment || rule.may_be_extended) return Flaw::reserved;
  return rule.has_segments ? Flaw::none : Flaw::spanned;
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
  const std::uint32_t word = read_number(bytes.first(kDescriptorBytes), rule.is_little_endian);
  Descriptor descriptor;
  std::uint32_t flags = 0;
  if (rule.may_be_extended && (word & kExtendedBit) != 0) {
    descriptor.length = word & ~kExtendedBit;
  } else if (rule.is_little_endian && (word & 0xFFFF) != 0) {
    // LL LL 00 00: the length alone is turned round. Otherwise the word is, as a whole.
    descriptor.length = word & 0xFFFF;
    flags = read_number(bytes.subspan(2, 2), false);
  } else {
    descriptor.length = word >> 16;
    flags = word & 0xFFFF;
  }
  descriptor.payload = std::int64_t{descriptor.length} + rule.adjust;
  if (rule.includes_itself) descriptor.payload -= std::int64_t{kDescriptorBytes};
  descriptor.flaw = flaw_of_flags(flags, rule);
  if (descriptor.flaw != Flaw::none) return descriptor;
  descriptor.segment = static_cast<Segment>(flags >> 8);
  if (descriptor.length == 0 || descriptor.payload < rule.payload_min)
    descriptor.flaw = Flaw::too_small;
  if (descriptor.payload > rule.payload_max) descriptor.flaw = Flaw::too_large;
  return descriptor;
}

void append_descriptor(std::uint64_t payload, Segment segment, const DescriptorRule& rule,
                       ByteBuffer& out) {
  const std::int64_t own = rule.includes_itself ? std::int64_t{kDescriptorBytes} : 0;
  const auto length =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(payload) + own - rule.adjust);
  // The other form ends where blocks without the large block interface do.
  if (rule.may_be_extended && length > kRdwMax)
    return append_number(length | kExtendedBit, kDescriptorBytes, rule.is_little_endian, out);
  append_number(length, 2, rule.is_little_endian, out);
  append_number(static_cast<std::uint64_t>(segment) << 8, 2, false, out);
}

bool is_spanned(const FramingOptions& options) {
  return options.recfm == Recfm::spanned || options.recfm == Recfm::spanned_blocked;
}

DescriptorRule bdw_rule(const FramingOptions& options, std::size_t fixed_size) {
  DescriptorRule rule;
  rule.name = "BDW";
  rule.is_little_endian = options.bdw_little_endian;
  rule.includes_itself = options.bdw_includes_itself;
  rule.adjust = options.bdw_adjust;
  rule.may_be_extended = true;
  rule.payload_min = static_cast<std::int64_t>(fixed_size > 0 ? fixed_size : kDescriptorBytes);
  rule.payload_max = kBlockBytesMax;
  return rule;
}

DescriptorRule rdw_rule(const FramingOptions& options) {
  // The LRECL of VS and VBS is that of whole records, which segments do not have.
  const bool has_largest = options.lrecl > 0 && !is_spanned(options);
  const std::uint32_t largest = has_largest ? options.lrecl : kRdwMax;
  DescriptorRule rule;
  rule.is_little_endian = options.rdw_little_endian;
  rule.includes_itself = options.rdw_includes_itself;
  rule.adjust = options.rdw_adjust;
  rule.has_segments = is_spanned(options);
  rule.payload_max = std::int64_t{largest} - std::int64_t{kDescriptorBytes};
  return rule;
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
