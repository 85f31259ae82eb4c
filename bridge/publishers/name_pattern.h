// Names of output files: a path with placeholders for publisher, date, time and a running number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/error.h"

namespace copybridge::publishers {

/// `out/{name}-{date}-{sequence}.jsonl`. {date} is yyyyMMdd and {time} HHmmss in UTC; {sequence}
/// has six digits or more and stands in the file name only. Without {sequence} a number above one
/// is put before the extension: `events.jsonl`, `events-2.jsonl`.
class NamePattern {
 public:
  /// A relative pattern starts at `base`; `name` replaces {name}. ErrorKind::config: an unknown or
  /// misplaced placeholder, no file name.
  [[nodiscard]] static Result<NamePattern> parse(const std::filesystem::path& base,
                                                 const std::string& pattern,
                                                 const std::string& name);

  /// The deepest folder whose name has no placeholder.
  [[nodiscard]] std::filesystem::path fixed_directory() const;
  /// The path for a time and a number from 1.
  [[nodiscard]] std::filesystem::path expand(WallTime time, std::uint64_t number) const;
  /// One more than the highest number among the files that are there; 1 where there is none.
  [[nodiscard]] std::uint64_t next_number(WallTime time) const;

 private:
  /// A path up to, and behind, the place of the number.
  struct Parts {
    std::string before;
    std::string after;
  };
  [[nodiscard]] Parts parts(WallTime time) const;

  std::filesystem::path base_;
  std::string text_;
  std::string name_;
  bool has_sequence_ = false;
};

}  // namespace copybridge::publishers
