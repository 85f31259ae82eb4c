// Text: code page bytes, UTF-16 and UTF-8 to JSON strings; bytes to hexadecimal.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "codecs/charset/utf8.h"
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

char* translate_escaping(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                         char* out) {
  for (; in != end; ++in) {
    const JsonCharacter& character = table.json[*in];
    std::memcpy(out, &character, sizeof character);
    out += character.size;
  }
  return out;
}

// Optimistic: one table look-up per byte; a character that is more than one plain ASCII
// character shows in the collected bits, and the text is translated again.
char* translate(const TextTable& table, const std::uint8_t* in, const std::uint8_t* end,
                char* out) {
  std::uint8_t seen = 0;
  const auto size = static_cast<std::size_t>(end - in);
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t character = table.plain[in[i]];
    seen |= character;
    out[i] = static_cast<char>(character);
  }
  if ((seen & kNotPlain) != 0) return translate_escaping(table, in, end, out);
  return out + size;
}

template <Trim kTrim>
char* write_text(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const TextTable& table = *op.detail.text;
  const std::uint8_t* end = in + op.size;
  if (kTrim != Trim::none) end = trim_right(in, end, table.space);
  if (kTrim == Trim::both) in = trim_left(in, end, table.space);
  *out++ = '"';
  out = translate(table, in, end, out);
  *out++ = '"';
  return out;
}

std::uint32_t unit_at(const std::uint8_t* in) {
  return static_cast<std::uint32_t>((in[0] << 8U) | in[1]);
}

char* append_ascii(char* out, std::uint32_t code) {
  const JsonCharacter character = json_of_ascii(static_cast<char>(code));
  std::memcpy(out, character.text.data(), character.text.size());
  return out + character.size;
}

// Null where a surrogate has no partner.
char* translate_utf16(const std::uint8_t* in, const std::uint8_t* end, char* out) {
  for (; end - in >= 2; in += 2) {
    std::uint32_t code = unit_at(in);
    if (code < 0x80) {
      out = append_ascii(out, code);
      continue;
    }
    if (code >= 0xD800 && code <= 0xDFFF) {
      if (code > 0xDBFF || end - in < 4) return nullptr;
      const std::uint32_t low = unit_at(in + 2);
      if (low < 0xDC00 || low > 0xDFFF) return nullptr;
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      in += 2;
    }
    out = charset::append_utf8(code, out);
  }
  return out;
}

template <Trim kTrim>
char* write_national(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint8_t* end = in + op.size;
  if (kTrim != Trim::none)
    while (end - in >= 2 && unit_at(end - 2) == ' ') end -= 2;
  if (kTrim == Trim::both)
    while (end - in >= 2 && unit_at(in) == ' ') in += 2;
  *out++ = '"';
  out = translate_utf16(in, end, out);
  if (out == nullptr) return nullptr;
  *out++ = '"';
  return out;
}

template <Trim kTrim>
char* write_utf8(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const std::uint8_t* end = in + op.size;
  if (kTrim != Trim::none) end = trim_right(in, end, ' ');
  if (kTrim == Trim::both) in = trim_left(in, end, ' ');
  *out++ = '"';
  while (in != end) {
    if (*in < 0x80) {
      out = append_ascii(out, *in++);
      continue;
    }
    const std::uint32_t size = charset::utf8_size(in, static_cast<std::size_t>(end - in));
    if (size == 0) return nullptr;
    std::memcpy(out, in, size);
    in += size;
    out += size;
  }
  *out++ = '"';
  return out;
}

}  // namespace

Kernel text_kernel(Trim trim) {
  switch (trim) {
    case Trim::right:
      return write_text<Trim::right>;
    case Trim::both:
      return write_text<Trim::both>;
    case Trim::none:
      break;
  }
  return write_text<Trim::none>;
}

Kernel national_kernel(Trim trim) {
  switch (trim) {
    case Trim::right:
      return write_national<Trim::right>;
    case Trim::both:
      return write_national<Trim::both>;
    case Trim::none:
      break;
  }
  return write_national<Trim::none>;
}

Kernel utf8_kernel(Trim trim) {
  switch (trim) {
    case Trim::right:
      return write_utf8<Trim::right>;
    case Trim::both:
      return write_utf8<Trim::both>;
    case Trim::none:
      break;
  }
  return write_utf8<Trim::none>;
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
