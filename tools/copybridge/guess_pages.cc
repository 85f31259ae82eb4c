// Code pages: how much of what stands in text each one makes sense of.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string_view>

#include "codecs/charset/code_page.h"
#include "tools/copybridge/guess.h"

namespace copybridge::cli {
namespace {

using charset::CodePage;

/// So much text tells what more would tell.
constexpr std::size_t kBytesMost = std::size_t{1} << 20U;

/// Rows of the two-byte part of a page, by their first bytes.
struct Rows {
  std::uint8_t first = 0xFF;
  std::uint8_t last = 0;
  [[nodiscard]] bool has(std::uint8_t row) const { return row >= first && row <= last; }
};

struct Page {
  std::string_view name;
  double prior;      ///< where the text does not tell pages apart, those that are common come first
  Rows common = {};  ///< of a mixed page: characters that its language is mostly written in
  Rows rare = {};    ///< and others that it has
  bool has_own_letters = false;  ///< of another script than Latin
};

// Kana and the first level of kanji; the first levels of hanzi; hangul.
constexpr Rows kJapanese{0x43, 0x55};
constexpr Rows kKorean{0x88, 0xD3};
constexpr Rows kSimplified{0x48, 0x5B};
constexpr Rows kTraditional{0x4C, 0x68};

constexpr std::array<Page, 30> kPages = {{
    {"IBM-037", 1.0},
    {"IBM-1047", 1.0},
    {"ISO-8859-1", 1.0},
    {"UTF-8", 0.995},
    {"IBM-500", 0.997},
    {"IBM-1140", 0.99},
    {"IBM-1148", 0.99},
    {"IBM-273", 0.996},
    {"IBM-1141", 0.99},
    {"IBM-277", 0.994},
    {"IBM-278", 0.994},
    {"IBM-280", 0.995},
    {"IBM-284", 0.995},
    {"IBM-285", 0.995},
    {"IBM-297", 0.996},
    {"IBM-871", 0.995},
    {"IBM-870", 0.95},
    {"IBM-875", 0.95, {}, {}, true},
    {"IBM-1025", 0.95, {}, {}, true},
    {"IBM-1026", 0.95},
    {"IBM-939", 0.96, kJapanese, {0x56, 0x68}},
    {"IBM-930", 0.96, kJapanese, {0x56, 0x68}},
    {"IBM-1399", 0.955, kJapanese, {0x56, 0xFE}},
    {"IBM-1390", 0.955, kJapanese, {0x56, 0xFE}},
    {"IBM-933", 0.96, kKorean, {0x50, 0x6C}},
    {"IBM-1364", 0.955, kKorean, {0x46, 0x87}},
    {"IBM-935", 0.96, kSimplified, {0x5C, 0x6C}},
    {"IBM-1388", 0.955, kSimplified, {0x5C, 0xFE}},
    {"IBM-937", 0.96, kTraditional, {0x69, 0x91}},
    {"IBM-1371", 0.955, kTraditional, {0x69, 0xFE}},
}};

/// How much text there is, and how much of it makes sense.
struct Tally {
  double total = 0;
  double sense = 0;
  void add(double bytes, double worth) {
    total += bytes;
    sense += bytes * worth;
  }
};

bool is_latin(std::uint32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

/// Greek and Cyrillic, whose words have no Latin letters in them.
bool is_of_other_script(std::uint32_t code) { return code >= 0x370 && code < 0x530; }

/// What a character says about the code page that made it.
double worth(std::uint32_t code, bool is_inside_word) {
  if (is_latin(code) || (code >= '0' && code <= '9') || code == ' ') return 1;
  if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0) || code == charset::kReplacement)
    return -1;
  constexpr std::string_view kInWords = "-'&@./";
  if (code < 0x80)
    return !is_inside_word || kInWords.find(static_cast<char>(code)) != kInWords.npos ? 0.8 : 0.4;
  // Letters with marks are words of a language, as halfwidth kana are; signs such as the broken
  // bar are chance.
  const bool is_marked = code >= 0xC0 && code != 0xD7 && code != 0xF7 && code < 0x2000;
  const bool is_kana = code >= 0xFF66 && code <= 0xFF9F;
  if (is_marked || is_kana) return is_inside_word || is_of_other_script(code) ? 0.95 : 0.7;
  return code > 0x2100 ? -0.5 : 0.1;
}

bool is_sure(std::uint8_t byte, bool is_ascii) {
  if (is_ascii) return byte >= 0x20 && byte < 0x7F;
  const unsigned low = byte & 0x0FU;
  const bool is_letter = (byte >= 0x81 && byte <= 0xA9 && low >= 1 && low <= 9) ||
                         (byte >= 0xC1 && byte <= 0xE9 && low >= 1 && low <= 9);
  return byte == 0x40 || is_letter || (byte >= 0xF0 && byte <= 0xF9);
}

/// Whether SO at `at` begins characters of two bytes up to an SI; `end` is behind that.
bool is_shifted(ByteView bytes, std::size_t at, std::size_t& end) {
  constexpr std::size_t kLongest = 4096;
  for (end = at + 1; end < bytes.size() && end - at < kLongest; ++end) {
    if (bytes[end] == charset::kShiftIn) return (++end - at) % 2 == 0 && end - at > 2;
    if (bytes[end] < 0x40 || bytes[end] == 0xFF) return false;
  }
  return false;
}

/// How often bytes stand in text, and within words.
struct Counts {
  std::array<std::uint64_t, 256> all{};
  std::array<std::uint64_t, 256> inside{};
};

/// Counts bytes among others that are text by `is_sure`: the rest are numbers in binary or packed
/// form, and say nothing.
template <typename IsSure>
void count_near(ByteView bytes, std::uint8_t space, IsSure is_sure, Counts& counts) {
  constexpr std::size_t kRun = 4;
  constexpr std::size_t kNear = 6;
  // Digits are F0 to F9, or 30 to 39, which are no letters of the other family.
  const auto is_letter = [&](std::size_t at) {
    return bytes[at] != space && is_sure(at) && (bytes[at] < '0' || bytes[at] > '9') &&
           bytes[at] < 0xF0;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::size_t near = 0;
    for (std::size_t d = 1; d <= kRun; ++d) {
      near += i >= d && is_sure(i - d) ? 1U : 0U;
      near += i + d < bytes.size() && is_sure(i + d) ? 1U : 0U;
    }
    if (near < kNear) continue;
    ++counts.all[bytes[i]];
    const bool is_inside = i > 0 && i + 1 < bytes.size() && is_letter(i - 1) && is_letter(i + 1);
    if (is_inside) ++counts.inside[bytes[i]];
  }
}

/// A file's bytes that stand in text.
struct Text {
  Counts ascii;
  Counts ebcdic;
  Counts shifted;                    ///< EBCDIC outside of SO and SI
  std::vector<std::uint32_t> pairs;  ///< within them, by their code: how many
  std::uint64_t shifts = 0;
};

Text text_of(ByteView bytes) {
  Text text;
  text.pairs.resize(0x10000);
  std::vector<bool> is_pair(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::size_t end = 0;
    if (bytes[i] != charset::kShiftOut || !is_shifted(bytes, i, end)) continue;
    text.shifts += 2;
    for (std::size_t at = i + 1; at + 2 < end; at += 2)
      ++text.pairs[static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1])];
    std::fill(is_pair.begin() + static_cast<std::ptrdiff_t>(i),
              is_pair.begin() + static_cast<std::ptrdiff_t>(end), true);
    i = end - 1;
  }
  count_near(
      bytes, 0x20, [&](std::size_t at) { return is_sure(bytes[at], true); }, text.ascii);
  const auto is_ebcdic = [&](std::size_t at) { return is_sure(bytes[at], false); };
  count_near(bytes, 0x40, is_ebcdic, text.ebcdic);
  count_near(
      bytes, 0x40, [&](std::size_t at) { return !is_pair[at] && is_ebcdic(at); }, text.shifted);
  return text;
}

