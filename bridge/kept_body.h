// An event whose body is too large for its endpoint: the body goes to a store, and an event that
// names it takes its place (claim check; `dataref` of CloudEvents).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/publishers/publisher.h"

namespace copybridge::bridge {

class KeptBody {
 public:
  /// `whole` outlives it. `reference`: the URL under which the body will be.
  KeptBody(const publishers::Event& whole, std::string reference);
  KeptBody(const KeptBody&) = delete;
  KeptBody& operator=(const KeptBody&) = delete;

  /// What goes to the endpoint once the body is there.
  [[nodiscard]] const publishers::Event& event() const { return event_; }
  [[nodiscard]] const std::string& reference() const { return reference_; }

  enum class State : std::uint8_t { under_way, there, refused };
  State state = State::under_way;
  std::string reason = {};  ///< of a refusal

 private:
  std::string reference_;
  std::string body_;
  std::vector<publishers::Attribute> extensions_;
  publishers::Event event_;
};

}  // namespace copybridge::bridge
