// Reads a zone's changes from ICU; used here and nowhere else on the record's way.
#include "codecs/plan/time_zone.h"

#include <unicode/ucal.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace copybridge::plan {
namespace {

struct CalendarClose {
  void operator()(UCalendar* calendar) const { ucal_close(calendar); }
};
using Calendar = std::unique_ptr<UCalendar, CalendarClose>;

constexpr double kFirstMillis = -2208988800000.0;  // 1900-01-01
constexpr double kLastMillis = 4133980800000.0;    // 2101-01-01

bool is_offset(std::string_view name) {
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return false;
  for (const std::size_t at : {1U, 2U, 4U, 5U})
    if (name[at] < '0' || name[at] > '9') return false;
  return name.substr(1, 2) <= "18" && name[4] <= '5';
}

std::int32_t offset_at(UCalendar* calendar, double millis) {
  UErrorCode status = U_ZERO_ERROR;
  ucal_setMillis(calendar, millis, &status);
  const std::int32_t offset =
      ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status);
  return offset / 1000;
}

Calendar open_calendar(std::string_view name) {
  const std::u16string zone(name.begin(), name.end());
  UErrorCode status = U_ZERO_ERROR;
  std::array<UChar, 128> canonical{};
  UBool is_system = 0;
  ucal_getCanonicalTimeZoneID(zone.c_str(), -1, canonical.data(),
                              static_cast<std::int32_t>(canonical.size()), &is_system, &status);
  if (U_FAILURE(status) != 0 || is_system == 0) return nullptr;
  Calendar calendar{ucal_open(zone.c_str(), -1, "", UCAL_GREGORIAN, &status)};
  return U_FAILURE(status) != 0 ? nullptr : std::move(calendar);
}

}  // namespace

bool TimeZone::load(std::string_view name) {
  if (name.empty() || name == "Z" || is_offset(name)) {
    fixed_ = name;
    return true;
  }
  const Calendar calendar = open_calendar(name);
  if (calendar == nullptr) return false;
  is_table_ = true;
  first_offset_ = offset_at(calendar.get(), kFirstMillis);
  std::int32_t before = first_offset_;
  UErrorCode status = U_ZERO_ERROR;
  double millis = kFirstMillis;
  ucal_setMillis(calendar.get(), millis, &status);
  while (ucal_getTimeZoneTransitionDate(calendar.get(), UCAL_TZ_TRANSITION_NEXT, &millis,
                                        &status) != 0 &&
         U_FAILURE(status) == 0 && millis < kLastMillis) {
    const std::int32_t after = offset_at(calendar.get(), millis);
    const auto seconds = static_cast<std::int64_t>(millis / 1000);
    changes_.push_back({seconds + std::max(before, after), after});
    before = after;
  }
  return true;
}

char* TimeZone::write_offset(std::int64_t local_seconds, char* out) const {
  if (!is_table_) return std::copy(fixed_.begin(), fixed_.end(), out);
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), local_seconds,
      [](std::int64_t seconds, const Change& change) { return seconds < change.local_seconds; });
  const std::int32_t offset =
      next == changes_.begin() ? first_offset_ : std::prev(next)->offset_seconds;
  const std::int32_t minutes = std::abs(offset) / 60;
  const auto digit = [](std::int32_t value) { return static_cast<char>('0' + value); };
  *out++ = offset < 0 ? '-' : '+';
  *out++ = digit(minutes / 600);
  *out++ = digit(minutes / 60 % 10);
  *out++ = ':';
  *out++ = digit(minutes % 60 / 10);
  *out++ = digit(minutes % 10);
  return out;
}

}  // namespace copybridge::plan
