// Text: code page bytes, UTF-16 and UTF-8 to JSON strings; bytes to hexadecimal.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "codecs/charset/utf8.h"
#include "codecs/charset/walk.h"
#include "codecs/condition/field.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/tables.h"
#include "codecs/plan/words.h"

namespace copybridge::plan {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";
constexpr std::string_view kNull = "null";
constexpr std::string_view kRawBegin = "{\"raw\":\"";

// The end of the text without its trailing spaces, eight bytes at a time.
const std::uint8_t* trim_right(const std::uint8_t* begin, const std::uint8_t* end,
                               std::uint8_t space) {
  const std::uint64_t spaces = kOnes * space;
  while (end - begin >= 8) {
    const std::uint64_t different = load_big(end - 8) ^ spaces;
    if (different != 0) return end - std::countr_zero(different) / 8;
    end -= 8;
  }
  while (end != begin && end[-1] == space) --end;
  return end;
}

const std::uint8_t* trim_left(const std::uint8_t* begin, const std::uint8_t* end,
                              std::uint8_t space) {
  while (begin != end && *begin == space) ++begin;
  return begin;
}

template <Cut kCut>
void trim(const std::uint8_t*& in, const std::uint8_t*& end, std::uint8_t space) {
  if (kCut == Cut::right || kCut == Cut::both) end = trim_right(in, end, space);
  if (kCut == Cut::left || kCut == Cut::both) in = trim_left(in, end, space);
}

// Optimistic: one table look-up per byte; a character that is more than one plain ASCII
// character shows in the collected bits. Null where there was one.
char* translate_plain(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                      char* out) {
  std::uint8_t seen = 0;
  const auto size = static_cast<std::size_t>(end - in);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t character = table.plain[in[i]];
    seen |= character;
    out[i] = static_cast<char>(character);
  }
  return (seen & kNotPlain) != 0 ? nullptr : out + size;
}

char* append_ascii(char* out, std::uint32_t code) {
  const JsonCharacter character = json_of_ascii(static_cast<char>(code));
  std::memcpy(out, character.text.data(), character.text.size());
  return out + character.size;
}

char* append_replacement(char* out, Frame& frame) {
  ++frame.unmapped;
  return charset::append_utf8(charset::kReplacement, out);
}

/// Characters of a code page as JSON text; what is no character becomes U+FFFD or ends the text.
class JsonVisitor {
 public:
  JsonVisitor(const TextTable& table, char* out, Frame& frame)
      : table_(table), page_(*table.rules.page), out_(out), frame_(frame) {}

  void single(std::uint8_t byte) {
    const JsonCharacter& character = table_.json[byte];
    std::memcpy(out_, &character, sizeof character);
    out_ += character.size;
    if (table_.has_unmapped && page_.entry(byte).code_point == charset::kReplacement) count();
  }
  void pair(std::uint16_t code) {
    const charset::CodePage::Pair& pair = page_.pair(code);
    if (pair.size == 0) {
      out_ = charset::append_utf8(charset::kReplacement, out_);
      count();
    } else if (static_cast<unsigned char>(pair.utf8[0]) < 0x80) {
      out_ = append_ascii(out_, static_cast<unsigned char>(pair.utf8[0]));
    } else {
      std::memcpy(out_, &pair, sizeof pair);
      out_ += pair.size;
    }
  }
  void sequence(const std::uint8_t* begin, std::size_t size) {
    std::memcpy(out_, begin, size);
    out_ += size;
  }
  bool broken(charset::TextFault fault, const std::uint8_t* /*at*/) {
    if (!table_.rules.accepts_broken) return false;
    if (fault == charset::TextFault::unterminated) return true;
    out_ = charset::append_utf8(charset::kReplacement, out_);
    ++replaced_;
    return true;
  }
  /// Null where the text does not fit; then nothing of it counts.
  [[nodiscard]] char* end(bool is_whole) const {
    const bool is_refused = has_unmapped_ && table_.rules.unmappable == charset::Unmappable::reject;
    if (!is_whole || is_refused) return nullptr;
    frame_.unmapped += replaced_;
    return out_;
  }

 private:
  void count() {
    has_unmapped_ = true;
    ++replaced_;
  }

  const TextTable& table_;
  const charset::CodePage& page_;
  char* out_;
  Frame& frame_;
  std::uint64_t replaced_ = 0;
  bool has_unmapped_ = false;
};

