// Puts under syncpoint on a thread of its own, since every call may wait for the queue manager.
#include "bridge/publishers/ibm_mq_publisher.h"

#include <array>
#include <utility>
#include <vector>

#include "adapters/ibm_mq/connection.h"
#include "bridge/publishers/ibm_mq_message.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;

constexpr std::size_t kBytesPerRequest = 8'000'000;

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "queue",
               .required = true,
               .help = "The queue that messages are put on: local, alias, remote or of a cluster."},
    OptionSpec{.name = "queue_owner",
               .help = "The queue manager that has the queue, where it is not the one connected "
                       "to and no definition there says so."},
    OptionSpec{.name = "batch_events_max",
               .type = OptionType::integer,
               .default_value = "500",
               .help = "Most messages of a unit of work; below MAXUMSGS of the queue manager.",
               .min = 1,
               .max = 10'000},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> own(kOwnOptions.begin(), kOwnOptions.end());
    for (const OptionSpec& option : mq_message_options()) own.push_back(option);
    return mq::with_connection(own);
  }();
  return options;
}

struct Settings {
  mq::ConnectionSettings connection;
  std::string queue;
  std::string queue_owner;
  std::size_t events_max = 0;
  MqMessageSettings message;
};

class IbmMqPublisher : public Publisher {
 public:
  explicit IbmMqPublisher(Settings settings)
      : settings_(std::move(settings)), connection_(settings_.connection) {}
  ~IbmMqPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    const Result<const mq::Library*> library = mq::Library::load(settings_.connection.library);
    if (!library) return pass_on(library);
    worker_.start(
        port, {.handle = [this](const Request& request) { return handle(request); }, .idle = {}});
    return {};
  }
  Limits limits() const override {
    return {.events_per_request = settings_.events_max,
            .bytes_per_request = kBytesPerRequest,
            .event_bytes_max = mq::kMessageBytesMax,
            .requests_in_flight = 1,
            .keeps_order = true};
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
  Response failed(std::string_view verb, mqi::Long reason);

  const Settings settings_;
  mq::Connection connection_;
  mq::OpenQueue queue_;
  std::string body_;
  RequestWorker worker_;
};

Result<void> IbmMqPublisher::connect() {
  if (connection_.is_connected()) return {};
  Result<void> connected = connection_.connect();
  if (!connected) return connected;
  const bool sets_identity = !settings_.message.user_identifier.empty() ||
                             !settings_.message.application_identity_data.empty();
  const mqi::Long context = sets_identity ? mqi::oo::kSetIdentityContext : 0;
  Result<mq::OpenQueue> opened =
      connection_.open(settings_.queue, settings_.queue_owner, mqi::oo::kOutput | context);
  if (!opened) {
    disconnect();
    return pass_on(opened);
  }
  queue_ = std::move(*opened);
  return {};
}

void IbmMqPublisher::disconnect() {
  connection_.disconnect();
  queue_ = {};
}

bool IbmMqPublisher::put(const Event& event, Response& response) {
  mqi::MQMD descriptor;
  std::string refusal = make_mq_message(settings_.message, event, descriptor, body_);
  if (refusal.empty()) {
    const bool sets_identity = !settings_.message.user_identifier.empty() ||
                               !settings_.message.application_identity_data.empty();
    mqi::MQPMO options;
    options.options = mqi::pmo::kSyncpoint | mqi::pmo::kFailIfQuiescing |
                      (sets_identity ? mqi::pmo::kSetIdentityContext : 0);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(body_.data());
    const mq::Outcome outcome = connection_.put(queue_, descriptor, options, {bytes, body_.size()});
    if (outcome.completion != mqi::cc::kFailed) {
      response.outcomes.push_back(Outcome::accepted);
      return true;
    }
    if (outcome.reaction() != mq::Reaction::refuse_one) {
      response = failed("MQPUT", outcome.reason);
      return false;
    }
    refusal = connection_.error("MQPUT", settings_.queue, outcome.reason).message;
  }
  response.outcomes.push_back(Outcome::permanent);
  if (response.reason.empty()) response.reason = std::move(refusal);
  return true;
}

Response IbmMqPublisher::failed(std::string_view verb, mqi::Long reason) {
  const mq::Reaction reaction = mq::reason_of(reason).reaction;
  Response response{.outcomes = {Outcome::retry},
                    .reason = connection_.error(verb, settings_.queue, reason).message};
  const bool is_refused =
      reaction == mq::Reaction::configure || reaction == mq::Reaction::end_batch;
  if (is_refused) response.outcomes = {Outcome::refused};
  const bool is_kept = reaction == mq::Reaction::retry && connection_.back_out().is_ok();
  if (!is_kept) disconnect();
  return response;
}

Response IbmMqPublisher::handle(const Request& request) {
  if (const Result<void> connected = connect(); !connected) {
    const bool is_config = connected.error().kind == ErrorKind::config;
    return {.outcomes = {is_config ? Outcome::refused : Outcome::retry},
            .reason = connected.error().message};
  }
  Response response;
  for (const Event* event : request.events) {
    if (!put(*event, response)) return response;
  }
  const mq::Outcome committed = connection_.commit();
  if (committed.is_ok()) return response;
  // Whether it was made is not known, or it was not.
  Response unknown = failed("MQCMIT", committed.reason);
  unknown.outcomes = {Outcome::retry};
  return unknown;
}

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings;
  settings.connection = mq::read_connection(context.directory, options, diagnostics);
  settings.queue = options.text("queue");
  settings.queue_owner = options.text("queue_owner");
  settings.events_max = static_cast<std::size_t>(options.integer("batch_events_max"));
  settings.message = read_mq_message(options, diagnostics);
  mq::check_length(options, "queue", 48, diagnostics);
  mq::check_length(options, "queue_owner", 48, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<IbmMqPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kIbmMqPublisher = {
    "ibm-mq",
    "Puts events on an IBM MQ queue, each request a unit of work, through the MQ client library of "
    "your installation.",
    all_options(), make};

}  // namespace copybridge::publishers
