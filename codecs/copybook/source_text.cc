// Lines, columns and indicators of copybook text.
#include "codecs/copybook/source_text.h"

#include <algorithm>
#include <string>

#include "codecs/copybook/directives.h"
#include "codecs/copybook/programs.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {
namespace {

constexpr std::uint32_t kIndicatorColumn = 7;
constexpr std::uint32_t kTextColumn = 8;
constexpr std::uint32_t kMargin = 72;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\f\v\x1A") == std::string_view::npos;
}

bool is_utf8_tail(std::string_view line, std::size_t index) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(line[at]); };
  if ((byte(index) & 0xC0) != 0x80) return false;
  for (std::size_t back = 1; back <= 3 && back <= index; ++back) {
    const unsigned char lead = byte(index - back);
    if (lead >= 0xC2) return back < (lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U);
    if ((lead & 0xC0) != 0x80) return false;
  }
  return false;
}

/// Walks a line byte by byte and knows the column that an editor shows for each.
class Columns {
 public:
  explicit Columns(std::string_view line) : line_(line) {}

  /// Advances to the first byte that stands in `column` or behind it.
  void advance_to(std::uint32_t column) {
    while (index_ < line_.size() && column_ < column) step();
    while (index_ < line_.size() && is_utf8_tail(line_, index_)) ++index_;
  }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] std::uint32_t column() const { return column_; }

 private:
  void step() {
    const char character = line_[index_];
    if (character == '\t') {
      column_ += 8 - (column_ - 1) % 8;
    } else if (!is_utf8_tail(line_, index_)) {
      ++column_;
    }
    ++index_;
  }

  std::string_view line_;
  std::size_t index_ = 0;
  std::uint32_t column_ = 1;
};

/// Takes the next line off `text`.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  std::size_t next = end;
  if (next < text.size() && text[next] == '\r') ++next;
  if (next < text.size() && text[next] == '\n' && (next == end || text[end] == '\r')) ++next;
  text.remove_prefix(next);
  return line;
}

/// Whether what stands behind the margin ends as a statement does; identifications do not.
bool ends_statement(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t");
  return last != std::string_view::npos && text[last] == '.';
}

/// CBL and PROCESS give compiler options in front of a program.
bool is_options_statement(std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(first);
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  return same_word(word, "CBL") || same_word(word, "PROCESS");
}

/// Splits one file; directives may change the format on the way.
class Splitter {
 public:
  Splitter(std::uint16_t file, SourceFormat format, Report& report)
      : file_(file), format_(format), report_(report), directives_(file, format, report) {}

  void add(std::string_view line, std::uint32_t number) {
    if (is_blank(line)) return;
    if (Directives::is_directive(line)) {
      directives_.take(line, number);
      format_ = directives_.format();
      return;
    }
    if (!directives_.is_active()) return;
    const bool is_first = lines_.empty() || ends_program(lines_.back().text);
    if (is_first && is_options_statement(line)) return;
    if (format_ == SourceFormat::free) {
      add_free(line, number);
    } else {
      add_columns(line, number);
    }
  }
  std::vector<SourceLine> take() {
    directives_.finish();
    return std::move(lines_);
  }

 private:
  void add_free(std::string_view line, std::uint32_t number) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (line.substr(first, 2) == "*>") return;
    // Text written in columns that have shifted: only a continuation begins with a lone hyphen.
    const bool continues = line[first] == '-' && line.substr(first + 1, 1) == " ";
    const std::size_t begin = continues ? first + 1 : 0;
    lines_.push_back({line.substr(begin), number, place_of(begin), 0, continues});
  }

  void add_columns(std::string_view line, std::uint32_t number) {
    // Librarian and Panvalet write their includes from column 1.
    if (line.substr(0, 5) == "-INC " || line.substr(0, 10) == "++INCLUDE ") {
      lines_.push_back({line.substr(0, kMargin), number, 1, 0, false});
      return;
    }
    Columns columns(line);
    columns.advance_to(kIndicatorColumn);
    const std::size_t indicator_at = columns.index();
    // A tab before column 7 that reaches over it leaves the indicator blank.
    const bool has_indicator = columns.column() == kIndicatorColumn && indicator_at < line.size();
    const char indicator = has_indicator ? line[indicator_at] : ' ';
    const Place place = {file_, number, place_of(indicator_at)};
    if (has_indicator && begins_with_level(line, indicator_at)) {
      report_.warning(place, "copybook: text begins in column 7");
    } else {
      if (!is_text_indicator(indicator, place)) return;
      columns.advance_to(kTextColumn);
    }
    const std::size_t begin = columns.index();
    std::size_t end = line.size();
    if (format_ == SourceFormat::fixed) {
      columns.advance_to(kMargin + 1);
      end = columns.index();
      if (ends_statement(line.substr(end))) report_.note_cut({file_, number, place_of(end)});
    }
    const std::string_view text = line.substr(begin, end - begin);
    if (is_blank(text)) return;
    const std::uint32_t blanks = format_ == SourceFormat::fixed && columns.column() <= kMargin
                                     ? kMargin + 1 - columns.column()
                                     : 0;
    lines_.push_back({text, number, place_of(begin), blanks, indicator == '-'});
  }

  /// A level number in column 7 behind a blank sequence area can mean nothing else.
  static bool begins_with_level(std::string_view line, std::size_t index) {
    const auto is_digit = [line](std::size_t at) {
      return at < line.size() && line[at] >= '0' && line[at] <= '9';
    };
    return is_digit(index) && is_blank(line.substr(0, index)) && is_digit(index + 1) &&
           index + 2 < line.size() && line[index + 2] == ' ';
  }

  static std::uint32_t place_of(std::size_t index) { return static_cast<std::uint32_t>(index + 1); }

  /// False for comment and debugging lines, and, with a report, for anything else unknown.
  bool is_text_indicator(char indicator, Place place) {
    switch (indicator) {
      case ' ':
      case '\t':
      case '-':
        return true;
      case '*':
      case '/':
      case '$':
      case 'D':
      case 'd':
        return false;
      default:
        report_.error(place,
                      std::string("copybook: column 7 holds '") + printable(indicator) +
                          "', which is no indicator",
                      "text that begins before column 8 needs --source-format free");
        return false;
    }
  }

  static char printable(char character) {
    return character > ' ' && character < '\x7F' ? character : '?';
  }

  std::uint16_t file_;
  SourceFormat format_;
  Report& report_;
  Directives directives_;
  std::vector<SourceLine> lines_;
};

}  // namespace

std::vector<SourceLine> split_lines(std::string_view text, std::uint16_t file, SourceFormat format,
                                    Report& report) {
  Splitter splitter(file, format, report);
  for (std::uint32_t number = 1; !text.empty() && !report.is_full(); ++number) {
    splitter.add(next_line(text), number);
  }
  return splitter.take();
}

}  // namespace copybridge::copybook
