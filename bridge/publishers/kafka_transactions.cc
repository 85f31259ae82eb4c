// One transaction after the other.
#include "bridge/publishers/kafka_transactions.h"

#include <algorithm>

#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"
#include "bridge/publishers/kafka_sender.h"

namespace copybridge::publishers {
namespace {

/// The longest call that does not look whether it is to end.
constexpr Milliseconds kSlice{500};
constexpr Milliseconds kPause{100};

ErrorKind kind_of(rd_kafka_resp_err_t code) {
  return classify_kafka(code) == Outcome::refused ? ErrorKind::peer_refused : ErrorKind::peer_away;
}

/// The group's answers to a member that has lost its partitions, or is about to.
bool is_of_another_member(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

}  // namespace

Result<void> KafkaTransactions::start(CompletionPort port) {
  // Shows mistakes of the configuration.
  const Result<std::unique_ptr<KafkaProducer>> producer =
      KafkaProducer::make(settings_, false, *this);
  if (!producer) return pass_on(producer);
  takes_over_ = settings_.stores_positions;
  worker_.start(port, {.handle = [this](const Request& request) { return handle(request); },
                       .idle = [this] { take_over(); }});
  return {};
}

Response KafkaTransactions::handle(const Request& request) {
  fault_.reset();
  takes_over_ = false;
  if (const Result<void> ready = make_ready(request); !ready)
    return failure(request, ready.error());
  const std::vector<const Event*> events = unknown_events(request);
  std::optional<Error> error;
  if (!events.empty() || request.position) error = transact(request, events);
  choose_mode(!error);
  if (!error) return {.number = request.number, .outcomes = {Outcome::accepted}};
  // The next one may be let in, perhaps with other credentials.
  if (!refusal_.empty()) drop_producer();
  return failure(request, *error);
}

Result<void> KafkaTransactions::make_ready(const Request& request) {
  Result<void> ready = ensure_ready();
  if (ready) ready = ensure_prefix();
  if (!ready) {
    takes_over_ = settings_.stores_positions && ready.error().kind == ErrorKind::peer_away;
    return ready;
  }
  if (!request.position) return take_ledger();
  if (unanswered_ && !request.position()) return tl::make_unexpected(lost_partitions());
  return learn_outcome();
}

/// What the ledger does not know.
std::vector<const Event*> KafkaTransactions::unknown_events(const Request& request) {
  ledger_.forget(request.settled_ids);
  if (ledger_.is_empty()) return request.events;
  std::vector<const Event*> events;
  for (const Event* event : request.events) {
    if (!ledger_.knows(event->id)) events.push_back(event);
  }
  return events;
}

/// A batch that the broker refuses for one message's sake is refused whole: then every message
/// travels alone until the one is found. It takes another producer.
void KafkaTransactions::choose_mode(bool is_done) {
  const bool is_found = is_done || (fault_ && fault_->outcome == Outcome::permanent);
  const bool wants_alone = is_alone_ ? !is_found : has_suspect_;
  has_suspect_ = false;
  if (wants_alone == is_alone_) return;
  is_alone_ = wants_alone;
  drop_producer();
}

/// Nothing of the request is in the topic, or it is not known: all is sent again, and found in the
/// ledger where it is.
Response KafkaTransactions::failure(const Request& request, const Error& error) const {
  Response response{.number = request.number, .reason = error.message};
  const bool is_refused = error.kind == ErrorKind::peer_refused ||
                          error.kind == ErrorKind::config ||
                          (fault_ && fault_->outcome == Outcome::refused);
  response.outcomes.assign(std::max<std::size_t>(1, request.events.size()),
                           is_refused ? Outcome::refused : Outcome::retry);
  if (fault_ && fault_->outcome == Outcome::taken_back) response.outcomes = {Outcome::taken_back};
  if (!fault_ || fault_->outcome != Outcome::permanent) return response;
  response.reason = fault_->reason;
  const auto own = std::ranges::find(request.events, fault_->event);
  if (own != request.events.end()) {
    response.outcomes[static_cast<std::size_t>(own - request.events.begin())] = Outcome::permanent;
  }
  return response;
}

SteadyTime KafkaTransactions::limit() const {
  return std::chrono::steady_clock::now() + settings_.delivery_timeout;
}

Result<void> KafkaTransactions::ensure_producer() {
  if (producer_ != nullptr) return {};
  refusal_.clear();
  Result<std::unique_ptr<KafkaProducer>> producer =
      KafkaProducer::make(settings_, is_alone_, *this);
  if (!producer) return pass_on(producer);
  producer_ = std::move(*producer);
  return {};
}

void KafkaTransactions::drop_producer() {
  producer_.reset();
  is_ready_ = has_ledger_ = false;
}

Result<void> KafkaTransactions::ensure_ready() {
  if (is_ready_) return {};
  Result<void> ready = ensure_producer();
  if (ready) ready = init();
  is_ready_ = ready.has_value();
  if (!ready) drop_producer();
  return ready;
}

/// Ends what a crash, or a commit without an answer, has left open, without a request: sources that
/// leave their position to the publisher, here and elsewhere in the group, read nothing before
/// that. Why it cannot be done is the next request's to say.
void KafkaTransactions::take_over() {
  if (producer_ != nullptr) producer_->poll(Milliseconds{0});
  if (is_ready_ || !takes_over_) return;
  takes_over_ = ensure_producer().has_value();
  if (!takes_over_) return;
  const ErrorHandle error = producer_->init_transactions(kSlice);
  is_ready_ = error == nullptr;
  if (is_ready_) refusal_.clear();
  takes_over_ = error != nullptr && rd_kafka_error_is_retriable(error.get()) != 0;
  if (!is_ready_ && !takes_over_) drop_producer();
}

/// See KafkaSender::ensure_prefix.
Result<void> KafkaTransactions::ensure_prefix() {
  if (settings_.registry == nullptr || !prefix_.empty()) return {};
  Result<std::string> prefix = settings_.registry->prefix();
  if (!prefix) return pass_on(prefix);
  prefix_ = std::move(*prefix);
  return {};
}

/// What earlier producers with the transactional id have committed.
Result<void> KafkaTransactions::take_ledger() {
  if (has_ledger_) return {};
  Result<IdLedger> ledger =
      read_ledger(settings_, *this, [this] { return worker_.is_cancelled(); });
  if (!ledger) {
    drop_producer();
    return pass_on(ledger);
  }
  ledger_ = std::move(*ledger);
  has_ledger_ = true;
  return {};
}

/// Whether the transaction without an answer was committed after all. It has ended: init() has seen
/// to that.
Result<void> KafkaTransactions::learn_outcome() {
  if (!unanswered_) return {};
  const std::string& group = unanswered_->position.group;
  const Result<ClientHandle> consumer = make_reader(settings_, group, *this);
  if (!consumer) return pass_on(consumer);
  const SteadyTime until = limit();
  for (;;) {
    const auto is_committed = kafka::is_committed(consumer->get(), unanswered_->position, kSlice);
    if (is_committed) {
      if (*is_committed) ledger_.add(std::move(unanswered_->entry));
      unanswered_.reset();
      return {};
    }
    const ErrorKind kind = kind_of(is_committed.error());
    const bool is_over = worker_.is_cancelled() || std::chrono::steady_clock::now() > until;
    if (kind != ErrorKind::peer_away || is_over) {
      return fail(
          kind, "kafka: offsets of group " + group + ": " + rd_kafka_err2str(is_committed.error()));
    }
    producer_->poll(kPause);
  }
}

/// Takes the transactional id over: earlier producers with it are fenced, what they left open is
/// committed or aborted.
Result<void> KafkaTransactions::init() {
  const SteadyTime until = limit();
  for (;;) {
    const ErrorHandle error = producer_->init_transactions(kSlice);
    if (error == nullptr) return {};
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
    // Reports come with poll() only, and one may say why nothing answers.
    producer_->poll(Milliseconds{0});
    if (!refusal_.empty()) return fail(ErrorKind::peer_refused, "kafka: " + refusal_);
    const bool is_over = worker_.is_cancelled() || std::chrono::steady_clock::now() > until;
    if (rd_kafka_error_is_retriable(error.get()) != 0 && !is_over) continue;
    return fail(kind_of(code), "kafka: transactional id " + settings_.transactional_id + ": " +
                                   rd_kafka_error_string(error.get()));
  }
}

std::optional<Error> KafkaTransactions::transact(const Request& request,
                                                 const std::vector<const Event*>& events) {
  if (ErrorHandle error = producer_->begin_transaction()) {
    return give_up(std::move(error), "begin");
  }
  IdLedger::Entry entry = ledger_.next(events);
  kafka::GroupPosition position;
  std::optional<Error> error = produce(events);
  if (!error) error = request.position ? produce_position(request, position) : produce_entry(entry);
  if (error) return abort(std::move(*error));
  crash_point("transaction_produced");
  if (request.position) unanswered_ = Unanswered{std::move(position), entry};
  error = commit();
  if (error) return error;
  crash_point("transaction_committed");
  unanswered_.reset();
  note_committed(request, std::move(entry));
  return std::nullopt;
}

/// What a stored position covers does not come again.
void KafkaTransactions::note_committed(const Request& request, IdLedger::Entry entry) {
  if (!request.position) {
    ledger_.add(std::move(entry));
  } else if (!ledger_.is_empty()) {
    for (const Event* event : request.events) ledger_.forget_one(event->id);
  }
  ledger_.remove_obsolete(ledger_.obsolete().size());
}

std::optional<Error> KafkaTransactions::produce_entry(const IdLedger::Entry& entry) {
  auto code = producer_->produce_record(settings_.state_topic, ledger_.key_of(entry.sequence),
                                        IdLedger::value_of(entry.hashes));
  for (const std::uint64_t sequence : ledger_.obsolete()) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) break;
    code = producer_->produce_record(settings_.state_topic, ledger_.key_of(sequence), std::nullopt);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return Error{
      kind_of(code), "kafka: topic " + settings_.state_topic + ": " + rd_kafka_err2str(code), {}};
}

/// The source is asked at the last moment: what it says holds for its generation in the group.
std::optional<Error> KafkaTransactions::produce_position(const Request& request,
                                                         kafka::GroupPosition& position) {
  const std::optional<std::string> text = request.position();
  if (!text) return lost_partitions();
  std::optional<kafka::GroupPosition> read = kafka::GroupPosition::from_text(*text);
  if (!read) return Error{ErrorKind::peer_refused, "kafka: no position of a consumer group", {}};
  position = std::move(*read);
  const std::string cluster = producer_->cluster_id();
  const bool is_known = !cluster.empty() && !position.cluster.empty();
  if (is_known && cluster != position.cluster) {
    return Error{ErrorKind::peer_refused,
                 "kafka: topic " + position.topic +
                     " is in another cluster, whose offsets no transaction here can commit; give "
                     "its adapter 'commit: group'",
                 {}};
  }
  return send_offsets(position);
}

std::optional<Error> KafkaTransactions::send_offsets(const kafka::GroupPosition& position) {
  const SteadyTime until = limit();
  for (;;) {
    const ErrorHandle error = producer_->send_offsets(position, kSlice);
    if (error == nullptr) return std::nullopt;
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
    const std::string text =
        "kafka: offsets of topic " + position.topic + ": " + rd_kafka_error_string(error.get());
    if (is_of_another_member(code)) return taken_back(text);
    const bool is_over = worker_.is_cancelled() || std::chrono::steady_clock::now() > until;
    if (rd_kafka_error_is_retriable(error.get()) == 0 || is_over)
      return Error{kind_of(code), text, {}};
  }
}

Error KafkaTransactions::lost_partitions() {
  return taken_back("kafka: the source has lost partitions");
}

Error KafkaTransactions::taken_back(const std::string& reason) {
  fault_ = Fault{nullptr, Outcome::taken_back, reason};
  return {ErrorKind::peer_away, reason, {}};
}

std::optional<Error> KafkaTransactions::produce(const std::vector<const Event*>& events) {
  const std::vector<KafkaValue> values = values_.of(events, prefix_, text_);
  for (std::size_t i = 0; i < events.size(); ++i)
    if (std::optional<Error> error = produce_one(*events[i], values[i])) return error;
  // What librdkafka still holds points to the events: they stay until their reports.
  const SteadyTime until = limit();
  while (producer_->has_messages()) {
    producer_->poll(kSlice);
    if (fault_) break;
    if (!refusal_.empty()) return Error{ErrorKind::peer_refused, "kafka: " + refusal_, {}};
    if (worker_.is_cancelled() || std::chrono::steady_clock::now() > until) {
      return Error{ErrorKind::peer_away, "kafka: no acknowledgement", {}};
    }
  }
  if (fault_) return Error{ErrorKind::peer_away, fault_->reason, {}};
  return std::nullopt;
}

std::optional<Error> KafkaTransactions::produce_one(const Event& event, const KafkaValue& value) {
  if (!value.fault.empty()) {
    fault_ = Fault{&event, Outcome::permanent, value.fault};
    return Error{ErrorKind::bad_record, value.fault, {}};
  }
  const SteadyTime until = limit();
  for (;;) {
    const rd_kafka_resp_err_t code =
        producer_->produce(event, value.bytes, const_cast<Event*>(&event));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    const std::string reason = "kafka: topic " + settings_.topic + ": " + rd_kafka_err2str(code);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      fault_ = Fault{&event, classify_kafka(code), reason};
      return Error{kind_of(code), reason, {}};
    }
    if (worker_.is_cancelled() || std::chrono::steady_clock::now() > until) {
      return Error{ErrorKind::peer_away, reason, {}};
    }
    producer_->poll(kSlice);
  }
}

