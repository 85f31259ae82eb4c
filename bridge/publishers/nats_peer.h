// A connection to NATS JetStream.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "bridge/publishers/answered_session.h"

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

/// What an answer of JetStream says: `{"stream":…,"seq":…}` or `{"error":{…}}` (ADR-7 of NATS).
[[nodiscard]] Response read_ack(std::string_view json);

/// Answers come to subjects below one of the connection's own, and are taken by a thread of its
/// own.
class Peer final : public AnsweredPeer {
 public:
  /// Makes the options of a connection; read anew for each. ErrorKind::config.
  using MakeOptions = std::function<Result<OptionsHandle>()>;

  Peer(AnsweredSession& session, MakeOptions make_options)
      : session_(session), make_options_(std::move(make_options)) {}
  ~Peer() override { disconnect(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  Result<void> connect() override;
  std::optional<Response> send(std::uint64_t number, const OutMessage& message) override;
  std::string denial() override;
  void disconnect() override;

 private:
  void receive();

  AnsweredSession& session_;
  const MakeOptions make_options_;
  ConnectionHandle connection_;
  SubscriptionHandle subscription_;
  std::string inbox_;
  std::atomic<bool> is_receiving_{false};
  std::thread receiver_;
};

}  // namespace copybridge::publishers::nats
