// Words, numbers, literals and pictures, continuation lines included.
#include "codecs/copybook/lexer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace copybridge::copybook {
namespace {

constexpr std::size_t kTokensMax = 1'000'000;

struct KnownPrefix {
  std::string_view letters;
  LiteralPrefix kind;
};
constexpr KnownPrefix kPrefixes[] = {
    {"X", LiteralPrefix::hex},           {"N", LiteralPrefix::national},
    {"NX", LiteralPrefix::national_hex}, {"G", LiteralPrefix::dbcs},
    {"Z", LiteralPrefix::null_ended},    {"U", LiteralPrefix::none},
    {"UX", LiteralPrefix::hex},          {"H", LiteralPrefix::number_hex},
    {"B", LiteralPrefix::number_bits},
};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_letter(char character) { return upper(character) >= 'A' && upper(character) <= 'Z'; }

/// Letters and digits, the hyphen, and what compilers and COPY REPLACING add: underscore, the
/// national characters # @ $, colons of :TAG:, and letters beyond ASCII.
bool is_word_character(char character) {
  return is_letter(character) || is_digit(character) || character == '-' || character == '_' ||
         character == '#' || character == '@' || character == '$' || character == ':' ||
         character == '+' || static_cast<unsigned char>(character) >= 0x80;
}

class Lexer {
 public:
  Lexer(const std::vector<SourceLine>& lines, std::uint16_t file, const ParseOptions& options,
        Sources& sources, Report& report, bool after_picture)
      : lines_(lines),
        file_(file),
        options_(options),
        sources_(sources),
        report_(report),
        after_picture_(after_picture) {}

  std::vector<Token> run() {
    while (line_ < lines_.size() && !report_.is_full()) {
      if (!skip_separators()) continue;
      const bool is_glued = line_ == end_line_ && index_ == end_index_;
      scan_token();
      note_exec();
      tokens_.back().is_glued = is_glued;
      end_line_ = line_;
      end_index_ = index_;
      if (tokens_.size() < kTokensMax) continue;
      report_.error(tokens_.back().place, "copybook: the text has more than a million words");
      break;
    }
    const Place last = lines_.empty() ? Place{file_, 1, 1} : Place{file_, lines_.back().number, 1};
    tokens_.push_back({TokenKind::end, LiteralPrefix::none, last, {}});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] std::string_view text() const { return lines_[line_].text; }
  [[nodiscard]] char at(std::size_t index) const {
    return index < text().size() ? text()[index] : ' ';
  }
  [[nodiscard]] Place place() const {
    const SourceLine& line = lines_[line_];
    return {file_, line.number, line.column + static_cast<std::uint32_t>(index_)};
  }
  void next_line() {
    ++line_;
    index_ = 0;
  }

  /// Bytes of the blank at `index`: space, tab and other controls, no-break space; else 0.
  [[nodiscard]] std::size_t blank_size(std::size_t index) const {
    const auto byte = static_cast<unsigned char>(at(index));
    if (byte <= 0x20) return 1;
    if (byte == 0xC2 && static_cast<unsigned char>(at(index + 1)) == 0xA0) return 2;
    // Behind a lead byte, A0 is the tail of a UTF-8 letter.
    const auto before = static_cast<unsigned char>(index > 0 ? at(index - 1) : ' ');
    return byte == 0xA0 && before < 0xC2 ? 1 : 0;
  }
  [[nodiscard]] bool is_blank_or_end(std::size_t index) const {
    return index >= text().size() || blank_size(index) > 0;
  }

  /// What stands between EXEC … and END-EXEC is another language's.
  void note_exec() {
    const Token& last = tokens_.back();
    if (last.kind != TokenKind::word) return;
    if (same_word(last.text, "END-EXEC")) in_exec_ = false;
    const bool follows_exec = tokens_.size() > 1 &&
                              tokens_[tokens_.size() - 2].kind == TokenKind::word &&
                              (same_word(tokens_[tokens_.size() - 2].text, "EXEC") ||
                               same_word(tokens_[tokens_.size() - 2].text, "EXECUTE"));
    if (!follows_exec) return;
    in_exec_ = same_word(last.text, "SQL") || same_word(last.text, "CICS") ||
               same_word(last.text, "DLI") || same_word(last.text, "SQLIMS");
  }