std::uint32_t unit_at(const std::uint8_t* in, bool little = false) {
  return static_cast<std::uint32_t>((in[little ? 1 : 0] << 8U) | in[little ? 0 : 1]);
}

template <Cut kCut>
void cut_units(const std::uint8_t*& in, const std::uint8_t*& end, std::uint32_t space,
               bool little) {
  const auto high = static_cast<std::uint8_t>(space >> 8U);
  const auto low = static_cast<std::uint8_t>(space);
  const std::uint8_t first = little ? low : high;
  const std::uint8_t second = little ? high : low;
  const std::array<std::uint8_t, 8> four = {first, second, first, second,
                                            first, second, first, second};
  if (kCut == Cut::right || kCut == Cut::both) {
    while (end - in >= 8 && std::memcmp(end - 8, four.data(), 8) == 0) end -= 8;
    while (end - in >= 2 && unit_at(end - 2, little) == space) end -= 2;
  }
  if (kCut == Cut::left || kCut == Cut::both)
    while (end - in >= 2 && unit_at(in, little) == space) in += 2;
}

// Text of a page by the walk that all readers share.
char* translate_any(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                    char* out, Frame& frame) {
  JsonVisitor visitor(table, out, frame);
  return visitor.end(charset::walk(*table.rules.page, table.rules.form, in, end, visitor));
}

/// What shows that a pair is one character of three bytes of UTF-8, as most are.
constexpr charset::CodePage::Pair kWide = {{'\xE0'}, 3};
constexpr charset::CodePage::Pair kWideMask = {{'\xF0'}, 0xFF};

/// Pairs whose places are known before what they are: three characters each.
constexpr std::size_t kPairsAtOnce = 8;

/// What lies behind the last pair is read as pairs, too, but counts for nothing.
bool put_wide_pairs(const charset::CodePage& page, const std::uint8_t* in, std::size_t count,
                    char* out) {
  std::uint64_t others = 0;
  for (std::size_t i = 0; i < kPairsAtOnce; ++i) {
    const auto pair =
        std::bit_cast<std::uint64_t>(page.pair(static_cast<std::uint16_t>(unit_at(in + 2 * i))));
    const std::uint64_t other =
        (pair ^ std::bit_cast<std::uint64_t>(kWide)) & std::bit_cast<std::uint64_t>(kWideMask);
    others |= i < count ? other : 0;
    std::memcpy(out + 3 * i, &pair, sizeof pair);
  }
  return others == 0;
}

char* put_pair(const charset::CodePage& page, const std::uint8_t* in, char* out) {
  const charset::CodePage::Pair& pair = page.pair(static_cast<std::uint16_t>(unit_at(in)));
  std::memcpy(out, &pair, sizeof pair);
  return (static_cast<std::uint8_t>(pair.utf8[0]) & 0x80U) != 0 ? out + pair.size : nullptr;
}

const std::uint8_t* find_shift_in(const std::uint8_t* in, const std::uint8_t* end) {
  const void* found = std::memchr(in, charset::kShiftIn, static_cast<std::size_t>(end - in));
  return found != nullptr ? static_cast<const std::uint8_t*>(found) : end;
}

// Single bytes and pairs of pages of both, where nothing is wrong with them; else null.
char* translate_mixed(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                      char* out) {
  const charset::CodePage& page = *table.rules.page;
  const bool is_shifted = page.kind() == charset::CodePage::Kind::shifted;
  while (in != end) {
    const std::uint8_t byte = *in;
    if ((table.plain[byte] & (kNotPlain | kNotAlone)) != (kNotPlain | kNotAlone)) {
      const JsonCharacter& character = table.json[byte];
      std::memcpy(out, &character, sizeof character);
      out += character.size;
      ++in;
      continue;
    }
    const std::uint8_t* last = in + 2;
    if (is_shifted) {
      last = byte == charset::kShiftOut ? find_shift_in(in, end) : end;
      ++in;
    } else if (!page.is_lead(byte)) {
      return nullptr;
    }
    if (last >= end + (is_shifted ? 0 : 1) || (last - in) % 2 != 0) return nullptr;
    out = translate_pairs(page, in, last, out);
    if (out == nullptr) return nullptr;
    in = last + (is_shifted ? 1 : 0);
  }
  return out;
}

