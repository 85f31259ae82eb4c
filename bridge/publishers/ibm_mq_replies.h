// The reply queue: which message answers which request.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/ibm_mq/connection.h"
#include "adapters/ibm_mq/headers.h"
#include "bridge/publishers/awaited_replies.h"
#include "bridge/publishers/exchange.h"

namespace copybridge::publishers {

struct MqIdHash {
  std::size_t operator()(const mqi::Id& id) const {
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(id.data()), id.size()});
  }
};
/// By what the CorrelId of their replies will be.
using AwaitedMqReplies = AwaitedReplies<mqi::Id, MqIdHash>;

struct MqReplySettings {
  adapters::ibm_mq::ConnectionSettings connection;
  std::string queue;
  bool is_shared = false;
};

/// Gets replies on a connection and thread of its own, each unit of work as many as are there.
class MqReplies {
 public:
  MqReplies(const MqReplySettings& settings, AwaitedMqReplies& awaited);
  ~MqReplies() { stop(); }
  MqReplies(const MqReplies&) = delete;
  MqReplies& operator=(const MqReplies&) = delete;

  /// `prefix`: how ids of this bridge's requests begin.
  void start(ExchangeUser& user, std::string prefix);
  void stop();
  /// Whether the queue is open: a request whose reply nobody could get must not be sent.
  [[nodiscard]] bool is_ready() const { return is_ready_; }

 private:
  enum class Found : std::uint8_t { reply, nothing, failure };
  void run();
  Result<void> connect();
  bool take_unit();
  Found get_any(Milliseconds wait);
  Found find_own(Milliseconds wait);
  Found browse(mqi::Long position, Milliseconds wait, mqi::MQMD& descriptor);
  Found get(mqi::MQMD& descriptor, mqi::MQGMO& options, bool keeps_body);
  [[nodiscard]] bool is_own(const mqi::MQMD& descriptor) const;
  [[nodiscard]] bool hand_over(const mqi::MQMD& descriptor);
  Found lose(std::string_view verb, mqi::Long reason);
  void wait_before_next_attempt();

  const MqReplySettings& settings_;
  AwaitedMqReplies& awaited_;
  adapters::ibm_mq::Connection connection_;
  adapters::ibm_mq::OpenQueue queue_;
  adapters::ibm_mq::CodePages pages_;
  ExchangeUser* user_ = nullptr;
  std::string prefix_;
  ByteBuffer buffer_;
  std::size_t size_ = 0;  ///< of the message in the buffer
  mqi::MQMD got_;         ///< its descriptor
  SteadyTime rescan_at_;
  std::atomic<bool> is_ready_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace copybridge::publishers
