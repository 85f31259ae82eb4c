// Expansion of name patterns.
#include "bridge/publishers/name_pattern.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

namespace copybridge::publishers {
namespace {

constexpr std::string_view kSequence = "{sequence}";

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

/// The first brace expression that is none of ours; empty where all are known.
std::string unknown_placeholder(const std::string& text) {
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    std::string word = text.substr(at, end == std::string::npos ? end : end - at + 1);
    const bool is_known =
        word == "{name}" || word == "{date}" || word == "{time}" || word == kSequence;
    if (!is_known) return word;
  }
  return {};
}

/// The number that stands between `before` and `after` in a file name; 0 where there is none.
std::uint64_t number_in(std::string_view file, std::string_view before, std::string_view after) {
  if (file.size() <= before.size() + after.size()) return 0;
  if (!file.starts_with(before) || !file.ends_with(after)) return 0;
  file.remove_prefix(before.size());
  file.remove_suffix(after.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), number);
  return error == std::errc{} && end == file.data() + file.size() ? number : 0;
}

}  // namespace

Result<NamePattern> NamePattern::parse(const std::filesystem::path& base,
                                       const std::string& pattern, const std::string& name) {
  NamePattern result;
  result.base_ = base.empty() ? std::filesystem::path(".") : base;
  result.text_ = pattern;
  result.name_ = name;
  std::ranges::replace(result.name_, '/', '_');
  const std::string file_name = std::filesystem::path(pattern).filename().string();
  if (file_name.empty() || file_name == "." || file_name == "..") {
    return fail(ErrorKind::config, "the path has no file name");
  }
  if (const std::string word = unknown_placeholder(result.text_); !word.empty()) {
    return fail(ErrorKind::config, "unknown placeholder '" + word +
                                       "'; there are {name}, {date}, {time} and {sequence}");
  }
  const std::size_t sequence = result.text_.find(kSequence);
  result.has_sequence_ = sequence != std::string::npos;
  if (result.has_sequence_ && sequence < result.text_.size() - file_name.size()) {
    return fail(ErrorKind::config, "{sequence} can stand in the file name only, not in a folder");
  }
  if (result.has_sequence_ && result.text_.find(kSequence, sequence + 1) != std::string::npos) {
    return fail(ErrorKind::config, "{sequence} stands in the path twice");
  }
  return result;
}

std::filesystem::path NamePattern::fixed_directory() const {
  const std::string fixed = text_.substr(0, text_.find('{'));
  return (base_ / (fixed == text_ ? text_ : fixed + "x")).parent_path();
}

NamePattern::Parts NamePattern::parts(WallTime time) const {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::string text = text_;
  replace_all(text, "{date}", fmt::format("{:%Y%m%d}", fmt::gmtime(seconds)));
  replace_all(text, "{time}", fmt::format("{:%H%M%S}", fmt::gmtime(seconds)));
  // Last, so that a name with braces is not expanded itself.
  const std::size_t sequence = text.find(kSequence);
  std::string before = text.substr(0, sequence);
  std::string after;
  if (has_sequence_) {
    after = text.substr(sequence + kSequence.size());
  } else {
    after = std::filesystem::path(text).extension().string();
    before.resize(before.size() - after.size());
  }
  replace_all(before, "{name}", name_);
  replace_all(after, "{name}", name_);
  return {std::move(before), std::move(after)};
}

std::filesystem::path NamePattern::expand(WallTime time, std::uint64_t number) const {
  const Parts around = parts(time);
  if (has_sequence_) return base_ / fmt::format("{}{:06}{}", around.before, number, around.after);
  if (number <= 1) return base_ / (around.before + around.after);
  return base_ / fmt::format("{}-{}{}", around.before, number, around.after);
}

std::uint64_t NamePattern::next_number(WallTime time) const {
  const Parts around = parts(time);
  const std::filesystem::path path = base_ / (around.before + "x");
  std::string before = path.filename().string();
  before.pop_back();
  const std::string bare = before + around.after;
  if (!has_sequence_) before += '-';
  std::uint64_t highest = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(path.parent_path(), error);
  for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    highest = std::max(highest, number_in(file, before, around.after));
    if (!has_sequence_ && file == bare) highest = std::max<std::uint64_t>(highest, 1);
  }
  return highest + 1;
}

}  // namespace copybridge::publishers
