// Schemas of the JSON that a plan prints: JSON Schema (draft 2020-12) and Avro.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
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

/// What a schema is made of. All must outlive the call.
struct Source {
  const copybook::Layout& layout;
  const plan::PlanOptions& options;
  const std::vector<plan::Alternative>& alternatives;
};

/// JSON Schema of one record. Mistakes of the options go to `diagnostics`.
[[nodiscard]] std::string json_schema(const Source& source, const SchemaOptions& options,
                                      Diagnostics& diagnostics);

/// Avro schema of one record: names with `_` in place of what Avro does not allow (`json_name`
/// holds the member's), whole numbers int and long, others the logical type decimal, numbers that
/// are printed as strings string.
[[nodiscard]] std::string avro_schema(const Source& source, const SchemaOptions& options,
                                      Diagnostics& diagnostics);

}  // namespace copybridge::schema
