// Matching and exchanging of words for COPY REPLACING and REPLACE.
#include "codecs/copybook/replacing.h"

#include <algorithm>
#include <optional>
#include <string>

#include "codecs/copybook/lexer.h"

namespace copybridge::copybook {
namespace {

constexpr std::size_t kPartsMax = 512;

std::string joined(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) text += token.text;
  return text;
}

std::string_view letters_of(LiteralPrefix prefix) {
  switch (prefix) {
    case LiteralPrefix::hex:
      return "X";
    case LiteralPrefix::national:
      return "N";
    case LiteralPrefix::national_hex:
      return "NX";
    case LiteralPrefix::null_ended:
      return "Z";
    case LiteralPrefix::number_hex:
      return "H";
    case LiteralPrefix::number_bits:
      return "B";
    case LiteralPrefix::dbcs:
      return "G";
    case LiteralPrefix::none:
      break;
  }
  return {};
}

std::string quoted(const Token& literal) {
  std::string text(letters_of(literal.prefix));
  text += '\'';
  for (const char character : literal.text) {
    text += character;
    if (character == '\'') text += character;
  }
  return text + '\'';
}

/// Tokens as they could stand in the text, to be read again in another place.
std::string spelled(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (!text.empty() && !token.is_glued) text += ' ';
    text += token.kind == TokenKind::literal ? quoted(token) : std::string(token.text);
  }
  return text;
}

bool same_token(const Token& left, const Token& right) {
  if (left.kind != right.kind || left.prefix != right.prefix) return false;
  return left.kind == TokenKind::literal ? left.text == right.text
                                         : same_word(left.text, right.text);
}

std::size_t find_word(std::string_view text, std::string_view part, std::size_t from) {
  for (std::size_t i = from; i + part.size() <= text.size(); ++i) {
    if (same_word(text.substr(i, part.size()), part)) return i;
  }
  return std::string_view::npos;
}

/// One replacement, prepared for matching.
struct Rule {
  const Replacement* replacement;
  std::string from;      ///< of all words, without blanks
  std::string to;        ///< as it could stand in the text
  std::string to_glued;  ///< without
  bool in_words;         ///< :TAG: replaces parts of words
  bool in_pictures;      ///< :TAG: and (TAG) replace parts of pictures
  bool glues;            ///< (TAG) joins with the words beside it
};

class Replacer {
 public:
  Replacer(const std::vector<Token>& tokens, const std::vector<Replacement>& replacements,
           const ParseOptions& options, Sources& sources, Report& report, std::size_t& budget)
      : tokens_(tokens), options_(options), sources_(sources), report_(report), budget_(budget) {
    for (const Replacement& replacement : replacements) add_rule(replacement);
  }

  std::vector<Token> run() {
    while (index_ < tokens_.size()) {
      if (budget_ == 0 || !replace_here()) out_.push_back(tokens_[index_++]);
    }
    return std::move(out_);
  }

 private:
  void add_rule(const Replacement& replacement) {
    const Token& first = replacement.from.front();
    Rule rule{&replacement,
              joined(replacement.from),
              spelled(replacement.to),
              joined(replacement.to),
              false,
              false,
              false};
    rule.in_words = replacement.from.size() == 1 && first.kind == TokenKind::word &&
                    first.text.find(':') != std::string_view::npos;
    rule.glues = first.kind == TokenKind::left_paren &&
                 replacement.from.back().kind == TokenKind::right_paren;
    rule.in_pictures = rule.in_words || rule.glues;
    rules_.push_back(std::move(rule));
  }

  bool replace_here() {
    return std::any_of(rules_.begin(), rules_.end(), [this](const Rule& rule) {
      return rule.replacement->mode == Replacement::Mode::whole ? replace_whole(rule)
                                                                : replace_affix(rule);
    });
  }

  bool replace_whole(const Rule& rule) {
    const Token& token = tokens_[index_];
    if (rule.in_words && token.kind != TokenKind::picture) return replace_parts(rule, token);
    const std::size_t count = matching(rule.replacement->from);
    if (count == 0) return token.kind == TokenKind::picture && replace_in_picture(rule, token);
    if (token.kind == TokenKind::picture) {
      put_text(rule.to, token.place);
    } else if (rule.glues) {
      return replace_glued(rule), true;
    } else {
      for (Token copy : rule.replacement->to) {
        copy.place = token.place;
        put(copy);
      }
    }
    index_ += count;
    return true;
  }

  /// How many tokens of the text are the words of `from`; 0 where others stand here.
  [[nodiscard]] std::size_t matching(const std::vector<Token>& from) const {
    std::size_t at = index_;
    for (std::size_t i = 0; i < from.size(); ++at) {
      if (at >= tokens_.size()) return 0;
      if (tokens_[at].kind == TokenKind::picture && from[i].kind != TokenKind::picture) {
        const std::size_t parts = picture_parts(from, i, tokens_[at].text);
        if (parts == 0) return 0;
        i += parts;
      } else if (!same_token(from[i++], tokens_[at])) {
        return 0;
      }
    }
    return at - index_;
  }