  /// Moves to the next character of a token; false at the end of the line, which is then left.
  bool skip_separators() {
    while (index_ < text().size()) {
      if (in_exec_ && text().substr(index_, 2) == "/*") {
        if (!skip_block_comment()) return false;
      } else if (const std::size_t blank = blank_size(index_); blank > 0) {
        index_ += blank;
      } else if (is_comma(index_)) {
        ++index_;
      } else if (begins_comment()) {
        break;
      } else {
        return true;
      }
    }
    next_line();
    return false;
  }

  /// Goes behind the end of a comment of SQL; false where its line has none, and is left.
  bool skip_block_comment() {
    std::size_t from = index_ + 2;
    while (text().find("*/", from) == std::string_view::npos) {
      next_line();
      if (line_ >= lines_.size()) return false;
      from = 0;
    }
    index_ = text().find("*/", from) + 2;
    return true;
  }

  /// `*>` anywhere, and an asterisk as the first character of a line: free text of members that
  /// were written in columns, or comments that slipped out of column 7.
  [[nodiscard]] bool begins_comment() const {
    if (in_exec_ && text().substr(index_, 2) == "--") return true;
    if (at(index_) != '*') return false;
    if (at(index_ + 1) == '>') return true;
    const std::size_t first = text().find_first_not_of(" \t");
    return first == index_ && !after_picture_ && !lines_[line_].continues;
  }

  [[nodiscard]] bool is_comma(std::size_t index) const {
    return at(index) == ';' ||
           (at(index) == ',' && !(options_.decimal_point_is_comma && is_digit(at(index + 1))));
  }

  void scan_token() {
    if (after_picture_) return scan_picture();
    const char character = at(index_);
    if (character == '\'' || character == '"') return scan_literal(LiteralPrefix::none, 0);
    if (const auto prefix = literal_prefix()) return scan_literal(prefix->kind, prefix->size);
    if (is_number_start()) return scan_number();
    if (is_word_character(character)) return scan_word();
    scan_symbol(character);
  }

  void scan_symbol(char character) {
    if (text().substr(index_, 2) == "==") return push(TokenKind::pseudo_delimiter, 2);
    switch (character) {
      case '.':
        return push(TokenKind::period, 1);
      case '(':
        return push(TokenKind::left_paren, 1);
      case ')':
        return push(TokenKind::right_paren, 1);
      case '&':
        return push(TokenKind::ampersand, 1);
      default:
        return push(TokenKind::junk, junk_size());
    }
  }

  /// Characters that begin no token are one token as long as they stand together.
  [[nodiscard]] std::size_t junk_size() const {
    std::size_t end = index_ + 1;
    while (!is_blank_or_end(end) && !is_word_character(at(end)) &&
           std::string_view("'\".()&=").find(at(end)) == std::string_view::npos) {
      ++end;
    }
    return end - index_;
  }

  void push(TokenKind kind, std::size_t size) {
    tokens_.push_back({kind, LiteralPrefix::none, place(), text().substr(index_, size)});
    index_ += size;
  }

  // -- words and numbers

  [[nodiscard]] bool is_number_start() const {
    std::size_t index = index_;
    if (at(index) == '+' || at(index) == '-') ++index;
    if (at(index) == decimal_point()) ++index;
    if (!is_digit(at(index))) return false;
    return number_size().has_value();
  }

  [[nodiscard]] char decimal_point() const { return options_.decimal_point_is_comma ? ',' : '.'; }

  /// Size of the number that begins here; nothing where it goes on as a word (`01-REC`).
  [[nodiscard]] std::optional<std::size_t> number_size() const {
    std::size_t end = index_;
    if (at(end) == '+' || at(end) == '-') ++end;
    while (is_digit(at(end))) ++end;
    if (at(end) == decimal_point() && is_digit(at(end + 1))) {
      ++end;
      while (is_digit(at(end))) ++end;
    }
    end += exponent_size(end);
    if (end < text().size() && is_word_character(at(end)) && blank_size(end) == 0) return {};
    return end - index_;
  }

  [[nodiscard]] std::size_t exponent_size(std::size_t index) const {
    if (upper(at(index)) != 'E') return 0;
    std::size_t end = index + 1;
    if (at(end) == '+' || at(end) == '-') ++end;
    const std::size_t digits = end;
    while (is_digit(at(end))) ++end;
    return end == digits ? 0 : end - index;
  }

