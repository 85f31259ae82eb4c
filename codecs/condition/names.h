// Names of a condition looked up in a layout: items with subscripts, level-88 names, figurative
// constants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/condition/program.h"

namespace copybridge::condition {

/// The figurative constant of a word in upper case.
[[nodiscard]] std::optional<copybook::Literal::Kind> figurative(std::string_view word);

/// Looks names up for one condition.
class NameResolver {
 public:
  NameResolver(std::shared_ptr<const copybook::Layout> layout, const Reading& reading,
               copybook::ItemIndex scope);

  /// How many level-88 names are called so (`NAME OF ITEM OF GROUP`); the last one found is
  /// returned with its item.
  std::size_t find_condition(const std::string& qualified, copybook::ItemIndex& item,
                             const copybook::ConditionName*& found) const;

  /// The operand of an item with its subscripts; those of tables around the scope may be left
  /// out. What is wrong, or empty.
  std::string make_operand(copybook::ItemIndex item, std::vector<std::uint32_t> subscripts,
                           Operand& operand) const;

 private:
  [[nodiscard]] bool is_qualified_by(copybook::ItemIndex item, std::string qualifiers) const;

  std::shared_ptr<const copybook::Layout> layout_;
  const Reading& reading_;
  std::vector<copybook::ItemIndex> scope_tables_;
};

}  // namespace copybridge::condition
