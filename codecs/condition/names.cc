// Looks up the names of conditions.
#include "codecs/condition/names.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace copybridge::condition {

using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Literal;

namespace {

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
           return std::toupper(static_cast<unsigned char>(a)) ==
                  std::toupper(static_cast<unsigned char>(b));
         });
}

}  // namespace

std::optional<Literal::Kind> figurative(std::string_view word) {
  static const std::map<std::string_view, Literal::Kind> words = {
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
      {"NULLS", Literal::Kind::nulls}};
  const auto found = words.find(word);
  if (found == words.end()) return std::nullopt;
  return found->second;
}

NameResolver::NameResolver(std::shared_ptr<const copybook::Layout> layout, const Reading& reading,
                           ItemIndex scope)
    : layout_(std::move(layout)), reading_(reading) {
  if (scope != kNoItem) scope_tables_ = tables_around(*layout_, scope);
}

std::size_t NameResolver::find_condition(const std::string& qualified, ItemIndex& item,
                                         const copybook::ConditionName*& found) const {
  const std::size_t first_of = qualified.find(" OF ");
  const std::string name = qualified.substr(0, first_of);
  std::size_t candidates = 0;
  for (ItemIndex at = 0; at < layout_->items.size(); ++at) {
    for (const copybook::ConditionName& condition : layout_->items[at].conditions) {
      if (!same_name(condition.name, name)) continue;
      if (first_of != std::string::npos && !is_qualified_by(at, qualified.substr(first_of + 4)))
        continue;
      item = at;
      found = &condition;
      ++candidates;
    }
  }
  return candidates;
}

// `A OF B`: the item or a group around it is A, and one further out is B.
bool NameResolver::is_qualified_by(ItemIndex item, std::string qualifiers) const {
  while (!qualifiers.empty()) {
    const std::size_t end = qualifiers.find(" OF ");
    const std::string name = qualifiers.substr(0, end);
    while (item != kNoItem && !same_name(layout_->items[item].name, name))
      item = layout_->items[item].parent;
    if (item == kNoItem) return false;
    item = layout_->items[item].parent;
    qualifiers = end == std::string::npos ? "" : qualifiers.substr(end + 4);
  }
  return true;
}

std::string NameResolver::make_operand(ItemIndex item, std::vector<std::uint32_t> subscripts,
                                       Operand& operand) const {
  const std::vector<ItemIndex> tables = tables_around(*layout_, item);
  const std::string& name = layout_->items[item].name;
  if (subscripts.size() > tables.size())
    return name + " has " + std::to_string(tables.size()) + " subscripts";
  const std::size_t implied = tables.size() - subscripts.size();
  const bool in_scope =
      implied <= scope_tables_.size() &&
      std::equal(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(implied),
                 scope_tables_.begin());
  if (!in_scope)
    return name + " is in a table and needs " + std::to_string(tables.size()) + " subscripts";
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    const std::uint32_t most = layout_->items[tables[implied + i]].occurs_max;
    if (subscripts[i] == 0 || subscripts[i] > most)
      return "subscript " + std::to_string(subscripts[i]) + " of " + name + " is not 1 to " +
             std::to_string(most);
  }
  subscripts.insert(subscripts.begin(), implied, 0);
  operand.field = make_field(layout_->items[item], reading_.of(item));
  operand.locator = Locator(layout_, item, std::move(subscripts), reading_);
  return {};
}

}  // namespace copybridge::condition
