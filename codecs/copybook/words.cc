// Tables of words, and the distance between a misspelt word and a known one.
#include "codecs/copybook/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codecs/copybook/token.h"

namespace copybridge::copybook {
namespace {

constexpr std::pair<std::string_view, UsageWord> kUsages[] = {
    {"DISPLAY", UsageWord::display},
    {"BINARY", UsageWord::binary},
    {"COMP", UsageWord::binary},
    {"COMPUTATIONAL", UsageWord::binary},
    {"COMP-4", UsageWord::binary},
    {"COMPUTATIONAL-4", UsageWord::binary},
    {"COMP-5", UsageWord::comp_5},
    {"COMPUTATIONAL-5", UsageWord::comp_5},
    {"COMP-X", UsageWord::comp_x},
    {"COMPUTATIONAL-X", UsageWord::comp_x},
    {"COMP-N", UsageWord::comp_n},
    {"COMPUTATIONAL-N", UsageWord::comp_n},
    {"COMP-3", UsageWord::packed},
    {"COMPUTATIONAL-3", UsageWord::packed},
    {"PACKED-DECIMAL", UsageWord::packed},
    {"COMP-6", UsageWord::comp_6},
    {"COMPUTATIONAL-6", UsageWord::comp_6},
    {"COMP-3U", UsageWord::comp_6},
    {"COMPUTATIONAL-3U", UsageWord::comp_6},
    {"COMP-1", UsageWord::comp_1},
    {"COMPUTATIONAL-1", UsageWord::comp_1},
    {"FLOAT-SHORT", UsageWord::comp_1},
    {"COMP-2", UsageWord::comp_2},
    {"COMPUTATIONAL-2", UsageWord::comp_2},
    {"FLOAT-LONG", UsageWord::comp_2},
    {"FLOAT-DECIMAL-16", UsageWord::float_decimal_16},
    {"FLOAT-DECIMAL-34", UsageWord::float_decimal_34},
    {"NATIONAL", UsageWord::national},
    {"DISPLAY-1", UsageWord::display_1},
    {"UTF-8", UsageWord::utf8},
    {"INDEX", UsageWord::index},
    {"POINTER", UsageWord::pointer},
    {"FUNCTION-POINTER", UsageWord::function_pointer},
    {"PROCEDURE-POINTER", UsageWord::procedure_pointer},
    {"PROGRAM-POINTER", UsageWord::procedure_pointer},
    {"OBJECT", UsageWord::object_reference},
    {"POINTER-32", UsageWord::pointer_32},
    {"BINARY-CHAR", UsageWord::binary_char},
    {"BINARY-SHORT", UsageWord::binary_short},
    {"BINARY-LONG", UsageWord::binary_long},
    {"BINARY-DOUBLE", UsageWord::binary_double},
};

/// Usages of GnuCOBOL and others that z/OS COBOL takes for names.
constexpr std::pair<std::string_view, ForeignUsage> kForeignUsages[] = {
    {"FLOAT", {UsageWord::comp_1, false}},
    {"DOUBLE", {UsageWord::comp_2, false}},
    {"HANDLE", {UsageWord::handle, false}},
    {"BINARY-INT", {UsageWord::binary_long, false}},
    {"BINARY-LONG-LONG", {UsageWord::binary_double, false}},
    {"BINARY-C-LONG", {UsageWord::binary_double, false}},
    {"SIGNED-SHORT", {UsageWord::binary_short, false}},
    {"SIGNED-INT", {UsageWord::binary_long, false}},
    {"SIGNED-LONG", {UsageWord::binary_double, false}},
    {"UNSIGNED-SHORT", {UsageWord::binary_short, true}},
    {"UNSIGNED-INT", {UsageWord::binary_long, true}},
    {"UNSIGNED-LONG", {UsageWord::binary_double, true}},
};

constexpr std::pair<std::string_view, Literal::Kind> kFiguratives[] = {
    {"SPACE", Literal::Kind::spaces},
    {"SPACES", Literal::Kind::spaces},
    {"ZERO", Literal::Kind::zeros},
    {"ZEROS", Literal::Kind::zeros},
    {"ZEROES", Literal::Kind::zeros},
    {"QUOTE", Literal::Kind::quotes},
    {"QUOTES", Literal::Kind::quotes},
    {"LOW-VALUE", Literal::Kind::low_values},
    {"LOW-VALUES", Literal::Kind::low_values},
    {"HIGH-VALUE", Literal::Kind::high_values},
    {"HIGH-VALUES", Literal::Kind::high_values},
    {"NULL", Literal::Kind::nulls},
    {"NULLS", Literal::Kind::nulls},
};

constexpr std::string_view kClauseWords[] = {
    "PIC",       "PICTURE",   "USAGE",      "OCCURS",    "TIMES",        "DEPENDING",
    "INDEXED",   "ASCENDING", "DESCENDING", "REDEFINES", "SIGN",         "LEADING",
    "TRAILING",  "SEPARATE",  "CHARACTER",  "SYNC",      "SYNCHRONIZED", "JUST",
    "JUSTIFIED", "BLANK",     "VALUE",      "VALUES",    "RENAMES",      "THRU",
    "THROUGH",   "EXTERNAL",  "GLOBAL",     "FILLER",    "COPY",         "REPLACING",
    "RIGHT",     "LEFT",      "WHEN",       "UNBOUNDED", "GROUP-USAGE",  "BYTE-LENGTH",
    "VOLATILE",  "ALL",       "CONSTANT",   "SUPPRESS",  "REPLACE",
};

constexpr std::size_t kWordMax = 20;

/// Levenshtein distance of two words of at most kWordMax letters.
std::size_t distance(std::string_view left, std::string_view right) {
  std::array<std::size_t, kWordMax + 1> row{};
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t exchanged = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({exchanged, row[j] + 1, diagonal + 1});
    }
  }
  return row[right.size()];
}

