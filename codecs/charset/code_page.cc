// Both directions over a page's tables.
#include "codecs/charset/code_page.h"

#include <algorithm>

#include "codecs/charset/utf8.h"
#include "codecs/charset/walk.h"

namespace copybridge::charset {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";
constexpr std::uint8_t kEbcdicSubstitute = 0x3F;
constexpr std::uint8_t kAsciiSubstitute = 0x1A;

std::string code_point_name(std::uint32_t code_point) {
  std::string name = "U+";
  for (int shift = code_point > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4)
    name += kHexDigits[(code_point >> static_cast<unsigned>(shift)) & 0x0FU];
  return name;
}

class Utf8Visitor {
 public:
  explicit Utf8Visitor(const CodePage& page) : page_(page) {}

  void single(std::uint8_t byte) {
    const CodePage::Entry& entry = page_.entry(byte);
    text_.append(entry.utf8.data(), entry.size);
  }
  void pair(std::uint16_t code) {
    if (page_.has_pairs() && page_.pair(code).size > 0) {
      text_.append(page_.pair(code).utf8.data(), page_.pair(code).size);
    } else {
      append_replacement();
    }
  }
  void sequence(const std::uint8_t* begin, std::size_t size) { text_.append(begin, begin + size); }
  bool broken(TextFault fault, const std::uint8_t* /*at*/) {
    if (fault != TextFault::unterminated) append_replacement();
    return true;
  }
  std::string take() { return std::move(text_); }

 private:
  void append_replacement() {
    std::array<char, 4> utf8{};
    text_.append(utf8.data(), append_utf8(kReplacement, utf8.data()));
  }

  const CodePage& page_;
  std::string text_;
};

}  // namespace

std::string CodePage::to_utf8(ByteView bytes, Form form) const {
  Utf8Visitor visitor(*this);
  walk(*this, form, bytes.data(), bytes.data() + bytes.size(), visitor);
  return visitor.take();
}

std::uint16_t CodePage::pair_of(std::uint32_t code_point) const {
  const std::uint16_t code = pairs_.empty() ? CodePointMap::kNone : pair_codes_.find(code_point);
  if (code == CodePointMap::kNone) return code;
  const bool is_mark = std::ranges::any_of(
      sequences_, [&](const Sequence& sequence) { return sequence.second == code_point; });
  return is_mark ? CodePointMap::kNone : code;
}

/// Puts characters into a field's bytes, shifting where the page does.
class CodePage::Writer {
 public:
  Writer(const CodePage& page, Form form, std::span<std::uint8_t> target)
      : page_(page),
        target_(target),
        takes_singles_(form == Form::text && page.kind_ != Kind::double_byte),
        shifts_(form == Form::text && page.kind_ == Kind::shifted) {}

  /// The front of the text, one character and perhaps its mark; false where the page lacks it.
  bool put(Utf8Character character, std::string_view rest, std::size_t& used) {
    if (page_.kind_ == Kind::utf8 && takes_singles_) {
      for (std::size_t i = 0; i < character.size; ++i) byte(static_cast<std::uint8_t>(rest[i]));
      return true;
    }
    if (!page_.sequences_.empty() && put_sequence(character, rest, used)) return true;
    const std::uint16_t single =
        takes_singles_ ? page_.singles_.find(character.code_point) : CodePointMap::kNone;
    if (single != CodePointMap::kNone) {
      put_single(static_cast<std::uint8_t>(single));
      return true;
    }
    const std::uint16_t code = page_.pair_codes_.find(character.code_point);
    const bool has_pair = code != CodePointMap::kNone && !is_single_page();
    if (has_pair) put_pair(code);
    return has_pair;
  }

  void substitute() {
    if (!takes_singles_) return put_pair(page_.pair_substitute_);
    put_single(page_.is_ebcdic() ? kEbcdicSubstitute : kAsciiSubstitute);
  }

  void finish() { shift(false); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  [[nodiscard]] bool is_single_page() const { return page_.pairs_.empty(); }

  void byte(std::uint8_t value) {
    if (size_ < target_.size()) target_[size_] = value;
    ++size_;
  }

  void shift(bool out) {
    if (!shifts_ || out == is_double_) return;
    byte(out ? kShiftOut : kShiftIn);
    is_double_ = out;
  }

  void put_single(std::uint8_t value) {
    shift(false);
    byte(value);
  }

  void put_pair(std::uint16_t code) {
    shift(true);
    byte(static_cast<std::uint8_t>(code >> 8U));
    byte(static_cast<std::uint8_t>(code & 0xFFU));
  }

  // A character and the mark behind it that share one pair (1390, 1399).
  bool put_sequence(Utf8Character character, std::string_view rest, std::size_t& used) {
    std::size_t at = page_.pair_starts_.find(character.code_point);
    if (at == CodePointMap::kNone || rest.size() == character.size) return false;
    const Utf8Character mark = first_of_utf8(rest.substr(character.size));
    for (; at < page_.sequences_.size() && page_.sequences_[at].first == character.code_point;
         ++at) {
      if (mark.size == 0 || page_.sequences_[at].second != mark.code_point) continue;
      put_pair(page_.sequences_[at].code);
      used += mark.size;
      return true;
    }
    return false;
  }

  const CodePage& page_;
  std::span<std::uint8_t> target_;
  bool takes_singles_;
  bool shifts_;
  bool is_double_ = false;
  std::size_t size_ = 0;
};

Encoded CodePage::encode(std::string_view text, Form form, std::span<std::uint8_t> target,
                         Unmappable unmappable) const {
  Encoded result;
  Writer writer(*this, form, target);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const Utf8Character character = first_of_utf8(rest);
    result.at = at;
    result.code_point = character.code_point;
    if (character.size == 0) {
      result.fault = Encoded::Fault::not_utf8;
      return result;
    }
    std::size_t used = character.size;
    if (!writer.put(character, rest, used)) {
      if (unmappable == Unmappable::reject) {
        result.fault = Encoded::Fault::unmappable;
        return result;
      }
      writer.substitute();
      ++result.replaced;
    }
    at += used;
  }
  writer.finish();
  result.size = writer.size();
  return result;
}

Result<std::string> CodePage::from_utf8(std::string_view text, Form form) const {
  // At most five bytes per character: SO, two, SI and the single byte that made the shift due.
  std::string bytes(4 * text.size() + 2, '\0');
  const Encoded encoded =
      encode(text, form, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  if (encoded.fault == Encoded::Fault::not_utf8)
    return fail(ErrorKind::bad_record,
                "code page: byte " + std::to_string(encoded.at) + " of the text is not UTF-8");
  if (encoded.fault == Encoded::Fault::unmappable)
    return fail(ErrorKind::bad_record, "code page: " + name_ + " has no " +
                                           (form == Form::graphic ? "double-byte " : "") +
                                           "character " + code_point_name(encoded.code_point));
  bytes.resize(encoded.size);
  return bytes;
}

}  // namespace copybridge::charset
