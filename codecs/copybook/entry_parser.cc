// Level numbers, names and periods; the way from one entry to the next, mistakes included.
#include "codecs/copybook/entry_parser.h"

#include <algorithm>
#include <iterator>

#include "codecs/copybook/clauses.h"
#include "codecs/copybook/literals.h"
#include "codecs/copybook/programs.h"
#include "codecs/copybook/sql_types.h"
#include "codecs/copybook/token_cursor.h"

namespace copybridge::copybook {
namespace {

constexpr std::size_t kEntriesMax = 50'000;
constexpr std::size_t kRenamesMax = 1000;
constexpr std::size_t kNameMax = 255;
// The longest literal of COBOL; a constant's text is copied wherever it is named.
constexpr std::size_t kConstantMax = 160;

class EntryParser {
 public:
  EntryParser(const std::vector<Token>& tokens, Report& report)
      : cursor_(tokens), report_(report) {}

  std::vector<Entry> run() {
    while (!cursor_.at_end() && !report_.is_full() && !done_) {
      if (!skip_between_entries()) parse_entry();
    }
    return std::move(entries_);
  }

 private:
  bool wrong(std::string message, std::string hint = {}) {
    report_.error(cursor_.peek().place, "copybook: " + std::move(message), std::move(hint));
    return false;
  }

  // -- what stands between entries

  bool skip_between_entries() {
    if (cursor_.accept(TokenKind::period)) return true;
    if (!cursor_.is_kind(TokenKind::word)) return false;
    return skip_listing_word() || skip_program_end() || skip_division();
  }

  bool skip_listing_word() {
    for (const std::string_view word : {"EJECT", "SKIP1", "SKIP2", "SKIP3"}) {
      if (cursor_.accept(word)) return true;
    }
    if (!cursor_.accept("TITLE")) return false;
    cursor_.accept(TokenKind::literal);
    return true;
  }

  bool skip_program_end() {
    if (!at_program_end(cursor_)) return false;
    // The objects of a class have no name of their own.
    const bool has_name = !cursor_.is_word("FACTORY", 1) && !cursor_.is_word("OBJECT", 1);
    skip_to_period();
    if (has_name && !programs_.empty()) programs_.pop_back();
    return true;
  }

  /// Of a whole program only the entries of its DATA DIVISION are read, and of those that it
  /// contains or that follow it.
  bool skip_division() {
    if (cursor_.is_word("DATA") && cursor_.is_word("DIVISION", 1)) {
      skip_to_period();
      return true;
    }
    if (cursor_.is_word("DIVISION", 1) || at_program(cursor_)) {
      skip_to_data_division();
      return true;
    }
    const bool has_no_records = cursor_.is_word("REPORT") || cursor_.is_word("SCREEN");
    if (has_no_records && cursor_.is_word("SECTION", 1)) {
      skip_section();
      return true;
    }
    const bool is_file = cursor_.is_word("FD") || cursor_.is_word("SD");
    const bool is_heading = is_file || cursor_.is_word("SECTION", 1) || cursor_.is_word("CD");
    if (!is_heading) return false;
    file_ = is_file ? std::string(cursor_.peek(1).text.substr(0, kNameMax)) : std::string();
    skip_to_period();
    return true;
  }

  void skip_to_data_division() {
    file_.clear();
    while (!cursor_.at_end() && !at_data(cursor_)) {
      if (skip_program_end()) continue;
      if (at_program_name(cursor_)) {
        cursor_.take();
        cursor_.take();
        programs_.emplace_back(cursor_.peek().text.substr(0, kNameMax));
      }
      cursor_.take();
    }
  }

  /// Reports and screens describe what is printed, not records.
  void skip_section() {
    skip_to_period();
    while (!cursor_.at_end() && !cursor_.is_word("SECTION", 1) && !cursor_.is_word("DIVISION", 1)) {
      cursor_.take();
    }
  }

  void skip_to_period() {
    while (!cursor_.at_end() && cursor_.take().kind != TokenKind::period) continue;
  }

  /// Goes behind the next period, or before what looks like the next entry.
  void recover() {
    while (!cursor_.at_end() && !cursor_.at_entry()) {
      if (cursor_.take().kind == TokenKind::period) return;
    }
  }

  // -- entries

