// Byte orders, code pages and blanks of header fields.
#include "adapters/ibm_mq/header_reader.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <array>

namespace copybridge::adapters::ibm_mq {
namespace {

constexpr std::int32_t kCcsidEbcdic = 37;
constexpr std::int32_t kCcsidLatin1 = 819;
constexpr std::array<std::int32_t, 4> kUtf16Ccsids = {1200, 1202, 13488, 17584};

std::string_view chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::int32_t integer_of(ByteView bytes, bool is_big_endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t byte = bytes[is_big_endian ? i : 3 - i];
    value = (value << 8U) | byte;
  }
  return static_cast<std::int32_t>(value);
}

std::string utf8_of_utf16(ByteView bytes, bool is_big_endian) {
  icu::UnicodeString text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const unsigned high = bytes[is_big_endian ? i : i + 1];
    const unsigned low = bytes[is_big_endian ? i + 1 : i];
    text.append(static_cast<char16_t>((high << 8U) | low));
  }
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

}  // namespace

std::string hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kPadding(" \0", 2);
  const std::size_t last = text.find_last_not_of(kPadding);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

const charset::CodePage* CodePages::find(std::int32_t ccsid) {
  const auto known = pages_.find(ccsid);
  if (known != pages_.end()) return known->second.get();
  std::shared_ptr<const charset::CodePage> page;
  if (ccsid > 0) {
    if (auto loaded = charset::CodePage::load(std::to_string(ccsid))) page = std::move(*loaded);
  }
  return pages_.emplace(ccsid, std::move(page)).first->second.get();
}

std::string CodePages::text(ByteView bytes, std::int32_t ccsid, bool is_ebcdic) {
  const charset::CodePage* page = find(ccsid);
  if (page == nullptr || page->is_ebcdic() != is_ebcdic) {
    page = find(is_ebcdic ? kCcsidEbcdic : kCcsidLatin1);
  }
  const std::string text = page->to_utf8(bytes);
  return std::string(trimmed(text));
}

std::optional<HeaderReader> HeaderReader::begin(ByteView bytes, std::string_view eye_catcher,
                                                std::int32_t version_max) {
  HeaderReader reader;
  reader.bytes_ = bytes;
  const auto is_version = [&](bool is_big_endian) {
    const std::int32_t version = integer_of(bytes.subspan(4, 4), is_big_endian);
    return version >= 1 && version <= version_max;
  };
  if (!is_version(true) && !is_version(false)) return std::nullopt;
  reader.is_big_endian_ = is_version(true);
  // Eye-catchers are of capital letters and a blank, which are the same in every EBCDIC page.
  std::array<char, 4> ebcdic{};
  std::ranges::transform(eye_catcher, ebcdic.begin(), [](char letter) {
    const int place = letter - 'A';
    if (letter == ' ') return static_cast<char>(0x40);
    if (place < 9) return static_cast<char>(0xC1 + place);
    return static_cast<char>(place < 18 ? 0xD1 + place - 9 : 0xE2 + place - 18);
  });
  const std::string_view found = chars(bytes.first(4));
  reader.is_ebcdic_ = found == std::string_view(ebcdic.data(), ebcdic.size());
  if (!reader.is_ebcdic_ && found != eye_catcher) return std::nullopt;
  return reader;
}

HeaderReader HeaderReader::within(std::size_t size) const {
  HeaderReader cut = *this;
  cut.bytes_ = bytes_.first(size);
  return cut;
}

std::int32_t HeaderReader::integer(std::size_t offset) const {
  return integer_of(bytes_.subspan(offset, 4), is_big_endian_);
}

void HeaderReader::append_fields(std::string_view name, std::span<const HeaderField> fields,
                                 std::int32_t ccsid, CodePages& pages,
                                 Attributes& attributes) const {
  for (const HeaderField& field : fields) {
    const ByteView value = bytes(field.offset, field.size);
    std::string text;
    if (field.kind == FieldKind::integer) text = std::to_string(integer(field.offset));
    if (field.kind == FieldKind::bytes) text = hex(value);
    if (field.kind == FieldKind::text) text = pages.text(value, ccsid, is_ebcdic_);
    if (text.empty()) continue;
    attributes.emplace_back("mq-" + std::string(name) + "-" + std::string(field.name),
                            std::move(text));
  }
}

std::string folder_text(ByteView bytes, std::int32_t ccsid, bool is_big_endian, CodePages& pages) {
  const bool is_utf16 = std::ranges::find(kUtf16Ccsids, ccsid) != kUtf16Ccsids.end();
  if (is_utf16) {
    const std::string text = utf8_of_utf16(bytes, is_big_endian);
    return std::string(trimmed(text));
  }
  const charset::CodePage* page = pages.find(ccsid);
  return pages.text(bytes, ccsid, page != nullptr && page->is_ebcdic());
}

}  // namespace copybridge::adapters::ibm_mq
