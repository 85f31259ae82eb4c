// One connection to NATS with the requests that wait for the stream's answer.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::nats {

template <auto kDestroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};
using OptionsHandle = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using ConnectionHandle = std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>>;
using SubscriptionHandle = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;
using MessageHandle = std::unique_ptr<natsMsg, Destroy<natsMsg_Destroy>>;

/// What is sent; owns its texts.
struct Message {
  std::string subject;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// What an answer of JetStream says: `{"stream":…,"seq":…}` or `{"error":{…}}` (ADR-7 of NATS).
[[nodiscard]] Response read_ack(std::string_view json);

/// Sends messages and waits for their answers, on a thread of its own. A connection that ends is
/// made anew by the next message; what waited for an answer is `retry`.
class Session {
 public:
  /// Makes the options of a connection; read anew for each. ErrorKind::config.
  using MakeOptions = std::function<Result<OptionsHandle>()>;
  struct Settings {
    MakeOptions make_options;
    Milliseconds answer_timeout{};
  };

  Session(Settings settings, CompletionPort port);
  ~Session() { stop(Milliseconds(0)); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes a message and posts one Response with this number.
  void send(std::uint64_t number, Message message);
  /// The next message goes out on a new connection.
  void reconnect();
  /// Waits up to `limit` for answers, then posts `retry` for what is left. Called again it does
  /// nothing.
  void stop(Milliseconds limit);

 private:
  struct Outgoing {
    std::uint64_t number = 0;
    Message message;
  };

  void run();
  [[nodiscard]] bool wait();
  void receive();
  void refuse_first();
  void send_one(const Outgoing& outgoing);
  [[nodiscard]] Result<void> connect();
  void disconnect();
  void expire();
  void fail_pending(const std::string& reason);
  void answer(std::uint64_t number, Response response);
  void take_ack(const natsMsg* message);

  const Settings settings_;
  const CompletionPort port_;

  // The thread's own.
  ConnectionHandle connection_;
  SubscriptionHandle subscription_;
  std::string inbox_;
  std::thread receiver_;  ///< of the connection

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outgoing> outgoing_;
  std::map<std::uint64_t, SteadyTime> pending_;  ///< numbers rise, and so do the times
  bool is_closed_ = false;                       ///< the connection has ended
  std::atomic<bool> is_receiving_{false};
  SteadyTime stop_at_ = SteadyTime::max();
  std::thread thread_;
};

}  // namespace copybridge::publishers::nats
