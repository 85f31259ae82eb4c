// Frames as they go out, and the fields of a transfer up to its format.
#include "bridge/amqp/batch_format.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace copybridge::amqp {
namespace {

/// Frame header, performative and its fields up to the format are no longer.
constexpr std::size_t kHeadBytes = 64;
constexpr std::size_t kFrameHeaderBytes = 8;
constexpr std::string_view kTransfer("\x00\x53\x14", 3);
/// What ends a tag: of a batch, of a message alone.
constexpr std::string_view kBatchMark("\xfe\x62\x01\xef", 4);
constexpr std::string_view kMessageMark("\xfe\x6d\x01\xef", 4);
constexpr std::size_t kNumberBytes = 8;
constexpr char kTagConstructor = '\xa0';  // vbin8
constexpr char kZeroConstructor = '\x43';
/// uint, 0x80013700
constexpr std::string_view kFormat("\x70\x80\x01\x37\x00", 5);

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Bytes of an encoded uint, or of the head of an encoded list; 0: it is neither.
std::size_t size_of_value(std::string_view bytes) {
  if (bytes.empty()) return 0;
  switch (static_cast<unsigned char>(bytes.front())) {
    case 0x43:  // uint 0
      return 1;
    case 0x52:  // smalluint
      return 2;
    case 0xc0:  // list8
      return 3;
    case 0x70:  // uint
      return 5;
    case 0xd0:  // list32
      return 9;
    default:
      return 0;
  }
}

/// Where the tag's constructor stands in the head of a frame; 0: it is no transfer.
std::size_t tag_of(std::string_view frame) {
  if (frame.size() < kFrameHeaderBytes || frame[5] != 0) return 0;
  std::size_t at = static_cast<unsigned char>(frame[4]) * std::size_t{4};
  if (at > frame.size() || !frame.substr(at).starts_with(kTransfer)) return 0;
  at += kTransfer.size();
  // The list's head, the handle, the delivery's number.
  for (int i = 0; i < 3; ++i) {
    const std::size_t size = size_of_value(frame.substr(std::min(at, frame.size())));
    if (size == 0) return 0;
    at += size;
  }
  return at < frame.size() && frame[at] == kTagConstructor ? at : 0;
}

}  // namespace

std::array<char, 12> delivery_tag(std::uint64_t number, bool is_batch) {
  std::array<char, kNumberBytes + kBatchMark.size()> tag{};
  std::memcpy(tag.data(), &number, kNumberBytes);
  std::memcpy(tag.data() + kNumberBytes, (is_batch ? kBatchMark : kMessageMark).data(),
              kBatchMark.size());
  return tag;
}

/// Only the first transfer of a message has a tag.
bool BatchFormat::put_format(std::span<char> head) {
  const std::string_view frame(head.data(), head.size());
  const std::size_t at = tag_of(frame);
  if (at == 0) return true;
  const std::string_view tag = frame.substr(at);
  constexpr std::size_t kTagBytes = 2 + kNumberBytes + kBatchMark.size();
  if (tag.size() <= kTagBytes || tag[1] != kNumberBytes + kBatchMark.size()) return true;
  const std::string_view mark = tag.substr(2 + kNumberBytes, kBatchMark.size());
  const bool is_batch = mark == kBatchMark;
  if (!is_batch && mark != kMessageMark) return true;
  ++seen_;
  if (!is_batch) return true;
  if (tag[kTagBytes] != kZeroConstructor) return false;
  head[at + 1] = kNumberBytes;
  std::memcpy(head.data() + at + 2 + kNumberBytes, kFormat.data(), kFormat.size());
  return true;
}

bool BatchFormat::pass(std::string_view bytes, std::string& out) {
  held_.append(bytes);
  std::size_t at = 0;
  bool is_known = true;
  while (at < held_.size()) {
    const std::size_t left = held_.size() - at;
    if (rest_ > 0) {
      const std::size_t taken = std::min(rest_, left);
      rest_ -= taken;
      at += taken;
      continue;
    }
    if (left < kFrameHeaderBytes) break;
    const std::string_view next = std::string_view(held_).substr(at);
    if (next.starts_with("AMQP")) {  // A protocol's header, as long as that of a frame.
      rest_ = kFrameHeaderBytes;
      continue;
    }
    const std::size_t size = std::max<std::size_t>(big_endian(next), kFrameHeaderBytes);
    const std::size_t head = std::min(size, kHeadBytes);
    if (left < head) break;
    is_known = put_format(std::span(held_).subspan(at, head)) && is_known;
    rest_ = size;
  }
  out.append(held_, 0, at);
  held_.erase(0, at);
  return is_known;
}

}  // namespace copybridge::amqp
