// Code pages from ICU's converters; ICU is used here and nowhere else.
#include <unicode/ucnv.h>
#include <unicode/uset.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "codecs/charset/builder.h"

namespace copybridge::charset {
namespace {

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

struct SetClose {
  void operator()(USet* set) const { uset_close(set); }
};

// Double-byte CCSIDs that ICU knows only as halves of mixed ones (IBM's CCSID repository).
struct Half {
  const char* ccsid;
  const char* mixed;
};
constexpr Half kHalves[] = {{"300", "939"},   {"834", "933"},   {"835", "937"},   {"837", "935"},
                            {"4396", "1399"}, {"4930", "1364"}, {"4933", "1388"}, {"9027", "1371"}};

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Stops at what it cannot convert, instead of putting a substitute.
Converter open_converter(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter{ucnv_open(name.c_str(), &status)};
  if (U_FAILURE(status) != 0) return nullptr;
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &status);
  ucnv_setFallback(converter.get(), 0);
  return U_FAILURE(status) != 0 ? nullptr : std::move(converter);
}

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() > word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char left, char right) {
           return left == std::tolower(static_cast<unsigned char>(right));
         });
}

// "CCSID 01047" to "1047"; a name that is no number behind one of the words stays empty.
std::string number_of(std::string_view name, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (!begins_with(name, word)) continue;
    name.remove_prefix(word.size());
    break;
  }
  while (!name.empty() && (name.front() == ' ' || name.front() == '-')) name.remove_prefix(1);
  if (!is_number(name)) return {};
  name.remove_prefix(std::min(name.find_first_not_of('0'), name.size() - 1));
  return std::string(name);
}
std::string number_of(std::string_view name) { return number_of(name, {"ccsid"}); }

// Java's names of IBM's pages, too.
std::string ccsid_of(std::string_view name) {
  return number_of(name, {"ccsid", "cp", "x-ibm", "ibm"});
}

// A CCSID is looked up as IBM's converter first: ICU knows bare numbers of other makers too.
Converter find_converter(const std::string& name) {
  const std::string number = number_of(name);
  if (number.empty()) {
    Converter converter = open_converter(name);
    // Java's names of IBM's pages, most of which ICU has as aliases.
    const std::string other = ccsid_of(name);
    const bool is_other = converter == nullptr && !other.empty();
    return is_other ? open_converter("ibm-" + other) : std::move(converter);
  }
  Converter converter = open_converter("ibm-" + number);
  return converter != nullptr ? std::move(converter) : open_converter("cp" + number);
}

/// What a converter makes of some bytes: one or two code points, or nothing.
struct Characters {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  std::int32_t count = 0;
};

std::uint32_t next_code_point(const UChar* units, std::int32_t& at, std::int32_t length) {
  const std::uint32_t unit = units[at++];
  const bool is_pair = unit >= 0xD800 && unit < 0xDC00 && at < length;
  return is_pair ? 0x10000 + ((unit - 0xD800) << 10U) + (units[at++] - 0xDC00U) : unit;
}

Characters convert(UConverter* converter, const char* bytes, std::int32_t size) {
  std::array<UChar, 8> units{};
  UErrorCode status = U_ZERO_ERROR;
  ucnv_resetToUnicode(converter);
  const std::int32_t length = ucnv_toUChars(
      converter, units.data(), static_cast<std::int32_t>(units.size()), bytes, size, &status);
  Characters characters;
  if (U_FAILURE(status) != 0 || length <= 0) return characters;
  std::int32_t at = 0;
  characters.first = next_code_point(units.data(), at, length);
  characters.count = 1;
  if (at == length) return characters;
  characters.second = next_code_point(units.data(), at, length);
  characters.count = at == length ? 2 : 0;
  return characters;
}

void read_singles(UConverter* converter, CodePageBuilder& builder) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char source = static_cast<char>(byte);
    const Characters found = convert(converter, &source, 1);
    if (found.count == 1) builder.set_single(static_cast<std::uint8_t>(byte), found.first);
  }
}

void read_pair(UConverter* converter, std::string_view before, unsigned code,
               CodePageBuilder& builder) {
  std::string bytes(before);
  bytes += static_cast<char>(code >> 8U);
  bytes += static_cast<char>(code & 0xFFU);
  const Characters found =
      convert(converter, bytes.data(), static_cast<std::int32_t>(bytes.size()));
  if (found.count > 0)
    builder.set_pair(static_cast<std::uint16_t>(code), found.first, found.second);
}

// All pairs; those of EBCDIC lie between 4040 and FEFE.
void read_pairs(UConverter* converter, std::string_view before, CodePageBuilder& builder) {
  for (unsigned code = 0x4040; code < 0xFFFF; ++code)
    if ((code & 0xFFU) >= 0x40) read_pair(converter, before, code, builder);
  builder.set_pair_space(0x4040);
  builder.set_pair_substitute(0xFEFE);
}

