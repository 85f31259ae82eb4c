// Text: code page bytes, UTF-16 and UTF-8 to JSON strings; bytes to hexadecimal.
#include <algorithm>
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

template <Cut kCut>
char* write_text(const Op& op, const std::uint8_t* in, char* out, Frame& /*frame*/) {
  const TextTable& table = *op.detail.text;
  const std::uint8_t* end = in + op.size;
  if (kCut == Cut::right || kCut == Cut::both) end = trim_right(in, end, table.space);
  if (kCut == Cut::left || kCut == Cut::both) in = trim_left(in, end, table.space);
  *out++ = '"';
  out = translate(table, in, end, out);
  *out++ = '"';
  return out;
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
    if (fault != charset::TextFault::unterminated) out_ = append_replacement(out_, frame_);
    return true;
  }
  /// Null where the text does not fit.
  [[nodiscard]] char* end(bool is_whole) const {
    const bool is_refused = has_unmapped_ && table_.rules.unmappable == charset::Unmappable::reject;
    return is_whole && !is_refused ? out_ : nullptr;
  }

 private:
  void count() {
    has_unmapped_ = true;
    ++frame_.unmapped;
  }

  const TextTable& table_;
  const charset::CodePage& page_;
  char* out_;
  Frame& frame_;
  bool has_unmapped_ = false;
};

std::uint32_t unit_at(const std::uint8_t* in, bool little = false) {
  return static_cast<std::uint32_t>((in[little ? 1 : 0] << 8U) | in[little ? 0 : 1]);
}

template <Cut kCut>
void cut_units(const std::uint8_t*& in, const std::uint8_t*& end, std::uint32_t space,
               bool little) {
  if (kCut == Cut::right || kCut == Cut::both)
    while (end - in >= 2 && unit_at(end - 2, little) == space) end -= 2;
  if (kCut == Cut::left || kCut == Cut::both)
    while (end - in >= 2 && unit_at(in, little) == space) in += 2;
}

template <Cut kCut>
char* write_mixed(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const TextTable& table = *op.detail.text;
  const TextRules& rules = table.rules;
  const std::uint8_t* end = in + op.size;
  if (rules.form == charset::Form::graphic) {
    cut_units<kCut>(in, end, rules.page->pair_space(), false);
  } else {
    if (kCut == Cut::right || kCut == Cut::both) end = trim_right(in, end, table.space);
    if (kCut == Cut::left || kCut == Cut::both) in = trim_left(in, end, table.space);
  }
  *out++ = '"';
  JsonVisitor visitor(table, out, frame);
  out = visitor.end(charset::walk(*rules.page, rules.form, in, end, visitor));
  if (out == nullptr) return nullptr;
  *out++ = '"';
  return out;
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

template <Cut kCut, bool kLenient>
char* write_utf8(const Op& op, const std::uint8_t* in, char* out, Frame& frame) {
  const std::uint8_t* end = in + op.size;
  if (kCut == Cut::right || kCut == Cut::both) end = trim_right(in, end, ' ');
  if (kCut == Cut::left || kCut == Cut::both) in = trim_left(in, end, ' ');
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

Kernel mixed_kernel(Cut cut) {
  switch (cut) {
    case Cut::right:
      return write_mixed<Cut::right>;
    case Cut::left:
      return write_mixed<Cut::left>;
    case Cut::both:
      return write_mixed<Cut::both>;
    case Cut::none:
      break;
  }
  return write_mixed<Cut::none>;
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
