// The text of the progress line.
#include "tools/copybridge/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace copybridge::cli {

namespace {

constexpr double kMegabyte = 1e6;
constexpr std::chrono::seconds kFirst{1};
constexpr std::chrono::milliseconds kInterval{250};

std::string text_of(const Advance& advance, double seconds) {
  const double megabytes = static_cast<double>(advance.bytes) / kMegabyte;
  const double rate = megabytes / std::max(seconds, 0.001);
  std::string text =
      fmt::format("{} records, {:.0f} MB, {:.0f} MB/s", advance.records, megabytes, rate);
  if (!advance.bytes_total || *advance.bytes_total == 0) return text;
  const double total = static_cast<double>(*advance.bytes_total) / kMegabyte;
  text += fmt::format(", {:.0f} % of {:.0f} MB", 100 * std::min(1.0, megabytes / total), total);
  if (rate > 0) text += fmt::format(", {:.0f} s left", std::max(0.0, total - megabytes) / rate);
  return text;
}

}  // namespace

Progress::Progress() : is_wanted_(::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 0) {
  begin();
}

void Progress::begin() {
  begin_ = Clock::now();
  due_ = begin_ + kFirst;
}

void Progress::show(const Advance& advance) {
  if (!is_wanted_) return;
  const Clock::time_point now = Clock::now();
  if (now < due_) return;
  due_ = now + kInterval;
  is_shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  fmt::print(stderr, "\r{}\x1b[K", text_of(advance, seconds));
}

void Progress::clear() {
  if (is_shown_) fmt::print(stderr, "\r\x1b[K");
  is_shown_ = false;
}

}  // namespace copybridge::cli
