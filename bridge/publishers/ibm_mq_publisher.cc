// Puts under syncpoint on a thread of its own, since every call may wait for the queue manager.
#include "bridge/publishers/ibm_mq_publisher.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "bridge/publishers/ibm_mq_exchange.h"
#include "bridge/publishers/ibm_mq_ledger.h"
#include "bridge/publishers/ibm_mq_output.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;

constexpr std::size_t kBytesPerRequest = 8'000'000;

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "batch_events_max",
               .type = OptionType::integer,
               .default_value = "500",
               .help = "Most messages of a unit of work; below MAXUMSGS of the queue manager.",
               .min = 1,
               .max = 10'000},
    OptionSpec{.name = "state_queue",
               .help = "Exactly once: a queue of this publisher's own that says what has been "
                       "committed, in the same units of work; what the source sends again is not "
                       "put a second time (docs/delivery.md)."},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> own = mq_output_options();
    own.insert(own.end(), kOwnOptions.begin(), kOwnOptions.end());
    for (const OptionSpec& option : mq_message_options()) own.push_back(option);
    own.push_back(kReplyQueueOption);
    own.push_back(kReplyCorrelIdOption);
    return mq::with_connection(own);
  }();
  return options;
}

struct Settings {
  MqOutputSettings output;
  std::size_t events_max = 0;
  std::string state_queue;  ///< empty: at least once
  std::string owner;        ///< of its messages
};

class IbmMqPublisher : public Publisher {
 public:
  explicit IbmMqPublisher(Settings settings)
      : settings_(std::move(settings)), output_(settings_.output) {
    if (!settings_.state_queue.empty())
      ledger_.emplace(output_.connection(), settings_.state_queue, settings_.owner);
  }
  ~IbmMqPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    if (Result<void> loaded = output_.load_library(); !loaded) return loaded;
    worker_.start(
        port, {.handle = [this](const Request& request) { return handle(request); }, .idle = {}});
    return {};
  }
  Limits limits() const override {
    return {.events_per_request = settings_.events_max,
            .bytes_per_request = kBytesPerRequest,
            .event_bytes_max = mq::kMessageBytesMax,
            .requests_in_flight = 1,
            .keeps_order = true,
            .remembers_ids = ledger_.has_value()};
  }
  void publish(Request request) override { worker_.push(std::move(request)); }
  void close(Milliseconds limit) override {
    worker_.stop(limit);
    disconnect();
  }

 private:
  Response handle(const Request& request);
  Result<void> connect();
  void disconnect();
  /// True: the event's own outcome is known, and the unit of work goes on.
  bool put(const Event& event, Response& response);
  /// Backs out; the whole request gets the outcome that the reason stands for.
  Response failed(std::string_view verb, std::string_view queue, mqi::Long reason);
  /// The end of the unit of work: `response` where it is committed.
  Response commit(Response response);

  const Settings settings_;
  MqOutput output_;
  std::optional<MqLedger> ledger_;  ///< where it is exactly once
  std::vector<const Event*> put_;   ///< of the unit of work under way
  std::string body_;
  RequestWorker worker_;
};

Result<void> IbmMqPublisher::connect() {
  if (output_.is_connected()) return {};
  Result<void> connected = output_.connect();
  if (!connected || !ledger_) return connected;
  connected = ledger_->open();
  if (!connected) disconnect();
  return connected;
}

void IbmMqPublisher::disconnect() {
  output_.disconnect();
  if (ledger_) ledger_->close();
}

bool IbmMqPublisher::put(const Event& event, Response& response) {
  mqi::MQMD descriptor;
  std::string refusal = make_mq_message(settings_.output.message, event, descriptor, body_);
  if (refusal.empty()) {
    const mq::Outcome outcome = output_.put(descriptor, body_);
    if (outcome.completion != mqi::cc::kFailed) {
      put_.push_back(&event);
      response.outcomes.push_back(Outcome::accepted);
      return true;
    }
    if (outcome.reaction() != mq::Reaction::refuse_one) {
      response = failed("MQPUT", settings_.output.queue, outcome.reason);
      return false;
    }
    refusal = output_.describe("MQPUT", outcome.reason);
  }
  response.outcomes.push_back(Outcome::permanent);
  if (response.reason.empty()) response.reason = std::move(refusal);
  return true;
}

Response IbmMqPublisher::failed(std::string_view verb, std::string_view queue, mqi::Long reason) {
  Response response = output_.failed(verb, queue, reason);
  if (ledger_ && !output_.is_connected()) ledger_->close();
  return response;
}

Response IbmMqPublisher::handle(const Request& request) {
  if (const Result<void> connected = connect(); !connected) {
    const bool is_config = connected.error().kind == ErrorKind::config;
    return {.outcomes = {is_config ? Outcome::refused : Outcome::retry},
            .reason = connected.error().message};
  }
  if (ledger_) ledger_->forget(request.settled_ids);
  put_.clear();
  Response response;
  for (const Event* event : request.events) {
    if (ledger_ && ledger_->knows(event->id)) {
      response.outcomes.push_back(Outcome::accepted);
    } else if (!put(*event, response)) {
      return response;
    }
  }
  return commit(std::move(response));
}

Response IbmMqPublisher::commit(Response response) {
  if (ledger_ && put_.empty()) return response;
  if (ledger_) {
    const MqLedger::Failed entry = ledger_->put(put_);
    if (!entry.verb.empty()) return failed(entry.verb, ledger_->queue(), entry.reason);
  }
  const mq::Outcome committed = output_.commit();
  if (committed.is_ok()) {
    if (ledger_) ledger_->note_committed();
    return response;
  }
  // Whether it was made is not known, or it was not.
  Response unknown = failed("MQCMIT", settings_.output.queue, committed.reason);
  unknown.outcomes = {Outcome::retry};
  // The ledger that the next connection reads knows.
  if (ledger_) disconnect();
  return unknown;
}

void check_state_queue(const Settings& settings, const Options& options, Diagnostics& diagnostics) {
  mq::check_length(options, "state_queue", 48, diagnostics);
  if (settings.state_queue.empty()) return;
  if (settings.state_queue == settings.output.queue) {
    diagnostics.error(options.where("state_queue"), "'state_queue' is the queue of the events");
  }
  if (settings.output.message.persistence == mqi::persistence::kPersistent) return;
  diagnostics.error(options.where("state_queue"),
                    "with 'state_queue' messages must be persistent: the queue manager would "
                    "forget events that it says are there",
                    "'persistence: yes'");
}

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings;
  settings.output = read_mq_output(context, options, diagnostics);
  settings.events_max = static_cast<std::size_t>(options.integer("batch_events_max"));
  settings.state_queue = options.text("state_queue");
  settings.owner = context.name;
  check_state_queue(settings, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<IbmMqPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kIbmMqPublisher = {
    .kind = "ibm-mq",
    .help =
        "Puts events on an IBM MQ queue, each request a unit of work, through the MQ client "
        "library "
        "of your installation.",
    .options = all_options(),
    .make = make,
    .is_exactly_once = [](const Options& options) { return options.is_given("state_queue"); },
    .is_for_one_source = true,
    .make_exchange = make_mq_exchange};

}  // namespace copybridge::publishers
