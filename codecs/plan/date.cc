// Patterns of dates, and the calendar.
#include "codecs/plan/date.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace copybridge::plan {

/// What was read of a date and a time.
struct DatePlan::Moment {
  int year = 1970;
  int month = 1;
  int day = 1;
  int day_of_year = 0;
  int century = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

namespace {

constexpr std::string_view kLetters = "yDMdHmsSC";

struct LetterSizes {
  char letter;
  std::size_t least;
  std::size_t most;
};
constexpr LetterSizes kSizes[] = {{'y', 2, 4}, {'D', 3, 3}, {'M', 2, 2}, {'d', 2, 2}, {'H', 2, 2},
                                  {'m', 2, 2}, {'s', 2, 2}, {'S', 1, 9}, {'C', 1, 1}};

bool fits_letter(char letter, std::size_t size) {
  const auto* found =
      std::find_if(std::begin(kSizes), std::end(kSizes),
                   [&](const LetterSizes& sizes) { return sizes.letter == letter; });
  return size >= found->least && size <= found->most && !(letter == 'y' && size == 3);
}

char* write_number(char* out, int value, int width) {
  for (int i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

std::chrono::sys_days to_days(int year, int month, int day) {
  return std::chrono::sys_days{std::chrono::year{year} /
                               std::chrono::month{static_cast<unsigned>(month)} /
                               std::chrono::day{static_cast<unsigned>(day)}};
}

}  // namespace

bool DatePlan::has(char letter) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.letter == letter; });
}

std::uint32_t DatePlan::position_of(char letter) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.letter == letter; });
  return found == parts_.end() ? 0 : found->position;
}

DatePlan DatePlan::compile(const DateRule& rule, const Where& where, Diagnostics& diagnostics) {
  DatePlan plan;
  plan.pattern_ = rule.pattern;
  plan.century_window_ = rule.century_window;
  const std::string shown = "date: pattern '" + rule.pattern + "' ";
  if (rule.pattern.empty() || rule.pattern.size() > kDatePatternMax) {
    diagnostics.error(where, shown + "must have 1 to 40 characters");
    return plan;
  }
  for (std::uint32_t at = 0; at < rule.pattern.size();) {
    const char letter = rule.pattern[at];
    std::uint32_t size = 1;
    if (kLetters.find(letter) == std::string_view::npos) {
      plan.parts_.push_back({0, at, 1});
      ++plan.literals_;
    } else {
      while (at + size < rule.pattern.size() && rule.pattern[at + size] == letter) ++size;
      if (!fits_letter(letter, size) || plan.has(letter))
        diagnostics.error(where, shown + "has a wrong number of '" + letter + "'",
                          "letters are yyyy or yy, DDD, MM, dd, HH, mm, ss, S to SSSSSSSSS, C");
      plan.parts_.push_back({letter, at, size});
    }
    at += size;
  }
  plan.has_date_ = plan.has('y');
  plan.has_time_ = plan.has('H');
  const bool day_without = plan.has('d') && !plan.has('M');
  const bool no_year = !plan.has_date_ && (plan.has('M') || plan.has('d') || plan.has('D'));
  if (!plan.has_date_ && !plan.has_time_) {
    diagnostics.error(where, shown + "has neither a year nor an hour");
  } else if (no_year || day_without || (plan.has('C') && !plan.has_date_)) {
    diagnostics.error(where, shown + "has a day without its month or year");
  } else if (plan.has('D') && (plan.has('M') || plan.has('d'))) {
    diagnostics.error(where, shown + "has both a day of the year and a month");
  } else if ((plan.has('m') || plan.has('s') || plan.has('S')) && !plan.has_time_) {
    diagnostics.error(where, shown + "has minutes without hours");
  } else if ((plan.has('s') && !plan.has('m')) || (plan.has('S') && !plan.has('s'))) {
    diagnostics.error(where, shown + "has seconds without minutes, or a fraction without seconds");
  } else if (plan.has_date_ && plan.has_time_ && !plan.has('d') && !plan.has('D')) {
    diagnostics.error(where, shown + "has a time without a day");
  }
  if (!plan.zone_.load(rule.time_zone))
    diagnostics.error(where, "date: time zone '" + rule.time_zone + "' is not known",
                      "give Z, an offset such as +01:00, or an IANA name such as Europe/Berlin");
  return plan;
}

