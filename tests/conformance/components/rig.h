// Endpoints of publishers, one kind per file; each registers itself.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {

/// An endpoint for publishers of one kind.
class Rig {
 public:
  virtual ~Rig() = default;
  /// Options of a publisher to this endpoint.
  [[nodiscard]] virtual std::string options() const = 0;
  /// How many events the endpoint has.
  [[nodiscard]] virtual std::size_t received() = 0;
  /// Options of a publisher to an endpoint that is away; empty: the kind has no peer.
  [[nodiscard]] virtual std::string options_when_away() const { return ""; }

 protected:
  std::size_t lines() const {
    std::size_t count = 0;
    for (const auto& name : folder_.files()) {
      for (const std::string& line : lines_of(folder_.read(name))) count += line.starts_with('{');
    }
    return count;
  }
  TestFolder folder_;
};

struct RigRow {
  std::string_view kind;
  std::string_view name;
  std::unique_ptr<Rig> (*make)();
};

template <typename Kind>
std::unique_ptr<Rig> make_rig() {
  return std::make_unique<Kind>();
}

/// All that are registered.
[[nodiscard]] std::vector<RigRow>& publisher_rigs();

/// Registers a file's rigs when the program starts.
struct RegisteredRigs {
  explicit RegisteredRigs(std::span<const RigRow> rigs) {
    publisher_rigs().insert(publisher_rigs().end(), rigs.begin(), rigs.end());
  }
};

}  // namespace copybridge::publishers