  void scan_number() {
    const Place begin = place();
    const std::size_t size = number_size().value_or(1);
    const std::string_view number = text().substr(index_, size);
    index_ += size;
    finish(TokenKind::number, begin, number);
  }

  void scan_word() {
    const Place begin = place();
    const std::size_t start = index_;
    while (index_ < text().size() && is_word_character(at(index_)) && blank_size(index_) == 0) {
      ++index_;
    }
    finish(TokenKind::word, begin, text().substr(start, index_ - start));
  }

  /// Pushes a word or number after joining what the continuation lines add to it.
  void finish(TokenKind kind, Place begin, std::string_view head) {
    if (continues_here()) {
      std::string joined(head);
      while (continues_here()) join_next_line(joined);
      head = sources_.keep(std::move(joined));
      if (kind == TokenKind::number && !is_number(head)) kind = TokenKind::word;
      if (kind == TokenKind::word && is_number(head)) kind = TokenKind::number;
    }
    after_picture_ = kind == TokenKind::word && !in_exec_ && follows_picture(head);
    tokens_.push_back({kind, LiteralPrefix::none, begin, head});
  }

  [[nodiscard]] bool follows_picture(std::string_view word) const {
    if (same_word(word, "PIC") || same_word(word, "PICTURE")) return true;
    const bool is_after_picture =
        !tokens_.empty() && tokens_.back().kind == TokenKind::word &&
        (same_word(tokens_.back().text, "PIC") || same_word(tokens_.back().text, "PICTURE"));
    return is_after_picture && same_word(word, "IS");
  }

  [[nodiscard]] static bool is_number(std::string_view word) {
    return std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
  }

  /// Whether only blanks follow on this line and the next one goes on where they begin with
  /// something other than a literal or a period.
  [[nodiscard]] bool continues_here() const {
    if (line_ + 1 >= lines_.size() || !lines_[line_ + 1].continues) return false;
    for (std::size_t i = index_; i < text().size(); ++i) {
      if (blank_size(i) == 0) return false;
    }
    const std::string_view next = lines_[line_ + 1].text;
    const std::size_t first = next.find_first_not_of(" \t");
    return first != std::string_view::npos && is_word_character(next[first]);
  }

  void join_next_line(std::string& joined) {
    next_line();
    index_ = text().find_first_not_of(" \t");
    const std::size_t start = index_;
    while (index_ < text().size() && blank_size(index_) == 0 &&
           (is_word_character(at(index_)) || (at(index_) == '.' && is_digit(at(index_ + 1))))) {
      ++index_;
    }
    joined += text().substr(start, index_ - start);
  }

  // -- pictures

  void scan_picture() {
    const Place begin = place();
    const std::size_t start = index_;
    if (const std::size_t is = optional_is(); is > 0) {
      index_ += is;
      tokens_.push_back({TokenKind::word, LiteralPrefix::none, begin, text().substr(start, is)});
      return;
    }
    after_picture_ = false;
    while (!is_blank_or_end(index_) && !at_pseudo_delimiter()) ++index_;
    // A period, comma or semicolon before a blank is a separator, not part of the picture.
    if (index_ > start && (at(index_ - 1) == '.' || is_comma(index_ - 1))) --index_;
    std::string_view picture = text().substr(start, index_ - start);
    if (continues_picture()) picture = sources_.keep(join_picture(picture));
    tokens_.push_back({TokenKind::picture, LiteralPrefix::none, begin, picture});
  }

  /// `==PIC X(9)==` in REPLACE and REPLACING.
  [[nodiscard]] bool at_pseudo_delimiter() const { return text().substr(index_, 2) == "=="; }

  [[nodiscard]] std::size_t optional_is() const {
    return same_word(text().substr(index_, 2), "IS") && is_blank_or_end(index_ + 2) ? 2 : 0;
  }

  [[nodiscard]] bool continues_picture() const {
    return line_ + 1 < lines_.size() && lines_[line_ + 1].continues && index_ >= text().size();
  }

  std::string join_picture(std::string_view head) {
    std::string joined(head);
    next_line();
    index_ = std::min(text().find_first_not_of(" \t"), text().size());
    const std::size_t start = index_;
    while (!is_blank_or_end(index_) && !at_pseudo_delimiter()) ++index_;
    if (index_ > start && (at(index_ - 1) == '.' || is_comma(index_ - 1))) --index_;
    return joined + std::string(text().substr(start, index_ - start));
  }