  void parse_entry() {
    const Token& token = cursor_.peek();
    const auto level = integer_of(token);
    if (!level) {
      wrong("a level number belongs here, not '" + std::string(token.text.substr(0, 40)) + "'");
      cursor_.take();
      return recover();
    }
    const Place place = cursor_.take().place;
    if (*level >= 1 && (*level <= 49 || *level == 77)) {
      parse_item(static_cast<std::uint8_t>(*level), place);
    } else if (*level == 88) {
      parse_condition(place);
    } else if (*level == kRenamesLevel) {
      parse_renames();
    } else if (*level == 78) {
      parse_constant();
    } else {
      report_.error(place, "copybook: there is no level " + std::string(token.text.substr(0, 10)),
                    "levels are 01-49, 66, 77, 78 and 88");
      recover();
    }
  }

  void parse_item(std::uint8_t level, Place place) {
    if (entries_.size() >= kEntriesMax) {
      report_.error(place, "copybook: more than 50,000 items");
      done_ = true;
      return;
    }
    Entry entry;
    entry.level_number = level;
    entry.place = place;
    take_name(entry);
    if (cursor_.accept("CONSTANT")) {
      cursor_.accept("AS");
      return define_constant(entry.name);
    }
    std::vector<Entry> parts;
    while (!at_entry_end()) {
      const bool is_good = at_sql_type(cursor_) ? take_sql_type(cursor_, entry, parts, report_)
                                                : take_clause(cursor_, defined_, entry, report_);
      if (is_good) continue;
      entry.is_broken = true;
      recover();
      break;
    }
    renames_ = false;
    if (entry.type_definition) defined_.types.insert(upper(entry.name));
    if (begins_record(entry) || entries_.empty()) entry.within = surroundings();
    entries_.push_back(std::move(entry));
    std::move(parts.begin(), parts.end(), std::back_inserter(entries_));
  }

  /// The file and the programs that a record stands in, innermost first.
  [[nodiscard]] std::vector<std::string> surroundings() const {
    std::vector<std::string> names(programs_.rbegin(), programs_.rend());
    if (!file_.empty()) names.insert(names.begin(), file_);
    return names;
  }

  /// Words that became clauses late are names in older copybooks.
  [[nodiscard]] bool at_name() const {
    if (!cursor_.is_kind(TokenKind::word)) return false;
    if (cursor_.is_word("DATE")) return !cursor_.is_word("FORMAT", 1);
    if (cursor_.is_word("DYNAMIC")) return !cursor_.is_word("LENGTH", 1);
    if (cursor_.is_word("TYPE")) {
      const Token& next = cursor_.peek(1);
      return next.kind != TokenKind::word || is_clause_word(next.text) ||
             find_foreign_usage(next.text).has_value();
    }
    if (cursor_.is_word("SQL")) return !cursor_.is_word("TYPE", 1);
    return cursor_.is_word("VOLATILE") || !is_clause_word(cursor_.peek().text);
  }

  void take_name(Entry& entry) {
    const Token& token = cursor_.peek();
    const bool is_name = at_name();
    if (!is_name || same_word(token.text, "FILLER")) {
      entry.is_filler = true;
      if (is_name) entry.place = cursor_.take().place;
      return;
    }
    entry.place = token.place;
    entry.name = token.text;
    check_name(token);
    cursor_.take();
  }

  void check_name(const Token& token) {
    if (token.text.size() > kNameMax) wrong("this name is longer than 255 characters");
    if (token.text.find(':') != std::string_view::npos) {
      wrong("the name '" + std::string(token.text.substr(0, 40)) + "' has a part to be replaced",
            "the text is meant for COPY … REPLACING");
    } else if (token.text.find('+') != std::string_view::npos) {
      wrong("'" + std::string(token.text.substr(0, 40)) + "' is no name");
    }
  }

  /// Takes the period. Where it is missing the entry ends all the same, as IBM's compiler takes it,
  /// whose own samples lack some; an error where what is missing may stand behind the margin.
  bool at_entry_end() {
    if (cursor_.accept(TokenKind::period)) return true;
    if (!cursor_.at_end() && !cursor_.at_entry()) return false;
    const std::string message = cursor_.at_end() ? "copybook: the last entry has no period"
                                                 : "copybook: no period before this level number";
    if (report_.is_cut(cursor_.last_place())) {
      report_.error(cursor_.last_place(), message);
    } else {
      report_.warning(cursor_.peek().place, message);
    }
    return true;
  }

