// The walk over a sequence of steps, and the readers of any machine.
#include "codecs/encode/straight.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "codecs/encode/kernels.h"
#include "codecs/encode/straight_run.h"

namespace copybridge::encode {

using copybook::SignPlace;
using copybook::Usage;

namespace {

constexpr std::ptrdiff_t kPlainDigitsMax = 18;

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool ends_number(char character) {
  return character == ',' || character == '}' || character == ']';
}

constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101U;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080U;

/// Passes over characters that are themselves, eight bytes at a time: none ends the string, escapes
/// or may not be in one. `is_ascii` becomes false where one is beyond ASCII.
const char* skip_plain(const char* at, const char* end, bool& is_ascii) {
  const auto below = [](std::uint64_t bytes, std::uint64_t bound) {
    return (bytes - bound * kOnes) & ~bytes & kHighBits;
  };
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t special =
        below(word, 0x20) | below(word ^ ('"' * kOnes), 1) | below(word ^ ('\\' * kOnes), 1);
    if (special != 0) break;
    is_ascii = is_ascii && (word & kHighBits) == 0;
  }
  return at;
}

// What a string's characters are besides themselves.
bool ends_run(unsigned char character) {
  return character < 0x20 || character == '"' || character == '\\' || character >= 0x80;
}

// The string that begins at `in`, as JSON allows it; empty where it does not end.
Token string_token(const char* in, const char* end) {
  bool is_ascii = true;
  for (const char* at = in + 1; (at = skip_plain(at, end, is_ascii)) < end; ++at) {
    const auto character = static_cast<unsigned char>(*at);
    if (!ends_run(character)) continue;
    if (character < 0x20) return {};
    if (character >= 0x80) is_ascii = false;
    if (character == '\\') ++at;
    if (character != '"') continue;
    const Token token(in, static_cast<std::size_t>(at - in) + 1);
    return is_ascii || simdjson::validate_utf8(token.data(), token.size()) ? token : Token();
  }
  return {};
}

Token scalar_token(const char* in, const char* end) {
  const char* at = in;
  while (at < end && !ends_number(*at) && static_cast<unsigned char>(*at) > ' ') ++at;
  const Token token(in, static_cast<std::size_t>(at - in));
  const bool is_number = !token.empty() && (token.front() == '-' || is_digit(token.front()));
  return is_number || token == "null" ? token : Token();
}

// A number with exactly the picture's decimals; null where it is any other.
const char* read_plain(const NumberShape& shape, const char* in, std::uint64_t& magnitude,
                       bool& is_minus) {
  is_minus = *in == '-';
  in += is_minus ? 1 : 0;
  const char* const first = in;
  magnitude = 0;
  const char* const whole_end = first + kPlainDigitsMax - shape.scale;
  for (; in < whole_end && is_digit(*in); ++in)
    magnitude = 10 * magnitude + static_cast<unsigned>(*in - '0');
  const auto whole = in - first;
  if (whole == 0 || (whole > 1 && *first == '0') || whole > std::max<int>(shape.whole, 1) ||
      (shape.whole == 0 && *first != '0'))
    return nullptr;
  if (shape.point != 0) {
    if (*in++ != '.') return nullptr;
    for (const char* const end = in + shape.scale; in < end; ++in) {
      if (!is_digit(*in)) return nullptr;
      magnitude = 10 * magnitude + static_cast<unsigned>(*in - '0');
    }
  }
  return ends_number(*in) ? in : nullptr;
}

const char* read_number(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  std::uint64_t magnitude = 0;
  bool is_minus = false;
  const NumberShape& shape = step.number;
  const char* const end = read_plain(shape, in, magnitude, is_minus);
  if (end == nullptr || (is_minus && shape.is_signed == 0) ||
      magnitude > (is_minus ? shape.least : shape.most))
    return read_any(step, in, out, run);
  write_magnitude(*step.field, magnitude, is_minus && magnitude != 0, out);
  return end;
}

// Single-byte text without escapes and of characters of ASCII.
const char* read_text(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  const std::array<std::uint16_t, 256>& table = step.field->text->fast();
  const char* at = in + 1;
  const char* const most = at + std::min<std::ptrdiff_t>(step.size, run.end - at);
  for (; at < most; ++at, ++out) {
    const std::uint16_t byte = table[static_cast<unsigned char>(*at)];
    if (byte == TextEncoder::kSlow) break;
    *out = static_cast<std::uint8_t>(byte);
  }
  const auto size = static_cast<std::size_t>(at - in - 1);
  if (*in != '"' || *at != '"') return read_any(step, in, out - size, run);
  std::memset(out, step.field->text->space(), step.size - size);
  return at + 1;
}

// The row reader of steps without one of their own, tables among them.
const char* read_steps(const Step* step, const Step* last, const char* in, Run& run) {
  for (; step != last && in != nullptr; ++step) {
    if (!is_next(run.pool + step->text_offset, step->text_size, in, run)) return nullptr;
    in = step->reader(*step, in + step->text_size, run.record + run.displacement + step->address,
                      run);
  }
  return in;
}

bool is_plain_number(const Field& field) {
  const condition::Field& storage = field.storage;
  switch (storage.usage) {
    case Usage::display:
    case Usage::packed:
    case Usage::unsigned_packed:
    case Usage::binary:
    case Usage::native_binary:
      return storage.category == copybook::Category::numeric && !storage.blank_when_zero &&
             field.date == nullptr && field.scale >= 0 && field.scale <= field.digits;
    case Usage::national:
    case Usage::group:
    case Usage::float_single:
    case Usage::float_double:
    case Usage::decimal_double:
    case Usage::decimal_quad:
    case Usage::dbcs:
    case Usage::utf8:
    case Usage::index:
    case Usage::pointer:
    case Usage::procedure_pointer:
      break;
  }
  return false;
}

std::uint32_t lanes_below(unsigned count) {
  return count >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << count) - 1;
}