  /// Pseudo-text without the word PIC has a picture as several tokens: how many of them, from
  /// `begin` on, are this picture.
  static std::size_t picture_parts(const std::vector<Token>& from, std::size_t begin,
                                   std::string_view picture) {
    for (std::size_t i = begin; i < from.size(); ++i) {
      const std::string_view part = from[i].text;
      if (!same_word(picture.substr(0, part.size()), part)) return 0;
      picture.remove_prefix(part.size());
      if (picture.empty()) return i + 1 - begin;
      if (i + 1 < from.size() && !from[i + 1].is_glued) return 0;
    }
    return 0;
  }

  bool replace_in_picture(const Rule& rule, const Token& token) {
    std::string text(token.text);
    if (!rule.in_pictures || !exchange_parts(text, rule.from, rule.to_glued)) return false;
    Token made = token;
    made.text = keep(std::move(text));
    put(made);
    ++index_;
    return true;
  }

  bool replace_parts(const Rule& rule, const Token& token) {
    if (token.kind != TokenKind::word) return false;
    std::string text(token.text);
    if (!exchange_parts(text, rule.from, rule.to)) return false;
    put_text(std::move(text), token.place);
    ++index_;
    return true;
  }

  static bool exchange_parts(std::string& text, const std::string& from, const std::string& to) {
    // No real word is longer; without a limit one word could grow without bound.
    if (text.size() > kPartsMax || to.size() > kPartsMax) return false;
    std::string result;
    std::size_t done = 0;
    for (std::size_t at = find_word(text, from, 0); at != std::string::npos;
         at = find_word(text, from, done)) {
      result.append(text, done, at - done).append(to);
      done = at + from.size();
    }
    if (done == 0) return false;
    text = result.append(text, done);
    return true;
  }

  static bool can_glue(const Token& token) {
    return token.kind == TokenKind::word || token.kind == TokenKind::number;
  }

  void replace_glued(const Rule& rule) {
    const std::size_t end = index_ + rule.replacement->from.size();
    Place place = tokens_[index_].place;
    std::string text = rule.to;
    if (index_ > 0 && !out_.empty() && can_glue(out_.back()) && tokens_[index_].is_glued) {
      place = out_.back().place;
      text.insert(0, out_.back().text);
      out_.pop_back();
    }
    index_ = end;
    if (index_ < tokens_.size() && can_glue(tokens_[index_]) && tokens_[index_].is_glued) {
      text += tokens_[index_++].text;
    }
    put_text(std::move(text), place);
  }

  bool replace_affix(const Rule& rule) {
    const Token& token = tokens_[index_];
    if (token.kind != TokenKind::word || token.text.size() < rule.from.size()) return false;
    const bool leading = rule.replacement->mode == Replacement::Mode::leading;
    const std::size_t rest = token.text.size() - rule.from.size();
    const std::string_view part =
        leading ? token.text.substr(0, rule.from.size()) : token.text.substr(rest);
    if (!same_word(part, rule.from)) return false;
    std::string text(leading ? token.text.substr(rule.from.size()) : token.text.substr(0, rest));
    put_text(leading ? rule.to_glued + text : text + rule.to_glued, token.place);
    ++index_;
    return true;
  }

  [[nodiscard]] bool is_behind_picture() const {
    const bool has_is =
        !out_.empty() && out_.back().kind == TokenKind::word && same_word(out_.back().text, "IS");
    if (out_.size() < (has_is ? 2U : 1U)) return false;
    const Token& word = out_[out_.size() - (has_is ? 2 : 1)];
    return word.kind == TokenKind::word &&
           (same_word(word.text, "PIC") || same_word(word.text, "PICTURE"));
  }

  void put_text(std::string text, Place place) {
    const bool after_picture = is_behind_picture();
    std::vector<Token> made =
        tokenize_at(keep(std::move(text)), place, options_, sources_, report_, after_picture);
    made.pop_back();  // `end`
    for (const Token& token : made) put(token);
  }

  std::string_view keep(std::string text) { return sources_.keep(std::move(text)); }

  void put(const Token& token) {
    // Every word counts as one more byte, so that empty ones cannot be without bound either.
    const std::size_t cost = token.text.size() + 1;
    if (cost > budget_) {
      budget_ = 0;
      report_.error(token.place, "copybook: REPLACING makes the text too large");
      return;
    }
    budget_ -= cost;
    out_.push_back(token);
  }

  const std::vector<Token>& tokens_;
  const ParseOptions& options_;
  Sources& sources_;
  Report& report_;
  std::size_t& budget_;
  std::vector<Rule> rules_;
  std::size_t index_ = 0;
  std::vector<Token> out_;
};

}  // namespace

std::vector<Token> replace(const std::vector<Token>& tokens,
                           const std::vector<Replacement>& replacements,
                           const ParseOptions& options, Sources& sources, Report& report,
                           std::size_t& budget) {
  if (replacements.empty()) return tokens;
  return Replacer(tokens, replacements, options, sources, report, budget).run();
}

}  // namespace copybridge::copybook
