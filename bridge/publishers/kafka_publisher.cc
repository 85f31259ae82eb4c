// Options of the publisher kafka.
#include "bridge/publishers/kafka_publisher.h"

#include <algorithm>

#include "bridge/publishers/kafka_sender.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "brokers",
     .type = OptionType::text_list,
     .required = true,
     .help = "Brokers to begin with, as host:port, one or a list."},
    {.name = "topic", .type = OptionType::text, .required = true, .help = "Topic to publish to."},
    {.name = "mode",
     .type = OptionType::choice,
     .default_value = "binary",
     .help = "Form of a message: binary = the event's JSON body, CloudEvents attributes in "
             "headers; structured = the whole event as CloudEvents JSON.",
     .choices = "binary|structured"},
    {.name = "delivery_timeout_ms",
     .type = OptionType::integer,
     .default_value = "30000",
     .help = "Longest time in milliseconds without any acknowledgement while events wait; then "
             "they are handed back and tried again.",
     .min = 100,
     .max = 3'600'000},
    {.name = "properties",
     .type = OptionType::text_map,
     .help = "Properties of librdkafka (security.protocol, sasl.*, ssl.*, compression.type, "
             "linger.ms, …); passwords as ${env:NAME} or ${file:PATH}."}};

class KafkaPublisher : public Publisher {
 public:
  KafkaPublisher(KafkaSettings settings, const PublisherContext& context)
      : has_secrets_(std::ranges::any_of(
            settings.properties,
            [](const auto& property) { return Secret::is_reference(property.second); })),
        sender_(std::move(settings), context.name, context.log) {}

  Result<void> open(CompletionPort port) override { return sender_.start(port); }
  Limits limits() const override {
    return {.events_per_request = 1000,
            .bytes_per_request = 4'000'000,
            .requests_in_flight = 16,
            .keeps_order = true};
  }
  void publish(Request request) override { sender_.send(std::move(request)); }
  // The producer that follows a refusal reads them by itself.
  Result<bool> renew_credentials() override { return has_secrets_; }
  void close(Milliseconds limit) override { sender_.stop(limit); }

 private:
  const bool has_secrets_;
  KafkaSender sender_;
};

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

void check(const Options& options, Diagnostics& diagnostics) {
  for (const ConfigMember& member : options.node("properties").members) {
    const std::string mistake = mistake_of_property(member.key, member.value.scalar);
    if (!mistake.empty()) {
      diagnostics.error(member.where, "'properties': '" + member.key + "' " + mistake);
    }
  }
  if (options.is_given("brokers") && join(options.list("brokers")).empty()) {
    diagnostics.error(options.where("brokers"), "'brokers' names no broker");
  }
  const std::string& topic = options.text("topic");
  const bool is_name = !topic.empty() && topic.size() <= 249 && topic != "." && topic != ".." &&
                       topic.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                           "YZ0123456789._-") == std::string::npos;
  if (options.is_given("topic") && !is_name) {
    diagnostics.error(options.where("topic"), "'topic' is not a name that Kafka takes",
                      "up to 249 letters, digits, '.', '_' and '-'");
  }
}

std::unique_ptr<Publisher> make_kafka(const PublisherContext& context, const Options& options,
                                      Diagnostics& diagnostics) {
  check(options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return std::make_unique<KafkaPublisher>(
      KafkaSettings{.brokers = join(options.list("brokers")),
                    .topic = options.text("topic"),
                    .is_structured = options.text("mode") == "structured",
                    .delivery_timeout = Milliseconds(options.integer("delivery_timeout_ms")),
                    .properties = options.map("properties")},
      context);
}

}  // namespace

const PublisherKind kKafkaPublisher{
    .kind = "kafka",
    .help = "Produces events to a Kafka topic with an idempotent producer.",
    .options = kOptions,
    .make = make_kafka};

}  // namespace copybridge::publishers
