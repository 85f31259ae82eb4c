// Options of the publisher kafka.
#include "bridge/publishers/kafka_publisher.h"

#include <algorithm>
#include <array>

#include "bridge/http/options.h"
#include "bridge/kafka/client.h"
#include "bridge/kafka/login_options.h"
#include "bridge/kafka/presets.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/kafka_sender.h"
#include "bridge/publishers/kafka_transactions.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kIdMax = 100;

/// What the publisher's promises rest on.
constexpr std::array<std::string_view, 14> kOwnProperties = {"acks",
                                                             "bootstrap.servers",
                                                             "delivery.timeout.ms",
                                                             "enable.gapless.guarantee",
                                                             "enable.idempotence",
                                                             "message.send.max.retries",
                                                             "message.timeout.ms",
                                                             "metadata.broker.list",
                                                             "plugin.library.paths",
                                                             "queuing.strategy",
                                                             "request.required.acks",
                                                             "retries",
                                                             "transactional.id",
                                                             "transaction.timeout.ms"};

constexpr OptionSpec kOwnOptions[] = {
    kafka::kBrokersOption,
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
    {.name = "transactional_id",
     .type = OptionType::text,
     .help = "Exactly once: events go in transactions, and what a restart sends again is not "
             "produced a second time (docs/delivery.md). The id is this, '-' and the publisher's "
             "name; no other bridge may use it."},
    {.name = "state_topic",
     .type = OptionType::text,
     .help = "Compacted topic of one partition that says what has been committed; made where it "
             "is not there. Without: copybridge-ledger- and the id."},
    kafka::kPresetOption,
    kafka::kPropertiesOption};

constexpr auto kOptions = join_options(kOwnOptions, kafka::kRegistryOptions, kafka::kTokenOptions,
                                       http::kConnectionOptions);

/// The producer that follows a refusal reads them by itself.
bool has_secrets(const KafkaSettings& settings) {
  if (settings.login != nullptr || settings.registry != nullptr) return true;
  return std::ranges::any_of(settings.properties, [](const auto& property) {
    return Secret::is_reference(property.second);
  });
}

/// The largest message that librdkafka takes.
std::size_t message_bytes_max(const KafkaSettings& settings) {
  constexpr std::int64_t kUsual = 1'000'000;
  std::int64_t bytes = kUsual;
  for (const auto& [name, value] : settings.properties) {
    const bool is_it = name == "message.max.bytes" || name == "max.message.bytes";
    if (is_it && !parse_integer(value, bytes)) bytes = kUsual;  // It says so itself.
  }
  return static_cast<std::size_t>(bytes);
}

/// What librdkafka counts of events.
class Sizes {
 public:
  explicit Sizes(const KafkaSettings& settings)
      : bytes_max_(message_bytes_max(settings)),
        is_structured_(settings.is_structured),
        prefix_(settings.registry == nullptr ? 0 : kafka::kPrefixSize),
        values_(settings.is_structured, settings.avro.get()) {}

  /// At the most; roughly where that is far below the limit.
  std::size_t of(const Event& event) {
    constexpr std::size_t kOverhead = 36;  // Of a record in format 2.
    constexpr std::size_t kOfAHeader = 16;
    if (event.body.size() < values_.small_body(bytes_max_ / 2)) return prefix_ + text_size(event);
    std::size_t bytes = prefix_ + kOverhead + event.key.size() + kOfAHeader +
                        kStructuredType.size() + values_.size_of(event);
    if (is_structured_) return bytes;
    for_each_attribute(event, [&](const Attribute& attribute) {
      bytes += kOfAHeader + attribute.name.size() + attribute.value.size();
    });
    return bytes;
  }

 private:
  const std::size_t bytes_max_;
  const bool is_structured_;
  const std::size_t prefix_;
  KafkaValues values_;
};

/// Of a transaction: its entry in the ledger is one message, and names each of them.
std::size_t transaction_events_max(std::size_t bytes_max) {
  constexpr std::size_t kEventsMax = 5000;
  constexpr std::size_t kBesideValue = 400;  // The key, and what a record has around it.
  const std::size_t room = bytes_max - std::min(bytes_max, kBesideValue);
  return std::clamp<std::size_t>(room / IdLedger::kHashBytes, 1, kEventsMax);
}

Limits sender_limits(std::size_t bytes_max) {
  return {.events_per_request = 1000,
          .bytes_per_request = 4'000'000,
          .event_bytes_max = bytes_max,
          .requests_in_flight = 16,
          .keeps_order = true};
}

/// One transaction after the other: many events share the costs of one.
Limits transaction_limits(std::size_t bytes_max) {
  return {.events_per_request = transaction_events_max(bytes_max),
          .bytes_per_request = 8'000'000,
          .event_bytes_max = bytes_max,
          .keeps_order = true,
          .remembers_ids = true};
}

