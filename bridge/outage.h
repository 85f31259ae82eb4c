// An outage of a source or endpoint: since when it lasts, how many attempts have failed in it, and
// whether the log has to say so.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/core/log.h"

namespace copybridge::bridge {

/// A peer that fails now and then must not flood the log: an outage is logged at its first failure
/// where the last logged one ended a minute ago or more, otherwise once it has lasted ten seconds.
/// Not thread-safe.
class Outage {
 public:
  /// Notes a failed attempt. True where the log has to say now that the peer is lost; once per
  /// outage.
  [[nodiscard]] bool note_failure(SteadyTime now);
  /// The log has said it in other words.
  void set_logged() { is_logged_ = true; }
  /// Ends the outage, if there is one. True where the log has said that the peer was lost.
  bool end(SteadyTime now);

  [[nodiscard]] bool is_on() const { return attempts_ > 0; }
  [[nodiscard]] bool is_logged() const { return is_logged_; }
  /// Failed attempts of this outage, and the time of the first of them.
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }
  [[nodiscard]] SteadyTime since() const { return since_; }

 private:
  std::uint64_t attempts_ = 0;
  SteadyTime since_;
  bool is_logged_ = false;
  bool has_logged_ = false;  ///< an earlier outage
  SteadyTime logged_end_;    ///< of it
};

/// An outage of local storage, which is tried again once a second.
class StorageOutage {
 public:
  /// `what`: for the log.
  explicit StorageOutage(std::string what) : what_(std::move(what)) {}

  [[nodiscard]] bool is_due(SteadyTime now) const { return now >= retry_at_; }
  void note_lost(Log& log, SteadyTime now, const std::string& reason);
  void note_found(Log& log, SteadyTime now);
  /// Now where it is well.
  [[nodiscard]] SteadyTime lost_since(SteadyTime now) const {
    return outage_.is_on() ? outage_.since() : now;
  }

 private:
  const std::string what_;
  Outage outage_;
  SteadyTime retry_at_;
};

}  // namespace copybridge::bridge