void shape_zoned(const Field& field, NumberShape& shape) {
  const SignPlace sign = field.storage.sign;
  const bool is_separate =
      sign == SignPlace::leading_separate || sign == SignPlace::trailing_separate;
  const bool is_leading = sign == SignPlace::leading || sign == SignPlace::leading_separate;
  shape.end_lane =
      static_cast<std::uint8_t>(field.size - (sign == SignPlace::trailing_separate ? 1 : 0));
  shape.sign_bit = is_leading ? 1U : std::uint32_t{1} << (field.size - 1);
  shape.zone = field.storage.is_ascii ? 0x30 : 0xF0;
  shape.plus = is_separate ? field.storage.plus : sign_zone(field, false);
  shape.minus = is_separate ? field.storage.minus : sign_zone(field, true);
}

void shape_packed(const Field& field, NumberShape& shape) {
  const bool has_sign = field.storage.usage == Usage::packed;
  shape.end_lane = static_cast<std::uint8_t>(2 * field.size - (has_sign ? 1 : 0));
  if (has_sign) shape.sign_bit = std::uint32_t{1} << shape.end_lane;
  shape.plus = field.is_signed ? 0x0C : 0x0F;
  shape.minus = 0x0D;
}

// Digits at most 31, so that they and a sign are lanes of a register.
void shape_number(const Field& field, NumberShape& shape) {
  constexpr std::uint32_t kLanes = 31;
  const Usage usage = field.storage.usage;
  const bool is_binary = usage == Usage::binary || usage == Usage::native_binary;
  const std::uint32_t lanes =
      usage == Usage::display ? field.size : 2 * field.size - (usage == Usage::packed ? 1 : 0);
  if (is_binary ? field.size > 8 : lanes > kLanes) return;
  shape.scale = static_cast<std::uint8_t>(field.scale);
  shape.point = field.scale > 0 ? 1 : 0;
  shape.is_signed = field.is_signed ? 1 : 0;
  // Of a binary item as many digits as the text of a register has.
  const unsigned digits = is_binary ? kLanes - 1U - shape.point : field.digits;
  shape.whole = static_cast<std::uint8_t>(digits - shape.scale);
  if (is_binary) {
    shape.end_lane = kLanes + 1;
  } else if (usage == Usage::display) {
    shape_zoned(field, shape);
  } else {
    shape_packed(field, shape);
  }
  const bool begins_with_sign = field.storage.sign == SignPlace::leading_separate;
  shape.digit_lanes = lanes_below(shape.end_lane) & ~(begins_with_sign ? 1U : 0U);
  shape.fraction_lanes =
      shape.point == 0
          ? 0
          : lanes_below(shape.end_lane) & ~lanes_below(shape.end_lane - unsigned{shape.scale});
  constexpr json::Uint128 kMost = ~std::uint64_t{0};
  shape.most = static_cast<std::uint64_t>(std::min(field.most, kMost));
  shape.least = static_cast<std::uint64_t>(std::min(field.least, kMost));
}

}  // namespace

