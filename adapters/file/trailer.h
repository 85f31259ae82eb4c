// The trailer check: a record at a file's end that says how many records there are and what their
// amounts add up to, compared with what was read. Sums are exact.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/core/bytes.h"
#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"

namespace copybridge::adapters::file {

/// 38 digits; the decimal point is the field's matter.
__extension__ using WideInteger = __int128;

/// What one file has added up to so far. Copyable; all of it is kept in the checkpoint.
struct TrailerSums {
  std::uint64_t details = 0;     ///< records that are counted
  std::uint64_t trailers = 0;    ///< trailer records; one is right
  std::uint64_t behind = 0;      ///< records behind the trailer; none is right
  std::uint64_t unreadable = 0;  ///< records with a field that does not fit
  WideInteger expected_count = 0;
  std::vector<WideInteger> sums;      ///< of the detail fields
  std::vector<WideInteger> expected;  ///< the trailer's
  bool is_lost = false;               ///< the check was another one when the file was begun

  bool operator==(const TrailerSums&) const = default;
};

/// Compiled once from the `trailer` option, immutable.
class TrailerCheck {
 public:
  /// Reads {copybook, record, codepage, match, count, totals, detail_copybook, detail_record,
  /// detail_match, verify}. Mistakes go to `diagnostics`; null where there are any. `has_place`:
  /// framing tells trailers by their place, so that they need no match.
  static std::unique_ptr<const TrailerCheck> compile(const ConfigNode& node,
                                                     const AdapterContext& context, bool has_place,
                                                     Diagnostics& diagnostics);
  ~TrailerCheck();

  /// Whether a file is checked as a whole before any of it is handed out.
  [[nodiscard]] bool is_first() const;
  /// Takes a record into account; kReadableTail bytes behind it are readable. Headers count for
  /// nothing.
  void add(ByteView record, framing::RecordPlace place, TrailerSums& sums) const;
  /// Why a file that is read to its end does not agree with its trailer; empty where it does.
  [[nodiscard]] std::string mismatch(const TrailerSums& sums) const;
  /// `count=100 ACCT-BAL=1234.50`, for the log.
  [[nodiscard]] std::string describe(const TrailerSums& sums) const;

  /// For the checkpoint. load() of text that does not fit this check sets is_lost.
  [[nodiscard]] std::string save(const TrailerSums& sums) const;
  [[nodiscard]] TrailerSums load(std::string_view text) const;

  struct Impl;

 private:
  explicit TrailerCheck(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// Reads decimal text (`-0012.50`) as a whole number of units of 10^-scale. Nothing where it is no
/// number, has more decimals than that, or does not fit.
[[nodiscard]] std::optional<WideInteger> parse_decimal(std::string_view text, unsigned scale);
/// The reverse, with all decimals: `-12.50`.
[[nodiscard]] std::string print_decimal(WideInteger value, unsigned scale);

}  // namespace copybridge::adapters::file
