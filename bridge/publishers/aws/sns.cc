// Amazon SNS: the query protocol's PublishBatch.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/aws/answers.h"
#include "bridge/publishers/aws/aws_publishers.h"
#include "bridge/publishers/aws/keys.h"
#include "bridge/publishers/aws/service.h"
#include "bridge/publishers/aws/xml.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kEntriesMax = 10;
constexpr std::size_t kBytesMax = 262'144;

constexpr OptionSpec kOptions[] = {
    {.name = "topic_arn",
     .type = OptionType::text,
     .required = true,
     .help =
         "ARN of the topic; the region is taken from it. A name that ends in .fifo: the event's "
         "key is the message group, its id the deduplication id."},
    kMessageFormatOption,
    http::kRequestsInFlightOption};

constexpr auto kAllOptions = join_options(kOptions, aws::kAwsOptions, http::kConnectionOptions);

class SnsEndpoint final : public aws::MessageEndpoint {
 public:
  using MessageEndpoint::MessageEndpoint;

  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override;

 private:
  void append_entry(std::string& out, const Event& event, std::size_t index) const;
};

http::Call SnsEndpoint::form(std::span<const Event* const> events) const {
  http::Call call = aws::service_call(endpoint_, name_);
  call.headers = {"Content-Type: application/x-www-form-urlencoded"};
  call.body = "Action=PublishBatch&Version=2010-03-31&TopicArn=" + percent_encoded(name_);
  for (std::size_t i = 0; i < events.size(); ++i) append_entry(call.body, *events[i], i);
  return call;
}

/// Lists of the query protocol count from 1.
void SnsEndpoint::append_entry(std::string& out, const Event& event, std::size_t index) const {
  const std::string entry = fmt::format("&PublishBatchRequestEntries.member.{}.", index + 1);
  const auto parameter = [&](std::string_view name, std::string_view value) {
    out += entry;
    out.append(name).append("=");
    const std::size_t start = out.size();
    append_percent_encoded(out, value, " ");
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), ' ', '+');
  };
  parameter("Id", std::to_string(index));
  parameter("Message", message_text(event, format_));
  std::size_t number = 0;
  for (const auto& [name, value] : aws::message_attributes(event, format_)) {
    const std::string attribute = fmt::format("MessageAttributes.entry.{}.", ++number);
    parameter(attribute + "Name", name);
    parameter(attribute + "Value.DataType", "String");
    parameter(attribute + "Value.StringValue", value);
  }
  if (!is_fifo_) return;
  parameter("MessageGroupId", aws::short_id(event.key.empty() ? event.id : event.key));
  parameter("MessageDeduplicationId", aws::short_id(event.id));
}

/// An answer of 200 may hold failures: each entry is looked at.
Response SnsEndpoint::read(const http::Answer& answer, std::size_t events) const {
  if (answer.status != 200) return aws::refused(answer);
  aws::NamedEntries entries(events);
  const auto each = [&](std::string_view list, auto take) {
    std::string_view left = aws::xml_element(answer.body, list);
    for (;;) {
      const std::string_view member = aws::xml_element(left, "member");
      if (member.empty()) return;
      take(aws::xml_element(member, "Id"), member);
      left.remove_prefix(static_cast<std::size_t>(member.data() + member.size() - left.data()));
    }
  };
  each("Successful", [&](std::string_view id, std::string_view) { entries.accept(id); });
  each("Failed", [&](std::string_view id, std::string_view member) {
    entries.fail(id, aws::xml_element(member, "Code"),
                 aws::xml_element(member, "SenderFault") == "true");
  });
  return std::move(entries).response();
}

/// `eu-central-1` of `arn:aws:sns:eu-central-1:123456789012:accounts`.
std::string region_of(std::string_view arn) {
  for (int part = 0; part < 3; ++part) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return "";
    arn.remove_prefix(colon + 1);
  }
  return std::string(arn.substr(0, arn.find(':')));
}

std::unique_ptr<Publisher> make_sns(const PublisherContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  const std::string& topic = options.text("topic_arn");
  const std::string region = options.is_given("region") ? options.text("region") : region_of(topic);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer = aws::make_authorizer(
      options, {.region = region, .service = "sns"}, context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return make_http_endpoint_publisher(
      "aws-sns", std::move(client),
      std::make_unique<SnsEndpoint>(aws::endpoint_of(options, region, "sns"), topic,
                                    line_format_of(options),
                                    aws::batch_limits(options, kEntriesMax, kBytesMax, kBytesMax)),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAwsSnsPublisher{
    .kind = "aws-sns",
    .help = "Sends events to an Amazon SNS topic, standard or FIFO.",
    .options = kAllOptions,
    .make = make_sns};

}  // namespace copybridge::publishers
