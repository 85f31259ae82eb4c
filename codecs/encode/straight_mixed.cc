// Text of EBCDIC mixed pages, character by character: singles, and pairs between SO and SI. What
// tables cannot say of one character alone is left to the code page.
#include <cstring>

#include "codecs/encode/straight_run.h"

namespace copybridge::encode {

using copybook::Usage;

namespace {

bool follows(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

std::uint32_t low_bits(char byte) { return static_cast<unsigned char>(byte) & 0x3FU; }

/// The UTF-16 unit at `at`, which moves behind it; 0 where there is no character of two or three
/// bytes.
std::uint32_t next_unit(const char*& at) {
  const auto lead = static_cast<unsigned char>(*at);
  if (lead >= 0xC2 && lead < 0xE0 && follows(at[1])) {
    const std::uint32_t unit = (lead & 0x1FU) << 6U | low_bits(at[1]);
    at += 2;
    return unit;
  }
  if (lead < 0xE0 || lead >= 0xF0 || !follows(at[1]) || !follows(at[2])) return 0;
  const std::uint32_t unit = (lead & 0x0FU) << 12U | low_bits(at[1]) << 6U | low_bits(at[2]);
  at += 3;
  constexpr std::uint32_t kFirstOfThree = 0x800;  // what is less has a shorter form
  return unit >= kFirstOfThree ? unit : 0;
}

/// A field's bytes as they are filled.
class Target {
 public:
  Target(std::uint8_t* out, std::size_t size) : at_(out), end_(out + size) {}

  bool put_single(std::uint16_t byte) {
    if (!shift(false) || at_ == end_) return false;
    *at_++ = static_cast<std::uint8_t>(byte);
    return true;
  }
  bool put_pair(std::uint16_t stored) {
    if (!shift(true) || end_ - at_ < 2) return false;
    std::memcpy(at_, &stored, sizeof stored);
    at_ += 2;
    return true;
  }
  bool finish(std::uint8_t space) {
    if (!shift(false)) return false;
    std::memset(at_, space, static_cast<std::size_t>(end_ - at_));
    return true;
  }

 private:
  bool shift(bool to_pairs) {
    if (is_double_ == to_pairs) return true;
    if (at_ == end_) return false;
    *at_++ = to_pairs ? charset::kShiftOut : charset::kShiftIn;
    is_double_ = to_pairs;
    return true;
  }

  std::uint8_t* at_;
  std::uint8_t* end_;
  bool is_double_ = false;
};

}  // namespace

const char* read_mixed(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  if (*in != '"') return read_any(step, in, out, run);
  const TextEncoder& page = *step.field->text;
  const std::uint16_t* const pairs = page.pairs_beside_singles().data();
  Target target(out, step.size);
  for (const char* at = in + 1; at < run.end;) {
    const std::uint16_t byte = page.fast()[static_cast<unsigned char>(*at)];
    if (byte != TextEncoder::kSlow) {
      if (!target.put_single(byte)) break;
      ++at;
      continue;
    }
    if (*at == '"') {
      if (!target.finish(page.space())) break;
      return at + 1;
    }
    const std::uint16_t pair = pairs[next_unit(at)];
    if (pair == 0 || !target.put_pair(pair)) break;
  }
  return read_any(step, in, out, run);
}

bool is_mixed_text(const Field& field) {
  return field.storage.usage == Usage::display && !field.storage.is_numeric() &&
         field.picture == nullptr &&
         field.storage.page->kind() == charset::CodePage::Kind::shifted &&
         field.varying == nullptr && !field.is_right_justified && field.date == nullptr &&
         !field.mask;
}

}  // namespace copybridge::encode
