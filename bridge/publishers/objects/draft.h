// Objects on their way: one that grows with the events that come, and one that an earlier claim
// says, waiting for its events to come again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/publishers/objects/claims.h"
#include "bridge/publishers/objects/encoder.h"

namespace copybridge::publishers::objects {

/// An event of a request that waits for an object.
struct Waiter {
  std::uint64_t request = 0;
  std::uint32_t event = 0;  ///< of the request
  std::uint32_t place = 0;  ///< of its id in the object
};

/// An object ready to be uploaded.
struct Draft {
  std::string bytes;
  Encoding encoding;
  std::vector<std::string> hashes;
  std::string first_id;
  std::string last_id;
  std::vector<Claim> claims = {};  ///< to its name, of earlier attempts; empty: it has no name yet
};

/// The next object.
class Filling {
 public:
  Filling(const Encoding& encoding, SteadyTime started)
      : encoding_(encoding), encoder_(encoding), started_(started) {}

  void add(std::string_view id, std::string hash, std::string_view line, Waiter waiter);
  /// Where an event with this id is in the object already: one more that waits for it.
  [[nodiscard]] bool add_again(const std::string& hash, Waiter waiter);

  [[nodiscard]] std::size_t text_size() const { return encoder_.text_size(); }
  [[nodiscard]] std::size_t events() const { return hashes_.size(); }
  [[nodiscard]] SteadyTime started() const { return started_; }
  [[nodiscard]] const std::vector<Waiter>& waiters() const { return waiters_; }
  [[nodiscard]] const std::vector<std::string>& hashes() const { return hashes_; }
  /// Once.
  [[nodiscard]] Draft finish();

 private:
  Encoding encoding_;
  ObjectEncoder encoder_;
  SteadyTime started_;
  std::vector<std::string> hashes_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::string first_id_;
  std::string last_id_;
  std::vector<Waiter> waiters_;
};

/// The object of earlier claims to one name.
class Rebuild {
 public:
  /// Not empty, all of one sequence. What comes is put in the order of the first.
  explicit Rebuild(std::vector<Claim> claims);

  [[nodiscard]] const std::vector<Claim>& claims() const { return claims_; }
  [[nodiscard]] const Encoding& encoding() const { return encoding_; }
  [[nodiscard]] bool holds(const std::string& hash) const { return places_.contains(hash); }
  void add(std::string_view id, const std::string& hash, std::string line, Waiter waiter,
           SteadyTime now);
  [[nodiscard]] bool is_begun() const { return !waiters_.empty(); }
  [[nodiscard]] bool is_complete() const { return missing_ == 0; }
  /// When the first of its events came.
  [[nodiscard]] SteadyTime started() const { return started_; }
  /// Of the events that have come. Once.
  [[nodiscard]] Filling finish();

 private:
  struct Line {
    std::string text;  ///< empty: has not come
    std::string id;
  };
  std::vector<Claim> claims_;
  Encoding encoding_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::vector<Line> lines_;
  std::vector<Waiter> waiters_;
  std::size_t missing_ = 0;
  SteadyTime started_{};
};

/// The claims to each name apart, in order.
[[nodiscard]] std::vector<Rebuild> rebuilds_of(std::vector<Claim> claims);

}  // namespace copybridge::publishers::objects
