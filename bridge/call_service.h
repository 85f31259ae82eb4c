// Calls: a source's records that wait for the answer of a program. Each goes once to the program's
// queue, and its reply, decoded, is the answer. Nothing is spooled or tried again: who waits is
// told how it stands before its deadline is over.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/calls.h"
#include "bridge/core/log_events.h"
#include "bridge/dead_letters.h"
#include "bridge/outage.h"
#include "bridge/passage.h"
#include "bridge/publishers/exchange.h"

namespace copybridge::bridge {

/// How the replies of a route's requests are read.
struct ReplyRoute {
  std::vector<std::shared_ptr<const mapping::Mapping>> errors;    ///< first: the program's errors
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;  ///< then its answers
  Milliseconds deadline{0};
  std::uint32_t exchange = 0;  ///< index of the service's exchanges
};

struct CallSettings {
  std::string source;        ///< the adapter's name
  std::string event_source;  ///< CloudEvents `source` of its requests
  std::string identity;      ///< see bridge_identity()
  Milliseconds drain_limit{10'000};
  Milliseconds summary_interval{60'000};
  bool until_idle = false;
};

/// Calls of one source.
class CallService final : private adapters::CallHandler, private publishers::ExchangeUser {
 public:
  /// One reply per route.
  CallService(CallSettings settings, std::unique_ptr<adapters::CallSource> source,
              std::vector<Route> routes, std::vector<ReplyRoute> replies,
              std::vector<std::unique_ptr<publishers::Exchange>> exchanges,
              DeadLetterStore dead_letters, const Clock& clock, Log& log);

  /// Runs until it is stopped. The exit code: 0, 1 or 4 where it cannot start.
  int run();
  /// Takes no more calls, answers those under way within the drain limit. Any thread.
  void stop();

  [[nodiscard]] CallTotals totals() const;

 private:
  struct Waiting {
    std::function<void(adapters::CallAnswer)> answer;
    std::uint32_t route = 0;
    SteadyTime deadline;
  };

  Result<void> open();
  void serve();
  void drain();
  void expire_due();
  void log_totals();

  void take(adapters::Call call) override;
  void on_sent(std::uint64_t number, publishers::Outcome outcome,
               const std::string& reason) override;
  [[nodiscard]] bool on_reply(std::uint64_t number, publishers::Reply reply) override;
  void on_link(std::string_view what, const std::string& reason) override;

  [[nodiscard]] std::unique_ptr<Passage> passage_of(const std::string& id, ByteView bytes,
                                                    adapters::Attributes attributes,
                                                    std::int64_t time_ms) const;
  void finish(const Waiting& waiting, adapters::CallAnswer answer);
  [[nodiscard]] bool find(std::uint64_t number, Waiting& waiting);
  [[nodiscard]] bool keep(const Passage& passage, const mapping::Mapping* mapping,
                          const plan::BadField& field);

  const CallSettings settings_;
  const std::unique_ptr<adapters::CallSource> source_;
  const std::vector<Route> routes_;
  const std::vector<ReplyRoute> replies_;
  const std::vector<std::unique_ptr<publishers::Exchange>> exchanges_;
  const Clock& clock_;
  Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
  std::multimap<SteadyTime, std::uint64_t> deadlines_;
  std::uint64_t next_number_ = 1;
  CallTotals totals_;
  int stops_asked_ = 0;
  std::map<std::string, Outage, std::less<>> links_;

  std::mutex letters_mutex_;
  DeadLetterStore dead_letters_;
  std::uint64_t letters_logged_ = 0;    ///< of this interval
  std::uint64_t letters_unlogged_ = 0;  ///< likewise
};

}  // namespace copybridge::bridge
