// Headers of divisions and programs, which begin their lines.
#include "codecs/copybook/programs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace copybridge::copybook {
namespace {

constexpr std::array<std::string_view, 5> kNamingParagraphs = {
    "PROGRAM-ID", "FUNCTION-ID", "CLASS-ID", "METHOD-ID", "INTERFACE-ID"};
constexpr std::array<std::string_view, 6> kCommentParagraphs = {
    "AUTHOR", "INSTALLATION", "DATE-WRITTEN", "DATE-COMPILED", "SECURITY", "REMARKS"};
// Compilers other than IBM's let the headers of their divisions be left out.
constexpr std::array<std::string_view, 2> kEnvironmentSections = {"CONFIGURATION", "INPUT-OUTPUT"};
constexpr std::array<std::string_view, 4> kDataSections = {"FILE", "WORKING-STORAGE",
                                                           "LOCAL-STORAGE", "LINKAGE"};
constexpr std::array<std::string_view, 7> kUnits = {"PROGRAM", "FUNCTION", "CLASS",    "METHOD",
                                                    "FACTORY", "OBJECT",   "INTERFACE"};

template <std::size_t kCount>
bool is_one_of(std::string_view word, const std::array<std::string_view, kCount>& words) {
  return std::any_of(words.begin(), words.end(),
                     [word](std::string_view known) { return same_word(word, known); });
}

bool is_identification(std::string_view word) {
  return same_word(word, "IDENTIFICATION") || same_word(word, "ID");
}

/// The word in front of `text`, which is cut off.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::size_t end = std::min(text.find_first_of(" \t."), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

/// What a line begins with, where that is the header of a division or a program's begin or end.
enum class Header : std::uint8_t {
  none,
  identification,
  name,
  comment,  ///< the paragraph of a comment-entry
  environment,
  data,
  procedure,
  end
};

Header division_named(std::string_view word) {
  if (is_identification(word)) return Header::identification;
  if (same_word(word, "ENVIRONMENT")) return Header::environment;
  if (same_word(word, "DATA")) return Header::data;
  return same_word(word, "PROCEDURE") ? Header::procedure : Header::none;
}

Header section_named(std::string_view word) {
  if (is_one_of(word, kEnvironmentSections)) return Header::environment;
  return is_one_of(word, kDataSections) ? Header::data : Header::none;
}

Header header_of(std::string_view text) {
  const std::string_view first = take_word(text);
  // Nearly all lines begin with a level number.
  if (first.empty() || first.front() < 'A') return Header::none;
  const std::size_t next = std::min(text.find_first_not_of(" \t"), text.size());
  if (text.substr(next, 1) == ".") {
    if (is_one_of(first, kNamingParagraphs)) return Header::name;
    if (is_one_of(first, kCommentParagraphs)) return Header::comment;
    return same_word(first, "SPECIAL-NAMES") ? Header::environment : Header::none;
  }
  const std::string_view second = take_word(text);
  if (same_word(first, "END") && is_one_of(second, kUnits)) return Header::end;
  if (same_word(second, "SECTION")) return section_named(first);
  return same_word(second, "DIVISION") ? division_named(first) : Header::none;
}

/// The division that a line with a header ends in; free format may have several on one.
Header last_header_of(std::string_view text, Header first) {
  std::string_view before;
  while (text.find_first_not_of(" \t.") != std::string_view::npos) {
    text.remove_prefix(text.find_first_not_of(" \t."));
    const std::string_view word = take_word(text);
    const Header named = same_word(word, "DIVISION") ? division_named(before) : Header::none;
    if (named != Header::none) first = named;
    before = word;
  }
  return first;
}

bool bounds_program(Header header) {
  return header == Header::identification || header == Header::name || header == Header::end;
}

/// Where the literal ends that begins at `index`; behind its quote where the line has no other one,
/// as in a comment-entry.
std::size_t behind_literal(std::string_view text, std::size_t index) {
  const std::size_t close = text.find(text[index], index + 1);
  return close == std::string_view::npos ? index + 1 : close + 1;
}

/// Where, behind its first sentence, a program begins or ends on a line; its size where none does.
std::size_t next_bound(std::string_view text) {
  bool is_behind_period = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (character == '*' && text.substr(at, 2) == "*>") break;
    if (is_behind_period && bounds_program(header_of(text.substr(at)))) return at;
    if (character == '\'' || character == '"') at = behind_literal(text, at) - 1;
    if (character != ' ' && character != '\t') is_behind_period = character == '.';
  }
  return text.size();
}

