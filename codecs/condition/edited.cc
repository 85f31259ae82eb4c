// Editing after Enterprise COBOL's "PICTURE clause editing": simple, special, fixed and floating
// insertion, zero suppression. Reading takes the digits out and edits them again: what does not
// come out the same is no value of the picture.
#include "codecs/condition/edited.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "codecs/charset/utf8.h"
#include "codecs/condition/field.h"

namespace copybridge::condition {
namespace {

/// Digits of an external floating-point exponent; they stand behind the point, too.
constexpr std::uint32_t kExponentDigits = 2;
bool is_digit(Position position) { return position >= U'0' && position <= U'9'; }

std::uint8_t digit_of(Position position) { return static_cast<std::uint8_t>(position - U'0'); }

bool is_credit_or_debit(std::span<const Position> text) {
  return text.size() > 1 &&
         ((text[0] == U'C' && text[1] == U'R') || (text[0] == U'D' && text[1] == U'B'));
}

}  // namespace

/// Writes the positions of one number, symbol by symbol.
class EditedPicture::Editor {
 public:
  Editor(const EditedPicture& picture, const DigitPositions& digits, bool is_negative,
         Position* out)
      : picture_(picture), digits_(digits), is_negative_(is_negative), begin_(out), out_(out) {}

  void run() {
    for (const Symbol& symbol : picture_.symbols_) put(symbol);
  }

 private:
  void put(const Symbol& symbol) {
    switch (symbol.kind) {
      case '9':
        begin_digits();
        return put_digit();
      case 'Z':
      case '*':
        return put_suppressed(symbol.kind == '*' ? U'*' : U' ');
      case 'f':
        fill_ = U' ';
        suppresses_ = true;
        return put_blanks(symbol.positions);
      case 'p':
      case 'm':
      case 'c':
        return put_suppressed(U' ');
      case '.':
        begin_digits();
        *out_++ = picture_.point_;
        return;
      case 'V':
        return begin_digits();
      case ',':
        return put_insertion(picture_.comma_);
      case 'B':
        return put_insertion(U' ');
      case '0':
      case '/':
        return put_insertion(static_cast<Position>(symbol.kind));
      default:
        return put_fixed(symbol);
    }
  }

  void put_fixed(const Symbol& symbol) {
    switch (symbol.kind) {
      case '+':
        *out_++ = is_negative_ ? U'-' : U'+';
        return;
      case '-':
        *out_++ = is_negative_ ? U'-' : U' ';
        return;
      case '$':
        out_ = std::copy(picture_.currency_.begin(), picture_.currency_.end(), out_);
        return;
      case 'C':
        return put_credit(U"CR");
      case 'D':
        return put_credit(U"DB");
      default:
        return;
    }
  }

  void put_credit(const char32_t* letters) {
    *out_++ = is_negative_ ? letters[0] : U' ';
    *out_++ = is_negative_ ? letters[1] : U' ';
  }

  void put_blanks(std::uint32_t count) { out_ = std::fill_n(out_, count, U' '); }

  void put_digit() { *out_++ = U'0' + digits_[next_++]; }

  // Zero suppression, and the digits of a floating string.
  void put_suppressed(Position fill) {
    fill_ = fill;
    suppresses_ = true;
    if (!has_begun_ && digits_[next_] == 0) {
      ++next_;
      *out_++ = fill;
      return;
    }
    begin_digits();
    put_digit();
  }

  void put_insertion(Position character) {
    *out_++ = suppresses_ && !has_begun_ ? fill_ : character;
  }

  // From here on zeros show; what floats stands directly in front.
  void begin_digits() {
    if (has_begun_) return;
    has_begun_ = true;
    const char sign = picture_.float_sign_;
    if (sign == '$') {
      const auto& text = picture_.currency_;
      if (out_ - begin_ >= static_cast<std::ptrdiff_t>(text.size()))
        std::copy(text.begin(), text.end(), out_ - text.size());
    } else if (sign != 0 && out_ != begin_) {
      out_[-1] = is_negative_ ? U'-' : sign == '+' ? U'+' : U' ';
    }
  }

