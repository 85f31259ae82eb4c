// Rows of numbers in fours: which they are, and what each is moved by.
#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "codecs/encode/straight.h"

namespace copybridge::encode {

using copybook::Usage;

namespace {

using Steps = std::span<const Step>;

bool is_binary(const Step& step) {
  const Usage usage = step.field->storage.usage;
  return usage == Usage::binary || usage == Usage::native_binary;
}

bool is_packed(const Step& step) {
  const Usage usage = step.field->storage.usage;
  return usage == Usage::packed || usage == Usage::unsigned_packed;
}

std::uint32_t characters_of(const NumberShape& shape, std::uint32_t digits) {
  return digits + shape.point + shape.is_signed;
}

/// Characters of a number at most.
std::uint32_t characters_max(const Step& step) {
  constexpr std::array<std::uint32_t, 9> kDigits = {0, 3, 5, 8, 10, 13, 15, 17, 20};
  const NumberShape& shape = step.number;
  const std::uint32_t digits =
      is_binary(step) ? kDigits.at(step.size) : std::uint32_t{shape.whole} + shape.scale;
  return characters_of(shape, digits);
}

/// Whether the text of all that the picture allows is a quarter of a register.
bool is_quarter(const Step& step) {
  if (is_binary(step)) return characters_of(step.number, step.field->digits) <= QuadForm::kQuarter;
  return characters_max(step) <= QuadForm::kQuarter;
}

std::uint64_t lanes_below(std::size_t count) {
  return count >= QuadForm::kLanes ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// Fills the form number by number.
class QuadCompiler {
 public:
  QuadForm compile(Steps steps) {
    for (const Step& step : steps) {
      add_text(step);
      if (is_binary(step)) {
        add_binary(step);
      } else {
        add_digits(step);
      }
      stored_ += step.size;
      quarter_ += QuadForm::kQuarter;
    }
    form_.stored = lanes_below(stored_);
    return form_;
  }

 private:
  [[nodiscard]] std::uint64_t lane(std::size_t in_quarter) const {
    return std::uint64_t{1} << (quarter_ + in_quarter);
  }
  [[nodiscard]] std::uint64_t lanes(std::size_t from, std::size_t to) const {
    return lanes_below(quarter_ + to) & ~lanes_below(quarter_ + from);
  }

  /// The lane of a digit, from the last one.
  [[nodiscard]] std::size_t digit_lane(std::size_t from_last, const NumberShape& shape) const {
    const std::size_t behind = from_last + (from_last < shape.scale ? 0 : shape.point);
    return QuadForm::kQuarter - 1 - behind;
  }

  void add_text(const Step& step) {
    constexpr std::size_t kLast = QuadForm::kQuarter - 1;
    const NumberShape& shape = step.number;
    for (std::size_t i = 0; i < QuadForm::kQuarter; ++i) {
      const bool is_point = shape.point != 0 && i == kLast - shape.scale;
      form_.zero[quarter_ + i] = is_point ? '.' : '0';
      form_.most[quarter_ + i] = is_point ? 0 : 9;
    }
    const std::size_t last_whole = digit_lane(shape.scale, shape);
    form_.last_whole |= lane(last_whole);
    form_.wanted |= lanes(last_whole, QuadForm::kQuarter);
    if (shape.whole <= last_whole) form_.refused |= lanes(0, last_whole + 1 - shape.whole);
    if (shape.is_signed == 0) form_.unsigned_ones |= lane(kLast);
  }

  // Nibbles of packed numbers, bytes of zoned ones.
  void add_digits(const Step& step) {
    const NumberShape& shape = step.number;
    const std::size_t per_byte = is_packed(step) ? 2 : 1;
    for (std::size_t i = 0; i < step.size; ++i) form_.around[stored_ + i] = shape.zone;
    for (std::size_t i = 0; i < shape.end_lane; ++i) {
      const std::size_t nibble = shape.end_lane - 1U - i;
      const std::size_t behind = i + (i < shape.scale ? 0 : shape.point);
      if ((shape.digit_lanes >> nibble & 1U) == 0 || behind >= QuadForm::kQuarter) continue;
      const std::size_t byte = stored_ + nibble / per_byte;
      const bool is_high = per_byte == 2 && nibble % 2 == 0;
      (is_high ? form_.high : form_.low)[byte] =
          static_cast<std::uint8_t>(quarter_ + digit_lane(i, shape));
      (is_high ? form_.high_digits : form_.low_digits) |= std::uint64_t{1} << byte;
    }
    add_sign(shape, per_byte);
  }

  void add_sign(const NumberShape& shape, std::size_t per_byte) {
    std::size_t at = stored_;
    if (shape.sign_bit != 0) {
      at += static_cast<std::size_t>(std::countr_zero(shape.sign_bit)) / per_byte;
      form_.around[at] = shape.plus;
      form_.minus[at] = shape.plus ^ shape.minus;
    }
    form_.signs |= std::uint64_t{1} << at;
  }

  // Digits stay where they are but for the point; the value's bytes are those of a quarter's first
  // half, the lowest first.
  void add_binary(const Step& step) {
    const NumberShape& shape = step.number;
    constexpr std::size_t kLast = QuadForm::kQuarter - 1;
    for (std::size_t i = 0; i + shape.point < QuadForm::kQuarter; ++i) {
      form_.low[quarter_ + kLast - i] = static_cast<std::uint8_t>(quarter_ + digit_lane(i, shape));
      form_.low_digits |= lane(kLast - i);
    }
    for (std::size_t i = 0; i < step.size; ++i) {
      const std::size_t byte = step.field->storage.little_endian ? i : step.size - 1U - i;
      form_.high[stored_ + i] = static_cast<std::uint8_t>(quarter_ + byte);
    }
    const std::size_t half = 2 * (quarter_ / QuadForm::kQuarter);
    form_.greatest[half] = form_.greatest[half + 1] = shape.most;
    form_.least[half] = form_.least[half + 1] = shape.least;
  }

  QuadForm form_;
  std::size_t stored_ = 0;   ///< bytes of the numbers so far
  std::size_t quarter_ = 0;  ///< where the number's text begins
};

/// Whether four numbers lie in storage as they stand in the text.
bool are_side_by_side(Steps steps) {
  std::uint64_t address = steps.front().address;
  for (const Step& step : steps) {
    if (!is_quarter(step) || step.address != address || step.text_size > Window::kLanes)
      return false;
    address += step.size;
  }
  return address - steps.front().address <= QuadForm::kLanes;
}

const QuadForm* add_form(const QuadForm& form, Straight& straight) {
  const auto found = std::ranges::find(straight.quad_forms, form);
  return found != straight.quad_forms.end() ? &*found : &straight.quad_forms.emplace_back(form);
}

void add_texts(Steps steps, const std::string& pool, Quad& quad) {
  for (std::size_t number = 0; number < steps.size(); ++number) {
    const Step& step = steps[number];
    quad.text_sizes[number] = static_cast<std::uint16_t>(step.text_size);
    for (std::uint32_t i = 0; i < step.text_size; ++i) {
      const std::size_t part = i / QuadForm::kQuarter;
      const std::size_t lane = number * QuadForm::kQuarter + i % QuadForm::kQuarter;
      quad.text[part][lane] = static_cast<std::uint8_t>(pool[step.text_offset + i]);
      quad.text_bits[part][lane] = 0xFF;
      quad.texts = std::max(quad.texts, static_cast<std::uint32_t>(part + 1));
    }
  }
}

}  // namespace

void add_quads(const StepRow& row, Sequence& sequence, Straight& straight) {
  constexpr std::uint32_t kRowLengthMax = 0x8000;
  constexpr auto kNumbers = static_cast<std::uint32_t>(QuadForm::kNumbers);
  const std::uint32_t count = row.last - row.first;
  Step& first = sequence.steps[row.first];
  if (row.reader == nullptr || row.reader != first.row || first.window == nullptr) return;
  const Steps steps(&first, count);
  std::uint32_t length = 0;
  for (const Step& step : steps) length += step.text_size + characters_max(step);
  if (count < kNumbers || length > kRowLengthMax) return;
  first.row_length = length;
  std::vector<Quad> quads;
  for (std::uint32_t at = 0; at < count; at += kNumbers) {
    Quad& quad = quads.emplace_back();
    quad.first = std::min(at, count - kNumbers);
    const Steps four = steps.subspan(quad.first, kNumbers);
    if (!are_side_by_side(four)) return;
    quad.address = four.front().address;
    add_texts(four, straight.pool, quad);
    quad.form = add_form(QuadCompiler().compile(four), straight);
  }
  first.quads = &straight.quads.emplace_back(std::move(quads));
}

}  // namespace copybridge::encode
