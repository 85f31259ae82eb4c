// Objects on their way: one that grows with the events that come, and one that an earlier claim
// says, waiting for its events to come again.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/hash.h"
#include "bridge/publishers/objects/claims.h"
#include "bridge/publishers/objects/encoder.h"

namespace copybridge::publishers::objects {

/// An event of a request that waits for an object.
struct Waiter {
  std::uint64_t request = 0;
  std::uint32_t event = 0;  ///< of the request
  std::uint32_t place = 0;  ///< of its id in the object
};

/// Where an id stands in an object.
using Places = boost::unordered_flat_map<Hash128, std::uint32_t, Hash128::Half>;

/// An object ready to be uploaded.
struct Draft {
  std::string bytes;
  std::string sha256;  ///< of them, hexadecimal
  Encoding encoding;
  std::vector<Hash128> hashes;
  std::string first_id;
  std::string last_id;
  std::vector<Claim> claims = {};  ///< to its name, of earlier attempts; empty: it has no name yet
};

/// The next object.
class Filling {
 public:
  /// `room`: memory to be used again.
  Filling(const Encoding& encoding, SteadyTime started, std::string room = {})
      : encoding_(encoding), encoder_(encoding, std::move(room)), started_(started) {}

  /// An event's line is appended here, and then added.
  [[nodiscard]] std::string& line() { return encoder_.line(); }
  void add(std::string_view id, const Hash128& hash, Waiter waiter);
  /// Where an event with this id is in the object already: one more that waits for it.
  [[nodiscard]] bool add_again(const Hash128& hash, Waiter waiter);

  [[nodiscard]] std::size_t text_size() const { return encoder_.text_size(); }
  [[nodiscard]] std::size_t events() const { return hashes_.size(); }
  [[nodiscard]] SteadyTime started() const { return started_; }
  [[nodiscard]] const std::vector<Waiter>& waiters() const { return waiters_; }
  [[nodiscard]] const std::vector<Hash128>& hashes() const { return hashes_; }
  /// Once.
  [[nodiscard]] Draft finish();

 private:
  Encoding encoding_;
  ObjectEncoder encoder_;
  SteadyTime started_;
  std::vector<Hash128> hashes_;
  Places places_;
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
  [[nodiscard]] bool holds(const Hash128& hash) const { return places_.contains(hash); }
  void add(std::string_view id, const Hash128& hash, std::string line, Waiter waiter,
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
  Places places_;
  std::vector<Line> lines_;
  std::vector<Waiter> waiters_;
  std::size_t missing_ = 0;
  SteadyTime started_{};
};

/// The claims to each name apart, in order.
[[nodiscard]] std::vector<Rebuild> rebuilds_of(std::vector<Claim> claims);

}  // namespace copybridge::publishers::objects
