// The thread of the publisher kafka: hands events to the producer, collects their fates, and
// starts anew after failures so that no event passes another.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bridge/core/log.h"
#include "bridge/publishers/kafka_producer.h"
#include "bridge/publishers/kafka_values.h"

namespace copybridge::publishers {

/// What an error means for the events it stops: refused where somebody must act (rights, topic,
/// credentials), otherwise retry. Errors of one message's own content or size: permanent.
[[nodiscard]] Outcome classify_kafka(rd_kafka_resp_err_t error);

/// start, send and stop are called by one thread.
class KafkaSender : private KafkaReports {
 public:
  KafkaSender(KafkaSettings settings, std::string name, Log& log)
      : settings_(std::move(settings)),
        name_(std::move(name)),
        log_(log),
        values_(settings_.is_structured, settings_.avro.get()) {}
  ~KafkaSender() override { stop(Milliseconds{0}); }
  KafkaSender(const KafkaSender&) = delete;
  KafkaSender& operator=(const KafkaSender&) = delete;

  [[nodiscard]] Result<void> start(CompletionPort port);
  void send(Request request);
  void stop(Milliseconds limit);

 private:
  struct Pending;
  /// What a delivery report finds its event by.
  struct Slot {
    Pending* pending = nullptr;
    bool is_decided = false;
  };
  /// A request that is not answered yet. Its address is given to librdkafka.
  struct Pending {
    Request request;
    std::string text;                ///< what values are formed in
    std::vector<KafkaValue> values;  ///< one per event; empty: not formed yet
    std::vector<Slot> slots;
    std::vector<Outcome> outcomes;
    std::size_t undecided = 0;
    std::size_t produced = 0;  ///< events from the front that the producer has
    std::string reason;
    std::list<Pending>::iterator self;
  };
  /// Why everything that waits is handed back.
  struct Failure {
    Outcome outcome = Outcome::retry;
    std::string reason;
  };

  void delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) override;
  void failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) override;
  void said(std::string_view text) override;

  void run();
  bool take_inbox();
  void add_pending(Request request);
  bool ensure_producer();
  bool ensure_prefix();
  void set_producer(std::unique_ptr<KafkaProducer> producer);
  void produce();
  bool produce_one(Pending& pending);
  void decide(Slot& slot, Outcome outcome, const std::string& reason);
  void answer_decided();
  void wait();
  void check_time();
  void hand_back();
  void leave_alone_mode();
  void note_failure(Outcome outcome, std::string reason);
  [[nodiscard]] std::string reason_of(rd_kafka_resp_err_t error) const;

  const KafkaSettings settings_;
  const std::string name_;
  Log& log_;
  CompletionPort port_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request> inbox_;
  std::unique_ptr<KafkaProducer> producer_;  ///< set under the mutex, used by the thread
  /// Requests of an earlier epoch are handed back: they would pass events that failed.
  std::uint64_t epoch_min_ = 0;
  SteadyTime stop_at_ = SteadyTime::max();  ///< max: not asked to stop
  std::thread thread_;

  // The rest is the thread's own.
  KafkaValues values_;
  std::list<Pending> pending_;
  std::string prefix_;         ///< of every message; empty: none, or not asked for yet
  std::size_t in_flight_ = 0;  ///< events that the producer has
  SteadyTime progress_at_;     ///< the last report, or the first event after idleness
  std::string last_problem_;
  std::optional<Failure> failure_;
  SteadyTime end_at_ = SteadyTime::max();
  /// Events that still have to travel in batches of their own, because one of them was refused for
  /// itself and took its batch with it.
  std::size_t alone_left_ = 0;
  bool is_alone_ = false;     ///< of producer_
  bool has_suspect_ = false;  ///< a batch was refused for the sake of one of its messages
};

}  // namespace copybridge::publishers
