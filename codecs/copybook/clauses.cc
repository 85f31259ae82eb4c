// Reading of clauses, in any order and with all optional words.
#include "codecs/copybook/clauses.h"

#include <algorithm>

namespace copybridge::copybook {
namespace {

/// Reads clauses into one entry; every method returns false after a report.
class ClauseReader {
 public:
  ClauseReader(TokenCursor& cursor, const Definitions& defined, Entry& entry, Report& report)
      : cursor_(cursor), defined_(defined), entry_(entry), report_(report) {}

  bool picture();
  bool usage();
  bool usage_word();
  bool foreign_usage();
  bool group_usage();
  bool sign();
  bool sign_place();
  bool occurs();
  bool depending();
  bool keys();
  bool indexes();
  bool redefines();
  bool synchronized();
  bool justified();
  bool blank();
  bool value();
  bool external();
  bool no_effect();
  bool date_format();
  bool dynamic();
  bool type_definition();
  bool type();
  bool same_as();

 private:
  bool wrong(std::string message, std::string hint = {}) {
    report_.error(cursor_.peek().place, "copybook: " + std::move(message), std::move(hint));
    return false;
  }
  bool repeated(Place place, std::string_view clause) {
    report_.error(place, "copybook: a second " + std::string(clause) + " clause");
    return false;
  }
  bool detached_count();
  [[nodiscard]] std::string with_constants(std::string picture) const;
  bool take_occurs_max(OccursClause& clause);
  bool type_name();
  bool set_usage(UsageWord word, Place place);
  bool set_sign(Place place);
  std::optional<std::uint32_t> count();
  bool names();

