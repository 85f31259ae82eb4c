// Exactly once: the publisher kafka with a transactional id. A request's events are one transaction
// with their ids, so that what a restart sends again and finds there is not produced a second time,
// or with the offsets of the consumer group that they were read by.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bridge/core/log.h"
#include "bridge/publishers/kafka_ledger.h"
#include "bridge/publishers/kafka_producer.h"
#include "bridge/publishers/kafka_values.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {

/// start, send and stop are called by one thread; one request at a time is under way.
///
/// Whatever leaves a doubt (a commit without an answer, a producer that was fenced) ends the
/// producer. The next one calls init_transactions, which ends what the last one left open, and
/// reads the ledger again, or asks for the group's offsets: only then it is known what has been
/// committed.
class KafkaTransactions : private KafkaReports {
 public:
  KafkaTransactions(KafkaSettings settings, std::string name, Log& log)
      : settings_(std::move(settings)),
        name_(std::move(name)),
        log_(log),
        ledger_(settings_.transactional_id),
        values_(settings_.is_structured, settings_.avro.get()) {}
  ~KafkaTransactions() override { stop(Milliseconds{0}); }
  KafkaTransactions(const KafkaTransactions&) = delete;
  KafkaTransactions& operator=(const KafkaTransactions&) = delete;

  [[nodiscard]] Result<void> start(CompletionPort port);
  void send(Request request) { worker_.push(std::move(request)); }
  void stop(Milliseconds limit) { worker_.stop(limit); }

 private:
  /// An event's own fault, found while the transaction was made.
  struct Fault {
    const void* event = nullptr;
    Outcome outcome = Outcome::retry;
    std::string reason;
  };

  /// A transaction with a position whose commit has no answer yet.
  struct Unanswered {
    kafka::GroupPosition position;
    IdLedger::Entry entry;
  };

  void delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) override;
  void failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) override;
  void said(std::string_view text) override;

  Response handle(const Request& request);
  void choose_mode(bool is_done);
  void note_committed(const Request& request, IdLedger::Entry entry);
  Result<void> ensure_producer();
  void drop_producer();
  Result<void> ensure_ready();
  void take_over();
  Result<void> init();
  Result<void> take_ledger();
  Result<void> make_ready(const Request& request);
  Result<void> learn_outcome();
  Result<void> ensure_prefix();
  [[nodiscard]] std::vector<const Event*> unknown_events(const Request& request);
  /// Commits events, and ledger or position, as one. Empty where done; the producer is gone where
  /// in doubt.
  std::optional<Error> transact(const Request& request, const std::vector<const Event*>& events);
  std::optional<Error> produce_entry(const IdLedger::Entry& entry);
  std::optional<Error> produce_position(const Request& request, kafka::GroupPosition& position);
  std::optional<Error> send_offsets(const kafka::GroupPosition& position);
  Error lost_partitions();
  Error taken_back(const std::string& reason);
  std::optional<Error> produce(const std::vector<const Event*>& events);
  std::optional<Error> produce_one(const Event& event, const KafkaValue& value);
  std::optional<Error> commit();
  Error abort(Error error);
  Error give_up(ErrorHandle error, const std::string& what);
  Response failure(const Request& request, const Error& error) const;
  [[nodiscard]] SteadyTime limit() const;

  const KafkaSettings settings_;
  const std::string name_;
  Log& log_;

  // Of the worker's thread.
  std::unique_ptr<KafkaProducer> producer_;  ///< null: ensure_ready() makes one
  /// Where positions are stored: what was committed without an answer, until it is covered by a
  /// transaction that has one.
  IdLedger ledger_;
  bool is_ready_ = false;    ///< producer_ has the transactional id
  bool takes_over_ = false;  ///< and gets it before the next request
  bool has_ledger_ = false;  ///< it has been read since producer_ was made
  std::optional<Unanswered> unanswered_;
  std::optional<Fault> fault_;  ///< of the transaction under way
  std::string prefix_;          ///< of every message; empty: none, or not asked for yet
  KafkaValues values_;
  std::string text_;          ///< what values of the transaction under way are formed in
  std::string refusal_;       ///< what the brokers have refused producer_ for
  bool has_suspect_ = false;  ///< a batch was refused for the sake of one of its messages
  bool is_alone_ = false;     ///< messages travel in batches of their own
  RequestWorker worker_;      ///< last: its thread uses the others
};

}  // namespace copybridge::publishers
