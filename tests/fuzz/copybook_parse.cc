// Arbitrary text as a copybook, in all formats and dialects: no crash, and a layout that adds up
// wherever there are no errors. The first byte chooses the options.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codecs/copybook/parser.h"

namespace copybridge::copybook {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

ParseOptions options_of(std::uint8_t choice) {
  ParseOptions options;
  options.source_format = static_cast<SourceFormat>(choice % 3);
  options.dialect = static_cast<Dialect>(choice / 3 % 3);
  options.decimal_point_is_comma = (choice / 9 & 1) != 0;
  return options;
}

/// A level 66 lies within the record and is no child of a group.
void check_rename(const Layout& layout, const Item& rename) {
  require(rename.renames != kNoItem && rename.renames_through != kNoItem && !rename.name.empty());
  require(!rename.is_group() && rename.offset == layout.items[rename.renames].offset);
  require(std::uint64_t{rename.offset} + rename.size <= layout.size_max);
}

/// Children lie within their group, and the record is as large as its 01.
void check(const Layout& layout) {
  require(!layout.items.empty() && layout.items[0].parent == kNoItem);
  require(layout.size_max == layout.items[0].size && layout.size_min <= layout.size_max);
  for (ItemIndex index = 0; index < layout.items.size(); ++index) {
    const Item& item = layout.items[index];
    require(item.size > 0);
    if (item.level_number == kRenamesLevel) check_rename(layout, item);
    require(item.occurs_min <= item.occurs_max && item.is_group() == !item.children.empty());
    require(item.redefines == kNoItem || layout.items[item.redefines].offset == item.offset);
    require(item.depending_on == kNoItem || item.depending_on < index);
    for (const ItemIndex child : item.children) {
      const Item& inner = layout.items[child];
      require(inner.parent == index && child > index);
      require(inner.offset >= item.offset);
      require(std::uint64_t{inner.offset} + std::uint64_t{inner.size} * inner.occurs_max <=
              std::uint64_t{item.offset} + item.size);
    }
    require(!path_of(layout, index).empty());
  }
}

}  // namespace
}  // namespace copybridge::copybook

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace copybridge::copybook;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ParseOutcome outcome = parse(text, "fuzz.cpy", options_of(data[0]));
  if (outcome.diagnostics.has_errors()) return 0;
  for (const Layout& layout : outcome.copybook.records) check(layout);
  return 0;
}