  TokenCursor& cursor_;
  const Definitions& defined_;
  Entry& entry_;
  Report& report_;
};

struct Clause {
  std::string_view word;
  bool (ClauseReader::*read)();
};

constexpr Clause kClauses[] = {
    {"PIC", &ClauseReader::picture},
    {"PICTURE", &ClauseReader::picture},
    {"USAGE", &ClauseReader::usage},
    {"GROUP-USAGE", &ClauseReader::group_usage},
    {"SIGN", &ClauseReader::sign},
    {"LEADING", &ClauseReader::sign_place},
    {"TRAILING", &ClauseReader::sign_place},
    {"OCCURS", &ClauseReader::occurs},
    {"DEPENDING", &ClauseReader::depending},
    {"ASCENDING", &ClauseReader::keys},
    {"DESCENDING", &ClauseReader::keys},
    {"INDEXED", &ClauseReader::indexes},
    {"REDEFINES", &ClauseReader::redefines},
    {"SYNC", &ClauseReader::synchronized},
    {"SYNCHRONIZED", &ClauseReader::synchronized},
    {"SYNCHRONISED", &ClauseReader::synchronized},
    {"JUST", &ClauseReader::justified},
    {"JUSTIFIED", &ClauseReader::justified},
    {"BLANK", &ClauseReader::blank},
    {"VALUE", &ClauseReader::value},
    {"VALUES", &ClauseReader::value},
    {"EXTERNAL", &ClauseReader::external},
    {"GLOBAL", &ClauseReader::no_effect},
    {"VOLATILE", &ClauseReader::no_effect},
    {"DATE", &ClauseReader::date_format},
    {"DYNAMIC", &ClauseReader::dynamic},
    {"TYPEDEF", &ClauseReader::type_definition},
    {"TYPE", &ClauseReader::type},
    {"SAME", &ClauseReader::same_as},
    {"BASED", &ClauseReader::no_effect},
};

const Clause* find_clause(std::string_view word) {
  const auto* const found =
      std::find_if(std::begin(kClauses), std::end(kClauses),
                   [word](const Clause& clause) { return same_word(word, clause.word); });
  return found == std::end(kClauses) ? nullptr : found;
}

/// `X(LENGTH-OF-NAME)`: GnuCOBOL and Micro Focus take a constant as a repetition count.
std::string ClauseReader::with_constants(std::string picture) const {
  std::size_t longest = 0;
  for (const auto& [name, value] : defined_.constants) longest = std::max(longest, name.size());
  if (longest == 0) return picture;
  for (std::size_t at = picture.find('('); at != std::string::npos;
       at = picture.find('(', at + 1)) {
    // A picture may be long and have many parentheses: no name reaches further.
    const std::string_view reach = std::string_view(picture).substr(at + 1, longest + 1);
    const std::size_t size = std::min(reach.find(')'), reach.size());
    const auto constant = defined_.constants.find(upper(reach.substr(0, size)));
    if (constant == defined_.constants.end() || constant->second.kind != Literal::Kind::number)
      continue;
    picture.replace(at + 1, size, constant->second.text);
  }
  return picture;
}

bool ClauseReader::picture() {
  const Place place = cursor_.take().place;
  cursor_.accept("IS");
  const Token& text = cursor_.peek();
  if (text.kind != TokenKind::picture || text.text.empty()) return wrong("PICTURE has no picture");
  if (entry_.picture) return repeated(place, "PICTURE");
  entry_.picture = PictureClause{with_constants(std::string(text.text)), 0, text.place};
  cursor_.take();
  if (cursor_.is_kind(TokenKind::left_paren) && !detached_count()) return false;
  if (!cursor_.accept("BYTE-LENGTH")) return true;
  cursor_.accept("IS");
  const auto length = count();
  if (!length) return false;
  entry_.picture->byte_length = *length;
  return true;
}

/// `PIC 9 (4)`: no compiler reads it, but people write it for PIC 9(4).
bool ClauseReader::detached_count() {
  const Place place = cursor_.take().place;
  const auto number = count();
  if (!number) return false;
  if (!cursor_.accept(TokenKind::right_paren)) return wrong("a closing parenthesis belongs here");
  entry_.picture->text += '(' + std::to_string(*number) + ')';
  report_.warning(place, "copybook: a picture is written without blanks");
  return true;
}

bool ClauseReader::usage() {
  cursor_.take();
  cursor_.accept("IS");
  if (cursor_.is_kind(TokenKind::word)) {
    if (find_usage(cursor_.peek().text)) return usage_word();
    if (find_foreign_usage(cursor_.peek().text)) return foreign_usage();
    if (defined_.types.count(upper(cursor_.peek().text)) > 0) return type_name();
  }
  const std::string_view word = cursor_.peek().text;
  const std::string hint = hint_of_unsupported(word);
  return wrong("'" + std::string(word.substr(0, 40)) + "' is no USAGE",
               hint.empty() ? nearest_word(word) : hint);
}

bool ClauseReader::usage_word() {
  const Token& token = cursor_.take();
  const UsageWord word = *find_usage(token.text);
  if (!set_usage(word, token.place)) return false;
  if (word == UsageWord::object_reference) {
    if (!cursor_.accept("REFERENCE")) return wrong("OBJECT goes on with REFERENCE");
    const Token& name = cursor_.peek();
    if (name.kind == TokenKind::word && !is_clause_word(name.text)) cursor_.take();
  }
  if (word == UsageWord::binary_char || word == UsageWord::binary_short ||
      word == UsageWord::binary_long || word == UsageWord::binary_double) {
    entry_.usage->is_unsigned = cursor_.accept("UNSIGNED");
    cursor_.accept("SIGNED");
  }
  return true;
}

bool ClauseReader::foreign_usage() {
  const Token& token = cursor_.take();
  const ForeignUsage found = *find_foreign_usage(token.text);
  if (!set_usage(found.usage, token.place)) return false;
  entry_.usage->is_unsigned = found.is_unsigned;
  if (cursor_.accept("UNSIGNED")) entry_.usage->is_unsigned = true;
  cursor_.accept("SIGNED");
  return true;
}

bool ClauseReader::group_usage() {
  const Place place = cursor_.take().place;
  cursor_.accept("IS");
  if (cursor_.accept("NATIONAL")) return set_usage(UsageWord::national, place);
  if (cursor_.accept("UTF-8")) return set_usage(UsageWord::utf8, place);
  return wrong("GROUP-USAGE is NATIONAL or UTF-8");
}

bool ClauseReader::set_usage(UsageWord word, Place place) {
  if (entry_.usage) return repeated(place, "USAGE");
  entry_.usage = UsageClause{word, false, place};
  return true;
}

bool ClauseReader::sign() {
  cursor_.take();
  cursor_.accept("IS");
  if (cursor_.is_word("LEADING") || cursor_.is_word("TRAILING")) return sign_place();
  return wrong("SIGN is LEADING or TRAILING");
}

bool ClauseReader::sign_place() {
  const Token& token = cursor_.take();
  if (entry_.sign) return repeated(token.place, "SIGN");
  SignClause clause;
  clause.place = token.place;
  clause.leading = same_word(token.text, "LEADING");
  clause.separate = cursor_.accept("SEPARATE");
  if (clause.separate) cursor_.accept("CHARACTER");
  entry_.sign = clause;
  return true;
}

/// A positive number, or a level-78 constant for one.
std::optional<std::uint32_t> ClauseReader::count() {
  const Token& token = cursor_.peek();
  std::optional<std::uint32_t> value = integer_of(token);
  if (!value && token.kind == TokenKind::word) {
    const auto constant = defined_.constants.find(upper(token.text));
    if (constant != defined_.constants.end() && constant->second.kind == Literal::Kind::number) {
      value = integer_of({TokenKind::number, LiteralPrefix::none, {}, constant->second.text});
    }
  }
  if (!value) {
    wrong("a whole number belongs here, not '" + std::string(token.text.substr(0, 40)) + "'");
    return {};
  }
  cursor_.take();
  return value;
}

bool ClauseReader::occurs() {
  const Place place = cursor_.take().place;
  if (entry_.occurs) return repeated(place, "OCCURS");
  OccursClause clause;
  clause.place = place;
  bool has_range = cursor_.is_word("UNBOUNDED");
  if (!has_range) {
    const auto first = count();
    if (!first) return false;
    clause.min = clause.max = *first;
    has_range = cursor_.accept("TO");
  }
  if (has_range && !take_occurs_max(clause)) return false;
  cursor_.accept("TIMES");
  entry_.occurs = clause;
  if (cursor_.is_word("DEPENDING") && !depending()) return false;
  // `OCCURS 5 DEPENDING ON` without TO is 1 to 5.
  if (entry_.occurs->depending_on && !has_range) entry_.occurs->min = std::min(1U, clause.max);
  const bool is_empty = clause.max == 0 || entry_.occurs->min > clause.max;
  if (is_empty && !clause.is_unbounded) {
    report_.error(place,
                  "copybook: OCCURS needs at least one occurrence, and at most as many as "
                  "its second number says");
    entry_.occurs.reset();
    return false;
  }
  return true;
}

bool ClauseReader::take_occurs_max(OccursClause& clause) {
  clause.is_unbounded = cursor_.accept("UNBOUNDED");
  if (clause.is_unbounded) return true;
  const auto last = count();
  if (last) clause.max = *last;
  return last.has_value();
}

bool ClauseReader::depending() {
  const Place place = cursor_.take().place;
  cursor_.accept("ON");
  auto reference = take_reference(cursor_, report_);
  if (!reference) return false;
  if (!entry_.occurs) {
    report_.error(place, "copybook: DEPENDING ON without OCCURS before it");
    return false;
  }
  if (entry_.occurs->depending_on) return repeated(place, "DEPENDING ON");
  entry_.occurs->depending_on = std::move(*reference);
  return true;
}

bool ClauseReader::keys() {
  cursor_.take();
  cursor_.accept("KEY");
  cursor_.accept("IS");
  return names();
}

bool ClauseReader::indexes() {
  cursor_.take();
  cursor_.accept("BY");
  return names();
}

bool ClauseReader::names() {
  std::size_t count = 0;
  while (cursor_.is_kind(TokenKind::word) && !is_clause_word(cursor_.peek().text)) {
    if (!take_reference(cursor_, report_)) return false;
    ++count;
  }
  return count > 0 || wrong("a name belongs here");
}

bool ClauseReader::redefines() {
  const Place place = cursor_.take().place;
  auto reference = take_reference(cursor_, report_);
  if (!reference) return false;
  if (entry_.redefines) return repeated(place, "REDEFINES");
  entry_.redefines = std::move(*reference);
  return true;
}

bool ClauseReader::synchronized() {
  const Place place = cursor_.take().place;
  if (entry_.synchronized) return repeated(place, "SYNCHRONIZED");
  entry_.synchronized = place;
  if (!cursor_.accept("LEFT")) cursor_.accept("RIGHT");
  return true;
}

bool ClauseReader::justified() {
  const Place place = cursor_.take().place;
  if (entry_.justified) return repeated(place, "JUSTIFIED");
  entry_.justified = place;
  cursor_.accept("RIGHT");
  return true;
}

bool ClauseReader::blank() {
  const Place place = cursor_.take().place;
  cursor_.accept("WHEN");
  if (!cursor_.is_kind(TokenKind::word) ||
      find_figurative(cursor_.peek().text) != Literal::Kind::zeros) {
    return wrong("BLANK goes on with WHEN ZERO");
  }
  cursor_.take();
  if (entry_.blank_when_zero) return repeated(place, "BLANK WHEN ZERO");
  entry_.blank_when_zero = place;
  return true;
}

bool ClauseReader::value() {
  const Place place = cursor_.take().place;
  if (!cursor_.accept("IS")) cursor_.accept("ARE");
  auto literal = take_literal(cursor_, defined_.constants, report_);
  if (!literal) return false;
  if (entry_.value) return repeated(place, "VALUE");
  entry_.value = std::move(*literal);
  return true;
}

bool ClauseReader::external() {
  cursor_.take();
  if (!cursor_.accept("AS")) return true;
  return take_literal(cursor_, defined_.constants, report_).has_value();
}

bool ClauseReader::no_effect() {
  cursor_.take();
  return true;
}

bool ClauseReader::date_format() {
  cursor_.take();
  if (!cursor_.accept("FORMAT")) return wrong("DATE goes on with FORMAT");
  cursor_.accept("IS");
  if (!cursor_.is_kind(TokenKind::word) && !cursor_.is_kind(TokenKind::number)) {
    return wrong("DATE FORMAT needs a pattern");
  }
  cursor_.take();
  return true;
}

bool ClauseReader::type_definition() {
  const Place place = cursor_.take().place;
  if (entry_.type_definition) return repeated(place, "TYPEDEF");
  entry_.type_definition = place;
  cursor_.accept("STRONG");
  return true;
}

bool ClauseReader::type() {
  cursor_.take();
  cursor_.accept("TO");
  return type_name();
}

bool ClauseReader::type_name() {
  const Place place = cursor_.peek().place;
  auto reference = take_reference(cursor_, report_);
  if (!reference) return false;
  if (entry_.type) return repeated(place, "TYPE");
  entry_.type = std::move(*reference);
  return true;
}

bool ClauseReader::same_as() {
  const Place place = cursor_.take().place;
  if (!cursor_.accept("AS")) return wrong("SAME goes on with AS");
  auto reference = take_reference(cursor_, report_);
  if (!reference) return false;
  if (entry_.same_as) return repeated(place, "SAME AS");
  entry_.same_as = std::move(*reference);
  return true;
}

bool ClauseReader::dynamic() {
  return wrong("an item of DYNAMIC LENGTH is not stored in its record");
}

}  // namespace

bool is_clause_word(std::string_view word) {
  // Names of many an item: IBM does not reserve them.
  for (const std::string_view name : {"TYPE", "SAME", "BASED"})
    if (same_word(word, name)) return false;
  return find_clause(word) != nullptr || find_usage(word).has_value();
}

bool take_clause(TokenCursor& cursor, const Definitions& defined, Entry& entry, Report& report) {
  const Token& token = cursor.peek();
  ClauseReader reader(cursor, defined, entry, report);
  if (token.kind == TokenKind::word) {
    if (const Clause* clause = find_clause(token.text)) return (reader.*clause->read)();
    if (find_usage(token.text)) return reader.usage_word();
    if (find_foreign_usage(token.text)) return reader.foreign_usage();
    const bool is_noise = same_word(token.text, "IS") &&
                          (cursor.is_word("EXTERNAL", 1) || cursor.is_word("GLOBAL", 1) ||
                           cursor.is_word("TYPEDEF", 1));
    if (is_noise) {
      cursor.take();
      return true;
    }
  }
  const std::string text(token.text.substr(0, 40));
  const bool is_word = token.kind == TokenKind::word;
  const std::string hint = hint_of_unsupported(token.text);
  report.error(token.place,
               is_word ? "copybook: '" + text + "' begins no clause"
                       : "copybook: '" + text + "' does not belong here",
               !is_word       ? std::string()
               : hint.empty() ? nearest_word(token.text)
                              : hint);
  return false;
}

std::optional<Reference> take_reference(TokenCursor& cursor, Report& report) {
  Reference reference;
  reference.place = cursor.peek().place;
  if (!cursor.is_kind(TokenKind::word)) {
    report.error(cursor.peek().place, "copybook: a name belongs here, not '" +
                                          std::string(cursor.peek().text.substr(0, 40)) + "'");
    return {};
  }
  reference.name = cursor.take().text;
  while (cursor.is_word("OF") || cursor.is_word("IN")) {
    cursor.take();
    if (!cursor.is_kind(TokenKind::word)) {
      report.error(cursor.peek().place, "copybook: the name of a group belongs here");
      return {};
    }
    reference.qualifiers.emplace_back(cursor.take().text);
  }
  return reference;
}

}  // namespace copybridge::copybook
