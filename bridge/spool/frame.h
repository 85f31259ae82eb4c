// One record in a segment file: a header with the sequence number and checksums, and the payload.
//
//   0  4  "CBsp", by which a frame is found again behind damaged bytes
//   4  4  check of the header's other fields
//   8  8  size of the payload
//  16  8  sequence number
//  24  8  check of the payload
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bridge/core/bytes.h"

namespace copybridge::spool {

inline constexpr std::size_t kFrameHeaderSize = 32;

/// Where a frame belongs; every check is seeded with it. A frame of another segment, or one that a
/// sender has put into a record, is none here.
struct FrameHome {
  std::uint64_t epoch = 0;  ///< random, of the spool
  std::uint64_t segment = 0;

  [[nodiscard]] std::uint64_t seed() const { return epoch ^ (segment * 0x9E3779B97F4A7C15U); }
};

struct FrameHeader {
  std::uint64_t payload_size = 0;
  std::uint64_t sequence = 0;
  std::uint64_t payload_check = 0;
};

/// XXH3 with 64 bits; the same on every machine.
[[nodiscard]] std::uint64_t check_of(ByteView bytes, std::uint64_t seed);

/// Appends room for a header; the payload is appended behind it, then end_frame() is called with
/// what this returned.
[[nodiscard]] std::size_t begin_frame(ByteBuffer& out);
void end_frame(ByteBuffer& out, std::size_t begin, const FrameHome& home, std::uint64_t sequence);

/// The header at the front of bytes; nothing where none of this home is there.
[[nodiscard]] std::optional<FrameHeader> read_frame_header(ByteView bytes, const FrameHome& home);
/// The first place from `from` on where a header may begin: its marker is there, or the bytes end
/// too soon to say. bytes.size() where there is none.
[[nodiscard]] std::size_t find_marker(ByteView bytes, std::size_t from);

}  // namespace copybridge::spool
