// From a fetched token to librdkafka.
#include "bridge/kafka/login.h"

#include <algorithm>
#include <array>

#include "bridge/kafka/client.h"

namespace copybridge::kafka {
namespace {

/// librdkafka wants a name for its own messages; the brokers take theirs from the token.
constexpr const char* kPrincipal = "copybridge";

void token_wanted(rd_kafka_t* client, const char*, void* opaque) {
  if (Login* login = static_cast<ClientReports*>(opaque)->login) login->refresh(client);
}

}  // namespace

Login::Login(LoginSettings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {
  for (const auto& [name, value] : settings_.extensions) {
    extensions_.push_back(name.c_str());
    extensions_.push_back(value.c_str());
  }
}

// Whoever still waits is answered here.
Login::~Login() { client_.stop(Milliseconds{0}); }

Result<void> Login::open() {
  if (is_open_) return {};
  if (Result<void> started = client_.start(settings_.client); !started) return started;
  is_open_ = true;
  return settings_.tokens->open(client_);
}

void Login::set_up(rd_kafka_conf_t* conf) {
  rd_kafka_conf_enable_sasl_queue(conf, 1);
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, &token_wanted);
}

Result<void> Login::add(rd_kafka_t* client) {
  {
    const std::scoped_lock lock(mutex_);
    clients_.push_back(client);
  }
  const ErrorHandle error(rd_kafka_sasl_background_callbacks_enable(client));
  if (error == nullptr) return {};
  return fail(ErrorKind::config, std::string("kafka: ") + rd_kafka_error_string(error.get()));
}

void Login::remove(rd_kafka_t* client) {
  const std::scoped_lock lock(mutex_);
  std::erase(clients_, client);
}

void Login::refresh(rd_kafka_t* client) {
  settings_.tokens->get([this, client](const Result<http::Token>& token) { give(client, token); });
}

void Login::give(rd_kafka_t* client, const Result<http::Token>& token) {
  const std::scoped_lock lock(mutex_);
  if (std::ranges::find(clients_, client) == clients_.end()) return;
  std::string mistake;
  if (token) {
    mistake = set_token(client, *token);
  } else {
    const bool is_away = token.error().kind == ErrorKind::peer_away;
    mistake = (is_away ? std::string(kTokenAway) : "") + token.error().message;
  }
  // librdkafka asks again after ten seconds.
  if (!mistake.empty()) rd_kafka_oauthbearer_set_token_failure(client, mistake.c_str());
}

std::string Login::set_token(rd_kafka_t* client, const http::Token& token) {
  const WallTime ends = clock_.wall_now() + (token.ends - clock_.now());
  const auto ends_at = std::chrono::duration_cast<Milliseconds>(ends.time_since_epoch());
  std::array<char, 512> mistake{};
  const rd_kafka_resp_err_t error = rd_kafka_oauthbearer_set_token(
      client, token.value.c_str(), ends_at.count(), kPrincipal, extensions_.data(),
      extensions_.size(), mistake.data(), mistake.size());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : mistake.data();
}

}  // namespace copybridge::kafka
