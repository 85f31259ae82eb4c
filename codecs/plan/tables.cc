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
    plain[byte] = is_plain ? static_cast<std::uint8_t>(json[byte].text[0]) : kNotPlain;
  }
}

SignTable::SignTable(bool is_ascii) {
  for (unsigned byte = 0; byte < 256; ++byte)
    entry[byte] = condition::zoned_sign(static_cast<std::uint8_t>(byte), is_ascii);
}

SignTable::SignTable(std::uint8_t plus, std::uint8_t minus) {
  entry.fill(condition::kNoSign);
  entry[plus] = 0;
  entry[minus] = condition::kSignMinus;
}

}  // namespace copybridge::plan
