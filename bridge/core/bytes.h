// Bytes in and text out: the two buffers every record passes through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace copybridge {

using ByteView = std::span<const std::uint8_t>;

/// Bytes that may be read behind the end of any buffer that is decoded, so that kernels load
/// whole registers. Their contents are unspecified; they never decide a result.
inline constexpr std::size_t kReadableTail = 64;

/// Where a record stands among those of its stream, where its framing counts headers or trailers.
enum class RecordPlace : std::uint8_t { detail, header, trailer };

/// Where a record lies in a buffer: its data without RDW or line end.
struct RecordSpan {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  RecordPlace place = RecordPlace::detail;
};

/// Growable bytes with kReadableTail readable bytes behind size(). Movable, not copyable.
class ByteBuffer {
 public:
  ByteBuffer() { reserve(0); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.get(); }
  [[nodiscard]] std::uint8_t* data() { return bytes_.get(); }
  [[nodiscard]] ByteView view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] ByteView view(std::size_t offset, std::size_t size) const {
    return {bytes_.get() + offset, size};
  }

  void clear() { size_ = 0; }
  /// Makes room for `capacity` bytes in all; the contents stay. Bytes added by growth are zero.
  void reserve(std::size_t capacity);
  /// Sets the size; bytes above the old size are what the buffer held there before.
  void resize(std::size_t size) {
    if (size > capacity_) reserve(size);
    size_ = size;
  }
  void append(ByteView bytes) {
    grow_for(bytes.size());
    if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Adds `more` bytes, whose contents are what the buffer held there before; returns the first.
  std::uint8_t* extend(std::size_t more) {
    grow_for(more);
    size_ += more;
    return bytes_.get() + (size_ - more);
  }
  /// Drops the first `count` bytes and moves the others to the front.
  void consume(std::size_t count);

 private:
  void grow_for(std::size_t more) {
    if (size_ + more > capacity_)
      reserve(size_ + more > 2 * capacity_ ? size_ + more : 2 * capacity_);
  }

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Growable text that kernels write into without checks: reserve() the worst case, write at
/// end(), then set_end(). What lies behind end() may be overwritten at will up to the reserve.
class TextBuffer {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {text_.get(), size_}; }
  [[nodiscard]] std::string_view view(std::size_t offset, std::size_t size) const {
    return {text_.get() + offset, size};
  }
  [[nodiscard]] char* data() { return text_.get(); }

  void clear() { size_ = 0; }
  /// Cuts the text back to `size` (a record that did not fit is rewound with it).
  void rewind(std::size_t size) { size_ = size; }
  /// Room for `more` characters behind the end and kReadableTail beyond; returns the end.
  char* reserve(std::size_t more) {
    if (text_ == nullptr || size_ + more > capacity_) grow(size_ + more);
    return text_.get() + size_;
  }
  /// Characters that reserve() gives behind the end without growing.
  [[nodiscard]] std::size_t room() const { return capacity_ - size_; }
  /// Where writing stopped; must lie within what was reserved.
  void set_end(const char* end) { size_ = static_cast<std::size_t>(end - text_.get()); }
  void append(std::string_view text) {
    char* end = reserve(text.size());
    if (!text.empty()) std::memcpy(end, text.data(), text.size());
    size_ += text.size();
  }
  void append(char character) {
    *reserve(1) = character;
    ++size_;
  }

 private:
  void grow(std::size_t needed);

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// `C140F0`: bytes as upper-case hexadecimal without separators, for messages and dead letters.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// The reverse of to_hex; blanks between bytes are allowed. False where `hex` is not
/// hexadecimal or has an odd number of digits.
[[nodiscard]] bool from_hex(std::string_view hex, ByteBuffer& bytes);

}  // namespace copybridge
