// Growth of the buffers, and hexadecimal.
#include "bridge/core/bytes.h"

#include <algorithm>

namespace copybridge {

void ByteBuffer::reserve(std::size_t capacity) {
  if (bytes_ != nullptr && capacity <= capacity_) return;
  // Value-initialised: the readable tail must not be indeterminate.
  auto grown = std::make_unique<std::uint8_t[]>(capacity + kReadableTail);
  if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

void ByteBuffer::consume(std::size_t count) {
  size_ -= count;
  if (size_ > 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
}

void TextBuffer::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, 2 * capacity_, std::size_t{4096}});
  auto grown = std::make_unique<char[]>(capacity + kReadableTail);
  if (size_ > 0) std::memcpy(grown.get(), text_.get(), size_);
  text_ = std::move(grown);
  capacity_ = capacity;
}

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0x0F];
  }
  return hex;
}

namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

bool from_hex(std::string_view hex, ByteBuffer& bytes) {
  bytes.clear();
  int high = -1;
  for (const char character : hex) {
    if (character == ' ' && high < 0) continue;
    const int value = hex_value(character);
    if (value < 0) return false;
    if (high < 0) {
      high = value;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>((high << 4) | value);
    bytes.append({&byte, 1});
    high = -1;
  }
  return high < 0;
}

}  // namespace copybridge
