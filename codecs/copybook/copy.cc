// Library search and expansion of COPY members.
#include "codecs/copybook/copy.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "codecs/copybook/ebcdic_text.h"
#include "codecs/copybook/lexer.h"
#include "codecs/copybook/replacing.h"
#include "codecs/copybook/source_text.h"

namespace copybridge::copybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kMembersMax = 1000;
constexpr std::size_t kReplacementsMax = 200;
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

/// Member and library names never lead out of a library's folder.
bool is_member_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.front() == '.') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.#@$").find(c) != std::string_view::npos;
  });
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
  Expander(const ParseOptions& options, Sources& sources, Report& report)
      : options_(options), sources_(sources), report_(report) {}

  std::vector<Token> expand_file(const fs::path& path, std::uint16_t file);

 private:
  /// Walks the tokens of one file.
  class Cursor {
   public:
    explicit Cursor(const std::vector<Token>& tokens) : tokens_(tokens) {}
    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
      return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
    }
    const Token& take() {
      const Token& token = peek();
      if (index_ + 1 < tokens_.size()) ++index_;
      return token;
    }
    [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const {
      return peek(ahead).kind == TokenKind::word && same_word(peek(ahead).text, word);
    }
    bool accept(std::string_view word) {
      if (!is_word(word)) return false;
      take();
      return true;
    }
    [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::end; }

   private:
    const std::vector<Token>& tokens_;
    std::size_t index_ = 0;
  };

  /// Nothing behind PROCEDURE DIVISION describes data.
  static bool begins_procedures(const Cursor& cursor) {
    return cursor.is_word("PROCEDURE") && cursor.is_word("DIVISION", 1);
  }
  bool expand_statement(Cursor& cursor, std::vector<Token>& out);
  void copy_statement(Cursor& cursor, std::vector<Token>& out);
  void include_line(Cursor& cursor, std::vector<Token>& out);
  void include_sql(Cursor& cursor, std::vector<Token>& out);
  void replace_statement(Cursor& cursor, std::vector<Token>& out);
  std::vector<Replacement> replacements(Cursor& cursor);
  std::optional<std::vector<Token>> operand(Cursor& cursor);
  void end_statement(Cursor& cursor, std::string_view statement);
  void insert(const Statement& statement, std::vector<Token>& out);
  std::optional<std::uint16_t> load_member(const Statement& statement, const fs::path& path);

  /// A REPLACE that holds from here on in this file, and the text it has been applied to.
  struct Replace {
    std::vector<Replacement> active;
    std::size_t done = 0;
  };
  void apply(Replace& replace, std::vector<Token>& out);

  const ParseOptions& options_;
  Sources& sources_;
  Report& report_;
  std::vector<fs::path> open_;  ///< files that are being expanded, outermost first
  Replace* replace_ = nullptr;
  std::size_t replaced_text_left_ = kTextMax;
  std::size_t tokens_left_ = 1'000'000;
};

std::vector<Token> Expander::expand_file(const fs::path& path, std::uint16_t file) {
  const std::vector<SourceLine> lines =
      split_lines(sources_.texts[file], file, options_.source_format, report_);
  const std::vector<Token> tokens = tokenize(lines, file, options_, sources_, report_);
  open_.push_back(path);
  Replace replace_of_file;
  Replace* const replace_outside = std::exchange(replace_, &replace_of_file);
  std::vector<Token> out;
  out.reserve(tokens.size());
  Cursor cursor(tokens);
  while (!cursor.at_end() && !report_.is_full() && !begins_procedures(cursor)) {
    if (!expand_statement(cursor, out)) out.push_back(cursor.take());
  }
  out.push_back(tokens.back());
  apply(replace_of_file, out);
  replace_ = replace_outside;
  open_.pop_back();
  return out;
}

bool Expander::expand_statement(Cursor& cursor, std::vector<Token>& out) {
  if (cursor.peek().kind != TokenKind::word) return false;
  if (cursor.is_word("COPY")) {
    copy_statement(cursor, out);
  } else if (cursor.is_word("++INCLUDE") || cursor.is_word("-INC")) {
    include_line(cursor, out);
  } else if (cursor.is_word("EXEC") && cursor.is_word("SQL", 1) && cursor.is_word("INCLUDE", 2)) {
    include_sql(cursor, out);
  } else if (cursor.is_word("REPLACE")) {
    replace_statement(cursor, out);
  } else {
    return false;
  }
  return true;
}

void Expander::copy_statement(Cursor& cursor, std::vector<Token>& out) {
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
  if (cursor.accept("REPLACING")) statement.replacements = replacements(cursor);
  end_statement(cursor, "COPY");
  insert(statement, out);
}