DateFault DatePlan::read(const char* characters, Moment& moment) const {
  using Kind = DateFault::Kind;
  for (const Part& part : parts_) {
    const char* at = characters + part.position;
    if (part.letter == 0) {
      if (*at != pattern_[part.position]) return {Kind::separator, part.position};
      continue;
    }
    int value = 0;
    for (std::uint32_t i = 0; i < part.size; ++i) {
      if (at[i] < '0' || at[i] > '9') return {Kind::digit, part.position + i};
      value = part.letter == 'S' ? 0 : 10 * value + (at[i] - '0');
    }
    switch (part.letter) {
      case 'y':
        moment.year = value;
        if (part.size == 2)
          moment.year = century_window_ + (value - century_window_ % 100 + 100) % 100;
        break;
      case 'D':
        moment.day_of_year = value;
        break;
      case 'M':
        moment.month = value;
        break;
      case 'd':
        moment.day = value;
        break;
      case 'H':
        moment.hour = value;
        break;
      case 'm':
        moment.minute = value;
        break;
      case 's':
        moment.second = value;
        break;
      case 'C':
        moment.century = value;
        break;
      default:
        break;
    }
  }
  if (moment.century >= 0) moment.year = 1900 + 100 * moment.century + moment.year % 100;
  return {};
}

DateFault DatePlan::check(Moment& moment) const {
  using Kind = DateFault::Kind;
  if (moment.month < 1 || moment.month > 12) return {Kind::month, position_of('M')};
  const auto year = std::chrono::year{moment.year};
  if (has('D')) {
    if (moment.day_of_year < 1 || moment.day_of_year > (year.is_leap() ? 366 : 365))
      return {Kind::day, position_of('D')};
    const std::chrono::year_month_day date{to_days(moment.year, 1, 1) +
                                           std::chrono::days{moment.day_of_year - 1}};
    moment.month = static_cast<int>(static_cast<unsigned>(date.month()));
    moment.day = static_cast<int>(static_cast<unsigned>(date.day()));
  }
  const std::chrono::year_month_day date{year,
                                         std::chrono::month{static_cast<unsigned>(moment.month)},
                                         std::chrono::day{static_cast<unsigned>(moment.day)}};
  if (!date.ok()) return {Kind::day, position_of('d')};
  if (moment.minute > 59) return {Kind::minute, position_of('m')};
  if (moment.second > 59) return {Kind::second, position_of('s')};
  // Db2 writes the end of a day as hour 24.
  const bool is_midnight = moment.hour == 24 && moment.minute == 0 && moment.second == 0;
  if (moment.hour > 23 && !is_midnight) return {Kind::hour, position_of('H')};
  if (is_midnight && has_date_) {
    const std::chrono::year_month_day next{std::chrono::sys_days{date} + std::chrono::days{1}};
    moment.year = static_cast<int>(next.year());
    moment.month = static_cast<int>(static_cast<unsigned>(next.month()));
    moment.day = static_cast<int>(static_cast<unsigned>(next.day()));
    moment.hour = 0;
  }
  return moment.year > 9999 ? DateFault{Kind::day, position_of('d')} : DateFault{};
}

DateFault DatePlan::write(const char* characters, char*& out) const {
  Moment moment;
  DateFault fault = read(characters, moment);
  if (fault.kind == DateFault::Kind::none) fault = check(moment);
  if (fault.kind != DateFault::Kind::none) return fault;
  if (has_date_) {
    out = write_number(out, moment.year, 4);
    const bool has_day = has('d') || has('D');
    if (has('M') || has_day) *out++ = '-', out = write_number(out, moment.month, 2);
    if (has_day) *out++ = '-', out = write_number(out, moment.day, 2);
    if (has_time_) *out++ = 'T';
  }
  if (!has_time_) return {};
  out = write_number(out, moment.hour, 2);
  *out++ = ':';
  out = write_number(out, moment.minute, 2);
  *out++ = ':';
  out = write_number(out, moment.second, 2);
  for (const Part& part : parts_) {
    if (part.letter != 'S') continue;
    *out++ = '.';
    out = std::copy_n(characters + part.position, part.size, out);
  }
  const std::int64_t days =
      to_days(moment.year, moment.month, moment.day).time_since_epoch().count();
  const std::int64_t seconds =
      86400 * days + 3600 * moment.hour + 60 * moment.minute + moment.second;
  out = zone_.write_offset(seconds, out);
  return {};
}

}  // namespace copybridge::plan
