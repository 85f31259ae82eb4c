// Record and block descriptor words (RDW, BDW): four bytes that say how much follows them.
#pragma once

#include <cstdint>
#include <string>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

inline constexpr std::size_t kDescriptorBytes = 4;
/// The largest RDW of z/OS, its own four bytes counted.
inline constexpr std::uint32_t kRdwMax = 32760;

/// How a kind of descriptor is written.
struct DescriptorRule {
  const char* name = "RDW";
  bool is_little_endian = false;
  bool includes_itself = true;
  std::int32_t adjust = 0;
  bool may_be_extended = false;  ///< BDW: with the high bit set the length has 31 bits
  bool has_segments = false;     ///< RDW: its third byte may name a segment
  std::int64_t payload_min = 0;  ///< bytes behind the descriptor
  std::int64_t payload_max = 0;
};

/// Third byte of an RDW: which part of a record follows it (segment control code).
enum class Segment : std::uint8_t { complete, first, last, middle };

/// What is wrong with the bytes at a place.
enum class Flaw : std::uint8_t {
  none,
  more,             ///< nothing: more bytes must come into sight
  too_small,        ///< a length that does not reach its minimum
  too_large,        ///< a length above its maximum
  spanned,          ///< a segment of a spanned record
  reserved,         ///< bytes that are always zero are not
  across_block,     ///< a record longer than what is left of its block
  block_remainder,  ///< fewer bytes left of the block than a record needs
};

struct Descriptor {
  std::int64_t payload = 0;  ///< bytes behind the descriptor
  std::uint32_t length = 0;  ///< as written
  Segment segment = Segment::complete;
  Flaw flaw = Flaw::none;
};

/// Reads the first four of `bytes`. The length stands in the first two bytes, the others are
/// zero (RDW byte 3: segment of a spanned record). Little-endian: `LL LL 00 00`, or the word
/// turned round as a whole, `00 00 LL LL`.
[[nodiscard]] Descriptor read_descriptor(ByteView bytes, const DescriptorRule& rule);

/// Puts a descriptor in front of `payload` bytes, which the rule allows.
void append_descriptor(std::uint64_t payload, Segment segment, const DescriptorRule& rule,
                       ByteBuffer& out);

/// The rules of a stream's descriptors. `fixed_size`: of records that have no RDWs, or 0.
[[nodiscard]] DescriptorRule bdw_rule(const FramingOptions& options, std::size_t fixed_size);
[[nodiscard]] DescriptorRule rdw_rule(const FramingOptions& options);
/// VS or VBS.
[[nodiscard]] bool is_spanned(const FramingOptions& options);

/// What a sound descriptor's length would be: `a length from 4 to 32760`.
[[nodiscard]] std::string expected_length(const DescriptorRule& rule);

enum class Fit : std::uint8_t { no, yes, undecided };

/// Whether `bytes` begin with a block: a BDW whose RDWs fill it exactly. Where the block breaks
/// off in its middle, or only its first kSightBytes are looked at, the RDWs in sight decide: one
/// where the stream ends, two before something that does not fit. `undecided`: needs more bytes.
[[nodiscard]] Fit begins_with_block(ByteView bytes, bool is_end, const DescriptorRule& bdw,
                                    const DescriptorRule& rdw);

/// Whether `bytes` begin with records without BDWs: nothing but sound RDWs in the first
/// kSightBytes, at least two of them or records up to the stream's very end.
[[nodiscard]] bool begins_with_records(ByteView bytes, bool is_end, const DescriptorRule& rdw);

/// How far the two functions above look: further than any block without an extended BDW.
inline constexpr std::size_t kSightBytes = std::size_t{64} << 10;

}  // namespace copybridge::framing
