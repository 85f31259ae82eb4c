// Frames: layout and checks.
#include "bridge/spool/frame.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "bridge/spool/wire.h"

namespace copybridge::spool {
namespace {

constexpr std::array<std::uint8_t, 4> kMarker = {'C', 'B', 's', 'p'};
constexpr std::size_t kCheckOffset = 4;
constexpr std::size_t kSizeOffset = 8;
constexpr std::size_t kSequenceOffset = 16;
constexpr std::size_t kPayloadCheckOffset = 24;

std::uint32_t header_check(const std::uint8_t* header, const FrameHome& home) {
  const ByteView fields(header + kSizeOffset, kFrameHeaderSize - kSizeOffset);
  return static_cast<std::uint32_t>(check_of(fields, home.seed()));
}

}  // namespace

std::uint64_t check_of(ByteView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::size_t begin_frame(ByteBuffer& out) {
  const std::size_t begin = out.size();
  constexpr std::array<std::uint8_t, kFrameHeaderSize> kRoom{};
  out.append(kRoom);
  return begin;
}

void end_frame(ByteBuffer& out, std::size_t begin, const FrameHome& home, std::uint64_t sequence) {
  std::uint8_t* const header = out.data() + begin;
  const ByteView payload =
      out.view(begin + kFrameHeaderSize, out.size() - begin - kFrameHeaderSize);
  std::memcpy(header, kMarker.data(), kMarker.size());
  put_number(header + kSizeOffset, static_cast<std::uint64_t>(payload.size()));
  put_number(header + kSequenceOffset, sequence);
  put_number(header + kPayloadCheckOffset, check_of(payload, home.seed()));
  put_number(header + kCheckOffset, header_check(header, home));
}

std::optional<FrameHeader> read_frame_header(ByteView bytes, const FrameHome& home) {
  if (bytes.size() < kFrameHeaderSize) return std::nullopt;
  const std::uint8_t* const header = bytes.data();
  if (std::memcmp(header, kMarker.data(), kMarker.size()) != 0) return std::nullopt;
  if (get_number<std::uint32_t>(header + kCheckOffset) != header_check(header, home)) {
    return std::nullopt;
  }
  return FrameHeader{get_number<std::uint64_t>(header + kSizeOffset),
                     get_number<std::uint64_t>(header + kSequenceOffset),
                     get_number<std::uint64_t>(header + kPayloadCheckOffset)};
}

std::size_t find_marker(ByteView bytes, std::size_t from) {
  while (from < bytes.size()) {
    const void* const found = std::memchr(bytes.data() + from, kMarker[0], bytes.size() - from);
    if (found == nullptr) return bytes.size();
    from = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    const std::size_t size = std::min(kMarker.size(), bytes.size() - from);
    if (std::memcmp(bytes.data() + from, kMarker.data(), size) == 0) return from;
    ++from;
  }
  return bytes.size();
}

}  // namespace copybridge::spool
