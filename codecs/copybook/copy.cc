// Library search and expansion of COPY members.
#include "codecs/copybook/copy.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <system_error>

#include "codecs/copybook/file_text.h"
#include "codecs/copybook/lexer.h"
#include "codecs/copybook/programs.h"
#include "codecs/copybook/replacing.h"
#include "codecs/copybook/replacing_statement.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kMembersMax = 1000;
constexpr std::array<std::string_view, 9> kExtensions = {"",     ".cpy", ".CPY",  ".cbl", ".CBL",
                                                         ".cob", ".COB", ".copy", ".COPY"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  });
  return result;
}

/// One part of a member's or library's name; names never lead out of a library's folder.
bool is_name_part(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.front() == '.') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.#@$").find(c) != std::string_view::npos;
  });
}

/// `COPY "folder/member.cpy"` names a folder below a library.
bool is_member_name(std::string_view name) {
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
       slash = name.find('/')) {
    if (!is_name_part(name.substr(0, slash))) return false;
    name.remove_prefix(slash + 1);
  }
  return is_name_part(name);
}

std::optional<fs::path> find_in(const fs::path& folder, std::string_view name) {
  for (const std::string& spelling : {std::string(name), lower(name), upper(name)}) {
    for (const std::string_view extension : kExtensions) {
      fs::path candidate = folder / (spelling + std::string(extension));
      std::error_code ignored;
      if (fs::is_regular_file(candidate, ignored)) return candidate;
    }
  }
  return {};
}

/// `COPY name OF library` looks into the library's folder first, then into the search path.
std::optional<fs::path> find_member(const std::vector<fs::path>& libraries, std::string_view name,
                                    std::string_view library) {
  if (!library.empty()) {
    for (const fs::path& root : libraries) {
      for (const std::string& spelling : {std::string(library), lower(library), upper(library)}) {
        if (auto found = find_in(root / spelling, name)) return found;
      }
    }
  }
  for (const fs::path& root : libraries) {
    if (auto found = find_in(root, name)) return found;
  }
  return {};
}

/// One COPY statement.
struct Statement {
  Place place;
  std::string name;
  std::string library;
  std::vector<Replacement> replacements;
};

class Expander {
 public:
  Expander(const ParseOptions& options, ExpansionBudget& budget, Sources& sources, Report& report)
      : options_(options), budget_(budget), sources_(sources), report_(report) {}

  std::vector<Token> expand_file(const fs::path& path, std::uint16_t file,
                                 const std::vector<SourceLine>& lines);

 private:
  void note_division(const TokenCursor& cursor);
  bool expand_statement(TokenCursor& cursor, std::vector<Token>& out);
  void skip_exec(TokenCursor& cursor);
  void copy_statement(TokenCursor& cursor, std::vector<Token>& out);
  void include_line(TokenCursor& cursor, std::vector<Token>& out);
  void include_sql(TokenCursor& cursor, std::vector<Token>& out);
  void insert(const Statement& statement, std::vector<Token>& out);
  std::optional<std::uint16_t> load_member(const Statement& statement, const fs::path& path);

  const ParseOptions& options_;
  ExpansionBudget& budget_;
  Sources& sources_;
  Report& report_;
  std::vector<fs::path> open_;    ///< files that are being expanded, outermost first
  bool in_procedures_ = false;    ///< nothing there describes data
  bool is_outside_data_ = false;  ///< in the divisions in front of DATA DIVISION
};

std::vector<Token> Expander::expand_file(const fs::path& path, std::uint16_t file,
                                         const std::vector<SourceLine>& lines) {
  const std::vector<Token> tokens = tokenize(lines, file, options_, sources_, report_);
  open_.push_back(path);
  std::vector<Token> out;
  out.reserve(tokens.size());
  TokenCursor cursor(tokens);
  while (!cursor.at_end() && !report_.is_full()) {
    note_division(cursor);
    if (in_procedures_ || !expand_statement(cursor, out)) out.push_back(cursor.take());
  }
  out.push_back(tokens.back());
  open_.pop_back();
  return out;
}

void Expander::note_division(const TokenCursor& cursor) {
  if (at_program(cursor) || at_program_end(cursor)) {
    in_procedures_ = false;
    is_outside_data_ = true;
  } else if (cursor.is_word("DIVISION", 1)) {
    if (cursor.is_word("PROCEDURE")) in_procedures_ = true;
  }
  if (at_data(cursor)) is_outside_data_ = false;
}

bool Expander::expand_statement(TokenCursor& cursor, std::vector<Token>& out) {
  if (cursor.peek().kind != TokenKind::word) return false;
  const bool is_exec = cursor.is_word("EXEC") || cursor.is_word("EXECUTE");
  if (cursor.is_word("COPY")) {
    copy_statement(cursor, out);
  } else if (cursor.is_word("++INCLUDE") || cursor.is_word("-INC")) {
    include_line(cursor, out);
  } else if (is_exec && cursor.is_word("SQL", 1) && cursor.is_word("INCLUDE", 2)) {
    include_sql(cursor, out);
  } else if (is_exec && (out.empty() || out.back().kind == TokenKind::period)) {
    skip_exec(cursor);
  } else {
    return false;
  }
  return true;
}