std::optional<Error> KafkaTransactions::commit() {
  const SteadyTime until = limit();
  for (;;) {
    ErrorHandle error = producer_->commit_transaction(kSlice);
    if (error == nullptr) return std::nullopt;
    if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
      return abort({kind_of(rd_kafka_error_code(error.get())),
                    std::string("kafka: commit: ") + rd_kafka_error_string(error.get()),
                    {}});
    }
    const bool is_over = worker_.is_cancelled() || std::chrono::steady_clock::now() > until;
    if (rd_kafka_error_is_retriable(error.get()) == 0 || is_over) {
      return give_up(std::move(error), "commit");
    }
  }
}

/// Takes the transaction back. Where that fails the producer ends: its successor does it.
Error KafkaTransactions::abort(Error error) {
  producer_->purge();
  const SteadyTime until = limit();
  for (;;) {
    ErrorHandle failed = producer_->abort_transaction(kSlice);
    if (failed == nullptr) return error;
    const bool is_over = worker_.is_cancelled() || std::chrono::steady_clock::now() > until;
    if (rd_kafka_error_is_retriable(failed.get()) == 0 || is_over) {
      Error why = give_up(std::move(failed), "abort");
      return why.kind == ErrorKind::peer_refused ? why : error;
    }
  }
}

Error KafkaTransactions::give_up(ErrorHandle error, const std::string& what) {
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  const std::string text = rd_kafka_error_string(error.get());
  drop_producer();
  takes_over_ = settings_.stores_positions && !is_fenced(code);
  if (is_fenced(code)) {
    return {ErrorKind::peer_refused,
            "kafka: another producer has taken over the transactional id " +
                settings_.transactional_id + "; stop one of the two bridges",
            {}};
  }
  return {kind_of(code), "kafka: " + what + ": " + text, {}};
}

void KafkaTransactions::delivered(void* opaque, rd_kafka_resp_err_t error, bool is_persisted) {
  const bool is_purged =
      error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (is_persisted || is_purged || fault_) return;
  Outcome outcome = classify_kafka(error);
  has_suspect_ = has_suspect_ || outcome == Outcome::permanent;
  if (outcome == Outcome::permanent && !is_alone_) outcome = Outcome::retry;
  fault_ =
      Fault{opaque, outcome, "kafka: topic " + settings_.topic + ": " + rd_kafka_err2str(error)};
}

void KafkaTransactions::failed(rd_kafka_resp_err_t error, std::string_view text, bool) {
  said(text);
  const bool is_refused = classify_kafka(error) == Outcome::refused ||
                          text.find("certificate verify failed") != std::string_view::npos;
  if (is_refused) refusal_ = text;
}

void KafkaTransactions::said(std::string_view text) { log_endpoint_detail(log_, name_, text); }

}  // namespace copybridge::publishers
