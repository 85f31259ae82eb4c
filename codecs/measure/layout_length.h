// Lengths of records that only their copybooks tell: the counters of their tables, the alternative
// of a REDEFINES at their end, and which of several copybooks they are of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/condition/condition.h"
#include "codecs/framing/framing.h"

namespace copybridge::measure {

/// One kind of record.
struct RecordKind {
  /// An item that shares the record's last storage with others, and when it is there.
  struct Ending {
    copybook::ItemIndex item = copybook::kNoItem;
    condition::Condition when;
    bool ends_record = true;  ///< the record then ends with it; false: with the storage
  };
  std::string name;
  std::shared_ptr<const copybook::Layout> layout;
  condition::Reading reading;
  condition::Condition match;  ///< empty: every record
  /// header: for those alone. Trailers are told by their match.
  framing::RecordPlace place = framing::RecordPlace::detail;
  std::vector<Ending> endings;
};

/// Measures a record by the first kind whose match holds.
[[nodiscard]] std::shared_ptr<const framing::RecordMeasure> measure_by_layout(
    std::vector<RecordKind> kinds);

}  // namespace copybridge::measure