/// DCLGEN puts EXEC SQL DECLARE … END-EXEC before its record. Words in it are SQL's, not COBOL's:
/// COPY and REPLACE may be among them.
void Expander::skip_exec(TokenCursor& cursor) {
  const Place place = cursor.take().place;
  while (!cursor.at_end() && !cursor.is_word("END-EXEC")) cursor.take();
  if (!cursor.accept("END-EXEC")) {
    report_.error(place, "copybook: EXEC is not closed by END-EXEC");
  }
  cursor.accept(TokenKind::period);
}

void Expander::copy_statement(TokenCursor& cursor, std::vector<Token>& out) {
  Statement statement;
  statement.place = cursor.take().place;
  const Token& name = cursor.peek();
  if (name.kind != TokenKind::word && name.kind != TokenKind::literal &&
      name.kind != TokenKind::number) {
    report_.error(name.place, "copybook: COPY needs the name of a member");
    return;
  }
  statement.name = cursor.take().text;
  if (cursor.accept("OF") || cursor.accept("IN")) statement.library = cursor.take().text;
  if (cursor.accept("SUPPRESS")) cursor.accept("PRINTING");
  if (cursor.accept("REPLACING")) statement.replacements = take_replacements(cursor, report_);
  end_statement(cursor, "COPY", report_);
  insert(statement, out);
}

void Expander::include_line(TokenCursor& cursor, std::vector<Token>& out) {
  Statement statement;
  statement.place = cursor.take().place;
  const bool has_name =
      cursor.peek().kind == TokenKind::word && cursor.peek().place.line == statement.place.line;
  if (has_name) statement.name = cursor.take().text;
  const bool has_period =
      cursor.peek().kind == TokenKind::period && cursor.peek().place.line == statement.place.line;
  if (has_period) cursor.take();
  insert(statement, out);
}

void Expander::include_sql(TokenCursor& cursor, std::vector<Token>& out) {
  Statement statement;
  statement.place = cursor.take().place;
  cursor.take();
  cursor.take();
  statement.name = cursor.take().text;
  if (!cursor.accept("END-EXEC")) {
    report_.error(statement.place, "copybook: EXEC SQL INCLUDE is not closed by END-EXEC");
  }
  if (cursor.peek().kind == TokenKind::period) cursor.take();
  insert(statement, out);
}

void Expander::insert(const Statement& statement, std::vector<Token>& out) {
  if (!is_member_name(statement.name) ||
      (!statement.library.empty() && !is_member_name(statement.library))) {
    report_.error(statement.place, "copybook: COPY has no valid member name here",
                  "letters, digits, - _ . # @ $; folders below a library only");
    return;
  }
  const auto path = find_member(options_.libraries, statement.name, statement.library);
  if (!path) {
    // Db2's precompiler supplies its communication areas itself.
    if (statement.name == "SQLCA" || statement.name == "SQLDA") return;
    const std::string message = "copybook: member " + statement.name + " is in no library";
    if (is_outside_data_) return report_.warning(statement.place, message);
    return report_.error(statement.place, message, "name its folder with -I");
  }
  const auto is_open = [&](const fs::path& open) {
    std::error_code ignored;
    return fs::equivalent(open, *path, ignored);
  };
  if (std::any_of(open_.begin(), open_.end(), is_open)) {
    report_.error(statement.place, "copybook: member " + statement.name + " copies itself");
    return;
  }
  const auto file = load_member(statement, *path);
  if (!file) return;
  const std::vector<SourceLine> lines = without_other_divisions(
      split_lines(sources_.texts[*file], *file, options_.source_format, report_));
  std::vector<Token> tokens = replace(expand_file(*path, *file, lines), statement.replacements,
                                      options_, sources_, report_, budget_.replaced_text);
  tokens.pop_back();  // `end`
  if (tokens.size() > budget_.tokens) {
    report_.error(statement.place, "copybook: the text with its members is too large");
    return;
  }
  budget_.tokens -= tokens.size();
  out.insert(out.end(), tokens.begin(), tokens.end());
}

std::optional<std::uint16_t> Expander::load_member(const Statement& statement,
                                                   const fs::path& path) {
  if (open_.size() >= kDepthMax || sources_.names.size() >= kMembersMax) {
    report_.error(statement.place, "copybook: too many members, or too deep in one another");
    return {};
  }
  std::size_t total = 0;
  for (const std::string& text : sources_.texts) total += text.size();
  const auto text = read_text(path, kTextMax - std::min(total, kTextMax));
  if (!text) {
    report_.error(statement.place, text.error().message);
    return {};
  }
  sources_.names.push_back(path.string());
  sources_.texts.push_back(text_of_file(*text, options_));
  return static_cast<std::uint16_t>(sources_.names.size() - 1);
}

}  // namespace

Result<std::string> read_text(const fs::path& path, std::size_t size_max) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return fail(ErrorKind::copybook,
                "copybook: " + path.string() +
                    (error ? " cannot be read: " + error.message() : " is not a regular file"));
  }
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > size_max) {
    return fail(ErrorKind::copybook, "copybook: " + path.string() + " is too large");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) {
    return fail(ErrorKind::copybook, "copybook: " + path.string() + " cannot be read");
  }
  return text;
}

std::vector<Token> expand(const fs::path& path, const std::vector<SourceLine>& lines,
                          const ParseOptions& options, ExpansionBudget& budget, Sources& sources,
                          Report& report) {
  const std::vector<Token> tokens =
      Expander(options, budget, sources, report).expand_file(path, 0, lines);
  return apply_replace_statements(tokens, options, sources, report, budget.replaced_text);
}

}  // namespace copybridge::copybook
