// Amazon EventBridge: PutEvents.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/http/options.h"
#include "bridge/publishers/aws/answers.h"
#include "bridge/publishers/aws/aws_publishers.h"
#include "bridge/publishers/aws/keys.h"
#include "bridge/publishers/aws/service.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kEntriesMax = 10;

constexpr OptionSpec kOptions[] = {
    {.name = "bus",
     .type = OptionType::text,
     .default_value = "default",
     .help = "Name or ARN of the event bus."},
    {.name = "entry_bytes_max",
     .type = OptionType::integer,
     .default_value = "262144",
     .help = "Largest request, and largest event, in bytes.",
     .min = 1024,
     .max = 1'048'576},
    {.name = "format",
     .type = OptionType::choice,
     .default_value = "cloudevents",
     .help = "What the entry's Detail holds: cloudevents = the whole event as structured "
             "CloudEvents JSON, with its id; body = the event's JSON body alone, with nothing to "
             "know a repeat by.",
     .choices = "body|cloudevents"},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions = join_options(kOptions, aws::kAwsOptions, http::kConnectionOptions);

class EventBridgeEndpoint final : public HttpEndpoint {
 public:
  EventBridgeEndpoint(std::string endpoint, std::string bus, LineFormat format, Limits limits)
      : endpoint_(std::move(endpoint)), bus_(std::move(bus)), format_(format), limits_(limits) {}

  Limits limits() const override { return limits_; }
  /// As the user guide counts ("Calculating PutEvents event entry size").
  std::size_t size_of(const Event& event) const override {
    return message_size(event, format_) + event.source.size() + event.type.size();
  }
  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override {
    if (answer.status != 200) return aws::refused(answer);
    return aws::read_results(answer, "Entries", events);
  }

 private:
  const std::string endpoint_;
  const std::string bus_;
  const LineFormat format_;
  const Limits limits_;
};

http::Call EventBridgeEndpoint::form(std::span<const Event* const> events) const {
  http::Call call = aws::service_call(endpoint_, endpoint_ + " bus " + bus_);
  call.headers = {"Content-Type: application/x-amz-json-1.1", "X-Amz-Target: AWSEvents.PutEvents"};
  std::string_view separator = R"({"Entries":[)";
  for (const Event* event : events) {
    const auto member = [&](std::string_view name, std::string_view value) {
      call.body += fmt::format("\"{}\":", name);
      append_json_string(call.body, value);
      call.body += ',';
    };
    call.body += separator;
    call.body += '{';
    member("EventBusName", bus_);
    member("Source", event->source);
    member("DetailType", event->type);
    member("Detail", event->is_record && format_ == LineFormat::body
                         ? "{\"data_base64\":\"" + message_text(*event, format_) + "\"}"
                         : message_text(*event, format_));
    call.body.back() = '}';
    separator = ",";
  }
  call.body += "]}";
  return call;
}

std::unique_ptr<Publisher> make_eventbridge(const PublisherContext& context, const Options& options,
                                            Diagnostics& diagnostics) {
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer = aws::make_authorizer(
      options, {.region = options.text("region"), .service = "events"}, context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto bytes = static_cast<std::size_t>(options.integer("entry_bytes_max"));
  return make_http_endpoint_publisher(
      "aws-eventbridge", std::move(client),
      std::make_unique<EventBridgeEndpoint>(
          aws::endpoint_of(options, options.text("region"), "events"), options.text("bus"),
          line_format_of(options), aws::batch_limits(options, kEntriesMax, bytes, bytes)),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAwsEventBridgePublisher{
    .kind = "aws-eventbridge",
    .help = "Sends events to an Amazon EventBridge event bus.",
    .options = kAllOptions,
    .make = make_eventbridge};

}  // namespace copybridge::publishers
