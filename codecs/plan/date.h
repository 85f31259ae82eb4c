// Dates and times in fields: a pattern compiled once, digits to ISO 8601.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/plan/options.h"
#include "codecs/plan/time_zone.h"

namespace copybridge::plan {

/// Why characters are no date; `position` counts from the pattern's start.
struct DateFault {
  enum class Kind : std::uint8_t {
    none,
    value,      ///< the field itself does not fit
    too_long,   ///< digits or characters beyond the pattern
    digit,      ///< no digit where the pattern has a letter
    separator,  ///< another character where the pattern has a literal one
    month,
    day,
    hour,
    minute,
    second
  };
  Kind kind = Kind::none;
  std::uint32_t position = 0;
};

inline constexpr std::size_t kDatePatternMax = 40;
inline constexpr std::size_t kDateTextMax = 64;

/// A compiled DateRule.
class DatePlan {
 public:
  /// Reports a pattern that makes no date at `rule`'s place; the plan is then unusable.
  static DatePlan compile(const DateRule& rule, const Where& where, Diagnostics& diagnostics);

  /// Characters of the pattern.
  [[nodiscard]] std::size_t size() const { return pattern_.size(); }
  /// Whether it has digits only, as numeric fields need.
  [[nodiscard]] bool is_digits() const { return literals_ == 0; }
  /// Appends ISO 8601 text (at most kDateTextMax characters) for size() characters.
  DateFault write(const char* characters, char*& out) const;
  /// The way back: the pattern's size() characters for ISO 8601 text. A time with another offset
  /// than the zone's is brought to the zone. False where the text is no date of the pattern's
  /// precision, or the pattern cannot say it (a year beyond the century window).
  [[nodiscard]] bool fill(std::string_view iso, char* characters) const;

 private:
  struct Part {
    char letter = 0;  ///< of the pattern; 0: a literal character
    std::uint32_t position = 0;
    std::uint32_t size = 0;
  };
  struct Moment;
  struct IsoText;

  void put(const IsoText& iso, char* characters) const;
  [[nodiscard]] bool read_iso(std::string_view text, IsoText& iso) const;
  [[nodiscard]] bool comes_back(const IsoText& iso, const char* characters) const;
  [[nodiscard]] bool bring_to_zone(IsoText& iso) const;
  bool split();
  [[nodiscard]] std::string_view contradiction() const;
  [[nodiscard]] bool has(char letter) const;
  DateFault read(const char* characters, Moment& moment) const;
  DateFault check(Moment& moment) const;
  [[nodiscard]] std::uint32_t position_of(char letter) const;

  std::string pattern_;
  std::vector<Part> parts_;
  std::size_t literals_ = 0;
  int century_window_ = 1970;
  bool has_date_ = false;
  bool has_time_ = false;
  TimeZone zone_;
};

}  // namespace copybridge::plan
