// What Db2 for z/OS makes of its types (Application Programming and SQL Guide, "Host variables in
// COBOL"): a length and its data, a locator, the names of a file.
#include "codecs/copybook/sql_types.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace copybridge::copybook {
namespace {

constexpr std::uint8_t kPartLevel = 49;
constexpr std::uint64_t kSizeMax = 2'147'483'647;  // of a LOB

enum class Form : std::uint8_t { binary, varbinary, row_id, lob, dbcs_lob, locator, file };

struct KnownType {
  std::string_view word;
  Form form;
};
constexpr KnownType kTypes[] = {
    {"BINARY", Form::binary},
    {"VARBINARY", Form::varbinary},
    {"ROWID", Form::row_id},
    {"BLOB", Form::lob},
    {"CLOB", Form::lob},
    {"CHAR", Form::lob},
    {"CHARACTER", Form::lob},
    {"DBCLOB", Form::dbcs_lob},
    {"BLOB-LOCATOR", Form::locator},
    {"CLOB-LOCATOR", Form::locator},
    {"DBCLOB-LOCATOR", Form::locator},
    {"RESULT-SET-LOCATOR", Form::locator},
    {"BLOB-FILE", Form::file},
    {"CLOB-FILE", Form::file},
    {"DBCLOB-FILE", Form::file},
};

bool has_size(Form form) {
  return form == Form::binary || form == Form::varbinary || form == Form::lob ||
         form == Form::dbcs_lob;
}

std::optional<Form> take_form(TokenCursor& cursor) {
  if (cursor.accept("XML")) cursor.accept("AS");
  const auto* const known =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&](const KnownType& type) { return cursor.is_word(type.word); });
  if (known == std::end(kTypes)) return {};
  const bool is_short = cursor.is_word("CHAR") || cursor.is_word("CHARACTER");
  cursor.take();
  if (cursor.accept("LARGE"))
    return cursor.accept("OBJECT") ? std::optional(Form::lob) : std::nullopt;
  if (is_short) return {};
  if (!cursor.accept("VARYING")) return known->form;
  return known->form == Form::binary ? Form::varbinary : known->form;
}

/// `10`, `32K`, `1M`, `1 G`.
std::optional<std::uint64_t> take_size(TokenCursor& cursor) {
  if (!cursor.accept(TokenKind::left_paren)) return {};
  std::string text(cursor.take().text);
  if (cursor.is_kind(TokenKind::word)) text += cursor.take().text;
  if (!cursor.accept(TokenKind::right_paren)) return {};
  std::uint64_t size = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && size <= kSizeMax; ++at)
    size = size * 10 + static_cast<std::uint64_t>(text[at] - '0');
  if (size > kSizeMax) return {};
  const std::string_view unit = std::string_view(text).substr(at);
  for (const std::string_view one : {"K", "M", "G"}) {
    if (unit.empty()) break;
    size <<= 10U;
    if (same_word(unit, one)) break;
    if (one == "G") return {};
  }
  // 2G is one more than the largest LOB has.
  if (size == kSizeMax + 1) size = kSizeMax;
  return size > 0 && size <= kSizeMax ? std::optional(size) : std::nullopt;
}

void describe(Entry& entry, std::string picture, std::optional<UsageWord> usage) {
  entry.picture = PictureClause{std::move(picture), 0, entry.place};
  if (usage) entry.usage = UsageClause{*usage, false, entry.place};
}

void add_part(const Entry& entry, std::string_view suffix, std::string picture,
              std::optional<UsageWord> usage, std::vector<Entry>& parts) {
  Entry part;
  part.level_number = kPartLevel;
  part.place = entry.place;
  part.is_filler = entry.is_filler;
  if (!entry.is_filler) part.name = entry.name + std::string(suffix);
  describe(part, std::move(picture), usage);
  parts.push_back(std::move(part));
}

std::string repeated(char symbol, std::uint64_t count) {
  return std::string(1, symbol) + "(" + std::to_string(count) + ")";
}

void make_items(Form form, std::uint64_t size, Entry& entry, std::vector<Entry>& parts) {
  const auto part = [&](std::string_view suffix, std::string picture,
                        std::optional<UsageWord> usage = {}) {
    add_part(entry, suffix, std::move(picture), usage, parts);
  };
  switch (form) {
    case Form::binary:
      return describe(entry, repeated('X', size), {});
    case Form::locator:
      return describe(entry, "S9(9)", UsageWord::binary);
    case Form::varbinary:
    case Form::row_id:
      part("-LEN", "S9(4)", UsageWord::binary);
      return part("-TEXT", repeated('X', form == Form::row_id ? 40 : size));
    case Form::lob:
      part("-LENGTH", "S9(9)", UsageWord::binary);
      return part("-DATA", repeated('X', size));
    case Form::dbcs_lob:
      part("-LENGTH", "S9(9)", UsageWord::binary);
      return part("-DATA", repeated('G', size), UsageWord::display_1);
    case Form::file:
      part("-NAME-LENGTH", "S9(9)", UsageWord::comp_5);
      part("-DATA-LENGTH", "S9(9)", UsageWord::comp_5);
      part("-FILE-OPTION", "S9(9)", UsageWord::comp_5);
      return part("-NAME", "X(255)");
  }
}

}  // namespace

bool at_sql_type(const TokenCursor& cursor) {
  const std::size_t at = !cursor.is_word("USAGE") ? 0 : cursor.is_word("IS", 1) ? 2 : 1;
  return cursor.is_word("SQL", at) && cursor.is_word("TYPE", at + 1);
}

bool take_sql_type(TokenCursor& cursor, Entry& entry, std::vector<Entry>& parts, Report& report) {
  while (!cursor.accept("TYPE")) cursor.take();
  cursor.accept("IS");
  const Place place = cursor.peek().place;
  const auto wrong = [&](std::string_view message) {
    report.error(place, "copybook: " + std::string(message));
    return false;
  };
  if (entry.picture || entry.usage || !parts.empty())
    return wrong("an SQL TYPE has no PICTURE and no other USAGE");
  const auto form = take_form(cursor);
  if (!form) return wrong("this is no SQL TYPE of Db2's COBOL");
  const auto size = has_size(*form) ? take_size(cursor) : std::optional<std::uint64_t>(0);
  if (!size) return wrong("this SQL TYPE needs its length, 1 to 2G, in parentheses");
  if (entry.level_number >= kPartLevel && *form != Form::binary && *form != Form::locator)
    return wrong("this SQL TYPE is a group, which level 49 cannot be");
  make_items(*form, *size, entry, parts);
  return true;
}

}  // namespace copybridge::copybook
