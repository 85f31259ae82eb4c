// The walk over a layout with the record's own counters.
#include "tools/copybridge/record_view.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "codecs/condition/field.h"
#include "codecs/plan/alternatives.h"
#include "codecs/plan/compiler.h"
#include "codecs/plan/detail.h"

namespace copybridge::cli {

using copybook::Item;
using copybook::ItemIndex;

struct RecordViewer::State {
  State(std::shared_ptr<const copybook::Layout> layout_of, const plan::PlanOptions& options_of,
        const std::vector<plan::Alternative>& alternatives)
      : layout(std::move(layout_of)),
        options(options_of),
        reading(plan::reading_of(options)),
        fields(*layout, options, program, diagnostics) {
    rules.assign(layout->items.size(), nullptr);
    for (const plan::FieldRule& rule : options.rules)
      if (rule.item < rules.size()) rules[rule.item] = &rule;
    for (const plan::Alternative& alternative : alternatives) {
      const ItemIndex item = plan::alternative_of(*layout, alternative.item);
      if (item != copybook::kNoItem) chosen.insert(plan::storage_of(*layout, item));
    }
  }

  const plan::Op& op_of(ItemIndex item, std::uint64_t& worst) {
    const auto [place, is_new] = ops.try_emplace(item);
    if (is_new) {
      place->second.first = fields.compile(item, rules[item], place->second.second);
    }
    worst = place->second.second;
    return place->second.first;
  }

  std::shared_ptr<const copybook::Layout> layout;
  const plan::PlanOptions& options;
  plan::Program program;
  Diagnostics diagnostics;
  const condition::Reading reading;
  plan::FieldCompiler fields;
  std::vector<const plan::FieldRule*> rules;
  std::set<ItemIndex> chosen;  ///< first items of storage that conditions choose an item of
  std::map<ItemIndex, std::pair<plan::Op, std::uint64_t>> ops;
};

class RecordViewer::Walk {
 public:
  Walk(State& state, ByteView record) : state_(state), record_(record) {}

  std::vector<FieldView> run() {
    const std::uint64_t end = item(0, 0, false);
    if (end < record_.size()) gap("(beyond the copybook)", end, record_.size() - end);
    return std::move(views_);
  }

 private:
  /// Shows all occurrences of an item that begins at `position`; returns where it ends.
  std::uint64_t item(ItemIndex index, std::uint64_t position, bool is_alternative) {
    const Item& entry = state_.layout->items[index];
    if (!entry.is_table) return occurrence(index, position, is_alternative);
    std::uint64_t count = entry.occurs_max;
    if (entry.depending_on != copybook::kNoItem) {
      const auto counted = counters_.find(entry.depending_on);
      count = counted == counters_.end() ? entry.occurs_min
                                         : std::min<std::uint64_t>(counted->second, count);
    }
    const std::uint64_t begin = position;
    subscripts_.push_back(0);
    for (std::uint64_t i = 0; i < count && position < record_.size(); ++i) {
      subscripts_.back() = i + 1;
      position = occurrence(index, position, is_alternative);
    }
    subscripts_.pop_back();
    const bool is_fixed =
        entry.depending_on == copybook::kNoItem || state_.options.odo == plan::OdoStorage::fixed;
    const std::uint64_t whole = begin + std::uint64_t{entry.size} * entry.occurs_max;
    if (!is_fixed || entry.has_variable_size || position >= whole) return position;
    if (position < record_.size()) gap("(unused occurrences)", position, whole - position);
    return whole;
  }

  std::uint64_t occurrence(ItemIndex index, std::uint64_t position, bool is_alternative) {
    const Item& entry = state_.layout->items[index];
    if (!entry.is_group()) {
      field(index, position, is_alternative);
      return position + entry.size;
    }
    const std::uint64_t begin = position;
    std::uint64_t missing = 0;  // bytes by which tables within fell short
    for (const plan::Cluster& cluster : plan::clusters_of(*state_.layout, index)) {
      const Item& first = state_.layout->items[cluster.front()];
      const std::uint64_t wanted = begin + (first.offset - entry.offset) - missing;
      if (wanted > position) {
        if (!is_alternative) gap("(slack)", position, wanted - position);
        position = wanted;
      }
      std::size_t* const around =
          cluster.size() == 1 ? nullptr
                              : &(state_.chosen.contains(cluster.front()) ? chosen_ : shared_);
      if (around != nullptr) ++*around;
      std::uint64_t end = item(cluster.front(), position, is_alternative);
      std::uint64_t size = plan::most_size(first);
      for (std::size_t i = 1; i < cluster.size(); ++i) {
        item(cluster[i], position, true);
        size = std::max(size, plan::most_size(state_.layout->items[cluster[i]]));
      }
      if (around != nullptr) --*around;
      const std::uint64_t whole = position + size;
      // Shared storage keeps its size, unless the record ends with it.
      if (cluster.size() > 1) {
        const std::uint64_t kept = std::min<std::uint64_t>(whole, record_.size());
        if (kept > end && !is_alternative) gap("(shared)", end, kept - end);
        end = std::max(end, kept);
      } else {
        missing += whole - std::min(whole, end);
      }
      position = end;
    }
    const std::uint64_t whole = begin + entry.size - missing;
    const bool is_slack = whole > position && position < record_.size() && !is_alternative;
    if (is_slack) gap("(slack)", position, whole - position);
    return std::max(whole, position);
  }