bool is_mixed(const TextTable& table) {
  const charset::CodePage::Kind kind = table.rules.page->kind();
  return kind == charset::CodePage::Kind::shifted || kind == charset::CodePage::Kind::lead_byte;
}

char* translate_special(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                        char* out, Frame& frame) {
  if (table.is_plain_page) return translate_escaping(table, in, end, out);
  char* text_end = is_mixed(table) ? translate_mixed(table, in, end, out) : nullptr;
  return text_end != nullptr ? text_end : translate_any(table, in, end, out, frame);
}

template <Cut kCut>
char* write_special_text(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const TextTable& table = *op.detail.text;
  const std::uint8_t* end = in + op.size;
  trim<kCut>(in, end, table.space);
  *out++ = '"';
  out = translate_special(table, in, end, out, frame);
  if (out == nullptr) return nullptr;
  *out++ = '"';
  return out;
}

template <Cut kCut>
char* write_text(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const TextTable& table = *op.detail.text;
  const std::uint8_t* end = in + op.size;
  trim<kCut>(in, end, table.space);
  *out++ = '"';
  char* text_end = translate_plain(table, in, end, out);
  if (text_end == nullptr) text_end = translate_special(table, in, end, out, frame);
  if (text_end == nullptr) return nullptr;
  *text_end++ = '"';
  return text_end;
}

template <Cut kCut>
char* write_graphic(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const TextTable& table = *op.detail.text;
  const charset::CodePage& page = *table.rules.page;
  const std::uint8_t* end = in + op.size;
  cut_units<kCut>(in, end, page.pair_space(), false);
  *out++ = '"';
  char* text_end = (end - in) % 2 == 0 ? translate_pairs(page, in, end, out) : nullptr;
  if (text_end == nullptr) text_end = translate_any(table, in, end, out, frame);
  if (text_end == nullptr) return nullptr;
  *text_end++ = '"';
  return text_end;
}

// Null where a surrogate has no partner, unless broken text is read on.
template <bool kLittle, bool kLenient>
char* translate_utf16(const std::uint8_t* in, const std::uint8_t* end, char* out, Frame& frame) {
  for (; end - in >= 2; in += 2) {
    std::uint32_t code = unit_at(in, kLittle);
    if (code < 0x80) {
      out = append_ascii(out, code);
      continue;
    }
    if (code >= 0xD800 && code <= 0xDFFF) {
      const std::uint32_t low = code <= 0xDBFF && end - in >= 4 ? unit_at(in + 2, kLittle) : 0;
      if (low < 0xDC00 || low > 0xDFFF) {
        if (!kLenient) return nullptr;
        out = append_replacement(out, frame);
        continue;
      }
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      in += 2;
    }
    out = charset::append_utf8(code, out);
  }
  return out;
}

template <Cut kCut, bool kLittle, bool kLenient>
char* write_national(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  // Only where a short record ends within a character.
  if (op.size % 2 != 0) return nullptr;
  const std::uint8_t* end = in + op.size;
  cut_units<kCut>(in, end, ' ', kLittle);
  *out++ = '"';
  out = translate_utf16<kLittle, kLenient>(in, end, out, frame);
  if (out == nullptr) return nullptr;
  *out++ = '"';
  return out;
}

/// Where so many characters end, with nothing but spaces behind them; null where there are more.
const std::uint8_t* end_of_characters(const std::uint8_t* in, const std::uint8_t* end,
                                      std::uint64_t most) {
  const auto begins_character = [](std::uint8_t byte) { return (byte & 0xC0U) != 0x80; };
  for (; in != end; ++in) {
    if (begins_character(*in) && most-- == 0) break;
  }
  const bool is_space = std::all_of(in, end, [](std::uint8_t byte) { return byte == ' '; });
  return is_space ? in : nullptr;
}

template <Cut kCut, bool kLenient>
char* write_utf8(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const std::uint8_t* end = in + op.size;
  // Reading on includes what stands behind the picture's characters.
  if (!kLenient && op.zones != 0) end = end_of_characters(in, end, op.zones);
  if (end == nullptr) return nullptr;
  trim<kCut>(in, end, ' ');
  *out++ = '"';
  while (in != end) {
    if (*in < 0x80) {
      out = append_ascii(out, *in++);
      continue;
    }
    const std::uint32_t size = charset::utf8_size(in, static_cast<std::size_t>(end - in));
    if (size == 0) {
      if (!kLenient) return nullptr;
      out = append_replacement(out, frame);
      ++in;
      continue;
    }
    std::memcpy(out, in, size);
    in += size;
    out += size;
  }
  *out++ = '"';
  return out;
}

