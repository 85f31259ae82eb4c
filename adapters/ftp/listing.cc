// Hostile text: whatever does not have the expected form is no file.
#include "adapters/ftp/listing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include "bridge/transfer/ftp.h"

namespace copybridge::adapters::ftp {
namespace {

using remote::RemoteFile;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::size_t kTimeDigits = 14;
constexpr std::size_t kUnixFields = 8;
constexpr std::size_t kDataSetNameMax = 44;
constexpr std::size_t kMemberNameMax = 8;
/// What nanoseconds since 1970 in 64 bits can say.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;
constexpr unsigned kHoursMax = 23;
constexpr unsigned kMinutesMax = 59;
constexpr unsigned kSecondsMax = 60;  // A leap second.

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(' ', at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

template <typename T>
std::optional<T> number_of(std::string_view digits) {
  T value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stopped != end || digits.empty()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A data set's, member's or job's name; what else stands there is not one.
bool is_name(std::string_view name, std::size_t size_max) {
  return !name.empty() && name.size() <= size_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("$#@.-{").find(c) != std::string_view::npos;
  });
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return result;
}

bool is_deep(std::string_view pattern, std::size_t at) {
  return pattern.substr(at).starts_with("**");
}

/// Stars may stand for nothing.
void pass_stars(std::string_view pattern, std::vector<bool>& reached) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (reached[at] && pattern[at] == '*') reached[at + (is_deep(pattern, at) ? 2 : 1)] = true;
  }
}

}  // namespace

bool matches_data_set(std::string_view pattern, std::string_view name) {
  const std::string wanted = upper(pattern);
  // The places in the pattern that the name so far leads to: many stars cost no more than one.
  std::vector<bool> reached(wanted.size() + 1);
  reached[0] = true;
  pass_stars(wanted, reached);
  for (const char c : name) {
    std::vector<bool> next(wanted.size() + 1);
    for (std::size_t at = 0; at < wanted.size(); ++at) {
      if (!reached[at]) continue;
      if (wanted[at] == '*') {
        if (c != '.' || is_deep(wanted, at)) next[at] = true;
      } else if (wanted[at] == c || (wanted[at] == '%' && c != '.')) {
        next[at + 1] = true;
      }
    }
    pass_stars(wanted, next);
    reached.swap(next);
  }
  return reached[wanted.size()];
}

std::optional<std::int64_t> parse_time(std::string_view digits) {
  const std::size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  if (whole.size() != kTimeDigits || !is_digits(whole)) return std::nullopt;
  const auto part = [&](std::size_t begin, std::size_t size) {
    return *number_of<unsigned>(whole.substr(begin, size));
  };
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(part(0, 4))), month(part(4, 2)), day(part(6, 2))};
  const bool is_year = date.year() >= year(kYearMin) && date.year() <= year(kYearMax);
  const bool is_time =
      part(8, 2) <= kHoursMax && part(10, 2) <= kMinutesMax && part(12, 2) <= kSecondsMax;
  if (!date.ok() || !is_year || !is_time) return std::nullopt;
  const auto time =
      sys_days(date) + hours(part(8, 2)) + minutes(part(10, 2)) + seconds(part(12, 2));
  const std::int64_t time_s = duration_cast<seconds>(time.time_since_epoch()).count();
  return time_s * kNanosecondsPerSecond;
}

std::optional<RemoteFile> parse_mlsd(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  RemoteFile file{.name = std::string(line.substr(space + 1))};
  bool is_file = false;
  std::string_view facts = line.substr(0, space);
  while (!facts.empty()) {
    const std::size_t end = std::min(facts.find(';'), facts.size());
    const std::string fact = upper(facts.substr(0, end));
    facts.remove_prefix(std::min(end + 1, facts.size()));
    const std::string_view value = std::string_view(fact).substr(fact.find('=') + 1);
    if (fact.starts_with("TYPE=")) is_file = value == "FILE";
    if (fact.starts_with("SIZE=")) {
      const auto size = number_of<std::uint64_t>(value);
      file.is_size_exact = size.has_value();
      file.size = size.value_or(0);
    }
    if (fact.starts_with("MODIFY=")) file.time_ns = parse_time(value).value_or(0);
  }
  if (!is_file || file.name.empty() || !transfer::is_sendable(file.name)) return std::nullopt;
  return file;
}

std::optional<RemoteFile> parse_unix(std::string_view line) {
  if (!line.starts_with('-')) return std::nullopt;
  std::vector<std::string_view> fields;
  std::size_t at = 0;
  while (fields.size() < kUnixFields) {
    at = line.find_first_not_of(' ', at);
    if (at == std::string_view::npos) return std::nullopt;
    const std::size_t end = line.find(' ', at);
    if (end == std::string_view::npos) return std::nullopt;
    fields.push_back(line.substr(at, end - at));
    at = end;
  }
  // One space stands before the name, which may begin with more of its own.
  const auto size = number_of<std::uint64_t>(fields[4]);
  RemoteFile file{.name = std::string(line.substr(at + 1))};
  if (!size || file.name.empty() || !transfer::is_sendable(file.name)) return std::nullopt;
  file.size = *size;
  file.is_size_exact = true;
  return file;
}

std::optional<RemoteFile> parse_data_set(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.size() < 2) return std::nullopt;
  const std::string_view name = words.back();
  const std::string_view organization = words[words.size() - 2];
  const bool is_sequential =
      organization == "PS" || organization == "PS-E" || organization == "PS-L" ||
      (words.size() == 2 && (words[0] == "Migrated" || words[0] == "ARCIVE"));
  const std::string_view bare =
      transfer::is_data_set(name) ? name.substr(1, name.size() - 2) : name;
  if (!is_sequential || !is_name(bare, kDataSetNameMax)) return std::nullopt;
  return RemoteFile{.name = "'" + std::string(bare) + "'"};
}

std::optional<RemoteFile> parse_member(std::string_view line, std::string_view data_set) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty() || words[0] == "Name" || !is_name(words[0], kMemberNameMax))
    return std::nullopt;
  RemoteFile file{.name = "'" + std::string(data_set) + "(" + std::string(words[0]) + ")'",
                  .version = {}};
  // NAME 01.02 2026/11/20 2026/11/27 15:21 …, with seconds on newer systems.
  if (words.size() > 4) {
    std::string digits;
    for (const char c : std::string(words[3]) + std::string(words[4])) {
      if (c >= '0' && c <= '9') digits += c;
    }
    digits.resize(std::max(digits.size(), kTimeDigits), '0');
    file.time_ns = parse_time(digits).value_or(0);
  }
  return file;
}

std::optional<RemoteFile> parse_job(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.size() < 3) return std::nullopt;
  const std::string_view id = words[1];
  const bool is_id =
      id.size() == 8 && is_digits(id.substr(3)) &&
      (id.starts_with("JOB") || id.starts_with("STC") || id.starts_with("TSU") ||
       (std::string_view("JST").find(id[0]) != std::string_view::npos && is_digits(id.substr(1))));
  const bool is_out = std::find(words.begin() + 2, words.end(), "OUTPUT") != words.end();
  if (!is_id || !is_out || !is_name(words[0], kMemberNameMax)) return std::nullopt;
  return RemoteFile{.name = std::string(id) + ".x", .version = std::string(words[0])};
}

}  // namespace copybridge::adapters::ftp
