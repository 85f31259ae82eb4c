// What a compiled plan consists of, and the parts that make it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/condition/field.h"
#include "codecs/plan/controls.h"
#include "codecs/plan/detail.h"
#include "codecs/plan/op.h"
#include "codecs/plan/plan.h"
#include "codecs/plan/tables.h"

namespace copybridge::plan {

/// The compiled form. Deques keep what operations point to at its place.
struct Program {
  std::shared_ptr<const copybook::Layout> layout;
  SubPlan main;
  std::string pool;       ///< all constant text, padded for copies in chunks
  std::string line_tail;  ///< what follows the main plan's last operation, with a line end; padded
  std::deque<FieldDetail> fields;
  std::deque<Table> tables;
  std::deque<Choice> choices;
  std::deque<ConditionMember> conditions;
  std::deque<Counter> counters;
  std::deque<Renamed> renamed;
  std::deque<Misfit> misfits;
  std::deque<TextTable> text_tables;
  std::deque<SignTable> sign_tables;
  std::deque<NumberForm> number_forms;
  std::vector<std::string> paths;         ///< by item
  std::vector<condition::Field> by_item;  ///< how each elementary item is read
  std::vector<bool> is_masked;            ///< by item: messages must not show its bytes
  std::uint64_t size_min = 0;
  std::uint64_t size_max = 0;
  Acceptance short_records = Acceptance::reject;
  std::uint8_t space = 0x40;  ///< that short records are padded with
  bool accept_long = false;
  bool list_errors = false;
  bool is_flat = false;  ///< fields only, always in the same places: nothing steers others
  std::size_t operation_count = 0;
};

/// How an elementary item is read and printed under its rule, which may be null: edited items
/// as numbers or as text.
[[nodiscard]] condition::Field field_of(const copybook::Layout& layout, copybook::ItemIndex item,
                                        const PlanOptions& options, const FieldRule* rule);

/// Runs the plan over a record; false with `frame.failure` set where it does not fit.
[[nodiscard]] bool decode_record(const Program& program, ByteView record, TextBuffer& out,
                                 Frame& frame);

/// Words for a failure.
[[nodiscard]] BadField explain_failure(const Program& program, const Frame& frame);

}  // namespace copybridge::plan
