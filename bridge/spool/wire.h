// Numbers and texts as the spool's files hold them: big-endian, a text with its size before it.
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/core/bytes.h"

namespace copybridge::spool {

template <typename Unsigned>
void put_number(std::uint8_t* to, Unsigned value) {
  for (std::size_t i = sizeof value; i-- > 0; value = static_cast<Unsigned>(value >> 8U)) {
    to[i] = static_cast<std::uint8_t>(value);
  }
}

template <typename Unsigned>
[[nodiscard]] Unsigned get_number(const std::uint8_t* from) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Unsigned>(static_cast<Unsigned>(value << 8U) | from[i]);
  }
  return value;
}

template <typename Unsigned>
void append_number(ByteBuffer& out, Unsigned value) {
  std::uint8_t bytes[sizeof value];
  put_number(bytes, value);
  out.append(bytes);
}

inline void append_text(ByteBuffer& out, std::string_view text) {
  append_number(out, static_cast<std::uint32_t>(text.size()));
  out.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// Takes numbers and texts off the front of bytes that may hold anything. What does not fit reads
/// as zero or empty, and is_sound() is false from then on.
class Taker {
 public:
  explicit Taker(ByteView bytes) : rest_(bytes) {}

  template <typename Unsigned>
  Unsigned number() {
    const ByteView bytes = take(sizeof(Unsigned));
    return bytes.empty() ? Unsigned{0} : get_number<Unsigned>(bytes.data());
  }
  ByteView bytes() { return take(number<std::uint32_t>()); }
  std::string_view text() {
    const ByteView view = bytes();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
  }
  [[nodiscard]] ByteView rest() const { return rest_; }
  [[nodiscard]] bool is_sound() const { return is_sound_; }

 private:
  ByteView take(std::size_t size) {
    is_sound_ = is_sound_ && size <= rest_.size();
    if (!is_sound_) return {};
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  ByteView rest_;
  bool is_sound_ = true;
};

}  // namespace copybridge::spool
