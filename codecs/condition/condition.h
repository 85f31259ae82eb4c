// Conditions in COBOL words (`ACCT-REC-TYPE = 'A' AND NOT ACCT-CLOSED`), compiled against a
// layout and evaluated on a record's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "codecs/charset/code_page.h"
#include "codecs/condition/leniency.h"
#include "codecs/copybook/layout.h"

namespace copybridge::condition {

/// misfit: an operand's bytes are no value of its picture, or lie outside the record. It is
/// never taken for `no`: the record becomes a dead letter.
enum class Truth : std::uint8_t { no, yes, misfit };

/// What becomes of an OCCURS m TO n DEPENDING ON counter that is not m to n: it does not fit, the
/// nearest of the two is taken, or 0 to n fits whatever m is.
enum class OdoRange : std::uint8_t { reject, clamp, from_zero };

/// The number of occurrences that a counter means; false where it does not fit.
[[nodiscard]] bool occurrences_of(std::int64_t counter, std::uint32_t least, std::uint32_t most,
                                  OdoRange range, std::uint32_t& count);

/// What conditions need to know to read bytes as values.
struct Reading {
  std::shared_ptr<const charset::CodePage> code_page;
  bool ieee_float = false;
  bool float_little_endian = false;
  bool native_little_endian = false;
  bool binary_little_endian = false;  ///< of COMP and COMP-4, which COBOL keeps big-endian
  bool fixed_tables = false;          ///< DEPENDING ON tables keep the storage of all occurrences
  bool national_little_endian = false;
  bool rejects_unmappable = false;  ///< text that the code page cannot read does not fit
  bool preferred_signs = false;     ///< as under NUMPROC(PFD): no other sign fits
  Leniency leniency = {};
  OdoRange odo_range = OdoRange::reject;
  /// Items whose code page is not the record's.
  std::vector<std::pair<copybook::ItemIndex, std::shared_ptr<const charset::CodePage>>> item_pages =
      {};

  /// How one item is read.
  [[nodiscard]] Reading of(copybook::ItemIndex item) const;
};

/// A compiled condition; copyable (shares what is immutable).
class Condition {
 public:
  /// An empty condition: always `yes`.
  Condition() = default;

  /// Parses and compiles. Grammar: OR, AND, NOT, parentheses; level-88 names; relations
  /// (= > < >= <= <>, IS [NOT] EQUAL TO, GREATER THAN [OR EQUAL TO], LESS THAN …); abbreviated
  /// relations (`A = 1 OR 2`); class tests (NUMERIC, ALPHABETIC) and sign tests (POSITIVE,
  /// NEGATIVE, ZERO); operands: item names (qualified with OF/IN, subscripted with constants),
  /// literals, figurative constants. `where` is the place of the text's first character; mistakes
  /// are reported at their own column behind it. An empty condition is returned on errors.
  /// `scope`: an item whose occurrence the condition is about; items of the tables around it may
  /// then go without those tables' subscripts, which evaluate() is given.
  static Condition compile(std::string_view text, const Where& where,
                           std::shared_ptr<const copybook::Layout> layout, const Reading& reading,
                           Diagnostics& diagnostics, copybook::ItemIndex scope = copybook::kNoItem);

  [[nodiscard]] bool is_empty() const { return program_ == nullptr; }
  /// `subscripts`: of the tables around the scope, outermost first, from 1.
  [[nodiscard]] Truth evaluate(ByteView record,
                               std::span<const std::uint32_t> subscripts = {}) const;
  /// After a misfit: names the operand that did not fit, `ACCT-TYPE at offset 11: …`.
  [[nodiscard]] std::string explain(ByteView record,
                                    std::span<const std::uint32_t> subscripts = {}) const;

  struct Program;
  /// The compiled form; null where the condition is empty.
  [[nodiscard]] const Program* program() const { return program_.get(); }

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace copybridge::condition