  [[nodiscard]] ByteView bytes_at(std::uint64_t position, std::uint64_t size) const {
    if (position >= record_.size()) return {};
    return record_.subspan(position, std::min<std::uint64_t>(size, record_.size() - position));
  }

  void gap(const char* name, std::uint64_t position, std::uint64_t size) {
    FieldView view;
    view.name = name;
    view.page = state_.reading.code_page.get();
    view.offset = position;
    view.bytes = bytes_at(position, size);
    if (!view.bytes.empty()) views_.push_back(std::move(view));
  }

  void field(ItemIndex index, std::uint64_t position, bool is_alternative) {
    const Item& entry = state_.layout->items[index];
    FieldView view;
    view.name = copybook::path_of(*state_.layout, index);
    for (std::size_t i = 0; i < subscripts_.size(); ++i)
      view.name += (i == 0 ? "(" : ",") + std::to_string(subscripts_[i]);
    if (!subscripts_.empty()) view.name += ')';
    view.picture = entry.picture;
    view.page = state_.reading.of(index).code_page.get();
    view.offset = position;
    view.bytes = bytes_at(position, entry.size);
    view.is_alternative = is_alternative;
    view.is_shared = shared_ > 0;
    view.is_chosen = chosen_ > 0;
    view.is_cut = view.bytes.size() < entry.size;
    view.is_cut ? read_cut(index, view) : read(index, view);
    views_.push_back(std::move(view));
  }

  void read(ItemIndex index, FieldView& view) {
    std::uint64_t worst = 0;
    const plan::Op& op = state_.op_of(index, worst);
    std::vector<char> text(worst + 2 * kReadableTail);
    const char* end = op.kernel(op, view.bytes.data(), text.data(), frame_);
    if (end == nullptr && op.misfit != nullptr)
      end = plan::write_misfit(*op.misfit, op, view.bytes.data(), text.data());
    view.is_bad = end == nullptr;
    if (end != nullptr) view.value.assign(text.data(), static_cast<std::size_t>(end - text.data()));
    if (end == nullptr && op.on_bad_field == plan::OnBadField::null) view.value = "null";
    const Item& entry = state_.layout->items[index];
    if (entry.category == copybook::Category::numeric && end != nullptr) count(index, view.bytes);
  }

  // As decode has it where short records are accepted: of text what is there, else null, which is
  // bad where some bytes are there.
  void read_cut(ItemIndex index, FieldView& view) {
    if (state_.options.short_records != plan::Acceptance::accept) {
      view.is_bad = true;
      return;
    }
    std::uint64_t worst = 0;
    plan::Op op = state_.op_of(index, worst);
    op.size = static_cast<std::uint32_t>(view.bytes.size());
    std::vector<char> text(worst + 2 * kReadableTail);
    const char* const end =
        op.is_text && op.size > 0 ? op.kernel(op, view.bytes.data(), text.data(), frame_) : nullptr;
    view.is_bad = end == nullptr && op.size > 0;
    view.value = "null";
    if (end != nullptr) view.value.assign(text.data(), static_cast<std::size_t>(end - text.data()));
  }

  // Any number may be the counter of a table behind it.
  void count(ItemIndex index, ByteView bytes) {
    const condition::Field field =
        condition::make_field(state_.layout->items[index], state_.reading.of(index));
    const std::int64_t count = condition::read_count(field, bytes.data());
    if (count >= 0) counters_[index] = static_cast<std::uint64_t>(count);
  }

  State& state_;
  ByteView record_;
  plan::Frame frame_;
  std::vector<std::uint64_t> subscripts_;
  std::size_t shared_ = 0;  ///< REDEFINES around the item at hand, without a condition
  std::size_t chosen_ = 0;  ///< and with one
  std::map<ItemIndex, std::uint64_t> counters_;
  std::vector<FieldView> views_;
};

RecordViewer::RecordViewer(std::shared_ptr<const copybook::Layout> layout,
                           const plan::PlanOptions& options,
                           const std::vector<plan::Alternative>& alternatives)
    : state_(std::make_unique<State>(std::move(layout), options, alternatives)) {}
RecordViewer::~RecordViewer() = default;

std::vector<FieldView> RecordViewer::view(ByteView record) { return Walk(*state_, record).run(); }

}  // namespace copybridge::cli
