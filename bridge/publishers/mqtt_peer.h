// A connection to an MQTT 5 broker.
#pragma once

#include <MQTTAsync.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/publishers/answered_session.h"
#include "bridge/sockets/relay.h"

namespace copybridge::publishers::mqtt {

/// What a connection is made with; secrets resolved.
struct Connection {
  std::vector<std::string> servers;  ///< as Paho names them: tcp://host:port, ssl://host:port
  std::string client_id;
  std::string user;
  std::string password;
  std::string ca_bundle;
  std::string client_certificate;
  std::string client_key;
  std::string client_key_password;
  sockets::Egress egress;
  bool verify = true;
  bool retain = false;  ///< the broker keeps the last message of the topic
  Milliseconds connect_timeout{};
  int keep_alive_s = 0;
};

/// What a reason code of a PUBACK means (MQTT 5, 3.4.2.1).
[[nodiscard]] Outcome outcome_of(int reason_code);

/// QoS 1; headers are user properties, but for Content-Type.
class Peer final : public AnsweredPeer {
 public:
  using MakeConnection = std::function<Result<Connection>()>;

  Peer(AnsweredSession& session, MakeConnection make) : session_(session), make_(std::move(make)) {}
  ~Peer() override { disconnect(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  Result<void> connect() override;
  std::optional<Response> send(std::uint64_t number, const OutMessage& message) override;
  void disconnect() override;

 private:
  /// What Paho hands back with an answer.
  struct Ticket {
    Peer* peer = nullptr;
    std::uint64_t number = 0;
  };

  Result<void> ensure_relay(const Connection& connection);
  void take(const Ticket& ticket, int reason_code, const char* words);

  AnsweredSession& session_;
  const MakeConnection make_;
  std::unique_ptr<sockets::Relay> relay_;  ///< null: Paho connects to the broker itself
  MQTTAsync client_ = nullptr;
  bool retain_ = false;
  std::mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<Ticket>> tickets_;
};

}  // namespace copybridge::publishers::mqtt