struct Nearest {
  std::string_view word;
  std::size_t distance;
};

void consider(std::string_view wanted, std::string_view known, Nearest& nearest) {
  const std::size_t found = distance(wanted, known);
  if (found < nearest.distance) nearest = {known, found};
}

}  // namespace

std::optional<UsageWord> find_usage(std::string_view word) {
  for (const auto& [known, usage] : kUsages) {
    if (same_word(word, known)) return usage;
  }
  return {};
}

std::optional<ForeignUsage> find_foreign_usage(std::string_view word) {
  for (const auto& [known, usage] : kForeignUsages) {
    if (same_word(word, known)) return usage;
  }
  return {};
}

std::optional<Literal::Kind> find_figurative(std::string_view word) {
  for (const auto& [known, kind] : kFiguratives) {
    if (same_word(word, known)) return kind;
  }
  return {};
}

namespace {

bool is_known_word(std::string_view word) {
  return std::find(std::begin(kClauseWords), std::end(kClauseWords), word) !=
             std::end(kClauseWords) ||
         find_usage(word) || find_figurative(word);
}

}  // namespace

std::string hint_of_unsupported(std::string_view word) {
  if (same_word(word, "BIT") || same_word(word, "ALIGNED"))
    return "neither IBM nor GnuCOBOL stores bits as items: describe their bytes as PIC X";
  if (same_word(word, "ANY")) return "items of ANY LENGTH are parameters and in no record";
  return {};
}

std::string nearest_word(std::string_view word) {
  if (word.size() < 3 || word.size() > kWordMax) return {};
  const std::string wanted = upper(word);
  // A known word in the wrong place.
  if (is_known_word(wanted)) return {};
  // Of five letters one may be wrong, of longer words two.
  Nearest nearest{{}, wanted.size() <= 5 ? 2U : 3U};
  for (const std::string_view known : kClauseWords) consider(wanted, known, nearest);
  for (const auto& [known, usage] : kUsages) consider(wanted, known, nearest);
  for (const auto& [known, kind] : kFiguratives) consider(wanted, known, nearest);
  if (nearest.word.empty()) return {};
  return "did you mean " + std::string(nearest.word) + "?";
}

}  // namespace copybridge::copybook