/// Free format may have several programs on a line; here each of their bounds begins one.
std::vector<SourceLine> with_bounds_in_front(const std::vector<SourceLine>& lines) {
  std::vector<SourceLine> made;
  made.reserve(lines.size());
  for (SourceLine line : lines) {
    for (std::size_t bound = next_bound(line.text); bound < line.text.size();
         bound = next_bound(line.text)) {
      made.push_back({line.text.substr(0, bound), line.number, line.column, 0, line.continues});
      line.text.remove_prefix(bound);
      line.column += static_cast<std::uint32_t>(bound);
      line.continues = false;
    }
    made.push_back(line);
  }
  return made;
}

/// Walks the lines of a text and knows in which division each stands.
class Divisions {
 public:
  /// Whether data may be described on the next line, or it is a header.
  bool holds_data(const SourceLine& line) {
    const Header header = line.continues ? Header::none : header_of(line.text);
    const bool is_header = ends_division(header);
    if (is_header) division_ = last_header_of(line.text, header);
    if (division_ == Header::comment) return false;
    return is_header || division_ != Header::procedure;
  }

 private:
  [[nodiscard]] bool ends_division(Header header) const {
    switch (header) {
      case Header::none:
        return false;
      case Header::comment:
        return is_identifying();
      case Header::environment:
      case Header::data:
      case Header::procedure:
        return division_ != Header::procedure;
      case Header::identification:
      case Header::name:
      case Header::end:
        break;
    }
    return true;
  }
  [[nodiscard]] bool is_identifying() const {
    return division_ == Header::identification || division_ == Header::name ||
           division_ == Header::comment;
  }

  Header division_ = Header::none;
};

}  // namespace

std::vector<SourceLine> without_other_divisions(std::vector<SourceLine> lines) {
  lines = with_bounds_in_front(lines);
  Divisions divisions;
  std::erase_if(lines, [&](const SourceLine& line) { return !divisions.holds_data(line); });
  return lines;
}

std::vector<std::vector<SourceLine>> split_programs(std::vector<SourceLine> lines) {
  std::vector<std::vector<SourceLine>> programs(1);
  std::size_t depth = 0;
  bool is_complete = false;  ///< the last program has ended
  Header before = Header::none;
  for (const SourceLine& line : without_other_divisions(std::move(lines))) {
    const Header header = header_of(line.text);
    const bool begins = header == Header::identification ||
                        (header == Header::name && before != Header::identification);
    if (begins && is_complete) programs.emplace_back();
    if (begins) is_complete = false;
    if (begins) ++depth;
    if (header == Header::end && depth > 0) is_complete = --depth == 0;
    if (header != Header::none) before = header;
    programs.back().push_back(line);
  }
  return programs;
}

bool begins_program(std::string_view line) {
  const Header header = header_of(line);
  return header == Header::identification || header == Header::name;
}

bool begins_data(std::string_view line) { return header_of(line) == Header::data; }

bool ends_program(std::string_view line) { return header_of(line) == Header::end; }

bool at_program_name(const TokenCursor& cursor) {
  return cursor.is_kind(TokenKind::word) && cursor.peek(1).kind == TokenKind::period &&
         is_one_of(cursor.peek().text, kNamingParagraphs);
}

bool at_program(const TokenCursor& cursor) {
  const bool is_division = cursor.is_word("DIVISION", 1) && is_identification(cursor.peek().text);
  return is_division || at_program_name(cursor);
}

bool at_data(const TokenCursor& cursor) {
  const bool is_division = cursor.is_word("DATA") && cursor.is_word("DIVISION", 1);
  const bool is_section = cursor.is_kind(TokenKind::word) && cursor.is_word("SECTION", 1) &&
                          is_one_of(cursor.peek().text, kDataSections);
  return is_division || is_section;
}

bool at_program_end(const TokenCursor& cursor) {
  return cursor.is_word("END") && cursor.peek(1).kind == TokenKind::word &&
         is_one_of(cursor.peek(1).text, kUnits);
}

}  // namespace copybridge::copybook