void tally_singles(const CodePage& page, const Counts& counts, Tally& tally) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint32_t code = page.entry(static_cast<std::uint8_t>(byte)).code_point;
    const auto inside = static_cast<double>(counts.inside[byte]);
    tally.add(inside, worth(code, true));
    tally.add(static_cast<double>(counts.all[byte]) - inside, worth(code, false));
  }
}

/// Of a page of another script its own letters are text, too, where several stand together: single
/// ones are what numbers in binary form look like.
Counts count_script(const CodePage& page, ByteView bytes) {
  constexpr std::size_t kTogether = 4;
  std::vector<bool> is_text(bytes.size());
  std::size_t letters = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    is_text[i] = is_sure(bytes[i], false);
    letters = is_of_other_script(page.entry(bytes[i]).code_point) ? letters + 1 : 0;
    for (std::size_t d = 0; letters >= kTogether && d < kTogether; ++d) is_text[i - d] = true;
  }
  Counts counts;
  count_near(
      bytes, 0x40, [&](std::size_t at) -> bool { return is_text[at]; }, counts);
  return counts;
}

void tally_pairs(const Page& page, const CodePage& table, const Text& text, Tally& tally) {
  // Symbols, Latin and Cyrillic letters are alike in all pages.
  constexpr std::uint8_t kLastAlike = 0x42;
  for (std::size_t code = 0; code < text.pairs.size(); ++code) {
    if (text.pairs[code] == 0) continue;
    const auto row = static_cast<std::uint8_t>(code >> 8U);
    double value = 0.1;
    if (table.pair(static_cast<std::uint16_t>(code)).size == 0) {
      value = -1;
    } else if (row <= kLastAlike) {
      value = 0.6;
    } else if (page.common.has(row)) {
      value = 1;
    } else if (page.rare.has(row)) {
      value = 0.4;
    }
    tally.add(2.0 * text.pairs[code], value);
  }
  tally.add(static_cast<double>(text.shifts), 1);
}

