// Offsets from UTC of local times, for dates printed with a zone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::plan {

/// A zone's offsets as a table, made once. Immutable; no library is called when it is used.
class TimeZone {
 public:
  /// "" (prints nothing), "Z", "+01:00" or an IANA name. False where the zone is not known.
  [[nodiscard]] bool load(std::string_view name);

  /// Appends `Z` or `+hh:mm` for a local time in seconds since 1970. A time that occurs twice is
  /// taken as the earlier one, one that is skipped as if the clock had not moved yet.
  char* write_offset(std::int64_t local_seconds, char* out) const;

 private:
  struct Change {
    std::int64_t local_seconds = 0;  ///< from this local time on
    std::int32_t offset_seconds = 0;
  };
  std::string fixed_;
  std::int32_t first_offset_ = 0;
  bool is_table_ = false;
  std::vector<Change> changes_;
};

}  // namespace copybridge::plan