  const EditedPicture& picture_;
  const DigitPositions& digits_;
  bool is_negative_;
  Position* begin_;
  Position* out_;
  Position fill_ = U' ';
  std::size_t next_ = 0;
  bool has_begun_ = false;
  bool suppresses_ = false;
};

// The picture's digit positions, filled from a number of any scale.
bool EditedPicture::align(const Decimal& value, DigitPositions& digits, EditFault& fault) const {
  const auto wanted = static_cast<std::int32_t>(digits_before_ + digits_behind_);
  digits.fill(0);
  for (std::uint32_t i = 0; i < value.count; ++i) {
    if (value.digits[i] == 0) continue;
    // Powers of ten: of this digit, and of the picture's last.
    const std::int32_t power =
        static_cast<std::int32_t>(value.count) - 1 - static_cast<std::int32_t>(i) - value.scale;
    const std::int32_t place = wanted - 1 - (power + scale_);
    if (place < 0 || place >= wanted) {
      fault = place < 0 ? EditFault::too_large : EditFault::too_precise;
      return false;
    }
    digits[static_cast<std::size_t>(place)] = value.digits[i];
  }
  return true;
}

EditFault EditedPicture::edit(const Decimal& value, Position* out) const {
  if (is_floating_point_) return edit_floating(value, out);
  if (value.is_negative && !value.is_zero() && !shows_minus_) return EditFault::negative;
  DigitPositions digits;  // NOLINT: filled by align()
  EditFault fault = EditFault::none;
  if (!align(value, digits, fault)) return fault;
  const bool is_zero = value.is_zero();
  if (is_zero && stars_ && all_suppressed_) {
    // All asterisks, but for the decimal point.
    for (const Symbol& symbol : symbols_)
      out = std::fill_n(out, symbol.positions, symbol.kind == '.' ? point_ : U'*');
    return EditFault::none;
  }
  if (is_zero && (all_suppressed_ || blank_when_zero_)) {
    std::fill_n(out, size_, U' ');
    return EditFault::none;
  }
  Editor(*this, digits, value.is_negative, out).run();
  if (is_overpunched_) out[last_digit_] = overpunch_.write(out[last_digit_], value.is_negative);
  return EditFault::none;
}

EditedPicture::Overpunch::Overpunch(const charset::CodePage& page) : is_ascii_(!page.is_ebcdic()) {
  for (std::uint8_t digit = 0; digit < 10; ++digit) {
    plus_[digit] =
        is_ascii_ ? U'0' + digit : page.entry(static_cast<std::uint8_t>(0xC0U + digit)).code_point;
    minus_[digit] =
        is_ascii_ ? U'p' + digit : page.entry(static_cast<std::uint8_t>(0xD0U + digit)).code_point;
  }
}

std::uint8_t EditedPicture::Overpunch::read(Position position) const {
  if (is_digit(position)) return digit_of(position);
  if (is_ascii_)
    return position < 0x80 ? zoned_sign(static_cast<std::uint8_t>(position), true) : kNoSign;
  for (std::uint8_t digit = 0; digit < 10; ++digit) {
    if (position == plus_[digit]) return digit;
    if (position == minus_[digit]) return digit | kSignMinus;
  }
  return kNoSign;
}

Position EditedPicture::Overpunch::write(Position digit, bool is_negative) const {
  if (!is_digit(digit)) return digit;
  return (is_negative ? minus_ : plus_)[digit_of(digit)];
}

// The digit at a digit's place, with kSignMinus; kNoSign where there is none.
std::uint8_t EditedPicture::digit_at(std::size_t at, Position position) const {
  if (is_overpunched_ && at == last_digit_) return overpunch_.read(position);
  return is_digit(position) ? digit_of(position) : kNoSign;
}

// The digits at the places of digits; anything else there is a zero that is not shown.
bool EditedPicture::read_form(std::span<const Position> text, Decimal& value) const {
  value.count = 0;
  value.scale = scale_;
  value.is_negative = false;
  std::size_t at = 0;
  for (const Symbol& symbol : symbols_) {
    const bool shows_sign = symbol.kind == 'C' || symbol.kind == 'D';
    for (std::uint32_t i = 0; i < symbol.positions; ++i, ++at) {
      const Position position = text[at];
      bool is_minus = position == U'-' || (shows_sign && position != U' ' && position != U'*');
      if (symbol.is_digit()) {
        const std::uint8_t digit = digit_at(at, position);
        value.digits[value.count++] = digit == kNoSign ? std::uint8_t{0} : digit & 0x0FU;
        is_minus = is_minus || (digit != kNoSign && (digit & kSignMinus) != 0);
      }
      value.is_negative = value.is_negative || is_minus;
    }
  }
  value.is_negative = value.is_negative && shows_minus_;
  std::array<Position, kEditedMax> edited;  // NOLINT: filled by edit()
  if (edit(value, edited.data()) != EditFault::none) return false;
  // A digit without a sign is plus.
  if (is_overpunched_ && !value.is_negative && is_digit(text[last_digit_]))
    edited[last_digit_] = text[last_digit_];
  return std::equal(text.begin(), text.end(), edited.begin());
}

bool EditedPicture::read(std::span<const Position> text, const Leniency& leniency,
                         Decimal& value) const {
  if (is_floating_point_ ? read_floating(text, value) : read_form(text, value)) return true;
  return leniency.edited && read_freely(text, is_overpunched_ || leniency.overpunch, value);
}

// Digits with at most one point and one sign, grouped or not; CR and DB are minus.
bool EditedPicture::read_freely(std::span<const Position> text, bool may_overpunch,
                                Decimal& value) const {
  value.count = 0;
  value.scale = 0;
  value.is_negative = false;
  bool has_point = false;
  bool has_sign = false;
  const auto append = [&](std::uint8_t digit) {
    if (value.count == kDigitsMax) return false;
    value.digits[value.count++] = digit;
    if (has_point) ++value.scale;
    return true;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Position position = text[at];
    const bool is_pair = is_credit_or_debit(text.subspan(at));
    if (is_digit(position)) {
      if (!append(digit_of(position))) return false;
    } else if (position == point_ && !has_point) {
      has_point = true;
    } else if ((position == U'+' || position == U'-' || is_pair) && !has_sign) {
      has_sign = true;
      value.is_negative = position != U'+';
      if (is_pair) ++at;
    } else if (may_overpunch && !has_sign && overpunch_.read(position) != kNoSign) {
      has_sign = true;
      value.is_negative = (overpunch_.read(position) & kSignMinus) != 0;
      if (!append(overpunch_.read(position) & 0x0FU)) return false;
    } else if (!is_filling(position)) {
      return false;
    }
  }
  set_decimals(has_point, value);
  return value.count > 0;
}

// What may stand in an edited number and says nothing of its value.
bool EditedPicture::is_filling(Position position) const {
  const Position grouping = point_ == U'.' ? U',' : U'.';
  return position == U' ' || position == 0 || position == U'*' || position == grouping ||
         currency_.find(position) != std::u32string::npos;
}

void EditedPicture::set_decimals(bool has_point, Decimal& value) const {
  // Under a picture whose point is only assumed (V) the last digits are its decimals.
  const bool shows_point = std::any_of(symbols_.begin(), symbols_.end(),
                                       [](const Symbol& symbol) { return symbol.kind == '.'; });
  if (!shows_point && !has_point) value.scale = scale_;
  // As many decimals as the picture has, where the text shows fewer.
  while (value.count > 0 && value.scale < scale_ && value.count < kDigitsMax) {
    value.digits[value.count++] = 0;
    ++value.scale;
  }
}

// +9.99E+99: every position is what its symbol says.
bool EditedPicture::read_floating(std::span<const Position> text, Decimal& value) const {
  value.count = 0;
  value.scale = static_cast<std::int32_t>(digits_behind_ - kExponentDigits);
  value.is_negative = false;
  Decimal exponent;
  Decimal* part = &value;
  std::size_t at = 0;
  for (const Symbol& symbol : symbols_) {
    if (symbol.positions == 0) continue;
    const Position position = text[at++];
    switch (symbol.kind) {
      case '9':
        if (!is_digit(position)) return false;
        part->digits[part->count++] = digit_of(position);
        break;
      case '+':
      case '-':
        if (position != U'-' && position != (symbol.kind == '+' ? U'+' : U' ')) return false;
        part->is_negative = position == U'-';
        break;
      default:
        if (position != (symbol.kind == '.' ? point_ : static_cast<Position>(symbol.kind)))
          return false;
        if (symbol.kind == 'E') part = &exponent;
        break;
    }
  }
  std::int32_t power = 0;
  for (std::uint32_t i = 0; i < exponent.count; ++i) power = 10 * power + exponent.digits[i];
  value.scale -= exponent.is_negative ? -power : power;
  return true;
}

// The mantissa's first digit is not zero, as a program's MOVE leaves it.
EditFault EditedPicture::scale_floating(const Decimal& value, Decimal& mantissa,
                                        Decimal& exponent) const {
  std::uint32_t first = 0;
  while (first < value.count && value.digits[first] == 0) ++first;
  std::uint32_t last = value.count;
  while (last > first && value.digits[last - 1] == 0) --last;
  if (last - first > digits_before_ + digits_behind_ - kExponentDigits)
    return EditFault::too_precise;
  const bool is_zero = first == last;
  // value = 0.d1d2… * 10^power, the mantissa has digits_before_ of them before its point.
  const std::int32_t power = static_cast<std::int32_t>(value.count - first) - value.scale;
  const std::int32_t shown = is_zero ? 0 : power - static_cast<std::int32_t>(digits_before_);
  if (shown > 99) return EditFault::too_large;
  if (shown < -99) return EditFault::too_precise;
  mantissa.is_negative = value.is_negative && !is_zero;
  mantissa.count = last - first;
  std::copy(value.digits.data() + first, value.digits.data() + last, mantissa.digits.data());
  const std::int32_t magnitude = std::abs(shown);
  exponent.is_negative = shown < 0;
  exponent.count = kExponentDigits;
  exponent.digits[0] = static_cast<std::uint8_t>(magnitude / 10);
  exponent.digits[1] = static_cast<std::uint8_t>(magnitude % 10);
  return EditFault::none;
}

EditFault EditedPicture::edit_floating(const Decimal& value, Position* out) const {
  Decimal mantissa;
  Decimal exponent;
  const EditFault fault = scale_floating(value, mantissa, exponent);
  if (fault != EditFault::none) return fault;
  const Decimal* part = &mantissa;
  std::uint32_t next = 0;
  for (const Symbol& symbol : symbols_) {
    if (symbol.positions == 0) continue;
    if (symbol.kind == '9') {
      *out++ = U'0' + (next < part->count ? part->digits[next] : 0U);
      ++next;
    } else if (symbol.kind == '+' || symbol.kind == '-') {
      *out++ = part->is_negative ? U'-' : symbol.kind == '+' ? U'+' : U' ';
    } else {
      *out++ = symbol.kind == '.' ? point_ : static_cast<Position>(symbol.kind);
      if (symbol.kind != 'E') continue;
      part = &exponent;
      next = 0;
    }
  }
  return EditFault::none;
}

}  // namespace copybridge::condition
