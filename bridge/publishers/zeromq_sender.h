// The sending end of the acknowledged protocol: a socket, and requests until they are safe at the
// other end. docs/zeromq.md.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bridge/publishers/publisher.h"
#include "bridge/zeromq/port.h"
#include "bridge/zeromq/protocol.h"

namespace copybridge::publishers {

struct ZeromqSenderSettings {
  zeromq::SocketSettings socket;
  Milliseconds answer_timeout{0};
};

/// One thread, which owns the socket. send() and stop() are called by one other.
class ZeromqSender {
 public:
  ZeromqSender(ZeromqSenderSettings settings, const Clock& clock, CompletionPort port);
  ~ZeromqSender() { stop(Milliseconds(0)); }
  ZeromqSender(const ZeromqSender&) = delete;
  ZeromqSender& operator=(const ZeromqSender&) = delete;

  void send(Request request);
  /// Waits up to `limit` for what is under way, then posts `retry` for what is left. Called again
  /// it does nothing.
  void stop(Milliseconds limit);

 private:
  struct Work {
    std::uint64_t request = 0;
    std::uint64_t last = 0;  ///< number of its last record
  };
  /// A record that is not safe. Its texts are those of the request, which has no response yet.
  struct Record {
    const Event* event = nullptr;
  };

  void run();
  [[nodiscard]] bool may_end();
  void take_requests();
  void hear();
  void hear(const zeromq::Message& message);
  void note_state(const zeromq::Message& message);
  [[nodiscard]] bool send_records();
  void say_open();
  void check_silence();
  void fail_all(const std::string& reason);
  void begin_session();

  const ZeromqSenderSettings settings_;
  const Clock& clock_;
  const CompletionPort port_;

  std::mutex mutex_;
  std::deque<Request> requests_;
  SteadyTime stop_at_ = SteadyTime::max();

  // The thread's own.
  zeromq::Port socket_;
  zeromq::Session session_{};
  std::deque<Work> works_;
  std::deque<Record> records_;  ///< the first has the number settled_ + 1
  std::uint64_t settled_ = 0;
  std::uint64_t next_ = 1;  ///< number of the next record to send
  std::uint64_t limit_ = 0;
  bool is_open_ = false;  ///< the other end knows the session
  SteadyTime heard_at_;
  SteadyTime asked_at_;
  std::thread thread_;
};

}  // namespace copybridge::publishers
