// Member names of every object, as the plan makes them, to find those that occur twice.
#include "codecs/mapping/member_names.h"

#include <map>
#include <set>
#include <string>

namespace copybridge::mapping {
namespace {

using copybook::Item;
using copybook::ItemIndex;

std::string snake_name(const std::string& name) {
  std::string result;
  for (const char character : name) {
    result += character == '-' ? '_' : static_cast<char>(std::tolower(character));
  }
  return result;
}

std::string camel_name(const std::string& name) {
  std::string result;
  bool is_start = false;
  for (const char character : name) {
    if (character == '-' || character == '_') {
      is_start = !result.empty();
    } else {
      result += static_cast<char>(is_start ? std::toupper(character) : std::tolower(character));
      is_start = false;
    }
  }
  return result;
}

/// Goes through the groups of a record, one object after the other.
class NameWalk {
 public:
  NameWalk(const plan::PlanOptions& options, const Context& context)
      : options_(options), context_(context) {
    for (const plan::FieldRule& rule : options.rules) rules_[rule.item] = &rule;
  }

  void walk_object(const Item& group) {
    std::set<std::string> names;
    add_children(group, names);
  }

 private:
  void add_children(const Item& group, std::set<std::string>& names) {
    for (const ItemIndex index : group.children) {
      const Item& item = context_.layout->items[index];
      if (is_dropped(index)) continue;
      if (item.is_filler && item.is_group()) {
        add_children(item, names);
      } else if (!item.is_filler) {
        add_name(index, names);
        if (item.is_group()) walk_object(item);
      }
    }
  }

  [[nodiscard]] bool is_dropped(ItemIndex index) const {
    const auto rule = rules_.find(index);
    return rule != rules_.end() && rule->second->drop;
  }

  [[nodiscard]] std::string name_of(ItemIndex index) const {
    const auto rule = rules_.find(index);
    if (rule != rules_.end() && rule->second->name) return *rule->second->name;
    const std::string& name = context_.layout->items[index].name;
    switch (options_.names) {
      case plan::Names::as_is:
        return name;
      case plan::Names::snake:
        return snake_name(name);
      case plan::Names::camel:
        return camel_name(name);
    }
    return name;
  }

  void add_name(ItemIndex index, std::set<std::string>& names) {
    const std::string name = name_of(index);
    if (names.insert(name).second) return;
    int number = 2;
    while (!names.insert(name + "-" + std::to_string(number)).second) ++number;
    const auto rule = rules_.find(index);
    const bool is_renamed = rule != rules_.end() && rule->second->name;
    context_.diagnostics.warning(
        is_renamed ? rule->second->where : context_.layout->items[index].where,
        "the member name " + in_quotes(name) + " occurs twice in one object: this one becomes " +
            in_quotes(name + "-" + std::to_string(number)),
        "give it a 'name'");
  }

  const plan::PlanOptions& options_;
  const Context& context_;
  std::map<ItemIndex, const plan::FieldRule*> rules_;
};

}  // namespace

void warn_of_equal_names(const plan::PlanOptions& options, const Context& context) {
  NameWalk(options, context).walk_object(context.layout->items.front());
}

}  // namespace copybridge::mapping
