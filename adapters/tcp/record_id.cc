// Bytes of an item to an id.
#include "adapters/tcp/record_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/core/hash.h"
#include "codecs/copybook/layout.h"

namespace copybridge::adapters::tcp {
namespace {

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<RecordId> RecordId::of_item(std::string source, std::string_view name,
                                   const mapping::Mapping& mapping) {
  RecordId id(std::move(source));
  const copybook::ItemIndex item = copybook::find_item(*mapping.layout, name);
  if (item == copybook::kNoItem || !condition::tables_around(*mapping.layout, item).empty()) {
    return fail(ErrorKind::config,
                fmt::format("'id_from': {} is not the name of one item, outside of tables, of {}",
                            name, mapping.copybook_file.filename().string()));
  }
  id.layout_ = mapping.layout;
  id.reading_ = plan::reading_of(mapping.options);
  id.locator_ = condition::Locator(mapping.layout, item, {}, id.reading_);
  id.name_ = mapping.layout->items[item].name;
  id.blank_ = mapping.options.code_page->byte_of(' ');
  return id;
}

ByteView RecordId::item_of(ByteView record) const {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  const bool is_there = layout_ != nullptr && locator_.find(record, {}, begin) &&
                        condition::item_end(*layout_, reading_, record, locator_.item(), end) &&
                        begin < end && end <= record.size();
  if (!is_there) return {};
  const ByteView bytes = record.subspan(begin, end - begin);
  const auto consists_of = [&](int byte) {
    return std::ranges::all_of(bytes, [byte](std::uint8_t one) { return one == byte; });
  };
  return consists_of(0) || consists_of(blank_) ? ByteView() : bytes;
}

std::string RecordId::of(ByteView record) const {
  const ByteView item = item_of(record);
  if (item.empty()) return source_ + "/" + hash_of(text_of(record));
  Hasher hasher;
  hasher.update(name_);
  hasher.update(std::string_view("\0", 1));
  hasher.update(text_of(item));
  return source_ + "/" + hasher.hex();
}

}  // namespace copybridge::adapters::tcp
