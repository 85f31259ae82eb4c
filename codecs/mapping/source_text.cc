// Places inside YAML scalars.
#include "codecs/mapping/source_text.h"

#include <algorithm>

namespace copybridge::mapping {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char character) { return character == ' ' || character == '\t'; }

/// Size in UTF-8 of the character that an escape of `digits` hexadecimal digits stands for.
std::size_t utf8_size_of(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char digit : digits) {
    const bool is_decimal = digit >= '0' && digit <= '9';
    value = (value << 4) + static_cast<std::uint32_t>(is_decimal ? digit - '0' : (digit & 7) + 9);
  }
  return value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
}

/// Walks over a flow scalar (plain or quoted) and counts the bytes of its value.
class ScalarWalk {
 public:
  ScalarWalk(std::string_view text, std::size_t position) : text_(text), position_(position) {
    const char first = position < text.size() ? text[position] : '\0';
    if (first == '"' || first == '\'') {
      quote_ = first;
      ++position_;
    }
  }

  /// Goes on until `offset` bytes of the value lie behind; returns the position in the text.
  std::size_t go_to(std::size_t offset) {
    while (position_ < text_.size() && (produced_ < offset || is_escaped_line_end())) step();
    return std::min(position_, text_.size());
  }

 private:
  /// A line end that is escaped gives no byte: it lies before the byte that follows.
  [[nodiscard]] bool is_escaped_line_end() const {
    return quote_ == '"' && text_[position_] == '\\' && position_ + 1 < text_.size() &&
           (text_[position_ + 1] == '\n' || text_[position_ + 1] == '\r');
  }

  void step() {
    const char character = text_[position_];
    if (is_blank(character) || character == '\n' || character == '\r') return step_blanks();
    if (quote_ == '"' && character == '\\') return step_escape();
    const bool is_doubled_quote = quote_ == '\'' && character == '\'';
    position_ += is_doubled_quote ? 2 : 1;
    ++produced_;
  }

  /// Blanks before a line end, the line end and the blanks behind it are one space; further line
  /// ends are kept (YAML 1.2, 6.5 Line Folding).
  void step_blanks() {
    std::size_t end = position_;
    std::size_t line_ends = 0;
    while (end < text_.size() &&
           (is_blank(text_[end]) || text_[end] == '\n' || text_[end] == '\r')) {
      if (text_[end] == '\n') ++line_ends;
      ++end;
    }
    position_ = line_ends == 0 ? position_ + 1 : end;
    produced_ += line_ends < 2 ? 1 : line_ends - 1;
  }

  void step_escape() {
    const char kind = position_ + 1 < text_.size() ? text_[position_ + 1] : '\0';
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (kind == '\n' || kind == '\r') return step_escaped_line_end();
    if (position_ + 2 + digits > text_.size()) {
      position_ = text_.size();
      return;
    }
    produced_ += size_of_escape(kind, text_.substr(position_ + 2, digits));
    position_ += 2 + digits;
  }

  void step_escaped_line_end() {
    ++position_;
    const std::size_t next = text_.find_first_not_of(" \t\r\n", position_);
    position_ = next == kNowhere ? text_.size() : next;
  }

  static std::size_t size_of_escape(char kind, std::string_view digits) {
    if (!digits.empty()) return utf8_size_of(digits);
    // \N is U+0085 and \_ U+00A0; \L is U+2028 and \P U+2029.
    if (kind == 'N' || kind == '_') return 2;
    return kind == 'L' || kind == 'P' ? 3 : 1;
  }

  std::string_view text_;
  std::size_t position_;
  std::size_t produced_ = 0;
  char quote_ = '\0';
};

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
}

std::size_t SourceText::position_of(const Where& where) const {
  if (where.line == 0 || where.column == 0) return kNowhere;
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < where.line; ++line) {
    start = text_.find('\n', start);
    if (start == std::string::npos) return kNowhere;
    ++start;
  }
  const std::size_t position = start + where.column - 1;
  return position < text_.size() ? position : kNowhere;
}

Where SourceText::place(const ConfigNode& scalar, std::size_t offset) const {
  const std::size_t start = position_of(scalar.where);
  if (start == kNowhere || std::string_view("|>!&").find(text_[start]) != kNowhere) {
    return scalar.where;
  }
  const std::size_t end = ScalarWalk(text_, start).go_to(std::min(offset, scalar.scalar.size()));
  Where where = scalar.where;
  for (std::size_t position = start; position < end; ++position) {
    const bool is_line_end = text_[position] == '\n';
    where.line += is_line_end ? 1 : 0;
    where.column = is_line_end ? 1 : where.column + 1;
  }
  return where;
}

}  // namespace copybridge::mapping