const char* run(const Sequence& sequence, const char* in, Run& run) {
  const Step* const steps = sequence.steps.data();
  for (const StepRow& row : sequence.rows) {
    in = (row.reader != nullptr ? row.reader : read_steps)(steps + row.first, steps + row.last, in,
                                                           run);
    if (in == nullptr) return nullptr;
  }
  const std::size_t size = sequence.tail.size();
  const char* const tail = sequence.tail.data();
  const bool is_there = run.end - in >= static_cast<std::ptrdiff_t>(size) &&
                        (size == 1 ? *in == *tail : std::memcmp(in, tail, size) == 0);
  return is_there ? in + size : nullptr;
}

const char* read_any(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  // What has no value keeps its initial one.
  const Program& program = *run.program;
  if (program.straight->is_covering)
    std::memcpy(out, program.image.data() + step.address, step.size);
  const Token token = *in == '"' ? string_token(in, run.end) : scalar_token(in, run.end);
  if (token.empty() || write_value(*step.field, token, out, *run.frame) != Fault::none)
    return nullptr;
  return token.data() + token.size();
}

Window window_of(const NumberShape& shape, const Field& field) {
  Window window;
  window.zero.fill('0');
  window.most.fill(9);
  const std::size_t last = Window::kLanes - 1;
  if (shape.point != 0) {
    window.zero[last - shape.scale] = '.';
    window.most[last - shape.scale] = 0;
  }
  // Storage has no point.
  for (std::size_t i = 0; i < shape.end_lane; ++i) {
    const std::size_t behind = i + (i < shape.scale ? 0 : shape.point);
    if (behind <= last)
      window.order[shape.end_lane - 1 - i] = static_cast<std::uint8_t>(last - behind);
  }
  for (const bool is_negative : {false, true}) {
    Window::Lanes& around = window.around[is_negative ? 1 : 0];
    around.fill(shape.zone);
    const std::uint8_t sign = is_negative ? shape.minus : shape.plus;
    if (shape.sign_bit != 0)
      around[static_cast<std::size_t>(std::countr_zero(shape.sign_bit))] = sign;
  }
  window.digits = shape.digit_lanes;
  window.stored = lanes_below(field.size);
  window.behind_first = 1U + shape.scale + shape.point;
  window.whole = {shape.whole, 1};
  window.is_unsigned = shape.is_signed == 0 ? 1 : 0;
  return window;
}

bool is_plain_text(const Field& field) {
  return field.storage.usage == Usage::display && !field.storage.is_numeric() &&
         field.picture == nullptr && field.storage.page->is_single_byte() &&
         field.varying == nullptr && !field.is_right_justified && field.date == nullptr &&
         !field.mask;
}

ReaderChoice choose_reader(Step& step, const Field& field, plan::InstructionSet set) {
  if (is_plain_number(field)) shape_number(field, step.number);
  if (set == plan::InstructionSet::avx512) {
    const ReaderChoice choice = choose_avx512_reader(step, field);
    if (choice.reader != nullptr) return choice;
  }
  if (step.number.end_lane != 0) return {read_number, nullptr};
  if (is_mixed_text(field)) return {read_mixed, nullptr};
  return {is_plain_text(field) ? read_text : read_any, nullptr};
}

}  // namespace copybridge::encode
