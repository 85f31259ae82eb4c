// The table of a code page, turned round.
#include "codecs/encode/text_encoder.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <string>

#include "codecs/json/token.h"

namespace copybridge::encode {

namespace {
constexpr std::uint32_t kReplacement = 0xFFFD;
}

TextEncoder::TextEncoder(const charset::CodePage& page)
    : space_(static_cast<std::uint8_t>(page.byte_of(' '))) {
  fast_.fill(kSlow);
  ascii_.fill(-1);
  for (unsigned byte = 256; byte-- > 0;) {
    const std::uint32_t code = page.entry(static_cast<std::uint8_t>(byte)).code_point;
    if (code < 0x80) {
      ascii_[code] = static_cast<std::int16_t>(byte);
    } else if (code != kReplacement) {
      others_.emplace_back(code, static_cast<std::uint8_t>(byte));
    }
  }
  // Of bytes that are the same character the lowest comes first, and stays.
  std::sort(others_.begin(), others_.end());
  others_.erase(
      std::unique(others_.begin(), others_.end(),
                  [](const auto& left, const auto& right) { return left.first == right.first; }),
      others_.end());
  for (unsigned code = 0x20; code < 0x80; ++code) {
    if (ascii_[code] < 0) is_complete_ = false;
    if (ascii_[code] < 0) continue;
    ascii_bytes_[code] = static_cast<std::uint8_t>(ascii_[code]);
    if (code != '"' && code != '\\') fast_[code] = static_cast<std::uint16_t>(ascii_[code]);
  }
  add_prefixes();
  if (page.has_pairs()) add_pairs(page);
  if (page.kind() == charset::CodePage::Kind::shifted) add_shifted(page);
}

void TextEncoder::add_prefixes() {
  std::map<std::string, std::pair<unsigned, Prefix>> found;
  for (const auto& [code, byte] : others_) {
    std::string utf8;
    json::append_utf8(utf8, code);
    if (utf8.size() > 3 || byte == 0) continue;
    auto& [count, prefix] = found[utf8.substr(0, utf8.size() - 1)];
    ++count;
    prefix.size = static_cast<std::uint8_t>(utf8.size() - 1);
    std::copy_n(utf8.begin(), prefix.size, prefix.bytes.begin());
    prefix.last[static_cast<unsigned char>(utf8.back()) & 0x3FU] = byte;
  }
  std::vector<std::pair<unsigned, Prefix>> all;
  all.reserve(found.size());
  for (const auto& entry : found) all.push_back(entry.second);
  std::ranges::stable_sort(all, std::ranges::greater(),
                           [](const auto& prefix) { return prefix.first; });
  if (all.size() > kPrefixesMax) all.resize(kPrefixesMax);
  for (const auto& entry : all) prefixes_.push_back(entry.second);
}

void TextEncoder::add_pairs(const charset::CodePage& page) {
  constexpr std::uint32_t kUnits = 0x10000;
  pairs_.resize(kUnits);
  const auto as_stored = [](std::uint16_t code) {
    std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(code >> 8U),
                                         static_cast<std::uint8_t>(code & 0xFFU)};
    return std::bit_cast<std::uint16_t>(bytes);
  };
  for (std::uint32_t unit = 1; unit < kUnits; ++unit) {
    const std::uint16_t code = page.pair_of(unit);
    if (code != charset::CodePointMap::kNone) pairs_[unit] = as_stored(code);
  }
  pairs_[0] = as_stored(page.pair_space());
}

void TextEncoder::add_shifted(const charset::CodePage& page) {
  // The page says which of a character's bytes it prefers, and whether it does a pair.
  for (unsigned code = 0x20; code < 0x80; ++code) {
    const int byte = page.byte_of(static_cast<char>(code));
    const bool is_fast = byte >= 0 && code != '"' && code != '\\';
    fast_[code] = is_fast ? static_cast<std::uint16_t>(byte) : kSlow;
    ascii_bytes_[code] = static_cast<std::uint8_t>(std::max(byte, 0));
    if (byte < 0) is_complete_ = false;
  }
  pairs_beside_singles_ = pairs_;
  pairs_beside_singles_[0] = 0;
  for (const auto& other : others_)
    if (other.first < pairs_beside_singles_.size()) pairs_beside_singles_[other.first] = 0;
}

int TextEncoder::byte_of(std::uint32_t code_point) const {
  if (code_point < 0x80) return ascii_[code_point];
  const auto found =
      std::lower_bound(others_.begin(), others_.end(), std::make_pair(code_point, std::uint8_t{0}));
  return found != others_.end() && found->first == code_point ? found->second : -1;
}

}  // namespace copybridge::encode
