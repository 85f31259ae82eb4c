// A real NATS server with one stream, for what is published to it.
#pragma once

#include <nats/nats.h>
#include <signal.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "bridge/publishers/nats_peer.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::testing_support {

/// The stream `accounts` takes the subject `accounts`.
class NatsStream {
 public:
  NatsStream(const std::string& folder, std::vector<std::string> configuration = {},
             const std::string& user = {})
      : server_(command(folder, std::move(configuration))),
        address_("127.0.0.1:" + std::to_string(server_.read_port())) {
    natsConnection* connection = nullptr;
    const std::string url = "nats://" + (user.empty() ? "" : user + "@") + address_;
    if (natsConnection_ConnectTo(&connection, url.c_str()) != NATS_OK) std::abort();
    connection_.reset(connection);
    if (natsConnection_JetStream(&stream_, connection, nullptr) != NATS_OK) std::abort();
  }
  ~NatsStream() { jsCtx_Destroy(stream_); }
  NatsStream(const NatsStream&) = delete;
  NatsStream& operator=(const NatsStream&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  /// The server does not run for a while: returns when it does not answer any more.
  void suspend() const {
    constexpr std::int64_t kWaitMs = 20;
    server_.send(SIGUSR1);
    while (natsConnection_FlushTimeout(connection_.get(), kWaitMs) == NATS_OK) {
    }
  }
  void resume() const { server_.send(SIGUSR2); }

  void make(std::int64_t messages_max = -1, std::int32_t message_size_max = -1) {
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    const char* subject = "accounts";
    config.Name = "accounts";
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    config.MaxMsgs = messages_max;
    config.MaxMsgSize = message_size_max;
    config.Discard = js_DiscardNew;
    if (js_AddStream(nullptr, stream_, &config, nullptr, nullptr) != NATS_OK) std::abort();
  }
  [[nodiscard]] std::uint64_t messages() const {
    jsStreamInfo* info = nullptr;
    if (js_GetStreamInfo(&info, stream_, "accounts", nullptr, nullptr) != NATS_OK) return 0;
    const std::uint64_t count = info->State.Msgs;
    jsStreamInfo_Destroy(info);
    return count;
  }
  /// A header of the message with that number in the stream; `body` where the name is empty.
  [[nodiscard]] std::string header(std::uint64_t number, const std::string& name) const {
    natsMsg* raw = nullptr;
    if (js_GetMsg(&raw, stream_, "accounts", number, nullptr, nullptr) != NATS_OK) return "";
    const publishers::nats::MessageHandle message(raw);
    if (name.empty()) {
      return {natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))};
    }
    const char* value = nullptr;
    return natsMsgHeader_Get(raw, name.c_str(), &value) == NATS_OK ? value : "";
  }

 private:
  static std::vector<std::string> command(const std::string& folder,
                                          std::vector<std::string> configuration) {
    std::vector<std::string> words{"python3", support::source_path("tests/support/nats_server.py"),
                                   folder};
    for (std::string& line : configuration) words.push_back(std::move(line));
    return words;
  }

  ChildProcess server_;
  std::string address_;
  publishers::nats::ConnectionHandle connection_;
  jsCtx* stream_ = nullptr;
};

}  // namespace copybridge::testing_support
