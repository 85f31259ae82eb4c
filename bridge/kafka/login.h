// Logs clients of Kafka in by tokens that end and are renewed (SASL/OAUTHBEARER, RFC 7628).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/http/client.h"
#include "bridge/http/token_source.h"
#include "bridge/kafka/handles.h"

namespace copybridge::kafka {

struct LoginSettings {
  http::ClientSettings client;  ///< what tokens are fetched through
  std::unique_ptr<http::TokenSource> tokens;
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
  void drop() { static_cast<void>(settings_.tokens->renew()); }

 private:
  void give(rd_kafka_t* client, const Result<http::Token>& token);
  [[nodiscard]] std::string set_token(rd_kafka_t* client, const http::Token& token);

  const LoginSettings settings_;
  const Clock& clock_;
  std::vector<const char*> extensions_;  ///< as librdkafka takes them
  bool is_open_ = false;
  http::Client client_;
  std::mutex mutex_;
  std::vector<rd_kafka_t*> clients_;
};

}  // namespace copybridge::kafka
