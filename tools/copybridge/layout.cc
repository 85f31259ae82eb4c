// `copybridge layout`: every item of a record with its place, as a table or as JSON.
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "tools/copybridge/commands.h"
#include "tools/copybridge/copybook_options.h"

namespace copybridge::cli {
namespace {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;
using copybook::Usage;

struct LayoutOptions {
  CopybookOptions copybook;
  bool json = false;
};

std::string_view name_of(Usage usage) {
  switch (usage) {
    case Usage::group:
      return "group";
    case Usage::display:
      return "display";
    case Usage::binary:
      return "binary";
    case Usage::native_binary:
      return "native-binary";
    case Usage::packed:
      return "packed";
    case Usage::unsigned_packed:
      return "unsigned-packed";
    case Usage::float_single:
      return "float-single";
    case Usage::float_double:
      return "float-double";
    case Usage::decimal_double:
      return "float-decimal-16";
    case Usage::decimal_quad:
      return "float-decimal-34";
    case Usage::national:
      return "national";
    case Usage::dbcs:
      return "dbcs";
    case Usage::utf8:
      return "utf-8";
    case Usage::index:
      return "index";
    case Usage::pointer:
      return "pointer";
    case Usage::procedure_pointer:
      return "procedure-pointer";
  }
  return "";
}

/// A JSON string. Names hold letters of any alphabet, an implied record's even a file name's.
std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') json += '\\';
    if (static_cast<unsigned char>(character) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(character));
    } else {
      json += character;
    }
  }
  return json + '"';
}

std::string path_or_null(const Layout& layout, ItemIndex item) {
  return item == kNoItem ? "null" : json_string(copybook::path_of(layout, item));
}

bool is_rename(const Item& item) { return item.level_number == copybook::kRenamesLevel; }

/// Level 66 of one item has the item's usage; of several it is a group.
std::string_view usage_of(const Layout& layout, const Item& item) {
  if (!is_rename(item)) return name_of(item.usage);
  const bool is_one = item.renames == item.renames_through;
  return name_of(is_one ? layout.items[item.renames].usage : Usage::group);
}

std::string to_json(const Layout& layout, ItemIndex index) {
  const Item& item = layout.items[index];
  const std::string occurs_min = item.is_table ? std::to_string(item.occurs_min) : "null";
  const bool has_max = item.is_table && !item.is_unbounded;
  const std::string occurs_max = has_max ? std::to_string(item.occurs_max) : "null";
  return fmt::format(
      R"({{"path":{},"level":{},"name":{},"offset":{},"size":{},"usage":"{}","picture":{},)"
      R"("occurs_min":{},"occurs_max":{},"depending_on":{},"redefines":{}}})",
      json_string(copybook::path_of(layout, index)), item.level_number, json_string(item.name),
      item.offset, item.size, usage_of(layout, item),
      item.picture.empty() ? "null" : json_string(item.picture), occurs_min, occurs_max,
      path_or_null(layout, item.depending_on),
      path_or_null(layout, is_rename(item) ? item.renames : item.redefines));
}

void print_json(const Layout& layout) {
  for (ItemIndex index = 0; index < layout.items.size(); ++index) {
    fmt::print("{}{}", index == 0 ? "[\n  " : ",\n  ", to_json(layout, index));
  }
  fmt::print("\n]\n");
}

/// What a compiler's map shows beside the name: OCCURS, DEPENDING ON, REDEFINES, RENAMES, and
/// what DCLGEN wrote as a VARCHAR.
std::string remarks(const Layout& layout, const Item& item) {
  std::string text;
  if (item.is_table && item.depending_on != kNoItem) {
    const std::string most = item.is_unbounded ? "UNBOUNDED" : std::to_string(item.occurs_max);
    text = fmt::format("OCCURS {} TO {} DEPENDING ON {}", item.occurs_min, most,
                       layout.items[item.depending_on].name);
  } else if (item.is_table) {
    text = fmt::format("OCCURS {}", item.occurs_max);
  }
  const auto add = [&text](const std::string& remark) {
    if (!text.empty()) text += ' ';
    text += remark;
  };
  if (item.redefines != kNoItem) add("REDEFINES " + layout.items[item.redefines].name);
  if (item.is_varying_text) add("VARCHAR");
  if (is_rename(item)) add("RENAMES " + layout.items[item.renames].name);
  if (item.renames != item.renames_through) add("THRU " + layout.items[item.renames_through].name);
  return text;
}

/// Level and name, indented by the depth of the item.
std::string title(const Layout& layout, const Item& item) {
  std::size_t depth = 0;
  if (is_rename(item)) return "66 " + item.name;
  for (ItemIndex group = item.parent; group != kNoItem; group = layout.items[group].parent) ++depth;
  return fmt::format("{:{}}{:02} {}", "", 2 * depth, item.level_number, item.name);
}

void print_table(const Layout& layout) {
  std::size_t width = 0;
  for (const Item& item : layout.items) width = std::max(width, title(layout, item).size());
  fmt::print("{:<{}}  {:>8} {:>8} {:>8}  {:<17} {}\n", "Item", width, "Offset", "Hex", "Size",
             "Usage", "Picture");
  for (const Item& item : layout.items) {
    const std::string line = fmt::format(
        "{:<{}}  {:>8} {:>8X} {:>8}  {:<17} {:<12} {}", title(layout, item), width, item.offset,
        item.offset, item.size, usage_of(layout, item), item.picture, remarks(layout, item));
    fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
  const bool is_unbounded = std::any_of(layout.items.begin(), layout.items.end(),
                                        [](const Item& item) { return item.is_unbounded; });
  if (is_unbounded) {
    fmt::print("\nRecord: {} bytes or more, as the counters of its tables say\n", layout.size_min);
  } else if (layout.size_min == layout.size_max) {
    fmt::print("\nRecord: {} bytes\n", layout.size_max);
  } else {
    fmt::print("\nRecord: {} to {} bytes\n", layout.size_min, layout.size_max);
  }
}

int run(const LayoutOptions& options) {
  const auto layout = load_layout(options.copybook);
  if (!layout) return exit_code(layout.error().kind);
  if (options.json) {
    print_json(**layout);
  } else {
    print_table(**layout);
  }
  return 0;
}

}  // namespace

void add_layout(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<LayoutOptions>();
  CLI::App* command = app.add_subcommand("layout", "Print the items of a record with their places");
  add_copybook_options(*command, options->copybook);
  add_dialect_option(*command, options->copybook.dialect);
  command->add_flag("--json", options->json, "Print a JSON array of the items");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
