// Loads a code page from ICU into a table of 256 entries; ICU is used here and nowhere else.
#include "codecs/charset/code_page.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <cctype>

namespace copybridge::charset {
namespace {

constexpr std::uint16_t kReplacement = 0xFFFD;
constexpr char kHexDigits[] = "0123456789ABCDEF";

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

Converter open_converter(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter{ucnv_open(name.c_str(), &status)};
  if (U_FAILURE(status) != 0) return nullptr;
  return converter;
}

// A CCSID is looked up as IBM's converter first: ICU knows bare numbers of other makers too.
Converter find_converter(std::string_view name) {
  if (!is_number(name)) return open_converter(std::string(name));
  const std::size_t zeros = std::min(name.find_first_not_of('0'), name.size() - 1);
  const std::string number(name.substr(zeros));
  Converter converter = open_converter("ibm-" + number);
  return converter != nullptr ? std::move(converter) : open_converter("cp" + number);
}

std::uint16_t to_code_unit(UConverter* converter, std::uint8_t byte) {
  const char source = static_cast<char>(byte);
  std::array<UChar, 4> target{};
  UErrorCode status = U_ZERO_ERROR;
  ucnv_resetToUnicode(converter);
  const std::int32_t length = ucnv_toUChars(
      converter, target.data(), static_cast<std::int32_t>(target.size()), &source, 1, &status);
  if (U_FAILURE(status) != 0 || length != 1) return kReplacement;
  return static_cast<std::uint16_t>(target[0]);
}

CodePage::Entry make_entry(std::uint16_t unit) {
  const auto low = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  CodePage::Entry entry{};
  entry.code_unit = unit;
  if (unit < 0x80) {
    entry.utf8[0] = static_cast<char>(unit);
    entry.size = 1;
  } else if (unit < 0x800) {
    entry.utf8 = {static_cast<char>(0xC0U | (unit >> 6U)), low(unit), 0, 0};
    entry.size = 2;
  } else {
    entry.utf8 = {static_cast<char>(0xE0U | (unit >> 12U)), low(unit >> 6U), low(unit), 0};
    entry.size = 3;
  }
  return entry;
}

struct Character {
  std::uint32_t code_point = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || first > 0xF4 || text.size() < size) return {};
  std::uint32_t code_point = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  return {code_point, size};
}

std::string code_point_name(std::uint32_t code_point) {
  std::string name = "U+";
  for (int shift = code_point > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4)
    name += kHexDigits[(code_point >> static_cast<unsigned>(shift)) & 0x0FU];
  return name;
}

}  // namespace

Result<std::shared_ptr<const CodePage>> CodePage::load(std::string_view name) {
  const std::string shown(name);
  const Converter converter = name.empty() ? nullptr : find_converter(name);
  if (converter == nullptr)
    return fail(ErrorKind::config, "code page: " + shown +
                                       " is not known; give an ICU name such as IBM-1047, or a "
                                       "CCSID number such as 1047");
  if (ucnv_getMaxCharSize(converter.get()) != 1)
    return fail(ErrorKind::config, "code page: " + shown +
                                       " is not a single-byte code page; mixed and double-byte "
                                       "code pages are not supported");
  auto page = std::make_shared<CodePage>();
  page->name_ = shown;
  page->from_ascii_.fill(-1);
  for (unsigned byte = 256; byte-- > 0;) {
    const std::uint16_t unit = to_code_unit(converter.get(), static_cast<std::uint8_t>(byte));
    page->entries_[byte] = make_entry(unit);
    if (unit < 0x80) page->from_ascii_[unit] = static_cast<std::int16_t>(byte);
  }
  return std::shared_ptr<const CodePage>(std::move(page));
}

std::string CodePage::to_utf8(ByteView bytes) const {
  std::string text;
  text.reserve(bytes.size());
  for (const std::uint8_t byte : bytes)
    text.append(entries_[byte].utf8.data(), entries_[byte].size);
  return text;
}

Result<std::string> CodePage::from_utf8(std::string_view text) const {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character character = next_character(text.substr(at));
    if (character.size == 0)
      return fail(ErrorKind::bad_record,
                  "code page: byte " + std::to_string(at) + " of the text is not UTF-8");
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.code_unit == character.code_point && entry.code_unit != kReplacement;
    });
    if (found == entries_.end())
      return fail(ErrorKind::bad_record, "code page: " + name_ + " has no character " +
                                             code_point_name(character.code_point));
    bytes += static_cast<char>(found - entries_.begin());
    at += character.size;
  }
  return bytes;
}

}  // namespace copybridge::charset
