// Keeps a connection's right to be there: a token at its beginning, and the next one in time, while
// messages go on.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bridge/amqp/token_link.h"
#include "bridge/core/clock.h"
#include "bridge/http/token_source.h"

namespace copybridge::publishers {

/// Every method is for the connection's thread, but open() and renew().
class AmqpTokens {
 public:
  struct Settings {
    std::unique_ptr<http::TokenSource> source;
    std::string type;      ///< of its tokens
    std::string audience;  ///< URI of what they open
    std::string label;     ///< of the endpoint, begins messages
  };

  AmqpTokens(Settings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock), link_(settings_.label) {}

  /// `wake`: has proceed() called soon; any thread.
  [[nodiscard]] Result<void> open(http::Client& client, std::function<void()> wake);
  [[nodiscard]] Result<bool> renew() { return settings_.source->renew(); }

  /// A new connection: asks for a token.
  void begin(pn_session_t& session, const copybridge::amqp::ClientSettings& client);
  /// Whether the peer has taken a token on this connection.
  [[nodiscard]] bool is_admitted() const { return is_admitted_; }
  [[nodiscard]] bool owns(pn_event_t& event) const { return link_.owns(event); }
  /// One of those. An error: the connection is of no use.
  [[nodiscard]] Result<void> happened(pn_event_t& event);
  /// What has come goes to the peer; what is due is asked for.
  [[nodiscard]] Result<void> proceed();
  /// How long until proceed() has to be called.
  [[nodiscard]] std::optional<Milliseconds> time_left() const;

 private:
  void ask();
  [[nodiscard]] Result<void> take(const Result<http::Token>& token);
  void schedule();

  const Settings settings_;
  const Clock& clock_;
  std::function<void()> wake_;

  std::mutex mutex_;
  std::optional<Result<http::Token>> arrived_;
  bool is_asking_ = false;

  copybridge::amqp::TokenLink link_;
  bool is_admitted_ = false;
  bool is_putting_ = false;
  http::Token token_;    ///< that the peer has taken
  http::Token offered_;  ///< that it has not answered yet
  SteadyTime due_ = SteadyTime::max();
};

}  // namespace copybridge::publishers
