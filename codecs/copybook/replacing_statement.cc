// Reading of REPLACING phrases, and the scope of REPLACE statements.
#include "codecs/copybook/replacing_statement.h"

#include <optional>
#include <string>
#include <utility>

namespace copybridge::copybook {
namespace {

constexpr std::size_t kReplacementsMax = 200;

std::optional<std::vector<Token>> take_pseudo_text(TokenCursor& cursor, Report& report) {
  const Place place = cursor.take().place;
  std::vector<Token> tokens;
  while (!cursor.at_end() && !cursor.is_kind(TokenKind::pseudo_delimiter)) {
    tokens.push_back(cursor.take());
  }
  if (cursor.accept(TokenKind::pseudo_delimiter)) return tokens;
  report.error(place, "copybook: this pseudo-text is not closed by ==");
  return {};
}

/// `A`, `A OF B (1 2)`, a number or a literal.
std::vector<Token> take_identifier(TokenCursor& cursor) {
  std::vector<Token> tokens = {cursor.take()};
  if (tokens.front().kind != TokenKind::word) return tokens;
  while (cursor.is_word("OF") || cursor.is_word("IN")) {
    tokens.push_back(cursor.take());
    if (cursor.is_kind(TokenKind::word)) tokens.push_back(cursor.take());
  }
  while (cursor.is_kind(TokenKind::left_paren)) {
    while (!cursor.at_end() && !cursor.is_kind(TokenKind::right_paren)) {
      tokens.push_back(cursor.take());
    }
    if (!cursor.at_end()) tokens.push_back(cursor.take());
  }
  return tokens;
}

std::optional<std::vector<Token>> take_operand(TokenCursor& cursor, Report& report) {
  if (cursor.at_end() || cursor.is_kind(TokenKind::period)) return {};
  if (cursor.is_kind(TokenKind::pseudo_delimiter)) return take_pseudo_text(cursor, report);
  return take_identifier(cursor);
}

/// REPLACE statements in force, the last one in front.
class Scopes {
 public:
  void push(std::vector<Replacement> replacements) {
    scopes_.push_back(std::move(replacements));
    refresh();
  }
  void pop() {
    if (!scopes_.empty()) scopes_.pop_back();
    refresh();
  }
  void clear() {
    scopes_.clear();
    active_.clear();
  }
  [[nodiscard]] const std::vector<Replacement>& active() const { return active_; }
  [[nodiscard]] bool is_full() const { return active_.size() > kReplacementsMax; }

 private:
  void refresh() {
    active_.clear();
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      active_.insert(active_.end(), scope->begin(), scope->end());
    }
  }

  std::vector<std::vector<Replacement>> scopes_;
  std::vector<Replacement> active_;
};

void take_replace_statement(TokenCursor& cursor, Scopes& scopes, Report& report) {
  const Place place = cursor.take().place;
  if (cursor.accept("LAST")) {
    if (!cursor.accept("OFF")) report.error(place, "copybook: REPLACE LAST goes on with OFF");
    scopes.pop();
  } else if (cursor.accept("OFF")) {
    scopes.clear();
  } else {
    if (!cursor.accept("ALSO")) scopes.clear();
    scopes.push(take_replacements(cursor, report));
    if (scopes.is_full()) report.error(place, "copybook: too many REPLACE pairs are in force");
  }
  end_statement(cursor, "REPLACE", report);
}

}  // namespace

std::vector<Replacement> take_replacements(TokenCursor& cursor, Report& report) {
  std::vector<Replacement> result;
  while (!cursor.at_end() && !cursor.is_kind(TokenKind::period) && !report.is_full()) {
    Replacement replacement;
    const Place place = cursor.peek().place;
    if (cursor.accept("LEADING")) replacement.mode = Replacement::Mode::leading;
    if (cursor.accept("TRAILING")) replacement.mode = Replacement::Mode::trailing;
    auto from = take_operand(cursor, report);
    if (!from || !cursor.accept("BY")) {
      report.error(cursor.peek().place, "copybook: REPLACING needs '==text== BY ==text=='");
      return result;
    }
    auto to = take_operand(cursor, report);
    if (!to) return result;
    if (from->empty() || result.size() >= kReplacementsMax) {
      report.error(place, from->empty() ? "copybook: REPLACING cannot replace empty text"
                                        : "copybook: REPLACING has too many pairs");
      return result;
    }
    replacement.from = std::move(*from);
    replacement.to = std::move(*to);
    result.push_back(std::move(replacement));
  }
  return result;
}

void end_statement(TokenCursor& cursor, std::string_view statement, Report& report) {
  if (cursor.accept(TokenKind::period)) return;
  report.error(cursor.peek().place,
               "copybook: " + std::string(statement) + " does not end with a period here");
  while (!cursor.at_end() && cursor.take().kind != TokenKind::period) continue;
}

std::vector<Token> apply_replace_statements(const std::vector<Token>& tokens,
                                            const ParseOptions& options, Sources& sources,
                                            Report& report, std::size_t& budget) {
  std::vector<Token> out;
  out.reserve(tokens.size());
  std::vector<Token> part;
  Scopes scopes;
  TokenCursor cursor(tokens);
  const auto finish_part = [&] {
    for (const Token& token : replace(part, scopes.active(), options, sources, report, budget)) {
      out.push_back(token);
    }
    part.clear();
  };
  while (!cursor.at_end() && !report.is_full()) {
    if (!cursor.is_word("REPLACE")) {
      part.push_back(cursor.take());
      continue;
    }
    finish_part();
    take_replace_statement(cursor, scopes, report);
  }
  finish_part();
  out.push_back(tokens.back());
  return out;
}

}  // namespace copybridge::copybook
