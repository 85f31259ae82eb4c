// From Unicode code points to bytes, in two steps: pages of 256, most of which are not there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace copybridge::charset {

/// Code points 0..10FFFF to 16-bit codes.
class CodePointMap {
 public:
  static constexpr std::uint16_t kNone = 0xFFFF;

  [[nodiscard]] std::uint16_t find(std::uint32_t code_point) const {
    const std::uint32_t block = code_point >> 8U;
    if (block >= blocks_.size() || blocks_[block] == kNone) return kNone;
    return codes_[std::size_t{blocks_[block]} * 256 + (code_point & 0xFFU)];
  }

  /// Adds a code point, or replaces its code.
  void set(std::uint32_t code_point, std::uint16_t code) {
    const std::uint32_t block = code_point >> 8U;
    if (block >= blocks_.size()) blocks_.resize(std::size_t{block} + 1, kNone);
    if (blocks_[block] == kNone) {
      blocks_[block] = static_cast<std::uint16_t>(codes_.size() / 256);
      codes_.resize(codes_.size() + 256, kNone);
    }
    codes_[std::size_t{blocks_[block]} * 256 + (code_point & 0xFFU)] = code;
  }

 private:
  std::vector<std::uint16_t> blocks_;
  std::vector<std::uint16_t> codes_;
};

}  // namespace copybridge::charset
