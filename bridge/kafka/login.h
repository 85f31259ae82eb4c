// Logs clients of Kafka in by tokens that end and are renewed (SASL/OAUTHBEARER, RFC 7628).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/http/client.h"
#include "bridge/http/refreshed.h"
#include "bridge/kafka/handles.h"

namespace copybridge::kafka {

struct LoginToken {
  std::string text;
  WallTime ends_at;
};

struct LoginSettings {
  http::ClientSettings client;  ///< what tokens are fetched through
  /// Fetches one token and calls back once.
  std::function<void(http::Client&, const http::Refreshed<LoginToken>::Done&)> fetch;
  /// What the brokers are told beside the token.
  std::vector<std::pair<std::string, std::string>> extensions;
};

/// What the error of a token begins with that cannot be had now, but perhaps later.
inline constexpr std::string_view kTokenAway = "the token's server is away: ";

/// One token for all clients of a component: it outlives them. librdkafka asks for it on a thread
/// of its own, so that no client has to be polled for it, first when the client is made and then
/// when four fifths of the token's life are over. Thread-safe but for open().
class Login {
 public:
  Login(LoginSettings settings, const Clock& clock);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  /// Begins to fetch; called again it does nothing. ErrorKind::config: a secret is not there.
  [[nodiscard]] Result<void> open();

  /// Makes a configuration ask for tokens.
  static void set_up(rd_kafka_conf_t* conf);
  /// Serves a client that was made with it, until remove(), which comes before its end.
  [[nodiscard]] Result<void> add(rd_kafka_t* client);
  void remove(rd_kafka_t* client);
  /// Called by librdkafka: gives the client the token, now or when it is there, or says why not.
  void refresh(rd_kafka_t* client);

  /// After a refusal: clients that are made from now on get another token.
  void drop() { token_.drop(); }

 private:
  using Token = http::Refreshed<LoginToken>;

  void give(rd_kafka_t* client, const Result<Token::Value>& token);
  [[nodiscard]] std::string set_token(rd_kafka_t* client, const LoginToken& token);

  const LoginSettings settings_;
  std::vector<const char*> extensions_;  ///< as librdkafka takes them
  bool is_open_ = false;
  http::Client client_;
  Token token_;
  std::mutex mutex_;
  std::vector<rd_kafka_t*> clients_;
};

}  // namespace copybridge::kafka
