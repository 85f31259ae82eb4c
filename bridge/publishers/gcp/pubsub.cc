// Google Cloud Pub/Sub: projects.topics.publish.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/gcp/gcp_publishers.h"
#include "bridge/publishers/gcp/identity.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kEventsMax = 1000;
constexpr std::size_t kBytesMax = 10'000'000;
/// Of an ordering key, in bytes.
constexpr std::size_t kKeyMax = 1024;
constexpr std::size_t kEnvelope = 100;

constexpr OptionSpec kOptions[] = {
    {.name = "project", .type = OptionType::text, .required = true, .help = "Id of the project."},
    {.name = "topic", .type = OptionType::text, .required = true, .help = "Name of the topic."},
    {.name = "ordering",
     .type = OptionType::boolean,
     .default_value = "yes",
     .help = "yes: the event's key is the ordering key; subscriptions have to ask for order."},
    {.name = "endpoint",
     .type = OptionType::text,
     .default_value = "https://pubsub.googleapis.com",
     .help = "URL of the service: with ordering keys a region's own, "
             "https://REGION-pubsub.googleapis.com."},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "Most messages of one request.",
     .min = 1,
     .max = kEventsMax},
    kMessageFormatOption,
    http::kRequestsInFlightOption};

constexpr auto kAllOptions =
    join_options(kOptions, gcp::kIdentityOptions, http::kConnectionOptions);

class PubSubEndpoint final : public HttpEndpoint {
 public:
  PubSubEndpoint(std::string url, bool has_order, LineFormat format, Limits limits)
      : url_(std::move(url)), has_order_(has_order), format_(format), limits_(limits) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    std::size_t size = kEnvelope + event.key.size() + (message_size(event, format_) + 2) / 3 * 4;
    if (format_ == LineFormat::cloudevents) return size;
    for_each_attribute(event, [&](const Attribute& attribute) {
      size += attribute.name.size() + attribute.value.size() + kAttributeSigns;
    });
    return size;
  }
  http::Call form(std::span<const Event* const> events) const override;

 private:
  static constexpr std::size_t kAttributeSigns = 9;  ///< `"ce-":"",` and an escape

  void append_message(std::string& out, const Event& event) const;

  const std::string url_;
  const bool has_order_;
  const LineFormat format_;
  const Limits limits_;
};

http::Call PubSubEndpoint::form(std::span<const Event* const> events) const {
  http::Call call;
  call.url = url_;
  call.label = url_;
  call.headers = {"Content-Type: application/json"};
  std::string_view separator = R"({"messages":[)";
  for (const Event* event : events) {
    call.body += separator;
    append_message(call.body, *event);
    separator = ",";
  }
  call.body += "]}";
  return call;
}

/// Attributes as the Pub/Sub binding of CloudEvents names them.
void PubSubEndpoint::append_message(std::string& out, const Event& event) const {
  out += R"({"data":")";
  append_base64(out, format_ == LineFormat::body ? std::string(data_of(event))
                                                 : message_text(event, format_));
  out += R"(","attributes":{"content-type":)";
  append_json_string(out, format_ == LineFormat::body ? content_type_of(event) : kStructuredType);
  if (format_ == LineFormat::body) {
    for_each_attribute(event, [&](const Attribute& attribute) {
      out += fmt::format(R"(,"ce-{}":)", attribute.name);
      append_json_string(out, attribute.value);
    });
  }
  out += '}';
  if (has_order_ && !event.key.empty()) {
    out += R"(,"orderingKey":)";
    append_json_string(
        out, event.key.size() <= kKeyMax ? std::string(event.key) : hex(sha256(event.key)));
  }
  out += '}';
}

std::unique_ptr<Publisher> make_pubsub(const PublisherContext& context, const Options& options,
                                       Diagnostics& diagnostics) {
  http::check_endpoint(options, "endpoint", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  // The ids of 1000 messages are longer than what other endpoints answer.
  client.response_bytes_max = std::max<std::size_t>(client.response_bytes_max, 1'000'000);
  std::unique_ptr<http::Authorizer> authorizer =
      gcp::make_authorizer(options, context.directory, "https://www.googleapis.com/auth/pubsub",
                           context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  std::string base = options.text("endpoint");
  while (base.ends_with('/')) base.pop_back();
  const bool has_order = options.boolean("ordering");
  const Limits limits{
      .events_per_request = static_cast<std::size_t>(options.integer("batch_events_max")),
      .bytes_per_request = kBytesMax,
      .event_bytes_max = kBytesMax,
      .requests_in_flight = static_cast<std::size_t>(options.integer("requests_in_flight")),
      .has_one_key = has_order};
  return make_http_endpoint_publisher(
      "gcp-pubsub", std::move(client),
      std::make_unique<PubSubEndpoint>(fmt::format("{}/v1/projects/{}/topics/{}:publish", base,
                                                   percent_encoded(options.text("project")),
                                                   percent_encoded(options.text("topic"))),
                                       has_order, line_format_of(options), limits),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kGcpPubSubPublisher{.kind = "gcp-pubsub",
                                        .help = "Sends events to a topic of Google Cloud Pub/Sub.",
                                        .options = kAllOptions,
                                        .make = make_pubsub};

}  // namespace copybridge::publishers