template <Cut kCut>
Kernel national_kernel_of(const Shape& shape) {
  if (shape.accepts_broken)
    return shape.national_little ? write_national<kCut, true, true>
                                 : write_national<kCut, false, true>;
  return shape.national_little ? write_national<kCut, true, false>
                               : write_national<kCut, false, false>;
}

template <Cut kCut>
Kernel utf8_kernel_of(const Shape& shape) {
  return shape.accepts_broken ? write_utf8<kCut, true> : write_utf8<kCut, false>;
}

}  // namespace

char* translate_pairs(const charset::CodePage& page, const std::uint8_t* in,
                      const std::uint8_t* end, char* out) {
  if (end - in == 2) return put_pair(page, in, out);
  while (out != nullptr && in != end) {
    const std::size_t count = std::min(static_cast<std::size_t>(end - in) / 2, kPairsAtOnce);
    const std::uint8_t* const last = in + 2 * count;
    if (put_wide_pairs(page, in, count, out)) {
      in = last;
      out += 3 * count;
      continue;
    }
    for (; out != nullptr && in != last; in += 2) out = put_pair(page, in, out);
  }
  return out;
}

char* translate_escaping(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                         char* out) {
  for (; in != end; ++in) {
    const JsonCharacter& character = table.json[*in];
    std::memcpy(out, &character, sizeof character);
    out += character.size;
  }
  return out;
}

Kernel text_kernel(Cut cut) {
  switch (cut) {
    case Cut::right:
      return write_text<Cut::right>;
    case Cut::left:
      return write_text<Cut::left>;
    case Cut::both:
      return write_text<Cut::both>;
    case Cut::none:
      break;
  }
  return write_text<Cut::none>;
}

Kernel special_text_kernel(Cut cut) {
  switch (cut) {
    case Cut::right:
      return write_special_text<Cut::right>;
    case Cut::left:
      return write_special_text<Cut::left>;
    case Cut::both:
      return write_special_text<Cut::both>;
    case Cut::none:
      break;
  }
  return write_special_text<Cut::none>;
}

Kernel graphic_kernel(Cut cut) {
  switch (cut) {
    case Cut::right:
      return write_graphic<Cut::right>;
    case Cut::left:
      return write_graphic<Cut::left>;
    case Cut::both:
      return write_graphic<Cut::both>;
    case Cut::none:
      break;
  }
  return write_graphic<Cut::none>;
}

Kernel national_kernel(const Shape& shape) {
  switch (shape.cut) {
    case Cut::right:
      return national_kernel_of<Cut::right>(shape);
    case Cut::left:
      return national_kernel_of<Cut::left>(shape);
    case Cut::both:
      return national_kernel_of<Cut::both>(shape);
    case Cut::none:
      break;
  }
  return national_kernel_of<Cut::none>(shape);
}

Kernel utf8_kernel(const Shape& shape) {
  switch (shape.cut) {
    case Cut::right:
      return utf8_kernel_of<Cut::right>(shape);
    case Cut::left:
      return utf8_kernel_of<Cut::left>(shape);
    case Cut::both:
      return utf8_kernel_of<Cut::both>(shape);
    case Cut::none:
      break;
  }
  return utf8_kernel_of<Cut::none>(shape);
}

char* write_hex_bytes(ByteView bytes, char* out) {
  for (const std::uint8_t byte : bytes) {
    *out++ = kHexDigits[byte >> 4];
    *out++ = kHexDigits[byte & 0x0F];
  }
  return out;
}

char* write_hex(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  *out++ = '"';
  out = write_hex_bytes({in, op.size}, out);
  *out++ = '"';
  return out;
}

char* write_null(char* out) { return std::copy(kNull.begin(), kNull.end(), out); }

char* write_raw(const std::uint8_t* bytes, std::uint64_t size, char* out) {
  out = std::copy(kRawBegin.begin(), kRawBegin.end(), out);
  out = write_hex_bytes({bytes, size}, out);
  *out++ = '"';
  *out++ = '}';
  return out;
}

}  // namespace copybridge::plan
