// Names of objects: a pattern with placeholders for publisher, time and a running number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/core/clock.h"
#include "bridge/core/error.h"

namespace copybridge::publishers::objects {

/// Whether stores keep it apart from others: no empty part, `.`, `..`, backslash or control
/// character.
[[nodiscard]] bool is_plain_path(std::string_view path);

/// `{name}/dt={year}-{month}-{day}/{sequence}`: {name} is the publisher; {date} yyyyMMdd, {time}
/// HHmmss, {year}, {month}, {day} and {hour} are UTC; {sequence} has eight digits or more.
class ObjectNames {
 public:
  /// `extension` follows the pattern. ErrorKind::config: an unknown placeholder, no {sequence}, a
  /// path that stores do not keep apart from others.
  [[nodiscard]] static Result<ObjectNames> parse(std::string pattern, std::string name,
                                                 std::string_view extension);
  [[nodiscard]] std::string expand(WallTime time, std::uint64_t sequence) const;

 private:
  std::string pattern_;
  std::string name_;
};

}  // namespace copybridge::publishers::objects