/// Bytes of the sequence that begins here; 0 where none does.
std::size_t utf8_sequence(ByteView bytes) {
  const std::uint8_t first = bytes[0];
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < size) return 0;
  const bool is_sound =
      std::all_of(bytes.begin() + 1, bytes.begin() + static_cast<std::ptrdiff_t>(size),
                  [](std::uint8_t byte) { return (byte & 0xC0U) == 0x80; });
  return is_sound ? size : 0;
}

// Sequences are too regular to be chance; each counts wherever it stands.
void tally_utf8(ByteView bytes, const Text& text, Tally& tally) {
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    const auto inside = static_cast<double>(text.ascii.inside[byte]);
    tally.add(inside, worth(byte, true));
    tally.add(static_cast<double>(text.ascii.all[byte]) - inside, worth(byte, false));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] < 0x80) continue;
    const std::size_t size = utf8_sequence(bytes.subspan(i));
    tally.add(static_cast<double>(std::max<std::size_t>(size, 1)), size > 0 ? 1 : -1);
    i += std::max<std::size_t>(size, 1) - 1;
  }
}

Tally tally_of(const Page& page, const CodePage& table, ByteView bytes, const Text& text) {
  Tally tally;
  if (table.kind() == CodePage::Kind::utf8) {
    tally_utf8(bytes, text, tally);
  } else if (table.kind() == CodePage::Kind::shifted) {
    tally_singles(table, text.shifted, tally);
    tally_pairs(page, table, text, tally);
  } else if (page.has_own_letters) {
    tally_singles(table, count_script(table, bytes), tally);
  } else {
    tally_singles(table, table.is_ebcdic() ? text.ebcdic : text.ascii, tally);
  }
  return tally;
}

}  // namespace

bool is_ascii_page(const Guess& page) { return page.flags.find("IBM-") == std::string::npos; }

std::vector<Guess> guess_code_pages(ByteView bytes) {
  std::vector<Guess> guesses;
  bytes = bytes.first(std::min(bytes.size(), kBytesMost));
  const Text text = text_of(bytes);
  for (const Page& page : kPages) {
    // Tables of two-byte characters take their time.
    if (page.common.last > 0 && text.shifts == 0) continue;
    const auto table = CodePage::load(page.name);
    if (!table) continue;
    const Tally tally = tally_of(page, **table, bytes, text);
    const double share = bytes.empty() ? 0 : tally.total / static_cast<double>(bytes.size());
    const double sense = tally.total > 0 ? std::max(0.0, tally.sense / tally.total) : 0;
    guesses.push_back(
        {"--codepage " + std::string(page.name), page.prior * sense * std::sqrt(share),
         fmt::format("{:.0f} % of the bytes stand in text, {:.2f} % of it makes sense", 100 * share,
                     100 * sense)});
  }
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const Guess& left, const Guess& right) { return left.score > right.score; });
  return guesses;
}

}  // namespace copybridge::cli
