// Options and messages of the publisher mqtt.
#include "bridge/publishers/mqtt_publisher.h"

#include <algorithm>

#include "bridge/broker/access.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/mqtt_peer.h"

namespace copybridge::publishers {
namespace {

constexpr broker::Protocol kProtocol{"mqtt", "mqtt", "mqtts", 1883, 8883};
/// What Paho trusts has to be named.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

constexpr OptionSpec kOptions[] = {
    {.name = "topic", .type = OptionType::text, .required = true, .help = "Topic of the messages."},
    {.name = "client_id",
     .type = OptionType::text,
     .help = "Client identifier; without it copybridge- and the publisher's name."},
    {.name = "retain",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: the broker keeps the last message for who subscribes later."},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "131072",
     .help = "Largest message that the broker takes: 131072 (AWS IoT), 524288 (Event Grid), more "
             "elsewhere.",
     .min = 1024,
     .max = 268'435'455},
    {.name = "requests_in_flight",
     .type = OptionType::integer,
     .default_value = "20",
     .help = "Messages that wait for the broker's acknowledgement at the same time, no more than "
             "its Receive Maximum; events with the same key never overtake each other.",
     .min = 1,
     .max = 65'535},
    {.name = "keep_alive_s",
     .type = OptionType::integer,
     .default_value = "30",
     .help = "Longest silence before a ping, in seconds.",
     .min = 1,
     .max = 65'535},
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Longest time for an acknowledgement, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    kMessageFormatOption};
constexpr auto kOwnOptions = join_options(kOptions, sockets::kEgressOptions);

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> all = broker::with_access(kOwnOptions);
  return all;
}

/// Of a user property, beside name and value.
constexpr std::size_t kPropertySigns = 5;

struct Settings {
  mqtt::Connection connection;  ///< but for the secrets
  Secret password;
  Secret key_password;
};

Result<mqtt::Connection> make_connection(const Settings& settings) {
  mqtt::Connection connection = settings.connection;
  const Result<std::string> password = settings.password.resolve();
  if (!password) return pass_on(password);
  connection.password = *password;
  const Result<std::string> key_password = settings.key_password.resolve();
  if (!key_password) return pass_on(key_password);
  connection.client_key_password = *key_password;
  return connection;
}

/// User properties as the MQTT binding of CloudEvents names them; the trace's have the same names
/// there.
OutMessage::Headers headers_of(const Event& event, LineFormat format) {
  OutMessage::Headers headers;
  if (format != LineFormat::body) {
    for_each_trace_field(
        event, [&](const Attribute& field) { headers.emplace_back(field.name, field.value); });
    return headers;
  }
  for_each_attribute(event, [&](const Attribute& attribute) {
    headers.emplace_back(attribute.name, attribute.value);
  });
  return headers;
}

/// As Paho names it.
std::string url_of(const broker::Server& server) {
  return (server.has_tls ? "ssl://" : "tcp://") + server.address();
}

std::unique_ptr<Publisher> make_mqtt(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  const broker::Access access =
      broker::read_access(context.directory, options, kProtocol, diagnostics);
  const sockets::Egress egress = sockets::read_egress(options, diagnostics);
  if (options.text("topic").find_first_of("+#") != std::string::npos) {
    diagnostics.error(options.where("topic"), "'topic': wildcards cannot be sent to");
  }
  if (diagnostics.has_errors()) return nullptr;
  mqtt::Connection connection{
      .servers = {},
      .client_id =
          options.is_given("client_id") ? options.text("client_id") : "copybridge-" + context.name,
      .user = access.user,
      .password = {},
      .ca_bundle = access.ca_bundle.empty() ? kSystemAuthorities : access.ca_bundle,
      .client_certificate = access.client_certificate,
      .client_key = access.client_key,
      .client_key_password = {},
      .egress = egress,
      .verify = !access.is_insecure,
      .retain = options.boolean("retain"),
      .connect_timeout = access.connect_timeout,
      .keep_alive_s = static_cast<int>(options.integer("keep_alive_s"))};
  std::ranges::transform(access.servers, std::back_inserter(connection.servers), url_of);
  const auto settings = std::make_shared<const Settings>(
      Settings{std::move(connection), access.password, access.client_key_password});
  return make_answered_publisher({.kind = "mqtt",
                                  .address = options.text("topic"),
                                  .bytes_per_event = options.text("topic").size(),
                                  .bytes_per_header = kPropertySigns,
                                  .check = [settings]() -> Result<void> {
                                    if (const auto made = make_connection(*settings); !made)
                                      return pass_on(made);
                                    return {};
                                  },
                                  .make_peer =
                                      [settings](AnsweredSession& session) {
                                        return std::make_unique<mqtt::Peer>(session, [settings] {
                                          return make_connection(*settings);
                                        });
                                      },
                                  .headers_of = headers_of},
                                 options);
}

}  // namespace

const PublisherKind kMqttPublisher{.kind = "mqtt",
                                   .help = "Sends events to a topic of an MQTT 5 broker.",
                                   .options = all_options(),
                                   .make = make_mqtt};

}  // namespace copybridge::publishers
