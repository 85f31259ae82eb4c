// POST …/message (IBM MQ documentation, "REST API: messaging").
#include "bridge/publishers/ibm_mq_rest_publisher.h"

#include <simdjson.h>

#include <algorithm>

#include "bridge/core/hash.h"
#include "bridge/http/options.h"
#include "bridge/mqweb/queue.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr int kNoText = 415;
/// A CorrelId has 24 bytes, in hexadecimal.
constexpr std::size_t kIdDigits = 48;

constexpr OptionSpec kOptions[] = {
    {.name = "persistence",
     .type = OptionType::boolean,
     .default_value = "yes",
     .help = "Whether messages outlive the queue manager; mqweb does not ask the queue."},
    {.name = "reply_to_queue",
     .type = OptionType::text,
     .help = "ReplyToQ of the messages: a queue, or queue@queue-manager."},
    {.name = "format",
     .type = OptionType::choice,
     .default_value = "body",
     .help =
         "What a message holds: body = the event's body alone, a record as it is encoded, which "
         "has to be UTF-8; cloudevents = the whole event as structured CloudEvents JSON.",
     .choices = "body|cloudevents"},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "4194304",
     .help = "Largest message that the queue takes (its MAXMSGL).",
     .min = 1024,
     .max = 100 << 20},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions = join_options(mqweb::kQueueOptions, kOptions, http::kConnectionOptions);

class RestEndpoint final : public HttpEndpoint {
 public:
  RestEndpoint(mqweb::Queue queue, const Options& options)
      : queue_(std::move(queue)),
        persistence_(options.boolean("persistence") ? "persistent" : "nonPersistent"),
        reply_to_(options.text("reply_to_queue")),
        is_structured_(options.text("format") == "cloudevents"),
        limits_{.event_bytes_max = static_cast<std::size_t>(options.integer("event_bytes_max")),
                .requests_in_flight =
                    static_cast<std::size_t>(options.integer("requests_in_flight"))} {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    return is_structured_ ? HttpEndpoint::size_of(event) : event.body.size();
  }
  http::Call form(std::span<const Event* const> events) const override {
    const Event& event = *events.front();
    http::Call call = mqweb::make_call(queue_, "POST", "/message");
    if (is_structured_) {
      append_structured(call.body, event);
    } else {
      call.body = event.body;
    }
    call.headers.push_back("Content-Type: " + type_of(event, call.body));
    call.headers.push_back("ibm-mq-md-persistence: " + persistence_);
    call.headers.push_back("ibm-mq-md-correlationId: " + correl_id(event.id));
    if (!reply_to_.empty()) call.headers.push_back("ibm-mq-md-replyTo: " + reply_to_);
    return call;
  }
  Response read(const http::Answer& answer, std::size_t events) const override {
    if (answer.status >= 200 && answer.status <= 299) return HttpEndpoint::read(answer, events);
    const Outcome outcome = answer.status == kNoText
                                ? Outcome::permanent
                                : classify_http(answer.status, answer.retry_after);
    return refuse(outcome, answer, mqweb::details_of(answer.body));
  }

 private:
  /// What is no text is called so, and refused.
  std::string type_of(const Event& event, const std::string& body) const {
    if (!event.is_record || is_structured_) return "application/json;charset=utf-8";
    return simdjson::validate_utf8(body) ? "text/plain;charset=utf-8" : std::string(kRecordType);
  }
  static std::string correl_id(std::string_view id) {
    std::string digits = hash_of(id);
    digits.resize(kIdDigits, '0');
    return digits;
  }

  const mqweb::Queue queue_;
  const std::string persistence_;
  const std::string reply_to_;
  const bool is_structured_;
  const Limits limits_;
};

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  mqweb::Queue queue = mqweb::read_queue(options, diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  auto login = std::make_unique<http::CredentialSource>(queue.login);
  return make_http_endpoint_publisher("ibm-mq-rest", std::move(client),
                                      std::make_unique<RestEndpoint>(std::move(queue), options),
                                      std::move(login));
}

}  // namespace

const PublisherKind kIbmMqRestPublisher{
    .kind = "ibm-mq-rest",
    .help = "Puts text messages on a queue by the REST API of IBM MQ.",
    .options = kAllOptions,
    .make = make};

}  // namespace copybridge::publishers
