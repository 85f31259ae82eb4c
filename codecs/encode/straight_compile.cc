// From the outline of the JSON to the steps of the straight way.
#include <algorithm>
#include <map>
#include <utility>

#include "codecs/encode/straight_run.h"
#include "codecs/plan/names.h"

namespace copybridge::encode {

using copybook::ItemIndex;
using plan::OutlineNode;

namespace {

/// Walks the outline as decoding prints it.
class StraightCompiler {
 public:
  StraightCompiler(const plan::Outline& outline, const Program& program, plan::InstructionSet set)
      : outline_(outline), program_(program), set_(set) {
    for (const Field& field : program.fields) fields_[field.item] = &field;
    for (const Table& table : program.tables) tables_[table.item] = &table;
  }

  std::unique_ptr<const Straight> compile() {
    if (program_.keep_raw || !program_.arms.empty()) return nullptr;
    straight_ = std::make_unique<Straight>();
    straight_->is_moving = !program_.moves.empty();
    sequence_ = &straight_->main;
    moves_ = &program_.moves;
    add_pieces();
    if (!add_object(outline_.members)) return nullptr;
    end_sequence();
    straight_->is_covering = is_covering();
    straight_->pool.append(kReadableTail, '\0');
    return std::move(straight_);
  }

 private:
  bool add_members(const std::vector<OutlineNode>& nodes) {
    return std::ranges::all_of(nodes, [this](const OutlineNode& node) {
      if (!node.is_shown) return may_be_hidden(node);
      // A level-88 member is there where it is true; alternatives wait for the record.
      if (node.kind == OutlineNode::Kind::choice || !node.conditions.empty()) return false;
      return add_member(node);
    });
  }

  // What is not printed has its initial value: nothing that moves, and no counter.
  bool may_be_hidden(const OutlineNode& node) const {
    const copybook::Item& item = program_.layout->items[node.item];
    if (outline_.rules.is_counter[node.item] || item.depending_on != copybook::kNoItem ||
        item.has_variable_size || !node.conditions.empty())
      return false;
    return std::ranges::all_of(node.children,
                               [this](const OutlineNode& child) { return may_be_hidden(child); });
  }

  bool add_member(const OutlineNode& node) {
    const bool is_table = program_.layout->items[node.item].is_table;
    // A level 66 is compared with the whole record.
    if (program_.layout->items[node.item].level_number == copybook::kRenamesLevel) return false;
    // A FILLER group's members stand in the object around it.
    if (!node.has_member) return !is_table && add_members(node.children);
    if (has_members_) pending_ += ',';
    has_members_ = true;
    pending_ += plan::quoted(node.name) + ':';
    return is_table ? add_table(node) : add_value(node);
  }

  bool add_value(const OutlineNode& node) {
    return node.kind == OutlineNode::Kind::elementary ? add_field(node.item)
                                                      : add_object(node.children);
  }

  bool add_object(const std::vector<OutlineNode>& members) {
    const bool had_members = std::exchange(has_members_, false);
    pending_ += '{';
    if (!add_members(members)) return false;
    pending_ += '}';
    has_members_ = had_members;
    return true;
  }

  bool add_field(ItemIndex item) {
    const auto found = fields_.find(item);
    if (found == fields_.end()) return false;
    const Field& field = *found->second;
    Step step;
    step.address = static_cast<std::uint32_t>(field.address);
    step.size = field.size;
    step.field = &field;
    const ReaderChoice choice = choose_reader(step, field, set_);
    step.reader = choice.reader;
    step.row = choice.row;
    step.medley = choice.medley;
    step.kind = choice.kind;
    if (step.row != nullptr && step.number.end_lane != 0)
      step.window = add_window(window_of(step.number, field));
    add_step(step);
    if (field.counter == kNone) return true;
    if (!can_count(field)) return false;
    step.reader = note_counter;
    step.row = step.medley = nullptr;
    add_step(step);
    return true;
  }

  // Steps of a medley store all of their fields' bytes.
  [[nodiscard]] bool is_covering() const {
    std::uint64_t stored = 0;
    for (const Step& step : straight_->main.steps) {
      if (step.kind == StepKind::other || step.address != stored) return false;
      stored += step.size;
    }
    return !straight_->is_moving && stored == program_.layer_size;
  }

  const Window* add_window(const Window& window) {
    const auto found = std::ranges::find(straight_->windows, window);
    return found != straight_->windows.end() ? &*found : &straight_->windows.emplace_back(window);
  }

  // Whether the counter's bytes tell its value: a number has one form.
  static bool can_count(const Field& field) {
    return field.storage.category == copybook::Category::numeric &&
           field.storage.usage != copybook::Usage::national && !field.storage.blank_when_zero &&
           field.scale == 0 && field.picture == nullptr && field.date == nullptr &&
           field.size <= 32;
  }

