// What comes from the pipeline, sorted into objects: which are ready, whose fate is whose. No
// threads and no store here.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/publishers/ledger.h"
#include "bridge/publishers/objects/draft.h"
#include "bridge/publishers/objects/object_publisher.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::objects {

/// For one thread.
class Collector {
 public:
  Collector(Encoding encoding, Rolling rolling, IdLedger stored)
      : encoding_(encoding), rolling_(rolling), stored_(std::move(stored)) {}

  /// Responses that are complete go to `port`; also those of a request formed before its failures
  /// were known.
  void set_port(CompletionPort port) { port_ = port; }
  void take(const Request& request, SteadyTime now);

  /// Claims of earlier attempts of which it is known that nothing is there (yet).
  void rebuild(std::vector<Rebuild> rebuilds);
  [[nodiscard]] bool has_rebuilds() const { return !rebuilds_.empty(); }
  [[nodiscard]] const std::vector<Rebuild>& rebuilds() const { return rebuilds_; }

  /// The next object to be uploaded, one at a time; the one before has to be concluded.
  /// `nothing_comes`: nothing more comes before an object is uploaded.
  [[nodiscard]] std::optional<Draft> next(SteadyTime now, bool nothing_comes);
  /// When next() may have something by itself.
  [[nodiscard]] SteadyTime next_due() const;
  [[nodiscard]] bool is_uploading() const { return under_way_.has_value(); }
  /// Whether an object is full that next() has not given.
  [[nodiscard]] bool has_full() const { return !closed_.empty(); }
  /// Requests without a response.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

  /// The object under way is there, as this claim says. False: not with all of its events, and
  /// everything that is held was handed back; what is under claimed names is to be found out again.
  bool note_stored(const Claim& claim);
  /// Memory of an object that is through, for the next one.
  void give_back(std::string room) {
    if (!held_.empty()) room_ = std::move(room);
  }
  /// Found there, of an earlier attempt.
  void note_found(const Claim& claim) { stored_.add({claim.sequence, claim.hashes}); }
  /// Everything that is held gets this outcome.
  void hand_back(const Response& failure);
  /// Hands a request back that was not taken.
  void hand_back(const Request& request, const Response& failure);

  /// Objects whose events do not come again.
  [[nodiscard]] const std::vector<std::uint64_t>& obsolete() const { return stored_.obsolete(); }
  void remove_obsolete(std::size_t count) { stored_.remove_obsolete(count); }

 private:
  struct Held {
    std::vector<Outcome> outcomes;
    std::size_t open = 0;
  };

  void place(const Event& event, Waiter waiter, SteadyTime now);
  [[nodiscard]] bool is_placed_again(const Hash128& hash, Waiter waiter);
  void add_line(const Event& event, const Hash128& hash, Waiter waiter, SteadyTime now);
  void begin(SteadyTime now);
  void close();
  void accept(const Waiter& waiter);
  [[nodiscard]] bool is_old(SteadyTime started, SteadyTime now) const {
    return now - started >= rolling_.age;
  }
  [[nodiscard]] std::optional<Filling> next_rebuilt(SteadyTime now, bool has_to_end);

  const Encoding encoding_;
  const Rolling rolling_;
  IdLedger stored_;
  CompletionPort port_;
  std::string room_;                    ///< of no object
  std::map<std::uint64_t, Held> held_;  ///< by number of the request
  std::vector<Rebuild> rebuilds_;
  std::optional<Filling> filling_;
  std::deque<Filling> closed_;
  std::optional<Filling> under_way_;
  std::vector<Claim> claims_under_way_;  ///< of a rebuilt one
  std::uint64_t failures_ = 0;           ///< responses with an event to be sent again
};

}  // namespace copybridge::publishers::objects
