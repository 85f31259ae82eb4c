// Schemas of the JSON that a plan prints: JSON Schema (draft 2020-12) and Avro.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/avro/type.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"
#include "codecs/plan/plan.h"

namespace copybridge::schema {

/// COBOL lets an item hold other values than its level-88 names list, and files do.
enum class Level88 : std::uint8_t {
  describe,  ///< the names and their values stand in the description
  enumerate  ///< only the listed values are valid
};

struct SchemaOptions {
  /// Binary items are limited by their picture, as under TRUNC(STD); false: by their bytes.
  bool truncates_binary = false;
  Level88 level_88 = Level88::describe;
  /// `multipleOf` for decimals too. Validators that compute in binary floating point then refuse
  /// valid numbers (4.35 is no multiple of 0.01 there).
  bool decimal_multiples = false;
  std::string name_space;  ///< Avro: namespace of the record; empty: none
};

struct Child;

/// What a schema is made of: a record's type, and those of the records in arrays of its object. All
/// must outlive the call.
struct Source {
  const copybook::Layout& layout;
  const plan::PlanOptions& options;
  const std::vector<plan::Alternative>& alternatives;
  std::vector<Child> children;  ///< in the order in which their arrays are printed
  std::string order_member;     ///< says in which order records stood; empty: nothing does
};

/// Records of one type in an array of their parent's object.
struct Child {
  std::string member;  ///< the array's name
  Source source;
};

/// JSON Schema of one record, or of a document of several. Mistakes of the options go to
/// `diagnostics`.
[[nodiscard]] std::string json_schema(const Source& source, const SchemaOptions& options,
                                      Diagnostics& diagnostics);

/// Avro type of the same: names with `_` in place of what Avro does not allow, whole numbers int
/// and long, others the logical type decimal, numbers that are printed as strings string.
[[nodiscard]] avro::Type avro_type(const Source& source, const SchemaOptions& options,
                                   Diagnostics& diagnostics);

}  // namespace copybridge::schema
