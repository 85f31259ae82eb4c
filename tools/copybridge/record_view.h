// A record taken apart, item by item, so that every byte of it is shown once: items, slack bytes,
// and what lies beyond the copybook.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "codecs/charset/code_page.h"
#include "codecs/plan/options.h"
#include "codecs/plan/plan.h"

namespace copybridge::cli {

/// One line of the view: an elementary item, or bytes that belong to none.
struct FieldView {
  std::string name;     ///< path and subscripts, `ITEMS.AMOUNT(3)`; `(slack)`, `(beyond)`
  std::string picture;  ///< picture or usage, for items
  const charset::CodePage* page = nullptr;  ///< of its characters
  std::uint64_t offset = 0;
  ByteView bytes;               ///< in the record; fewer than the item's where the record ends
  std::string value;            ///< as decode prints it
  bool is_bad = false;          ///< its bytes are no value, or the record ends within it
  bool is_cut = false;          ///< the record ends before it does
  bool is_alternative = false;  ///< shares its bytes with an item in front of it
  bool is_shared = false;       ///< shares them with an item that stands beside it: need not fit
  bool is_chosen = false;       ///< within an alternative that a condition chooses, or not
};

/// Views records of one kind. `layout`, `options` and `alternatives`, those that conditions choose,
/// must outlive it.
class RecordViewer {
 public:
  RecordViewer(std::shared_ptr<const copybook::Layout> layout, const plan::PlanOptions& options,
               const std::vector<plan::Alternative>& alternatives);
  ~RecordViewer();
  RecordViewer(const RecordViewer&) = delete;
  RecordViewer& operator=(const RecordViewer&) = delete;

  /// kReadableTail bytes behind the record must be readable.
  [[nodiscard]] std::vector<FieldView> view(ByteView record);

 private:
  class Walk;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace copybridge::cli
