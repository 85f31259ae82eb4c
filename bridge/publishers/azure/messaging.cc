// Azure Service Bus and Event Hubs: options, and the REST operations "Send Message Batch" and "Send
// batch events".
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/azure/messaging_amqp.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kIdMax = 128;
/// What the JSON around a message takes, its property names included.
constexpr std::size_t kEnvelope = 400;
constexpr std::string_view kBatchContentType = "application/vnd.microsoft.servicebus.json";

constexpr OptionSpec kCommonOptions[] = {
    {.name = "namespace",
     .type = OptionType::text,
     .required = true,
     .help = "Namespace, as contoso or contoso.servicebus.windows.net."},
    {.name = "transport",
     .type = OptionType::choice,
     .default_value = "https",
     .help = "https = REST; amqp = AMQP 1.0 with TLS to port 5671, one connection on which many "
             "requests may wait, and messages of more than 1 MB where the tier has them; "
             "amqp-websockets = the same in a WebSocket to port 443.",
     .choices = "https|amqp|amqp-websockets"},
    {.name = "policy",
     .type = OptionType::text,
     .default_value = "RootManageSharedAccessKey",
     .help = "Shared access policy that `key` belongs to; its right has to be Send."},
    {.name = "endpoint",
     .type = OptionType::text,
     .help = "URL of the namespace where it is another: a private endpoint, a local server; with "
             "transport: amqp amqps://host:port, with amqp-websockets wss://host:port."},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "100",
     .help = "Most messages of one request.",
     .min = 1,
     .max = 10'000},
    kMessageFormatOption,
    http::kRequestsInFlightOption};

constexpr OptionSpec kServiceBusOptions[] = {
    {.name = "entity",
     .type = OptionType::text,
     .required = true,
     .help = "Name of the queue or topic."},
    {.name = "sessions",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: the event's key is the SessionId, which an entity with sessions wants and keeps "
             "in order; no: it is the PartitionKey."},
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "262144",
     .help =
         "Largest message, and largest request, that the tier takes: 262144 (Standard), 1048576 "
         "(Premium).",
     .min = 1024,
     .max = 104'857'600}};

constexpr OptionSpec kEventHubsOptions[] = {
    {.name = "hub", .type = OptionType::text, .required = true, .help = "Name of the event hub."},
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "1048576",
     .help = "Largest event, and largest request, that the tier takes: 262144 (Basic), 1048576.",
     .min = 1024,
     .max = 20'971'520}};

constexpr auto kAllServiceBusOptions = join_options(
    kCommonOptions, kServiceBusOptions, azure::kIdentityOptions, http::kConnectionOptions);
constexpr auto kAllEventHubsOptions = join_options(
    kCommonOptions, kEventHubsOptions, azure::kIdentityOptions, http::kConnectionOptions);

/// Where a message says what.
enum class Service : std::uint8_t { queue, session_queue, hub };

/// MessageId, SessionId and PartitionKey have 128 characters at most.
std::string short_id(std::string_view text) {
  return text.size() <= kIdMax ? std::string(text) : hex(sha256(text));
}

class MessagingEndpoint final : public HttpEndpoint {
 public:
  MessagingEndpoint(std::string base, Service service, LineFormat format, Limits limits)
      : base_(std::move(base)), service_(service), format_(format), limits_(limits) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    std::string body;
    append_json_string(body, body_text(event));
    return kEnvelope + body.size() + text_size(event) - event.body.size() + event.type.size() +
           event.source.size();
  }
  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override;

 private:
  [[nodiscard]] std::string body_text(const Event& event) const {
    const bool is_empty = event.is_reference && format_ == LineFormat::body;
    return is_empty ? std::string() : message_text(event, format_);
  }
  void append_message(std::string& out, const Event& event) const;

  const std::string base_;
  const Service service_;
  const LineFormat format_;
  const Limits limits_;
};

http::Call MessagingEndpoint::form(std::span<const Event* const> events) const {
  http::Call call;
  call.label = base_;
  call.url = base_ + "/messages?api-version=2014-01";
  call.headers.push_back(fmt::format("Content-Type: {}", kBatchContentType));
  const std::string_view key = events.front()->key;
  if (service_ == Service::hub && !key.empty()) {
    std::string properties = R"({"PartitionKey":)";
    append_json_string(properties, short_id(key));
    call.headers.push_back("BrokerProperties: " + properties + "}");
  }
  for (const Event* event : events) {
    call.body += call.body.empty() ? '[' : ',';
    append_message(call.body, *event);
  }
  call.body += ']';
  return call;
}

