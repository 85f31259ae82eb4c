// Records to events: match, filter, decode, name. Pure: bytes in, text and verdicts out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/passage.h"

namespace copybridge::bridge {

/// Notices a wrong copybook before it drains a queue: too many bad records in a row, or among
/// the last thousand.
class BadRecordWatch {
 public:
  /// `in_row_max` 0: never. `percent_max` counts once a thousand records were seen.
  BadRecordWatch(std::uint64_t in_row_max, std::uint64_t percent_max);

  void add(bool is_bad);
  [[nodiscard]] bool is_exceeded() const { return is_exceeded_; }
  [[nodiscard]] std::uint64_t bad_in_window() const { return bad_in_window_; }

 private:
  static constexpr std::size_t kWindow = 1000;
  std::uint64_t in_row_max_;
  std::uint64_t percent_max_;
  std::uint64_t in_row_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t bad_in_window_ = 0;
  std::vector<bool> window_ = std::vector<bool>(kWindow);
  bool is_exceeded_ = false;
};

/// Makes the events of a passage, in record order, and fills `shares` and `bad`. `event_source`
/// is the CloudEvents source of all of them. Allocates per bad record only. Any thread; the
/// passage is the caller's alone meanwhile.
void make_events(const std::vector<Route>& routes, std::string_view event_source, Passage& passage);

/// Makes dead letters of a batch's one record without looking into it.
void condemn(const std::vector<Route>& routes, Passage& passage);

/// Shows a passage's records to the watch, in record order. Once it is exceeded, the records that
/// follow are handed back and their events and faults are dropped.
void watch_records(BadRecordWatch& watch, Passage& passage);

}  // namespace copybridge::bridge
