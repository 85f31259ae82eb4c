// What a source says of a record beside its bytes: file name, message properties, headers.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace copybridge {

/// Attributes of one record, by name: its own and those that it shares with its batch. A view.
class SourceAttributes {
 public:
  using Pair = std::pair<std::string, std::string>;

  SourceAttributes() = default;
  explicit SourceAttributes(std::span<const Pair> common, std::span<const Pair> own = {})
      : common_(common), own_(own) {}

  /// The value of that name, the record's own before the batch's; empty: there is none.
  [[nodiscard]] std::string_view find(std::string_view name) const {
    for (const std::span<const Pair> pairs : {own_, common_}) {
      const auto found = std::ranges::find(pairs, name, &Pair::first);
      if (found != pairs.end()) return found->second;
    }
    return {};
  }

 private:
  std::span<const Pair> common_;
  std::span<const Pair> own_;
};

}  // namespace copybridge