/// `Sender`: KafkaSender or KafkaTransactions.
template <typename Sender>
class KafkaPublisher : public Publisher {
 public:
  KafkaPublisher(KafkaSettings settings, const Limits& limits, const PublisherContext& context)
      : has_secrets_(has_secrets(settings)),
        limits_(limits),
        sizes_(settings),
        registry_(settings.registry),
        sender_(std::move(settings), context.name, context.log) {}

  Result<void> open(CompletionPort port) override {
    if (registry_ != nullptr) {
      if (Result<void> opened = registry_->open(); !opened) return opened;
    }
    return sender_.start(port);
  }
  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override { return sizes_.of(event); }
  void publish(Request request) override { sender_.send(std::move(request)); }
  Result<bool> renew_credentials() override { return has_secrets_; }
  void close(Milliseconds limit) override {
    // Its thread may wait for the registry.
    if (registry_ != nullptr) registry_->close();
    sender_.stop(limit);
  }

 private:
  const bool has_secrets_;
  const Limits limits_;
  mutable Sizes sizes_;  ///< used by the pipeline's thread, as size_of() is
  const std::shared_ptr<kafka::SchemaRegistry> registry_;
  Sender sender_;
};

void check(const Options& options, Diagnostics& diagnostics) {
  kafka::check_client(options, kOwnProperties, diagnostics);
  kafka::check_preset(options, diagnostics);
  kafka::check_name(options, "topic", kafka::kTopicNameMax, diagnostics);
  kafka::check_name(options, "state_topic", kafka::kTopicNameMax, diagnostics);
  // The ledger's topic has it in its name.
  kafka::check_name(options, "transactional_id", kIdMax, diagnostics);
  if (options.is_given("transactional_id") && !kafka::has_transactions(options)) {
    diagnostics.error(options.where("transactional_id"),
                      "'transactional_id': Event Hubs has no transactions");
  }
  if (options.is_given("state_topic") && !options.is_given("transactional_id")) {
    diagnostics.error(options.where("state_topic"),
                      "'state_topic' says nothing without 'transactional_id'");
  }
  if (options.is_given("schema_registry") && options.text("mode") == "structured") {
    diagnostics.error(options.where("mode"),
                      "'mode: structured' and 'schema_registry' exclude each other",
                      "the schema is that of the body alone");
  }
}

KafkaSettings settings_of(const PublisherContext& context, const Options& options,
                          std::shared_ptr<kafka::Login> login) {
  KafkaSettings settings{.brokers = kafka::brokers_of(options),
                         .topic = options.text("topic"),
                         .is_structured = options.text("mode") == "structured",
                         .delivery_timeout = Milliseconds(options.integer("delivery_timeout_ms")),
                         .properties = kafka::properties_of(options),
                         .interface = options.text("interface"),
                         .login = std::move(login),
                         .stores_positions = context.stores_positions};
  if (!options.is_given("transactional_id")) return settings;
  settings.transactional_id = options.text("transactional_id") + "-" + context.name;
  settings.state_topic = options.is_given("state_topic")
                             ? options.text("state_topic")
                             : "copybridge-ledger-" + settings.transactional_id;
  return settings;
}

std::unique_ptr<Publisher> make_kafka(const PublisherContext& context, const Options& options,
                                      Diagnostics& diagnostics) {
  check(options, diagnostics);
  auto login = kafka::make_login(options, context.directory, context.clock, diagnostics);
  auto registry =
      kafka::make_registry(options, context.directory, context.schema.text, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  KafkaSettings settings = settings_of(context, options, std::move(login));
  settings.registry = std::move(registry);
  settings.avro = context.schema.avro;
  const std::size_t bytes_max = message_bytes_max(settings);
  if (settings.transactional_id.empty()) {
    return std::make_unique<KafkaPublisher<KafkaSender>>(std::move(settings),
                                                         sender_limits(bytes_max), context);
  }
  return std::make_unique<KafkaPublisher<KafkaTransactions>>(
      std::move(settings), transaction_limits(bytes_max), context);
}

}  // namespace

const PublisherKind kKafkaPublisher{
    .kind = "kafka",
    .help =
        "Produces events to a Kafka topic with an idempotent "
        "producer, or exactly once in transactions.",
    .options = kOptions,
    .make = make_kafka,
    .is_exactly_once = [](const Options& options) { return options.is_given("transactional_id"); },
    .stores_positions = true,
    .schema_need = [](const Options& options) -> SchemaNeed {
      if (!options.is_given("schema_registry")) return {};
      return {"schema_registry", kafka::wants_avro(options), options.text("schema_namespace")};
    }};

}  // namespace copybridge::publishers