  void parse_condition(Place place) {
    ConditionName condition;
    if (!cursor_.is_kind(TokenKind::word)) {
      wrong("level 88 needs a name");
      return recover();
    }
    condition.where = report_.where(cursor_.peek().place);
    condition.name = cursor_.take().text;
    if (!cursor_.accept("VALUE") && !cursor_.accept("VALUES")) {
      wrong("level 88 goes on with VALUE", nearest_word(cursor_.peek().text));
      return recover();
    }
    if (!cursor_.accept("IS")) cursor_.accept("ARE");
    if (!take_ranges(condition)) return recover();
    if (entries_.empty()) {
      report_.error(place, "copybook: level 88 before any item");
      return;
    }
    Entry& entry = entries_.back();
    auto& conditions = renames_ ? entry.renames.back().conditions : entry.conditions;
    conditions.push_back(std::move(condition));
  }

  bool take_ranges(ConditionName& condition) {
    do {
      auto from = take_literal(cursor_, defined_.constants, report_);
      if (!from) return false;
      ValueRange range{std::move(*from), {}};
      if (cursor_.accept("THRU") || cursor_.accept("THROUGH")) {
        range.through = take_literal(cursor_, defined_.constants, report_);
        if (!range.through) return false;
      }
      condition.values.push_back(std::move(range));
    } while (at_literal(cursor_, defined_.constants) && !cursor_.at_entry());
    if (cursor_.is_word("WHEN") || cursor_.is_word("SET") || cursor_.is_word("FALSE")) {
      if (!take_false_value()) return false;
    }
    return at_entry_end() || wrong("'" + std::string(cursor_.peek().text.substr(0, 40)) +
                                   "' does not belong into a list of values");
  }

  /// `WHEN SET TO FALSE IS literal` says nothing about the bytes that are read.
  bool take_false_value() {
    cursor_.accept("WHEN");
    cursor_.accept("SET");
    cursor_.accept("TO");
    if (!cursor_.accept("FALSE")) return wrong("FALSE belongs here");
    cursor_.accept("IS");
    return take_literal(cursor_, defined_.constants, report_).has_value();
  }

  /// Level 66 renames storage that other items describe; it takes none.
  void parse_renames() {
    RenamesEntry entry;
    entry.place = cursor_.peek().place;
    const bool has_name = cursor_.is_kind(TokenKind::word) && cursor_.is_word("RENAMES", 1);
    if (!has_name) {
      wrong("level 66 is a name, RENAMES and the renamed items");
      return recover();
    }
    entry.name = cursor_.take().text;
    cursor_.take();
    auto from = take_reference(cursor_, report_);
    if (!from) return recover();
    entry.from = std::move(*from);
    if (cursor_.accept("THRU") || cursor_.accept("THROUGH")) {
      entry.through = take_reference(cursor_, report_);
      if (!entry.through) return recover();
    }
    if (!at_entry_end()) {
      wrong("'" + std::string(cursor_.peek().text.substr(0, 40)) + "' does not belong here");
      return recover();
    }
    if (entries_.empty() || ++renames_count_ > kRenamesMax) {
      report_.error(entry.place, entries_.empty() ? "copybook: level 66 before any item"
                                                  : "copybook: more than 1000 items of level 66");
      return;
    }
    entries_.back().renames.push_back(std::move(entry));
    renames_ = true;
  }

  void parse_constant() {
    if (!cursor_.is_kind(TokenKind::word)) {
      wrong("level 78 needs a name");
      return recover();
    }
    const std::string name(cursor_.take().text);
    if (!cursor_.accept("VALUE")) {
      wrong("level 78 goes on with VALUE");
      return recover();
    }
    cursor_.accept("IS");
    define_constant(name);
  }

  void define_constant(const std::string& name) {
    auto literal = take_constant(cursor_, defined_.constants, report_);
    if (!literal) return recover();
    if (literal->text.size() > kConstantMax) {
      wrong("the value of a constant is longer than 160 characters");
      return recover();
    }
    defined_.constants.insert_or_assign(upper(name), std::move(*literal));
    if (at_entry_end()) return;
    wrong("the value of a constant is one value here");
    recover();
  }

  TokenCursor cursor_;
  Report& report_;
  Definitions defined_;
  std::vector<Entry> entries_;
  bool renames_ = false;  ///< the last entry that was read whole was a level 66
  std::size_t renames_count_ = 0;
  std::vector<std::string> programs_;  ///< that the entries stand in, outermost first
  std::string file_;                   ///< FD or SD
  bool done_ = false;
};

}  // namespace

std::vector<Entry> parse_entries(const std::vector<Token>& tokens, Report& report) {
  return EntryParser(tokens, report).run();
}

}  // namespace copybridge::copybook