void read_lead_bytes(UConverter* converter, CodePageBuilder& builder) {
  std::array<UBool, 256> starts{};
  UErrorCode status = U_ZERO_ERROR;
  ucnv_getStarters(converter, starts.data(), &status);
  if (U_FAILURE(status) != 0) return;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (starts[byte] == 0) continue;
    builder.set_lead(static_cast<std::uint8_t>(byte));
    for (unsigned second = 0; second < 256; ++second)
      read_pair(converter, {}, byte << 8U | second, builder);
  }
}

// The converter's own way back for every character it has.
void read_way_back(UConverter* converter, CodePageBuilder& builder) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<USet, SetClose> set{uset_openEmpty()};
  ucnv_getUnicodeSet(converter, set.get(), UCNV_ROUNDTRIP_SET, &status);
  const std::int32_t ranges = U_FAILURE(status) != 0 ? 0 : uset_getItemCount(set.get());
  for (std::int32_t range = 0; range < ranges; ++range) {
    UChar32 first = 0;
    UChar32 last = 0;
    status = U_ZERO_ERROR;
    // Strings, which some pages have, are known from the pairs.
    if (uset_getItem(set.get(), range, &first, &last, nullptr, 0, &status) != 0) continue;
    for (UChar32 code_point = first; code_point <= last; ++code_point) {
      std::array<UChar, 2> units{};
      std::array<char, 8> bytes{};
      std::int32_t length = 0;
      U16_APPEND_UNSAFE(units.data(), length, code_point);
      status = U_ZERO_ERROR;
      ucnv_resetFromUnicode(converter);
      const std::int32_t size =
          ucnv_fromUChars(converter, bytes.data(), static_cast<std::int32_t>(bytes.size()),
                          units.data(), length, &status);
      if (U_FAILURE(status) != 0) continue;
      const bool is_shifted = size == 4 && bytes[0] == static_cast<char>(kShiftOut);
      const auto at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(bytes[i + (is_shifted ? 1 : 0)]);
      };
      const auto point = static_cast<std::uint32_t>(code_point);
      if (size == 1) builder.prefer_single(point, at(0));
      if (size == 2 || is_shifted)
        builder.prefer_pair(point, static_cast<std::uint16_t>((at(0) << 8U) | at(1)));
    }
  }
}

tl::unexpected<Error> unknown(const std::string& name) {
  return fail(ErrorKind::config, "code page: " + name +
                                     " is not known; give an ICU name such as IBM-1047, a CCSID "
                                     "number such as 1047, or file:PATH");
}

tl::unexpected<Error> unsupported(const std::string& name) {
  return fail(ErrorKind::config,
              "code page: " + name +
                  " is of a kind that records do not have: there are single-byte "
                  "pages, mixed ones of one and two bytes, and UTF-8");
}

// Nothing where the converter is of no kind that records have.
std::optional<CodePage::Kind> kind_of(const UConverter* converter) {
  using Kind = CodePage::Kind;
  const UConverterType type = ucnv_getType(converter);
  const int bytes_max = ucnv_getMaxCharSize(converter);
  if (type == UCNV_SBCS || type == UCNV_LATIN_1 || type == UCNV_US_ASCII)
    return bytes_max == 1 ? std::optional(Kind::single_byte) : std::nullopt;
  if (type == UCNV_MBCS) return bytes_max == 2 ? std::optional(Kind::lead_byte) : std::nullopt;
  if (type == UCNV_EBCDIC_STATEFUL) return Kind::shifted;
  if (type == UCNV_DBCS) return Kind::double_byte;
  return type == UCNV_UTF8 ? std::optional(Kind::utf8) : std::nullopt;
}

Result<std::shared_ptr<const CodePage>> build(const std::string& name, UConverter* converter,
                                              CodePage::Kind kind, NewLine new_line) {
  const std::string shift(1, static_cast<char>(kShiftOut));
  const bool is_half = kind == CodePage::Kind::double_byte;
  CodePageBuilder builder(name, kind);
  if (!is_half) read_singles(converter, builder);
  if (kind == CodePage::Kind::shifted) read_pairs(converter, shift, builder);
  if (is_half)
    read_pairs(converter, ucnv_getType(converter) == UCNV_DBCS ? std::string_view() : shift,
               builder);
  if (kind == CodePage::Kind::lead_byte) read_lead_bytes(converter, builder);
  if (kind != CodePage::Kind::utf8) read_way_back(converter, builder);
  return builder.finish(new_line);
}

}  // namespace

Result<std::shared_ptr<const CodePage>> load_from_icu(const std::string& name, NewLine new_line) {
  const Converter converter = name.empty() ? nullptr : find_converter(name);
  if (converter != nullptr) {
    const auto kind = kind_of(converter.get());
    if (!kind) return unsupported(name);
    return build(name, converter.get(), *kind, new_line);
  }
  const auto* const half =
      std::find_if(std::begin(kHalves), std::end(kHalves),
                   [number = ccsid_of(name)](const Half& known) { return number == known.ccsid; });
  const Converter mixed = half == std::end(kHalves) ? nullptr : find_converter(half->mixed);
  if (mixed == nullptr) return unknown(name);
  return build(name, mixed.get(), CodePage::Kind::double_byte, new_line);
}

}  // namespace copybridge::charset