/// Properties as the AMQP binding of CloudEvents names them: that is what a receiver sees.
void MessagingEndpoint::append_message(std::string& out, const Event& event) const {
  out += R"({"Body":)";
  append_json_string(out, body_text(event));
  if (service_ != Service::hub) {
    out += R"(,"BrokerProperties":{"MessageId":)";
    append_json_string(out, short_id(event.id));
    if (!event.key.empty()) {
      out += service_ == Service::session_queue ? R"(,"SessionId":)" : R"(,"PartitionKey":)";
      append_json_string(out, short_id(event.key));
    }
    if (!event.subject.empty()) {
      out += R"(,"Label":)";
      append_json_string(out, event.subject);
    }
    out += '}';
  }
  std::string_view separator = R"(,"UserProperties":{)";
  const auto add = [&](const std::string& name, std::string_view value) {
    out += separator;
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
    separator = ",";
  };
  if (format_ == LineFormat::body) {
    for_each_attribute(event, [&](const Attribute& attribute) {
      add("cloudEvents:" + std::string(attribute.name), attribute.value);
    });
  }
  for_each_trace_field(event,
                       [&](const Attribute& field) { add(std::string(field.name), field.value); });
  if (separator == ",") out += '}';
  out += '}';
}

/// 403 is also the answer to a queue that is full and to a message that is too large.
Response MessagingEndpoint::read(const http::Answer& answer, std::size_t) const {
  const auto says = [&](std::string_view words) {
    return std::search(answer.body.begin(), answer.body.end(), words.begin(), words.end(),
                       [](char left, char right) { return (left | 0x20) == (right | 0x20); }) !=
           answer.body.end();
  };
  Outcome outcome = classify_http(answer.status, answer.retry_after);
  if (outcome == Outcome::accepted) return {.outcomes = {outcome}};
  const bool is_limit = answer.status == 403 || answer.status == 400;
  if (is_limit && (says("MessageSizeExceeded") || says("exceeds the limit"))) {
    return refuse(Outcome::doubtful, answer, "too large");
  }
  if (answer.status == 403 && says("quota")) {
    return refuse(Outcome::throttled, answer, "quota exceeded");
  }
  if (answer.status >= 500 && (says("server busy") || says("50009") || says("ServerBusy"))) {
    return refuse(Outcome::throttled, answer, "server busy");
  }
  return refuse(outcome, answer);
}

std::string host_of(const Options& options) {
  const std::string& name = options.text("namespace");
  const bool is_whole = name.find('.') != std::string::npos;
  return name + (is_whole ? "" : ".servicebus.windows.net");
}

std::string base_of(const Options& options) {
  if (!options.is_given("endpoint")) return "https://" + host_of(options);
  std::string base = options.text("endpoint");
  while (base.ends_with('/')) base.pop_back();
  return base;
}

Limits limits_of(const Options& options) {
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  return {.events_per_request = size("batch_events_max"),
          .bytes_per_request = size("message_bytes_max"),
          .event_bytes_max = size("message_bytes_max"),
          .requests_in_flight = size("requests_in_flight"),
          .has_one_key = true};
}

/// Of AMQP: its server, and the TLS that the client's options say.
broker::Access access_of(const Options& options, const http::ClientSettings& client,
                         Diagnostics& diagnostics) {
  constexpr broker::Protocol kPlain{"amqp", "amqp", "amqps", 5672, 5671};
  constexpr broker::Protocol kWebSocket{"amqp", "ws", "wss", 80, 443};
  const std::string& transport = options.text("transport");
  const broker::Protocol& protocol = transport == "amqp" ? kPlain : kWebSocket;
  broker::Access access;
  const Result<broker::Server> server = broker::parse_server(
      options.is_given("endpoint") ? options.text("endpoint")
                                   : std::string(protocol.tls_scheme) + "://" + host_of(options),
      protocol);
  if (server) {
    access.servers.push_back(*server);
  } else {
    diagnostics.error(options.where("endpoint"),
                      "'endpoint' is not one of 'transport: " + transport + "'",
                      server.error().message);
  }
  access.ca_bundle = client.ca_bundle;
  access.client_certificate = client.client_certificate;
  access.client_key = client.client_key.empty() ? client.client_certificate : client.client_key;
  access.client_key_password = client.client_key_password;
  access.is_insecure = !client.verify;
  access.connect_timeout = client.connect_timeout;
  if (server && !server->has_tls && !server->is_loopback() && client.verify) {
    diagnostics.error(
        options.where("endpoint"),
        "'endpoint': credentials would be sent in the clear to another machine",
        "use " + std::string(protocol.tls_scheme) + ", or 'insecure: yes' for trials");
  }
  return access;
}

