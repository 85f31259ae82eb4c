// The ids of records where the records themselves say who they are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"
#include "codecs/condition/locate.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::adapters::tcp {

/// A hash of the record's bytes, or of one item of it. Immutable.
class RecordId {
 public:
  /// By all of its bytes. `source`: the adapter's name, which ids begin with.
  explicit RecordId(std::string source) : source_(std::move(source)) {}
  /// By the item `name` of the mapping's copybook, outside of tables. ErrorKind::config: there is
  /// none.
  static Result<RecordId> of_item(std::string source, std::string_view name,
                                  const mapping::Mapping& mapping);

  /// A record that has no such item, or nothing in it (blanks, binary zeros), goes by its bytes.
  [[nodiscard]] std::string of(ByteView record) const;

 private:
  [[nodiscard]] ByteView item_of(ByteView record) const;

  std::string source_;
  std::shared_ptr<const copybook::Layout> layout_;  ///< null: all bytes
  condition::Reading reading_;
  condition::Locator locator_;
  std::string name_;
  int blank_ = 0;
};

}  // namespace copybridge::adapters::tcp
