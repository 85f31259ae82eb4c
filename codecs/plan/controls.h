// Operations that steer others: tables, choices among items that share storage, level-88
// members, counters, `_errors` and `_raw`.
#pragma once

#include <memory>
#include <vector>

#include "codecs/condition/condition.h"
#include "codecs/condition/field.h"
#include "codecs/condition/value_test.h"
#include "codecs/plan/op.h"

namespace copybridge::plan {

inline constexpr std::int32_t kNoSlot = -1;

/// An OCCURS: its body runs once per occurrence. The body's text begins with a comma, the first
/// of which becomes the bracket.
struct Table {
  SubPlan body;
  std::uint32_t stride = 0;
  std::uint32_t count_min = 0;
  std::uint32_t count_max = 0;
  OdoRange range = OdoRange::reject;
  std::int32_t slot = kNoSlot;    ///< the counter's, of a DEPENDING ON table
  std::uint64_t element_min = 0;  ///< bytes of an occurrence at the least
  bool is_moving = false;         ///< what follows moves up by the missing occurrences
  bool body_moves = false;        ///< tables within its body do so
  bool is_silent = false;         ///< only walked over, nothing is printed
};

/// One of the items that share storage.
struct Arm {
  SubPlan body;
  copybook::ItemIndex item = copybook::kNoItem;
  std::uint32_t null_offset = 0;  ///< text for the case that it does not fit
  std::uint32_t null_size = 0;
  condition::Condition condition;
  bool is_conditional = false;
  bool is_discarded = false;   ///< not printed; it only counts as fitting
  bool ends_record = false;    ///< the record ends with it, though its storage is larger
  bool may_be_filled = false;  ///< or with all of that storage
  std::uint64_t size_min = 0;
  std::uint64_t size_max = 0;
};

/// REDEFINES: a choice by conditions, or all that fit side by side.
struct Choice {
  std::vector<Arm> arms;
  std::uint32_t null_offset = 0;  ///< by conditions: text for the case that none holds
  std::uint32_t null_size = 0;
};

/// The counter of DEPENDING ON tables: read where it stands, kept in a slot of the frame.
struct Counter {
  condition::Field field;
  std::uint32_t slot = 0;
};

/// A level 66: its operations, and where they stand.
struct Renamed {
  SubPlan body;
  std::int32_t slot = kNoSlot;  ///< of the frame's counters: its displacement; none: nothing moves
  bool is_alternative = false;  ///< the bytes may be another's: null where they do not fit
  std::uint32_t null_offset = 0;
  std::uint32_t null_size = 0;
};

/// A level-88 name that is printed where it is true.
struct ConditionMember {
  condition::ValueTest test;
  std::uint32_t text_offset = 0;
  std::uint32_t text_size = 0;
};

/// Notes that `op` refuses the record where it stands.
void note_failure(const Op& op, FailureKind kind, Frame& frame);

/// Adds an item's path, with the current subscripts, to the record's list of errors.
void list_error(copybook::ItemIndex item, Frame& frame);

char* write_table(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_alternatives(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_chosen(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_condition(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* read_counter(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* note_place(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_renamed(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_errors(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
char* write_record_bytes(const Op& op, const std::uint8_t* in, char* out, Frame& frame);
/// Ends an object whose last member may be missing: its trailing comma becomes the brace.
char* close_object(const Op& op, const std::uint8_t* in, char* out, Frame& frame);

}  // namespace copybridge::plan
