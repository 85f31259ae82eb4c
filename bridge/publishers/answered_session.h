// Sending to a peer that answers each message: what the publishers of such brokers share.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// The header that says what the body is; MQTT has a property of its own for it.
inline constexpr std::string_view kContentTypeHeader = "Content-Type";

/// What is sent; owns its texts.
struct OutMessage {
  using Headers = std::vector<std::pair<std::string, std::string>>;

  std::string address;  ///< subject, topic
  Headers headers;
  std::string body;
};

/// A connection to the broker. Called by the session's thread alone; answers may come on others.
class AnsweredPeer {
 public:
  virtual ~AnsweredPeer() = default;
  /// Waits no longer than the connection's own time-out. ErrorKind::peer_away or peer_refused, and
  /// config for a secret that is gone.
  [[nodiscard]] virtual Result<void> connect() = 0;
  /// Sends without waiting for the answer. A response where there will be none.
  [[nodiscard]] virtual std::optional<Response> send(std::uint64_t number,
                                                     const OutMessage& message) = 0;
  /// Why answers do not come, as far as the broker said it to the connection; empty: it did not.
  [[nodiscard]] virtual std::string denial() { return {}; }
  /// Nothing of this connection is answered when it returns. Without a connection it does nothing.
  virtual void disconnect() = 0;
};

/// Sends on a thread of its own and posts one response for each message. A connection that ends is
/// made anew by the next message; what waited for an answer is `retry`. send, reconnect and stop
/// are called by one thread, answer, refuse_first and reconnect by any.
class AnsweredSession {
 public:
  using MakePeer = std::function<std::unique_ptr<AnsweredPeer>(AnsweredSession& session)>;

  /// `kind` begins the reasons; an answer that does not come within `timeout` is `retry`, or
  /// `refused` where the peer was denied.
  AnsweredSession(std::string kind, const MakePeer& make, Milliseconds timeout,
                  CompletionPort port);
  ~AnsweredSession() { stop(Milliseconds(0)); }
  AnsweredSession(const AnsweredSession&) = delete;
  AnsweredSession& operator=(const AnsweredSession&) = delete;

  void send(std::uint64_t number, OutMessage message);
  /// The connection has ended, or the next message is to go out on a new one.
  void reconnect();
  /// Waits up to `limit` for answers, then posts `retry` for what is left. Called again it does
  /// nothing.
  void stop(Milliseconds limit);

  /// The answer to a message; one that has its answer is left alone.
  void answer(std::uint64_t number, Response response);
  /// An answer of which the library does not say whose it is: it is given to the first that waits.
  /// Where it was for a later one, the first comes again with an id that the broker knows.
  void answer_first(Response response);

 private:
  struct Outgoing {
    std::uint64_t number = 0;
    OutMessage message;
  };

  void run();
  [[nodiscard]] bool wait();
  void send_one(const Outgoing& outgoing);
  void disconnect();
  void expire();

  const std::string kind_;
  const Milliseconds timeout_;
  const CompletionPort port_;
  const std::unique_ptr<AnsweredPeer> peer_;
  bool is_connected_ = false;  ///< the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outgoing> outgoing_;
  std::map<std::uint64_t, SteadyTime> pending_;  ///< numbers rise, and so do the times
  bool is_closed_ = false;                       ///< the connection has ended
  SteadyTime stop_at_ = SteadyTime::max();
  std::thread thread_;
};

/// A response with one outcome for all.
[[nodiscard]] Response respond(Outcome outcome, std::string reason);

/// A server's words as they may stand in the log: printable, not long.
[[nodiscard]] std::string plain_words(std::string_view text);

}  // namespace copybridge::publishers