  // -- literals

  struct Prefix {
    LiteralPrefix kind;
    std::size_t size;
  };

  [[nodiscard]] std::optional<Prefix> literal_prefix() const {
    for (const KnownPrefix& known : kPrefixes) {
      const char quote = at(index_ + known.letters.size());
      if ((quote == '\'' || quote == '"') &&
          same_word(text().substr(index_, known.letters.size()), known.letters)) {
        return Prefix{known.kind, known.letters.size()};
      }
    }
    return {};
  }

  void scan_literal(LiteralPrefix prefix, std::size_t prefix_size) {
    const Place begin = place();
    index_ += prefix_size;
    const char quote = at(index_++);
    // Nearly all literals stand in one piece on one line.
    const std::size_t close = text().find(quote, index_);
    if (close != std::string_view::npos && at(close + 1) != quote && !is_at_margin(close)) {
      push_literal(prefix, begin, text().substr(index_, close - index_));
      index_ = close + 1;
      return;
    }
    std::string value;
    if (!scan_quoted(quote, value) && !in_exec_) {
      report_.error(begin, "copybook: this literal has no closing quote",
                    "end it on its line, or go on with '-' in column 7");
    }
    push_literal(prefix, begin, sources_.keep(std::move(value)));
  }

  void push_literal(LiteralPrefix prefix, Place begin, std::string_view value) {
    tokens_.push_back({TokenKind::literal, prefix, begin, value});
  }

  /// A quote as the last character before the margin may be half of a doubled one.
  [[nodiscard]] bool is_at_margin(std::size_t index) const {
    return index + 1 == text().size() && lines_[line_].blanks_to_margin == 0 &&
           line_ + 1 < lines_.size() && lines_[line_ + 1].continues;
  }

  bool scan_quoted(char quote, std::string& value) {
    while (true) {
      if (index_ >= text().size()) {
        if (!continue_literal(quote, value)) return false;
        continue;
      }
      const char character = at(index_++);
      if (character != quote) {
        value += character;
      } else if (at(index_) == quote) {
        value += quote;
        ++index_;
      } else if (!is_at_margin(index_ - 1) || !continue_quote(quote, value)) {
        return true;
      }
    }
  }

  /// Goes to the continuation line's first character behind its opening quote.
  bool continue_literal(char quote, std::string& value) {
    if (line_ + 1 >= lines_.size() || !lines_[line_ + 1].continues) return false;
    const std::string_view next = lines_[line_ + 1].text;
    const std::size_t first = next.find_first_not_of(" \t");
    if (first == std::string_view::npos || next[first] != quote) return false;
    // The literal reaches to column 72 of its line.
    value.append(lines_[line_].blanks_to_margin, ' ');
    next_line();
    index_ = first + 1;
    return true;
  }

  /// A quote in column 72 and two at the start of the continuation are one quote in the value.
  bool continue_quote(char quote, std::string& value) {
    const std::string_view next = lines_[line_ + 1].text;
    const std::size_t first = next.find_first_not_of(" \t");
    if (first == std::string_view::npos || next.substr(first, 2) != std::string(2, quote)) {
      return false;
    }
    value += quote;
    next_line();
    index_ = first + 2;
    return true;
  }

  const std::vector<SourceLine>& lines_;
  std::uint16_t file_;
  const ParseOptions& options_;
  Sources& sources_;
  Report& report_;
  std::size_t line_ = 0;
  std::size_t index_ = 0;
  std::size_t end_line_ = SIZE_MAX;  ///< where the last token ended
  std::size_t end_index_ = 0;
  bool after_picture_;
  bool in_exec_ = false;  ///< between EXEC SQL or the like and END-EXEC
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const std::vector<SourceLine>& lines, std::uint16_t file,
                            const ParseOptions& options, Sources& sources, Report& report,
                            bool after_picture) {
  return Lexer(lines, file, options, sources, report, after_picture).run();
}

std::vector<Token> tokenize_at(std::string_view text, Place place, const ParseOptions& options,
                               Sources& sources, Report& report, bool after_picture) {
  const std::vector<SourceLine> lines = {{text, place.line, place.column, 0, false}};
  std::vector<Token> tokens = tokenize(lines, place.file, options, sources, report, after_picture);
  for (Token& token : tokens) token.place = place;
  return tokens;
}

}  // namespace copybridge::copybook
