// Options and messages of the publisher mqtt.
#include "bridge/publishers/mqtt_publisher.h"

#include <algorithm>

#include "bridge/core/option_rules.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/mqtt_peer.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "servers",
     .type = OptionType::text_list,
     .required = true,
     .help = "Brokers, as mqtt://host:1883 or mqtts://host:8883, one or a list."},
    {.name = "topic", .type = OptionType::text, .required = true, .help = "Topic of the messages."},
    {.name = "client_id",
     .type = OptionType::text,
     .help = "Client identifier; without it copybridge- and the publisher's name."},
    {.name = "user", .type = OptionType::text, .help = "User name."},
    {.name = "password", .type = OptionType::secret, .help = "Password of the user."},
    {.name = "ca_bundle",
     .type = OptionType::text,
     .default_value = "/etc/ssl/certs/ca-certificates.crt",
     .help = "PEM file with the certificate authorities to trust, relative to the bridge file."},
    {.name = "client_certificate",
     .type = OptionType::text,
     .help = "PEM file with the client's certificate for mutual TLS."},
    {.name = "client_key", .type = OptionType::text, .help = "PEM file with the client's key."},
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the broker's certificate and allow a password without TLS; for "
             "trials only."},
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
    {.name = "connect_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Longest time to connect to one of the brokers, in milliseconds, rounded up to "
             "seconds.",
     .min = 1,
     .max = 3'600'000},
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Longest time for an acknowledgement, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    kMessageFormatOption};

/// Of a user property, beside name and value.
constexpr std::size_t kPropertySigns = 5;

struct Settings {
  mqtt::Connection connection;  ///< but for the password
  Secret password;
};

Result<mqtt::Connection> make_connection(const Settings& settings) {
  mqtt::Connection connection = settings.connection;
  const Result<std::string> password = settings.password.resolve();
  if (!password) return pass_on(password);
  connection.password = *password;
  return connection;
}

/// User properties as the MQTT binding of CloudEvents names them.
OutMessage::Headers headers_of(const Event& event, LineFormat format) {
  OutMessage::Headers headers;
  if (format != LineFormat::body) return headers;
  for_each_attribute(event, [&](const Attribute& attribute) {
    headers.emplace_back(attribute.name, attribute.value);
  });
  return headers;
}

/// As Paho names it; empty: another scheme.
std::string server_of(const std::string& url) {
  constexpr std::string_view kPlain = "mqtt://";
  constexpr std::string_view kTls = "mqtts://";
  if (url.starts_with(kPlain)) return "tcp://" + url.substr(kPlain.size());
  if (url.starts_with(kTls)) return "ssl://" + url.substr(kTls.size());
  return {};
}

std::vector<std::string> read_servers(const Options& options, Diagnostics& diagnostics) {
  std::vector<std::string> servers;
  for (const std::string& url : options.list("servers")) {
    servers.push_back(server_of(url));
    const std::string& server = servers.back();
    const std::string host = server.substr(std::min<std::size_t>(server.size(), 6));
    const bool is_local = host.starts_with("127.") || host.starts_with("localhost");
    if (server.empty() || host.find('@') != std::string::npos) {
      diagnostics.error(options.where("servers"),
                        "'servers': write mqtt://host:port or mqtts://host:port, user and password "
                        "elsewhere");
    } else if (server.starts_with("tcp://") && options.is_given("password") && !is_local &&
               !options.boolean("insecure")) {
      diagnostics.error(options.where("servers"),
                        "'servers': the password would cross the network in the clear; use "
                        "mqtts://");
    }
  }
  return servers;
}

void check_together(const Options& options, Diagnostics& diagnostics) {
  const auto needs = [&](std::string_view name, std::string_view other) {
    check_needs(options, name, other, diagnostics);
  };
  needs("password", "user");
  needs("client_certificate", "client_key");
  needs("client_key", "client_certificate");
  if (options.text("topic").find_first_of("+#") != std::string::npos) {
    diagnostics.error(options.where("topic"), "'topic': wildcards cannot be sent to");
  }
}

std::unique_ptr<Publisher> make_mqtt(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  std::vector<std::string> servers = read_servers(options, diagnostics);
  check_together(options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto path = [&](std::string_view name) {
    const std::string& text = options.text(name);
    return text.empty() ? text : (context.directory / text).string();
  };
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  mqtt::Connection connection{
      .servers = std::move(servers),
      .client_id =
          options.is_given("client_id") ? options.text("client_id") : "copybridge-" + context.name,
      .user = options.text("user"),
      .password = {},
      .ca_bundle = path("ca_bundle"),
      .client_certificate = path("client_certificate"),
      .client_key = path("client_key"),
      .verify = !options.boolean("insecure"),
      .retain = options.boolean("retain"),
      .connect_timeout = Milliseconds(options.integer("connect_timeout_ms")),
      .keep_alive_s = static_cast<int>(options.integer("keep_alive_s"))};
  const auto settings =
      std::make_shared<const Settings>(Settings{std::move(connection), options.secret("password")});
  return make_answered_publisher(
      {.kind = "mqtt",
       .address = options.text("topic"),
       .format = line_format_of(options),
       .limits = {.event_bytes_max = size("event_bytes_max"),
                  .requests_in_flight = size("requests_in_flight")},
       .answer_timeout = Milliseconds(options.integer("answer_timeout_ms")),
       .bytes_per_event = options.text("topic").size(),
       .bytes_per_header = kPropertySigns,
       .check = [settings]() -> Result<void> {
         if (const auto made = make_connection(*settings); !made) return pass_on(made);
         return {};
       },
       .make_peer =
           [settings](AnsweredSession& session) {
             return std::make_unique<mqtt::Peer>(session,
                                                 [settings] { return make_connection(*settings); });
           },
       .headers_of = [format = line_format_of(options)](
                         const Event& event) { return headers_of(event, format); }});
}

}  // namespace

const PublisherKind kMqttPublisher{.kind = "mqtt",
                                   .help = "Sends events to a topic of an MQTT 5 broker.",
                                   .options = kOptions,
                                   .make = make_mqtt};

}  // namespace copybridge::publishers