void Expander::include_line(Cursor& cursor, std::vector<Token>& out) {
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

void Expander::include_sql(Cursor& cursor, std::vector<Token>& out) {
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

void Expander::replace_statement(Cursor& cursor, std::vector<Token>& out) {
  cursor.take();
  apply(*replace_, out);
  replace_->active.clear();
  cursor.accept("ALSO");
  if (!cursor.accept("OFF")) replace_->active = replacements(cursor);
  end_statement(cursor, "REPLACE");
}

void Expander::apply(Replace& replace, std::vector<Token>& out) {
  if (!replace.active.empty()) {
    const auto begin = out.begin() + static_cast<std::ptrdiff_t>(replace.done);
    const std::vector<Token> replaced = copybook::replace(
        {begin, out.end()}, replace.active, options_, sources_, report_, replaced_text_left_);
    out.erase(begin, out.end());
    out.insert(out.end(), replaced.begin(), replaced.end());
  }
  replace.done = out.size();
}

std::vector<Replacement> Expander::replacements(Cursor& cursor) {
  std::vector<Replacement> result;
  while (!cursor.at_end() && cursor.peek().kind != TokenKind::period && !report_.is_full()) {
    Replacement replacement;
    const Place place = cursor.peek().place;
    if (cursor.accept("LEADING")) replacement.mode = Replacement::Mode::leading;
    if (cursor.accept("TRAILING")) replacement.mode = Replacement::Mode::trailing;
    auto from = operand(cursor);
    if (!from || !cursor.accept("BY")) {
      report_.error(cursor.peek().place, "copybook: REPLACING needs '==text== BY ==text=='");
      return result;
    }
    auto to = operand(cursor);
    if (!to) return result;
    if (from->empty() || result.size() >= kReplacementsMax) {
      report_.error(place, from->empty() ? "copybook: REPLACING cannot replace empty text"
                                         : "copybook: REPLACING has too many pairs");
      return result;
    }
    replacement.from = std::move(*from);
    replacement.to = std::move(*to);
    result.push_back(std::move(replacement));
  }
  return result;
}

std::optional<std::vector<Token>> Expander::operand(Cursor& cursor) {
  if (cursor.at_end() || cursor.peek().kind == TokenKind::period) return {};
  if (cursor.peek().kind != TokenKind::pseudo_delimiter) return std::vector{cursor.take()};
  const Place place = cursor.take().place;
  std::vector<Token> tokens;
  while (!cursor.at_end() && cursor.peek().kind != TokenKind::pseudo_delimiter) {
    tokens.push_back(cursor.take());
  }
  if (cursor.at_end()) {
    report_.error(place, "copybook: this pseudo-text is not closed by ==");
    return {};
  }
  cursor.take();
  return tokens;
}

void Expander::end_statement(Cursor& cursor, std::string_view statement) {
  if (cursor.peek().kind == TokenKind::period) {
    cursor.take();
    return;
  }
  report_.error(cursor.peek().place,
                "copybook: " + std::string(statement) + " does not end with a period here");
  while (!cursor.at_end() && cursor.take().kind != TokenKind::period) continue;
}

void Expander::insert(const Statement& statement, std::vector<Token>& out) {
  if (!is_member_name(statement.name) ||
      (!statement.library.empty() && !is_member_name(statement.library))) {
    report_.error(statement.place, "copybook: COPY has no valid member name here",
                  "letters, digits, - _ . # @ $; no folders");
    return;
  }
  const auto path = find_member(options_.libraries, statement.name, statement.library);
  if (!path) {
    // Db2's precompiler supplies its communication areas itself.
    if (statement.name == "SQLCA" || statement.name == "SQLDA") return;
    report_.error(statement.place, "copybook: member " + statement.name + " is in no library",
                  "name its folder with -I");
    return;
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
  std::vector<Token> tokens = replace(expand_file(*path, *file), statement.replacements, options_,
                                      sources_, report_, replaced_text_left_);
  tokens.pop_back();  // `end`
  if (tokens.size() > tokens_left_) {
    report_.error(statement.place, "copybook: the text with its members is too large");
    return;
  }
  tokens_left_ -= tokens.size();
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
  auto text = read_text(path, kTextMax - std::min(total, kTextMax));
  if (!text) {
    report_.error(statement.place, text.error().message);
    return {};
  }
  sources_.names.push_back(path.string());
  sources_.texts.push_back(is_ebcdic(*text) ? from_ebcdic(*text) : std::move(*text));
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

std::vector<Token> expand(const fs::path& path, const ParseOptions& options, Sources& sources,
                          Report& report) {
  return Expander(options, sources, report).expand_file(path, 0);
}

}  // namespace copybridge::copybook
