// Amazon SQS: the JSON protocol's SendMessageBatch.
#include <fmt/format.h>
#include <simdjson.h>

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
    {.name = "queue_url",
     .type = OptionType::text,
     .required = true,
     .help = "URL of the queue, https://sqs.REGION.amazonaws.com/ACCOUNT/NAME; the region is taken "
             "from it. A name that ends in .fifo: the event's key is the message group, its id the "
             "deduplication id."},
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "262144",
     .help = "Largest message, and largest request, that the queue takes (its "
             "MaximumMessageSize).",
     .min = 1024,
     .max = 1'048'576},
    kMessageFormatOption,
    http::kRequestsInFlightOption};

constexpr auto kAllOptions = join_options(kOptions, aws::kAwsOptions, http::kConnectionOptions);

class SqsEndpoint final : public aws::MessageEndpoint {
 public:
  using MessageEndpoint::MessageEndpoint;

  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override;

 private:
  void append_entry(std::string& out, const Event& event, std::size_t index) const;
};

http::Call SqsEndpoint::form(std::span<const Event* const> events) const {
  http::Call call = aws::service_call(endpoint_, name_);
  call.headers = {"Content-Type: application/x-amz-json-1.0",
                  "X-Amz-Target: AmazonSQS.SendMessageBatch"};
  call.body = R"({"QueueUrl":)";
  append_json_string(call.body, name_);
  call.body += R"(,"Entries":[)";
  for (std::size_t i = 0; i < events.size(); ++i) append_entry(call.body, *events[i], i);
  call.body += "]}";
  return call;
}

void SqsEndpoint::append_entry(std::string& out, const Event& event, std::size_t index) const {
  out += fmt::format(R"({}{{"Id":"{}","MessageBody":)", index > 0 ? "," : "", index);
  append_json_string(out, message_text(event, format_));
  std::string_view separator = R"(,"MessageAttributes":{)";
  const auto attributes = aws::message_attributes(event, format_);
  for (const auto& [name, value] : attributes) {
    out += separator;
    append_json_string(out, name);
    out += R"(:{"DataType":"String","StringValue":)";
    append_json_string(out, value);
    out += '}';
    separator = ",";
  }
  if (!attributes.empty()) out += '}';
  if (is_fifo_) {
    out += R"(,"MessageGroupId":)";
    append_json_string(out, aws::short_id(event.key.empty() ? event.id : event.key));
    out += R"(,"MessageDeduplicationId":)";
    append_json_string(out, aws::short_id(event.id));
  }
  out += '}';
}

std::string_view text_of(const simdjson::dom::element& entry, std::string_view member) {
  std::string_view text;
  return entry[member].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// An answer of 200 may hold failures: each entry is looked at.
Response SqsEndpoint::read(const http::Answer& answer, std::size_t events) const {
  if (answer.status != 200) return aws::refused(answer);
  aws::NamedEntries entries(events);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer.body).get(root) != simdjson::SUCCESS) {
    return std::move(entries).response();
  }
  const auto each = [&](std::string_view list, auto take) {
    simdjson::dom::array found;
    if (root[list].get(found) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element entry : found) {
      take(text_of(entry, "Id"), entry);
    }
  };
  each("Successful", [&](std::string_view id, const auto&) { entries.accept(id); });
  each("Failed", [&](std::string_view id, const simdjson::dom::element& entry) {
    bool is_sender_fault = false;
    if (entry["SenderFault"].get(is_sender_fault) != simdjson::SUCCESS) is_sender_fault = false;
    entries.fail(id, text_of(entry, "Code"), is_sender_fault);
  });
  return std::move(entries).response();
}

/// `eu-central-1` of `https://sqs.eu-central-1.amazonaws.com/…`; empty: not that form.
std::string region_of(const std::string& host) {
  constexpr std::string_view kStart = "sqs.";
  const std::size_t end = host.find(".amazonaws.com");
  if (!host.starts_with(kStart) || end == std::string::npos) return "";
  return host.substr(kStart.size(), end - kStart.size());
}

std::unique_ptr<Publisher> make_sqs(const PublisherContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  if (!options.is_given("queue_url")) return nullptr;
  const std::string& queue_url = options.text("queue_url");
  const Result<http::Url> url = http::parse_url(queue_url);
  if (!url) {
    diagnostics.error(options.where("queue_url"), "'queue_url': " + url.error().message);
    return nullptr;
  }
  const std::string region =
      options.is_given("region") ? options.text("region") : region_of(url->host);
  const std::string endpoint =
      options.is_given("endpoint") ? options.text("endpoint") : url->origin + "/";
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer = aws::make_authorizer(
      options, {.region = region, .service = "sqs"}, context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto bytes = static_cast<std::size_t>(options.integer("message_bytes_max"));
  return make_http_endpoint_publisher(
      "aws-sqs", std::move(client),
      std::make_unique<SqsEndpoint>(endpoint, queue_url, line_format_of(options),
                                    aws::batch_limits(options, kEntriesMax, bytes, bytes)),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAwsSqsPublisher{
    .kind = "aws-sqs",
    .help = "Sends events to an Amazon SQS queue, standard or FIFO.",
    .options = kAllOptions,
    .make = make_sqs};

}  // namespace copybridge::publishers