std::unique_ptr<Publisher> make_amqp(Service service, const std::string& entity,
                                     const std::string& resource, const PublisherContext& context,
                                     const Options& options, Diagnostics& diagnostics) {
  constexpr Milliseconds kHeartbeat{60'000};
  const std::string& transport = options.text("transport");
  // Other credentials are fetched over HTTP.
  if (options.text("credentials") == "key" && options.is_given("http2")) {
    diagnostics.error(options.where("http2"),
                      "'http2' says nothing with 'transport: " + transport + "'");
  }
  azure::AmqpSettings settings;
  settings.token_client = http::read_connection(options, context.directory, diagnostics);
  settings.client.access = access_of(options, settings.token_client, diagnostics);
  settings.client.egress = sockets::read_egress_or_environment(options, diagnostics);
  settings.client.mechanism = "ANONYMOUS";
  settings.client.container_id = copybridge::amqp::made_up_container_id(context.name);
  settings.client.virtual_host = host_of(options);
  if (transport == "amqp-websockets") settings.client.web_socket_path = "/$servicebus/websocket";
  settings.client.heartbeat = kHeartbeat;
  settings.client.address = entity;
  settings.client.sends_batches = true;
  settings.audience = "sb://" + host_of(options) + "/" + entity;
  settings.claims =
      azure::make_claims(options, resource, settings.audience, context.clock, diagnostics);
  settings.has_sessions = service == Service::session_queue;
  settings.format = line_format_of(options);
  settings.limits = limits_of(options);
  settings.timeout = settings.token_client.total_timeout;
  if (diagnostics.has_errors()) return nullptr;
  return azure::make_amqp_publisher(std::move(settings), context.clock);
}

std::unique_ptr<Publisher> make_messaging(std::string_view kind, Service service,
                                          const std::string& entity, const std::string& resource,
                                          const PublisherContext& context, const Options& options,
                                          Diagnostics& diagnostics) {
  if (options.text("transport") != "https") {
    return make_amqp(service, entity, resource, context, options, diagnostics);
  }
  const std::string base = base_of(options) + "/" + percent_encoded(entity, "/");
  http::check_endpoint(options, "endpoint", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer = azure::make_authorizer(
      options, resource, {},
      [base, policy = options.text("policy")](http::Call& call, const std::string& key,
                                              WallTime now) {
        call.headers.push_back("Authorization: " +
                               azure::service_bus_signature(base, policy, key, now));
      },
      context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return make_http_endpoint_publisher(
      kind, std::move(client),
      std::make_unique<MessagingEndpoint>(base, service, line_format_of(options),
                                          limits_of(options)),
      std::move(authorizer));
}

std::unique_ptr<Publisher> make_service_bus(const PublisherContext& context, const Options& options,
                                            Diagnostics& diagnostics) {
  const Service service = options.boolean("sessions") ? Service::session_queue : Service::queue;
  return make_messaging("azure-service-bus", service, options.text("entity"),
                        "https://servicebus.azure.net", context, options, diagnostics);
}

std::unique_ptr<Publisher> make_event_hubs(const PublisherContext& context, const Options& options,
                                           Diagnostics& diagnostics) {
  return make_messaging("azure-event-hubs", Service::hub, options.text("hub"),
                        "https://eventhubs.azure.net", context, options, diagnostics);
}

}  // namespace

const PublisherKind kAzureServiceBusPublisher{
    .kind = "azure-service-bus",
    .help = "Sends events to a queue or topic of Azure Service Bus, over REST or AMQP 1.0.",
    .options = kAllServiceBusOptions,
    .make = make_service_bus};

const PublisherKind kAzureEventHubsPublisher{
    .kind = "azure-event-hubs",
    .help =
        "Sends events to Azure Event Hubs, over REST or AMQP "
        "1.0.",
    .options = kAllEventHubsOptions,
    .make = make_event_hubs};

}  // namespace copybridge::publishers
