// Names of items: paths for messages, and lookup as conditions and mappings write it.
#include "codecs/copybook/layout.h"

#include <algorithm>

#include "codecs/copybook/token.h"

namespace copybridge::copybook {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// Each record is compared with all before it.
constexpr std::size_t kAlikeMax = 20;
constexpr std::size_t kNamesMax = 200;

/// Splits a qualified name into its parts, innermost first.
std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  if (name.find('.') != std::string_view::npos) {
    while (true) {
      const std::size_t dot = name.rfind('.');
      if (dot == std::string_view::npos) break;
      parts.push_back(name.substr(dot + 1));
      name = name.substr(0, dot);
    }
    parts.push_back(name);
    return parts;
  }
  while (true) {
    const std::size_t begin = name.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(name.find_first_of(kBlanks, begin), name.size());
    parts.push_back(name.substr(begin, end - begin));
    name = name.substr(end);
  }
  return parts;
}

/// Removes the OF and IN between the names; false where they do not stand in between.
bool drop_qualifying_words(std::vector<std::string_view>& parts) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_joint = same_word(parts[i], "OF") || same_word(parts[i], "IN");
    if (is_joint != (i % 2 == 1)) return false;
    if (!is_joint) names.push_back(parts[i]);
  }
  const bool is_complete = parts.size() % 2 == 1;
  parts = std::move(names);
  return is_complete;
}

bool is_meant(const Layout& layout, ItemIndex index, const std::vector<std::string_view>& parts) {
  const Item& item = layout.items[index];
  if (item.is_filler || !same_word(item.name, parts.front())) return false;
  ItemIndex group = item.parent;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    while (group != kNoItem && !same_word(layout.items[group].name, parts[i])) {
      group = layout.items[group].parent;
    }
    if (group == kNoItem) return false;
    group = layout.items[group].parent;
  }
  return true;
}

/// Whether a record stands in the file and programs that are named, innermost first.
bool is_within(const Layout& layout, const std::vector<std::string_view>& parts) {
  auto around = layout.within.begin();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    while (around != layout.within.end() && !same_word(*around, parts[i])) ++around;
    if (around == layout.within.end()) return false;
    ++around;
  }
  return true;
}

/// Equal but for the places in their texts.
bool is_alike(const Layout& a, const Layout& b) {
  const auto is_same = [](Item item, const Item& other) {
    item.where = other.where;
    if (item.conditions.size() != other.conditions.size()) return false;
    for (std::size_t i = 0; i < item.conditions.size(); ++i)
      item.conditions[i].where = other.conditions[i].where;
    return item == other;
  };
  const auto is_edited = [](const Item& item) { return item.category == Category::numeric_edited; };
  const bool has_same_point = a.decimal_point_is_comma == b.decimal_point_is_comma ||
                              std::none_of(a.items.begin(), a.items.end(), is_edited);
  return has_same_point &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), is_same);
}

}  // namespace

std::vector<std::size_t> find_records(const Copybook& copybook, std::string_view name) {
  std::vector<std::string_view> parts = parts_of(name);
  const bool has_dots = name.find('.') != std::string_view::npos;
  const bool is_qualified = !parts.empty() && (has_dots || drop_qualifying_words(parts));
  const auto is_meant = [&](const Layout& layout) {
    // The name of a record without an 01 is its file's, which may hold anything.
    if (name.empty() || same_word(layout.name(), name)) return true;
    return is_qualified && same_word(layout.name(), parts.front()) && is_within(layout, parts);
  };
  std::vector<std::size_t> found;
  for (std::size_t record = 0; record < copybook.records.size(); ++record) {
    if (!is_meant(copybook.records[record])) continue;
    const auto is_same = [&](std::size_t other) {
      return is_alike(copybook.records[other], copybook.records[record]);
    };
    const bool is_known =
        found.size() < kAlikeMax && std::any_of(found.begin(), found.end(), is_same);
    if (!is_known) found.push_back(record);
  }
  return found;
}

namespace {

/// The name by which find_records() finds this record alone, as far as names can tell.
std::string full_name_of(const Copybook& copybook, std::size_t record) {
  const Layout& layout = copybook.records[record];
  std::string name = layout.name();
  for (const std::string& around : layout.within) {
    if (find_records(copybook, name).size() == 1) break;
    name += " OF " + around;
  }
  return name;
}

}  // namespace

std::vector<std::string> names_of_records(const Copybook& copybook) {
  std::vector<std::string> names;
  for (const std::size_t record : find_records(copybook, "")) {
    if (names.size() == kNamesMax) {
      names.emplace_back("…");
      break;
    }
    names.push_back(full_name_of(copybook, record));
  }
  return names;
}

std::string path_of(const Layout& layout, ItemIndex item) {
  if (layout.items[item].level_number == kRenamesLevel) return layout.items[item].name;
  std::string path;
  for (; item != kNoItem && layout.items[item].parent != kNoItem;
       item = layout.items[item].parent) {
    if (!path.empty()) path.insert(0, 1, '.');
    path.insert(0, layout.items[item].name);
  }
  // The record itself has no names below it.
  return path.empty() ? layout.name() : path;
}

ItemIndex find_item(const Layout& layout, std::string_view name, std::size_t* candidates) {
  std::size_t count = 0;
  ItemIndex found = kNoItem;
  std::vector<std::string_view> parts = parts_of(name);
  const bool has_dots = name.find('.') != std::string_view::npos;
  if (!parts.empty() && (has_dots || drop_qualifying_words(parts))) {
    for (ItemIndex index = 0; index < layout.items.size(); ++index) {
      const bool is_rename = layout.items[index].level_number == kRenamesLevel;
      if ((is_rename && found != kNoItem) || !is_meant(layout, index, parts)) continue;
      ++count;
      found = index;
    }
  }
  if (candidates != nullptr) *candidates = count;
  return count == 1 ? found : kNoItem;
}

}  // namespace copybridge::copybook