  bool add_table(const OutlineNode& node) {
    const auto found = tables_.find(node.item);
    if (found == tables_.end()) return false;
    const Table& table = *found->second;
    Loop& loop = straight_->loops.emplace_back();
    loop.table = &table;
    Step step;
    step.reader = read_table;
    step.loop = &loop;
    add_step(step);
    if (!add_occurrence(node, loop)) return false;
    const bool is_piece =
        moves_ != nullptr && next_move_ < moves_->size() && (*moves_)[next_move_].table == &table;
    if (is_piece) {
      ++next_move_;
      add_pieces();
    }
    return true;
  }

  bool add_occurrence(const OutlineNode& node, Loop& loop) {
    const Table& table = *loop.table;
    Sequence* const around = sequence_;
    const Moves* const moves_around = moves_;
    const std::size_t next_around = next_move_;
    sequence_ = &loop.body;
    moves_ = table.body_moves ? &table.body : nullptr;
    next_move_ = 0;
    if (table.body_moves) {
      add_pieces();
    } else if (table.is_moving) {
      add_piece(table.address, table.stride);
    }
    const bool is_added = add_value(node);
    end_sequence();
    sequence_ = around;
    moves_ = moves_around;
    next_move_ = next_around;
    return is_added;
  }

  // The pieces up to the next table that varies.
  void add_pieces() {
    if (moves_ == nullptr) return;
    for (; next_move_ < moves_->size() && (*moves_)[next_move_].table == nullptr; ++next_move_)
      add_piece((*moves_)[next_move_].address, (*moves_)[next_move_].size);
  }

  void add_piece(std::uint64_t address, std::uint64_t size) {
    Step step;
    step.reader = fill_piece;
    step.address = static_cast<std::uint32_t>(address);
    step.size = static_cast<std::uint32_t>(size);
    // Constant text that is pending belongs to the next value.
    const std::string pending = std::exchange(pending_, {});
    add_step(step);
    pending_ = pending;
  }

  void add_step(Step step) {
    step.text_offset = static_cast<std::uint32_t>(straight_->pool.size());
    step.text_size = static_cast<std::uint32_t>(pending_.size());
    step.text_lanes = step.text_size >= Window::kLanes ? ~0U : (1U << step.text_size) - 1;
    straight_->pool += pending_;
    pending_.clear();
    sequence_->steps.push_back(step);
  }

  void end_sequence() {
    sequence_->tail = std::exchange(pending_, {});
    std::uint32_t count = 0;
    for (const Step& step : sequence_->steps) {
      const bool goes_on =
          !sequence_->rows.empty() && sequence_->rows.back().reader == step.row &&
          (step.window == nullptr ||
           (count - sequence_->rows.back().first < Window::kTogether && is_next_number(step)));
      if (!goes_on) sequence_->rows.push_back({step.row, count, count});
      sequence_->rows.back().last = ++count;
    }
    join_short_rows();
    for (const StepRow& row : sequence_->rows) add_quads(row, *sequence_, *straight_);
  }

  // Rows that are too short to gain from being of one kind are a medley.
  void join_short_rows() {
    constexpr std::uint32_t kShort = 4;
    std::vector<StepRow> joined;
    for (const StepRow& row : sequence_->rows) {
      const RowReader medley = sequence_->steps[row.first].medley;
      const bool is_short = medley != nullptr && row.last - row.first < kShort;
      if (is_short && !joined.empty() && joined.back().reader == medley) {
        joined.back().last = row.last;
      } else {
        joined.push_back(row);
        if (is_short) joined.back().reader = medley;
      }
    }
    sequence_->rows = std::move(joined);
  }

  // Whether the text in front of a number fits a register, and ends only the number before it.
  bool is_next_number(const Step& step) const {
    const std::string_view text =
        std::string_view(straight_->pool).substr(step.text_offset, step.text_size);
    return text.size() <= Window::kLanes && text.starts_with(',') &&
           text.find_first_of(",]}", 1) == text.npos;
  }

  const plan::Outline& outline_;
  const Program& program_;
  plan::InstructionSet set_;
  std::map<ItemIndex, const Field*> fields_;
  std::map<ItemIndex, const Table*> tables_;
  std::unique_ptr<Straight> straight_;
  Sequence* sequence_ = nullptr;
  const Moves* moves_ = nullptr;  ///< of what is being written: its pieces
  std::size_t next_move_ = 0;
  bool has_members_ = false;  ///< the object that is being written
  std::string pending_;
};

}  // namespace

std::unique_ptr<const Straight> compile_straight(const plan::Outline& outline,
                                                 const Program& program, plan::InstructionSet set) {
  return StraightCompiler(outline, program, set).compile();
}

}  // namespace copybridge::encode
