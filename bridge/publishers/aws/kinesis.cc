// Amazon Kinesis Data Streams: PutRecords.
#include <fmt/format.h>
#include <simdjson.h>

#include "bridge/core/digest.h"
#include "bridge/http/options.h"
#include "bridge/publishers/aws/answers.h"
#include "bridge/publishers/aws/aws_publishers.h"
#include "bridge/publishers/aws/keys.h"
#include "bridge/publishers/aws/service.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kKeyMax = 256;

constexpr OptionSpec kOptions[] = {
    {.name = "stream",
     .type = OptionType::text,
     .required = true,
     .help = "Name or ARN of the data stream; the event's key, or its id, is the partition key."},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "500",
     .help = "Most records of one request.",
     .min = 1,
     .max = 500},
    {.name = "record_bytes_max",
     .type = OptionType::integer,
     .default_value = "1048576",
     .help = "Largest record that the stream takes, its partition key included.",
     .min = 1024,
     .max = 10'485'760},
    {.name = "format",
     .type = OptionType::choice,
     .default_value = "cloudevents",
     .help = "What a record holds: cloudevents = the whole event as structured CloudEvents JSON, "
             "with its id; body = the event's body alone, with nothing to know a repeat by.",
     .choices = "body|cloudevents"},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions = join_options(kOptions, aws::kAwsOptions, http::kConnectionOptions);

constexpr std::size_t kRequestBytesMax = 5'242'880;

/// Characters, not bytes, are limited; bytes are on the safe side.
std::string partition_key(const Event& event) {
  const std::string_view key = event.key.empty() ? event.id : event.key;
  return key.size() <= kKeyMax ? std::string(key) : hex(sha256(key));
}

class KinesisEndpoint final : public HttpEndpoint {
 public:
  KinesisEndpoint(std::string endpoint, std::string stream, LineFormat format, Limits limits)
      : endpoint_(std::move(endpoint)),
        stream_(std::move(stream)),
        format_(format),
        limits_(limits) {}

  Limits limits() const override { return limits_; }
  /// The body of a record is sent as it is, not as Base64.
  std::size_t size_of(const Event& event) const override {
    const std::size_t size =
        format_ == LineFormat::body ? event.body.size() : message_size(event, format_);
    return size + partition_key(event).size();
  }
  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override;

 private:
  const std::string endpoint_;
  const std::string stream_;
  const LineFormat format_;
  const Limits limits_;
};

http::Call KinesisEndpoint::form(std::span<const Event* const> events) const {
  http::Call call = aws::service_call(endpoint_, endpoint_ + " stream " + stream_);
  call.headers = {"Content-Type: application/x-amz-json-1.1",
                  "X-Amz-Target: Kinesis_20131202.PutRecords"};
  call.body = stream_.starts_with("arn:") ? R"({"StreamARN":)" : R"({"StreamName":)";
  append_json_string(call.body, stream_);
  std::string_view separator = R"(,"Records":[)";
  for (const Event* event : events) {
    call.body += separator;
    call.body += R"({"Data":")";
    if (format_ == LineFormat::body) {
      append_base64(call.body, event->body);
    } else {
      append_base64(call.body, message_text(*event, format_));
    }
    call.body += R"(","PartitionKey":)";
    append_json_string(call.body, partition_key(*event));
    call.body += '}';
    separator = ",";
  }
  call.body += "]}";
  return call;
}

/// An answer of 200 may hold failures, one result for each record in their order.
Response KinesisEndpoint::read(const http::Answer& answer, std::size_t events) const {
  if (answer.status != 200) return aws::refused(answer);
  return aws::read_results(answer, "Records", events);
}

std::unique_ptr<Publisher> make_kinesis(const PublisherContext& context, const Options& options,
                                        Diagnostics& diagnostics) {
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  // Results of 500 records are longer than what other endpoints answer.
  client.response_bytes_max = std::max<std::size_t>(client.response_bytes_max, 1'000'000);
  std::unique_ptr<http::Authorizer> authorizer =
      aws::make_authorizer(options, {.region = options.text("region"), .service = "kinesis"},
                           context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  return make_http_endpoint_publisher(
      "aws-kinesis", std::move(client),
      std::make_unique<KinesisEndpoint>(
          aws::endpoint_of(options, options.text("region"), "kinesis"), options.text("stream"),
          line_format_of(options),
          aws::batch_limits(options, size("batch_events_max"), kRequestBytesMax,
                            size("record_bytes_max"))),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAwsKinesisPublisher{.kind = "aws-kinesis",
                                         .help = "Sends events to an Amazon Kinesis data stream.",
                                         .options = kAllOptions,
                                         .make = make_kinesis};

}  // namespace copybridge::publishers
