// Sends of the publisher stomp: each event is a SEND with a receipt, whose RECEIPT is its outcome.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/publishers/publisher.h"
#include "bridge/stomp/connection.h"

namespace copybridge::publishers {

/// Forms of a message.
enum class StompForm : std::uint8_t { binary, structured, plain };

struct StompSettings {
  copybridge::stomp::ClientSettings client;
  StompForm form = StompForm::binary;
  bool is_persistent = true;
  std::string id_header;     ///< empty: none
  std::string group_header;  ///< gets the event's key; empty: none
  copybridge::stomp::Headers headers;
  Milliseconds timeout{0};
};

/// start, send and stop are called by one thread.
class StompSender : private copybridge::stomp::ConnectionUser {
 public:
  explicit StompSender(StompSettings settings);
  ~StompSender() override { stop(Milliseconds{0}); }
  StompSender(const StompSender&) = delete;
  StompSender& operator=(const StompSender&) = delete;

  void start(CompletionPort port);
  void send(Request request);
  void stop(Milliseconds limit);

 private:
  /// A request that is not answered yet.
  struct Pending {
    Request request;
    std::vector<Outcome> outcomes;
    std::vector<bool> is_decided;
    std::size_t undecided = 0;
    std::string reason;
  };
  /// Where an event of a receipt is.
  struct Place {
    std::list<Pending>::iterator pending;
    std::size_t event = 0;
  };

  void opened() override { take_inbox(); }
  void received(copybridge::stomp::Frame frame) override;
  void woken() override { take_inbox(); }
  void timed_out() override;
  void refused(std::string_view receipt, const Error& error) override;
  void ended(const Error& error) override;

  void take_inbox();
  void keep(Request request);
  void send_event(const Event& event, std::uint64_t receipt);
  void decide(std::string_view receipt, Outcome outcome, const std::string& reason);
  void answer(std::list<Pending>::iterator pending);
  void watch_time();

  const StompSettings settings_;
  CompletionPort port_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request> inbox_;
  std::size_t unanswered_ = 0;
  bool is_stopped_ = true;

  // Of the connection's thread.
  std::list<Pending> pending_;
  std::map<std::uint64_t, Place> places_;  ///< by receipt
  std::uint64_t next_receipt_ = 1;
  std::string text_;  ///< a structured body
  SteadyTime progress_at_;
  bool is_watched_ = false;  ///< an alarm is set

  copybridge::stomp::Connection connection_;  ///< ends before what its thread uses
};

}  // namespace copybridge::publishers
