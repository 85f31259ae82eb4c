// `item:` and `children:` of a mapping file: records of one alternative, and the types of records
// that belong to the mapping's own.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "codecs/mapping/context.h"
#include "codecs/mapping/hierarchy.h"
#include "codecs/mapping/load.h"

namespace copybridge::mapping {

/// What the children share with the mapping that they stand in.
struct Family {
  const std::filesystem::path& folder;
  const Files& files;
  const copybook::ParseOptions& parse;
  const std::string& copybook;     ///< as the mapping names it
  const plan::PlanOptions& shape;  ///< without rules of fields
};

/// Reads the list under `children:` of the type `parent`, and theirs in turn, behind the types
/// that are there. Mistakes are reported at their place; a child that has one is left out.
void read_children(const ConfigNode& list, std::uint32_t parent, const Family& family,
                   const Context& context, std::vector<SegmentType>& types);

/// The layout of records that are all of one alternative: its items are members of the record,
/// next to those that all records have. `alternatives` then takes it. Null where `item` is none,
/// which is reported.
[[nodiscard]] std::shared_ptr<const copybook::Layout> layout_of_alternative(
    const ConfigNode& item, const Context& context, std::vector<plan::Alternative>& alternatives);

/// The record of that name (the only one where it is empty); null where there is none, which is
/// reported at `where`.
[[nodiscard]] std::shared_ptr<const copybook::Layout> find_record(copybook::Copybook copybook,
                                                                  const std::string& name,
                                                                  const Where& where,
                                                                  Diagnostics& diagnostics);

}  // namespace copybridge::mapping
