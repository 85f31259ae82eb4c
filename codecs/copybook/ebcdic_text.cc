// The invariant characters of EBCDIC.
#include "codecs/copybook/ebcdic_text.h"

#include <algorithm>
#include <array>

namespace copybridge::copybook {
namespace {

constexpr char kEbcdicBlank = '\x40';
constexpr std::size_t kCardSize = 80;

constexpr std::array<char, 256> make_table() {
  std::array<char, 256> table{};
  for (char& character : table) character = '?';
  const auto run = [&table](std::size_t first, std::string_view characters) {
    for (std::size_t i = 0; i < characters.size(); ++i) table[first + i] = characters[i];
  };
  run(0x40, " ");
  run(0x4B, ".<(+");
  run(0x50, "&");
  run(0x5B, "$*);");
  run(0x60, "-/");
  run(0x6B, ",%_>?");
  run(0x7A, ":#@'=\"");
  run(0x81, "abcdefghi");
  run(0x91, "jklmnopqr");
  run(0xA2, "stuvwxyz");
  run(0xC1, "ABCDEFGHI");
  run(0xD1, "JKLMNOPQR");
  run(0xE2, "STUVWXYZ");
  run(0xF0, "0123456789");
  run(0x05, "\t");
  run(0x0D, "\r");
  run(0x15, "\n");
  run(0x25, "\n");
  return table;
}

constexpr std::array<char, 256> kTable = make_table();

}  // namespace

bool is_ebcdic(std::string_view text) {
  const auto blanks = std::count(text.begin(), text.end(), kEbcdicBlank);
  const auto ascii = std::count_if(text.begin(), text.end(),
                                   [](char c) { return c == ' ' || (c >= 'a' && c <= 'z'); });
  // 'a' to 'z' of ASCII are punctuation in EBCDIC: few against the blanks of any copybook.
  return blanks > 8 && blanks > 4 * ascii;
}

std::string from_ebcdic(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / kCardSize + 1);
  const bool has_lines = text.find_first_of("\x15\x25\x0D") != std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!has_lines && i > 0 && i % kCardSize == 0) result += '\n';
    result += kTable[static_cast<unsigned char>(text[i])];
  }
  return result;
}

}  // namespace copybridge::copybook
