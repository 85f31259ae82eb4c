// Data description entries as they stand in the text: clauses read, nothing yet resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codecs/copybook/layout.h"
#include "codecs/copybook/token.h"
#include "codecs/copybook/words.h"

namespace copybridge::copybook {

/// A name with its qualifiers, innermost first: `A OF B IN C` is A, {B, C}.
struct Reference {
  std::string name;
  std::vector<std::string> qualifiers;
  Place place;
};

struct PictureClause {
  std::string text;
  std::uint32_t byte_length = 0;  ///< BYTE-LENGTH of a PIC U, 0 where absent
  Place place;
};

struct UsageClause {
  UsageWord usage = UsageWord::display;
  bool is_unsigned = false;  ///< BINARY-LONG UNSIGNED
  Place place;
};

struct SignClause {
  bool leading = false;
  bool separate = false;
  Place place;
};

struct OccursClause {
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  bool is_unbounded = false;  ///< max is of no meaning
  std::optional<Reference> depending_on;
  Place place;
};

/// `66 name RENAMES from THRU through`.
struct RenamesEntry {
  std::string name;
  Reference from;
  std::optional<Reference> through;
  std::vector<ConditionName> conditions;
  Place place;
};

/// One entry of level 01-49 or 77 with the level-88 names under it, and the level-66 names that
/// follow it.
struct Entry {
  std::uint8_t level_number = 0;
  std::string name;  ///< empty where there is none
  bool is_filler = false;
  Place place;

  std::optional<PictureClause> picture;
  std::optional<UsageClause> usage;
  std::optional<SignClause> sign;
  std::optional<OccursClause> occurs;
  std::optional<Reference> redefines;
  std::optional<Place> synchronized;
  std::optional<Place> justified;
  std::optional<Place> blank_when_zero;
  std::optional<Literal> value;
  std::optional<Place> type_definition;  ///< TYPEDEF: a type, no storage
  std::optional<Reference> type;         ///< TYPE, or USAGE of a type: an item of such a type
  std::optional<Reference> same_as;      ///< SAME AS: an item like that one
  std::vector<ConditionName> conditions;
  std::vector<RenamesEntry> renames;
  std::vector<std::string> within;  ///< of a record: its file and programs, innermost first

  bool is_broken = false;  ///< a mistake in it has been reported; what follows from it is not
};

inline constexpr std::uint8_t kRecordLevel = 1;
inline constexpr std::uint8_t kIndependentLevel = 77;

[[nodiscard]] inline bool begins_record(const Entry& entry) {
  return entry.level_number == kRecordLevel || entry.level_number == kIndependentLevel;
}

}  // namespace copybridge::copybook
