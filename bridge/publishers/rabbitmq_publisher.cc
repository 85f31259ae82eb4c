// Options and messages of the publisher rabbitmq.
#include "bridge/publishers/rabbitmq_publisher.h"

#include <array>

#include "bridge/core/digest.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/rabbitmq_peer.h"

namespace copybridge::publishers {
namespace {

constexpr broker::Protocol kProtocol{"rabbitmq", "amqp", "amqps", 5672, 5671};

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "virtual_host", .default_value = "/", .help = "The virtual host."},
    OptionSpec{.name = "exchange",
               .help = "The exchange; without it the default one, whose routing keys are names of "
                       "queues."},
    OptionSpec{.name = "routing_key", .help = "The routing key of every message."},
    OptionSpec{.name = "route_by",
               .type = OptionType::choice,
               .default_value = "routing-key",
               .help = "What the routing key is: that of the option routing_key, or the event's "
                       "key, type or subject.",
               .choices = "routing-key|key|type|subject"},
    OptionSpec{.name = "mandatory",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "yes: a message that no queue takes is not accepted; no: the broker drops "
                       "it."},
    OptionSpec{.name = "persistent",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether the broker has to keep messages over a restart."},
    OptionSpec{.name = "heartbeat_s",
               .type = OptionType::integer,
               .default_value = "30",
               .help = "Longest silence of either side, in seconds; 0: for ever.",
               .max = 3600},
    OptionSpec{.name = "event_bytes_max",
               .type = OptionType::integer,
               .default_value = "16777216",
               .help = "Largest message that the broker takes (its max_message_size).",
               .min = 1024,
               .max = 536'870'912},
    OptionSpec{.name = "requests_in_flight",
               .type = OptionType::integer,
               .default_value = "256",
               .help = "Messages that wait for the broker's confirm at the same time; events with "
                       "the same key never overtake each other.",
               .min = 1,
               .max = 10'000},
    OptionSpec{.name = "answer_timeout_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "Longest time for a confirm, in milliseconds.",
               .min = 100,
               .max = 3'600'000},
    kMessageFormatOption};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = broker::with_access(kOwnOptions);
  return options;
}

/// A short string of AMQP 0-9-1.
constexpr std::size_t kShortMax = 255;
/// Of a header: the length of its name, a type and a length, and the prefix.
constexpr std::size_t kHeaderSigns = 6;
/// As the AMQP binding of CloudEvents names them where JMS has to ask for them: RabbitMQ makes
/// application properties of AMQP 1.0 of headers.
constexpr std::string_view kAttributePrefix = "cloudEvents_";

OutMessage::Headers headers_of(const Event& event, LineFormat format) {
  OutMessage::Headers headers;
  headers.emplace_back(rabbitmq::kMessageId, event.id.size() <= kShortMax ? std::string(event.id)
                                                                          : hex(sha256(event.id)));
  if (event.type.size() <= kShortMax) headers.emplace_back(rabbitmq::kType, event.type);
  for_each_trace_field(
      event, [&](const Attribute& field) { headers.emplace_back(field.name, field.value); });
  if (format != LineFormat::body) return headers;
  for_each_attribute(event, [&](const Attribute& attribute) {
    headers.emplace_back(std::string(kAttributePrefix).append(attribute.name), attribute.value);
  });
  return headers;
}

/// The part of an event that is the routing key; null: a text of its own.
std::string_view Event::*routing_part(const Options& options) {
  const std::string& word = options.text("route_by");
  if (word == "key") return &Event::key;
  if (word == "type") return &Event::type;
  return word == "subject" ? &Event::subject : nullptr;
}

void check_address(const Options& options, Diagnostics& diagnostics) {
  const bool is_fixed = options.text("route_by") == "routing-key";
  if (!is_fixed && options.is_given("routing_key")) {
    diagnostics.error(options.where("routing_key"),
                      "'routing_key' and 'route_by' are for different messages");
  }
  if (is_fixed && options.text("exchange").empty() && options.text("routing_key").empty()) {
    diagnostics.error(options.where("exchange"),
                      "'routing_key' must name a queue, or 'exchange' an exchange");
  }
  for (const std::string_view name : {"exchange", "routing_key", "virtual_host"}) {
    if (options.text(name).size() <= kShortMax) continue;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) + "' has at most 255 characters");
  }
}

Result<void> check_secrets(const broker::Access& access) {
  if (const auto password = access.password.resolve(); !password) return pass_on(password);
  if (const auto password = access.client_key_password.resolve(); !password)
    return pass_on(password);
  return {};
}

std::unique_ptr<Publisher> make_rabbitmq(const PublisherContext& context, const Options& options,
                                         Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  rabbitmq::PeerSettings settings;
  settings.access = broker::read_access(context.directory, options, kProtocol, diagnostics);
  check_address(options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  settings.virtual_host = options.text("virtual_host");
  settings.exchange = options.text("exchange");
  settings.is_mandatory = options.boolean("mandatory");
  settings.is_persistent = options.boolean("persistent");
  settings.heartbeat_s = static_cast<int>(options.integer("heartbeat_s"));
  const auto part = routing_part(options);
  // With a routing key of its own an event may be at fault itself.
  if (part != nullptr) settings.unroutable = Outcome::doubtful;
  AnsweredBroker made{.kind = "rabbitmq",
                      .address = options.text("routing_key"),
                      .bytes_per_event = 0,
                      .bytes_per_header = kHeaderSigns,
                      .check = [access = settings.access] { return check_secrets(access); },
                      .make_peer =
                          [settings](AnsweredSession& session) {
                            return std::make_unique<rabbitmq::Peer>(session, settings);
                          },
                      .headers_of = headers_of};
  if (part != nullptr)
    made.address_of = [part](const Event& event) { return std::string(event.*part); };
  return make_answered_publisher(std::move(made), options);
}

}  // namespace

const PublisherKind kRabbitMqPublisher = {
    "rabbitmq",
    "Sends events to an exchange of RabbitMQ by AMQP 0-9-1; accepted once the broker has confirmed "
    "them.",
    all_options(), make_rabbitmq};

}  // namespace copybridge::publishers
