// Filling of the kernels' lookup tables.
#include "codecs/plan/tables.h"

#include "codecs/condition/field.h"

namespace copybridge::plan {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

JsonCharacter json_of_ascii(char character) {
  const auto code = static_cast<unsigned char>(character);
  switch (character) {
    case '"':
      return {{'\\', '"'}, 2};
    case '\\':
      return {{'\\', '\\'}, 2};
    case '\n':
      return {{'\\', 'n'}, 2};
    case '\r':
      return {{'\\', 'r'}, 2};
    case '\t':
      return {{'\\', 't'}, 2};
    case '\b':
      return {{'\\', 'b'}, 2};
    case '\f':
      return {{'\\', 'f'}, 2};
    default:
      break;
  }
  if (code >= 0x20) return {{character}, 1};
  return {{'\\', 'u', '0', '0', kHexDigits[code >> 4U], kHexDigits[code & 0x0FU]}, 6};
}

namespace {

// Whether the byte is a character whatever its neighbours are.
bool stands_alone(const charset::CodePage& page, std::uint8_t byte) {
  const bool is_shift = byte == charset::kShiftOut || byte == charset::kShiftIn;
  const bool is_part = (page.kind() == charset::CodePage::Kind::shifted && is_shift) ||
                       (page.kind() == charset::CodePage::Kind::utf8 && byte >= 0x80);
  return !is_part && !page.is_lead(byte) && page.entry(byte).code_point != charset::kReplacement;
}

}  // namespace

TextTable::TextTable(const TextRules& text_rules)
    : space(static_cast<std::uint8_t>(text_rules.page->byte_of(' '))), rules(text_rules) {
  const charset::CodePage& page = *rules.page;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const charset::CodePage::Entry& entry = page.entry(static_cast<std::uint8_t>(byte));
    if (entry.size == 1) {
      json[byte] = json_of_ascii(entry.utf8[0]);
    } else {
      json[byte] = {{entry.utf8[0], entry.utf8[1], entry.utf8[2], entry.utf8[3]}, entry.size};
    }
    has_unmapped = has_unmapped || entry.code_point == charset::kReplacement;
    const bool is_plain = json[byte].size == 1;
    for (std::size_t i = 0; i < part.size() && json[byte].size <= part.size(); ++i)
      part[i][byte] = i < json[byte].size ? static_cast<std::uint8_t>(json[byte].text[i]) : 0;
    has_wide = has_wide || part[2][byte] != 0;
    plain[byte] = is_plain ? static_cast<std::uint8_t>(json[byte].text[0]) : kNotPlain;
    if (!stands_alone(page, static_cast<std::uint8_t>(byte))) plain[byte] = kNotPlain | kNotAlone;
  }
  const auto character_of = [&](unsigned byte) {
    return (plain[byte] & kNotPlain) != 0 ? kNotPlain : plain[byte];
  };
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool is_first = byte % 128 < 16;
    blocks[byte / 16][byte % 16] =
        character_of(byte) ^ (is_first ? kNotPlain : character_of(byte - 16));
  }
  is_plain_page = page.is_single_byte() && !has_unmapped;
}

SignTable SignTable::overpunched(bool is_ascii, bool is_signed) {
  SignTable table;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint8_t sign = condition::zoned_sign(static_cast<std::uint8_t>(byte), is_ascii);
    const bool is_minus = (sign & condition::kSignMinus) != 0;
    table.entry[byte] = sign;
    table.flag[byte] = sign == condition::kNoSign || (is_minus && !is_signed) ? kRefused
                       : is_minus                                             ? kMinus
                                                                              : kPlus;
  }
  return table;
}

SignTable SignTable::separate(std::uint8_t plus, std::uint8_t minus) {
  SignTable table;
  table.entry.fill(condition::kNoSign);
  table.flag.fill(kRefused);
  table.entry[plus] = 0;
  table.flag[plus] = kPlus;
  table.entry[minus] = condition::kSignMinus;
  table.flag[minus] = kMinus;
  return table;
}

SignTable SignTable::nibbles(bool is_signed) {
  SignTable table;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const unsigned nibble = byte & 0x0FU;
    const bool is_minus = nibble == 0x0BU || nibble == 0x0DU;
    table.flag[byte] = nibble < 0x0AU || (is_minus && !is_signed) ? kRefused
                       : is_minus                                 ? kMinus
                                                                  : kPlus;
  }
  return table;
}

}  // namespace copybridge::plan
