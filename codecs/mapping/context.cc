// Items by name, and what to say where there is none.
#include "codecs/mapping/context.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "bridge/core/config.h"

namespace copybridge::mapping {
namespace {

using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Words as short as the language's own are near to everything.
constexpr std::size_t kShortestName = 4;

std::string upper(std::string_view word) {
  std::string result(word);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char character) {
    return static_cast<char>(std::toupper(character));
  });
  return result;
}

/// The item's own name in `A OF B`, `A IN B` or `B.A`.
std::string own_name(std::string_view qualified) {
  const std::string name = upper(qualified);
  const std::size_t dot = name.rfind('.');
  if (dot != std::string::npos) return name.substr(dot + 1);
  return name.substr(0, name.find(' '));
}

std::vector<ItemIndex> items_named(const Layout& layout, const std::string& name) {
  std::vector<ItemIndex> found;
  for (ItemIndex index = 0; index < layout.items.size(); ++index) {
    if (upper(layout.items[index].name) == name) found.push_back(index);
  }
  return found;
}

std::string paths_of(const Layout& layout, const std::vector<ItemIndex>& items) {
  std::string paths;
  for (const ItemIndex item : items) {
    paths += (paths.empty() ? "" : ", ") + copybook::path_of(layout, item);
  }
  return paths;
}

std::string nearest_item(const Layout& layout, const std::string& name) {
  std::vector<std::string_view> names;
  for (const copybook::Item& item : layout.items) {
    if (!item.is_filler) names.push_back(item.name);
  }
  return nearest(name, names);
}

/// The COBOL word that begins at an offset of a text.
std::string_view word_at(std::string_view text, std::size_t offset) {
  text.remove_prefix(std::min(offset, text.size()));
  return text.substr(0, text.find_first_not_of(kNameCharacters));
}

/// The item or condition name that an unknown word may be meant for; none for known words.
std::string nearest_name(const Layout& layout, std::string_view word) {
  const std::string wanted = upper(word);
  std::vector<std::string_view> names;
  for (const copybook::Item& item : layout.items) {
    if (!item.is_filler) names.push_back(item.name);
    for (const copybook::ConditionName& condition : item.conditions) {
      names.push_back(condition.name);
    }
  }
  const bool is_known = std::any_of(names.begin(), names.end(),
                                    [&](std::string_view name) { return upper(name) == wanted; });
  return is_known || wanted.size() < kShortestName ? std::string{} : nearest(wanted, names);
}

/// The item that a level-88 name belongs to; empty where there is no such name.
std::string owner_of_condition(const Layout& layout, const std::string& name) {
  for (const copybook::Item& item : layout.items) {
    for (const copybook::ConditionName& condition : item.conditions) {
      if (upper(condition.name) == name) return item.name;
    }
  }
  return {};
}

void report_unknown(std::string_view name, const Where& where, const Context& context) {
  const Layout& layout = *context.layout;
  const std::string own = own_name(name);
  const std::string owner = owner_of_condition(layout, own);
  if (!owner.empty()) {
    context.diagnostics.error(
        where, in_quotes(name) + " is a condition name of " + in_quotes(owner) + ", not an item");
    return;
  }
  const std::vector<ItemIndex> same_name = items_named(layout, own);
  const std::string hint = same_name.empty()
                               ? did_you_mean(nearest_item(layout, own))
                               : in_quotes(own) + " stands at " + paths_of(layout, same_name);
  context.diagnostics.error(
      where, "the record " + layout.name() + " has no item " + in_quotes(name), hint);
}

void report_ambiguous(std::string_view name, const Where& where, const Context& context) {
  const std::vector<ItemIndex> same_name = items_named(*context.layout, own_name(name));
  context.diagnostics.error(
      where, in_quotes(name) + " is the name of " + std::to_string(same_name.size()) + " items",
      "say which: " + paths_of(*context.layout, same_name));
}

}  // namespace

Where parsed_text_start(const ConfigNode& scalar) {
  return {scalar.where.file, scalar.where.line, 1};
}

void report_findings_in(const ConfigNode& scalar, const Diagnostics& found, std::size_t prefix,
                        const Context& context) {
  for (const Diagnostic& diagnostic : found.all()) {
    const std::size_t column = diagnostic.where.column;
    const std::size_t offset = column > prefix ? column - prefix - 1 : 0;
    const Where where = context.source.place(scalar, offset);
    if (diagnostic.severity == Severity::warning) {
      context.diagnostics.warning(where, diagnostic.message, diagnostic.hint);
      continue;
    }
    std::string hint = diagnostic.hint;
    if (hint.empty()) {
      hint = did_you_mean(nearest_name(*context.layout, word_at(scalar.scalar, offset)));
    }
    context.diagnostics.error(where, diagnostic.message, std::move(hint));
  }
}

bool has_scalar(const Options& options, std::string_view key) {
  return options.is_given(key) && options.node(key).type == ConfigNode::Type::scalar;
}

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

std::string did_you_mean(std::string_view near) {
  return near.empty() ? std::string{} : "did you mean " + in_quotes(near) + "?";
}

ItemIndex find_named_item(std::string_view name, const Where& where, const Context& context) {
  if (context.layout == nullptr) return kNoItem;
  if (name.find('(') != std::string_view::npos) {
    context.diagnostics.error(where, in_quotes(name) + " has a subscript",
                              "what stands here holds for every occurrence");
    return kNoItem;
  }
  std::size_t candidates = 0;
  const ItemIndex item = copybook::find_item(*context.layout, name, &candidates);
  if (item != kNoItem) return item;
  if (candidates > 1) {
    report_ambiguous(name, where, context);
  } else {
    report_unknown(name, where, context);
  }
  return kNoItem;
}

}  // namespace copybridge::mapping
