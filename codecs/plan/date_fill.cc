// ISO 8601 text to the characters of a date's pattern.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "codecs/plan/date.h"

namespace copybridge::plan {

/// A date and a time as they are written.
struct DatePlan::IsoText {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::string_view fraction;  ///< digits behind the second's point
  bool has_offset = false;
  std::int64_t offset = 0;  ///< seconds east of UTC

  [[nodiscard]] std::int64_t local_seconds() const;
  /// Whether the calendar and the clock have it.
  [[nodiscard]] bool is_real() const;
};

namespace {

/// Takes text apart from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool number(std::size_t digits, int& value) {
    if (text_.size() < digits) return false;
    value = 0;
    for (const char character : text_.substr(0, digits)) {
      if (character < '0' || character > '9') return false;
      value = 10 * value + (character - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }
  bool skip(char character) {
    if (text_.empty() || text_.front() != character) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view digits() {
    const std::size_t size = std::min(text_.find_first_not_of("0123456789"), text_.size());
    const std::string_view found = text_.substr(0, size);
    text_.remove_prefix(size);
    return found;
  }
  [[nodiscard]] bool is_done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool read_offset(Reader& reader, std::int64_t& offset) {
  offset = 0;
  if (reader.skip('Z')) return true;
  const bool is_west = reader.skip('-');
  int hours = 0;
  int minutes = 0;
  if (!is_west && !reader.skip('+')) return false;
  if (!reader.number(2, hours) || !reader.skip(':') || !reader.number(2, minutes)) return false;
  offset = 60 * (60 * std::int64_t{hours} + minutes);
  if (is_west) offset = -offset;
  return hours <= 18 && minutes < 60;
}

std::string_view without_zeros(std::string_view fraction) {
  return fraction.substr(0, fraction.find_last_not_of('0') + 1);
}

bool reads_date(Reader& reader, bool has_month, bool has_day, int& year, int& month, int& day) {
  if (!reader.number(4, year)) return false;
  if (has_month && (!reader.skip('-') || !reader.number(2, month))) return false;
  if (has_day && (!reader.skip('-') || !reader.number(2, day))) return false;
  return true;
}

bool read_clock(Reader& reader, int& hour, int& minute, int& second) {
  if (!reader.number(2, hour) || !reader.skip(':') || !reader.number(2, minute)) return false;
  return !reader.skip(':') || reader.number(2, second);
}

char* put_number(char* out, int value, std::uint32_t width) {
  for (std::uint32_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

}  // namespace

std::int64_t DatePlan::IsoText::local_seconds() const {
  const std::chrono::sys_days days{std::chrono::year{year} /
                                   std::chrono::month{static_cast<unsigned>(month)} /
                                   std::chrono::day{static_cast<unsigned>(day)}};
  const std::int64_t hours = 24 * std::int64_t{days.time_since_epoch().count()} + hour;
  return 60 * (60 * hours + minute) + second;
}

bool DatePlan::IsoText::is_real() const {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() && hour <= 23 && minute <= 59 && second <= 59;
}

// Moves a time to the offset that the plan's zone has then.
bool DatePlan::bring_to_zone(IsoText& iso) const {
  std::array<char, 16> text{};
  const auto offset_at = [&](std::int64_t local) {
    const char* end = zone_.write_offset(local, text.data());
    Reader reader({text.data(), static_cast<std::size_t>(end - text.data())});
    std::int64_t offset = 0;
    return read_offset(reader, offset) ? offset : 0;
  };
  const bool has_zone = zone_.write_offset(0, text.data()) != text.data();
  if (has_zone != iso.has_offset) return false;
  if (!has_zone) return true;
  std::int64_t local = iso.local_seconds();
  if (offset_at(local) == iso.offset) return true;
  const std::int64_t utc = local - iso.offset;
  local = utc + offset_at(utc + offset_at(utc));
  if (!has_date_ || local - offset_at(local) != utc) return false;
  const std::chrono::sys_days days{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{local}})};
  const std::chrono::year_month_day date{days};
  iso.year = static_cast<int>(date.year());
  iso.month = static_cast<int>(static_cast<unsigned>(date.month()));
  iso.day = static_cast<int>(static_cast<unsigned>(date.day()));
  const std::int64_t seconds = local - 86400 * std::int64_t{days.time_since_epoch().count()};
  iso.hour = static_cast<int>(seconds / 3600);
  iso.minute = static_cast<int>(seconds / 60 % 60);
  iso.second = static_cast<int>(seconds % 60);
  return true;
}

void DatePlan::put(const IsoText& iso, char* characters) const {
  for (const Part& part : parts_) {
    char* at = characters + part.position;
    switch (part.letter) {
      case 0:
        *at = pattern_[part.position];
        break;
      case 'y':
        put_number(at, iso.year, part.size);
        break;
      case 'C':
        put_number(at, (iso.year - 1900) / 100, 1);
        break;
      case 'D': {
        IsoText first;
        first.year = iso.year;
        const std::int64_t seconds = first.local_seconds();
        put_number(at, static_cast<int>((iso.local_seconds() - seconds) / 86400) + 1, part.size);
        break;
      }
      case 'M':
        put_number(at, iso.month, part.size);
        break;
      case 'd':
        put_number(at, iso.day, part.size);
        break;
      case 'H':
        put_number(at, iso.hour, part.size);
        break;
      case 'm':
        put_number(at, iso.minute, part.size);
        break;
      case 's':
        put_number(at, iso.second, part.size);
        break;
      default:
        for (std::uint32_t i = 0; i < part.size; ++i)
          at[i] = i < iso.fraction.size() ? iso.fraction[i] : '0';
        break;
    }
  }
}

bool DatePlan::read_iso(std::string_view text, IsoText& iso) const {
  Reader reader(text);
  const bool has_day = has('d') || has('D');
  if (has_date_ && !reads_date(reader, has('M') || has_day, has_day, iso.year, iso.month, iso.day))
    return false;
  if (has_date_ && has_time_ && !reader.skip('T')) return false;
  if (has_time_) {
    if (!read_clock(reader, iso.hour, iso.minute, iso.second)) return false;
    if (reader.skip('.')) iso.fraction = without_zeros(reader.digits());
    iso.has_offset = !reader.is_done();
    if (iso.has_offset && !read_offset(reader, iso.offset)) return false;
  }
  return reader.is_done() && iso.is_real();
}

// What the pattern leaves out or says with fewer digits must come back from it.
bool DatePlan::comes_back(const IsoText& iso, const char* characters) const {
  std::array<char, kDateTextMax> printed{};
  char* end = printed.data();
  if (write(characters, end).kind != DateFault::Kind::none) return false;
  IsoText back;
  return read_iso({printed.data(), static_cast<std::size_t>(end - printed.data())}, back) &&
         back.local_seconds() == iso.local_seconds() && back.fraction == iso.fraction;
}

bool DatePlan::fill(std::string_view text, char* characters) const {
  IsoText iso;
  if (!read_iso(text, iso)) return false;
  if (has_time_ && !bring_to_zone(iso)) return false;
  put(iso, characters);
  return comes_back(iso, characters);
}

}  // namespace copybridge::plan
