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

// Splits the pattern into runs of one letter and literal characters; false where a run is wrong.
bool DatePlan::split() {
  for (std::uint32_t at = 0; at < pattern_.size();) {
    const char letter = pattern_[at];
    if (kLetters.find(letter) == std::string_view::npos) {
      parts_.push_back({0, at++, 1});
      ++literals_;
      continue;
    }
    const std::size_t end = std::min(pattern_.find_first_not_of(letter, at), pattern_.size());
    const auto size = static_cast<std::uint32_t>(end - at);
    if (!fits_letter(letter, size) || has(letter)) return false;
    parts_.push_back({letter, at, size});
    at += size;
  }
  has_date_ = has('y');
  has_time_ = has('H');
  return true;
}

// What keeps the letters from making a date or a time; empty where they do.
std::string_view DatePlan::contradiction() const {
  const bool has_day = has('d') || has('D');
  if (!has_date_ && !has_time_) return "has neither a year nor an hour";
  if (!has_date_ && (has('M') || has_day || has('C'))) return "has a day or century without a year";
  if (has('d') && !has('M')) return "has a day without its month";
  if (has('D') && (has('M') || has('d'))) return "has both a day of the year and a month";
  if ((has('m') || has('s') || has('S')) && !has_time_) return "has minutes without hours";
  if (has('s') && !has('m')) return "has seconds without minutes";
  if (has('S') && !has('s')) return "has a fraction without seconds";
  if (has_date_ && has_time_ && !has_day) return "has a time without a day";
  return {};
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
  if (!plan.split()) {
    diagnostics.error(where, shown + "repeats a letter, or has too few or too many of it",
                      "letters are yyyy or yy, DDD, MM, dd, HH, mm, ss, S to SSSSSSSSS, C");
  } else if (const std::string_view words = plan.contradiction(); !words.empty()) {
    diagnostics.error(where, shown + std::string(words));
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
  const std::int64_t hours = 24 * days + moment.hour;
  const std::int64_t seconds = 60 * (60 * hours + moment.minute) + moment.second;
  out = zone_.write_offset(seconds, out);
  return {};
}

}  // namespace copybridge::plan
