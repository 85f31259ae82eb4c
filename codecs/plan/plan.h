// A plan: layout and options compiled once into a flat list of operations that turn a record's
// bytes into JSON text in one pass.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "codecs/condition/condition.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

namespace copybridge::plan {

/// Why a record does not fit: for messages and dead letters. Holds no record contents beyond
/// the offending bytes.
struct BadField {
  std::string path;          ///< `GROUP.ITEM(3)`; empty where the record as a whole is bad
  std::uint32_t offset = 0;  ///< of the field, from the record's start
  std::uint32_t byte = 0;    ///< of the offending byte within the field
  std::string found;         ///< hexadecimal of the field's bytes (at most 64 of them)
  std::string expected;      ///< "a digit 0-9 in each nibble", "at most 300 bytes"
  /// `packed: ACCT-BAL at offset 41, byte 3: nibble 0xB is not a digit`.
  std::string message;
};

/// A choice between the items that share storage: the alternative to decode when its condition
/// holds, first match wins.
struct Alternative {
  copybook::ItemIndex item = copybook::kNoItem;
  condition::Condition condition;
};

/// Compiled once, immutable, used from any number of threads.
class Plan {
 public:
  /// Compiles. Mistakes (a rule on a group that only fits elementary items, a date pattern that
  /// is longer than its field) go to `diagnostics`; null where there are errors. The layout is
  /// shared so that messages can name its items.
  static std::unique_ptr<const Plan> compile(std::shared_ptr<const copybook::Layout> layout,
                                             const PlanOptions& options,
                                             std::vector<Alternative> alternatives,
                                             Diagnostics& diagnostics);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// What was printed that the record does not say as such.
  struct Counts {
    std::uint64_t unmapped = 0;    ///< characters that became U+FFFD
    std::uint64_t bad_fields = 0;  ///< fields that are null or in hexadecimal instead
  };

  /// Appends the record's JSON object (no line end) to `out`. False: the record does not fit,
  /// `out` is rewound to where it was, and explain() says why. kReadableTail bytes behind the
  /// record must be readable. Never throws, allocates only to grow `out`.
  /// `counts` are added to.
  [[nodiscard]] bool decode(ByteView record, TextBuffer& out, Counts* counts = nullptr) const;

  /// Records of one piece of input as JSON Lines, up to the first that does not fit; returns how
  /// many were appended. The same as decode() and a line end for each, at less cost.
  [[nodiscard]] std::size_t decode_lines(ByteView piece, std::span<const RecordSpan> records,
                                         TextBuffer& out, Counts* counts = nullptr) const;

  /// The first reason why decode() refused this record; slow and scalar. Only after a refusal.
  [[nodiscard]] BadField explain(ByteView record) const;

  /// Number of operations, for tests and `bench`.
  [[nodiscard]] std::size_t operation_count() const;

 private:
  struct Impl;
  explicit Plan(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace copybridge::plan
