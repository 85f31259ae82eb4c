// Options and messages of the publisher nats.
#include "bridge/publishers/nats_publisher.h"

#include <algorithm>

#include "bridge/core/option_rules.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/nats_peer.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "servers",
     .type = OptionType::text_list,
     .required = true,
     .help = "Servers, as nats://host:4222 or tls://host:4222, one or a list."},
    {.name = "subject",
     .type = OptionType::text,
     .required = true,
     .help = "Subject that a stream takes."},
    {.name = "credentials_file",
     .type = OptionType::text,
     .help = "File with the user's JWT and seed (.creds), relative to the bridge file."},
    {.name = "user", .type = OptionType::text, .help = "User name."},
    {.name = "password", .type = OptionType::secret, .help = "Password of the user."},
    {.name = "token", .type = OptionType::secret, .help = "Token instead of a user."},
    {.name = "ca_bundle",
     .type = OptionType::text,
     .help = "PEM file with the certificate authorities to trust, relative to the bridge file; "
             "TLS is then required."},
    {.name = "client_certificate",
     .type = OptionType::text,
     .help = "PEM file with the client's certificate for mutual TLS."},
    {.name = "client_key", .type = OptionType::text, .help = "PEM file with the client's key."},
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the server's certificate and allow credentials without TLS; for "
             "trials only."},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "1048576",
     .help = "Largest message that the server takes (its max_payload).",
     .min = 1024,
     .max = 67'108'864},
    {.name = "requests_in_flight",
     .type = OptionType::integer,
     .default_value = "256",
     .help = "Messages that wait for the stream's answer at the same time; events with the same "
             "key never overtake each other.",
     .min = 1,
     .max = 10'000},
    {.name = "connect_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Longest time to connect to one of the servers, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Longest time for the stream's answer, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    kMessageFormatOption};

/// `: ` and the line end.
constexpr std::size_t kHeaderSigns = 4;

struct Settings {
  std::vector<std::string> servers;
  std::string credentials_file;
  std::string user;
  Secret password;
  Secret token;
  std::string ca_bundle;
  std::string client_certificate;
  std::string client_key;
  bool is_insecure = false;
  Milliseconds connect_timeout{};
};

/// Reads secrets and certificates anew.
Result<nats::OptionsHandle> connection_options(const Settings& settings) {
  natsOptions* raw = nullptr;
  natsStatus status = natsOptions_Create(&raw);
  nats::OptionsHandle options(raw);
  const auto then = [&](auto call) {
    if (status == NATS_OK) status = call();
  };
  std::vector<const char*> servers;
  for (const std::string& server : settings.servers) servers.push_back(server.c_str());
  then([&] {
    return natsOptions_SetServers(raw, servers.data(), static_cast<int>(servers.size()));
  });
  then([&] { return natsOptions_SetName(raw, "copybridge"); });
  then([&] { return natsOptions_SetTimeout(raw, settings.connect_timeout.count()); });
  then([&] { return natsOptions_SetAllowReconnect(raw, false); });
  then([&] { return natsOptions_SetSendAsap(raw, true); });
  const Result<std::string> password = settings.password.resolve();
  if (!password) return pass_on(password);
  const Result<std::string> token = settings.token.resolve();
  if (!token) return pass_on(token);
  if (!settings.user.empty()) {
    then([&] { return natsOptions_SetUserInfo(raw, settings.user.c_str(), password->c_str()); });
  }
  if (!token->empty()) then([&] { return natsOptions_SetToken(raw, token->c_str()); });
  if (!settings.credentials_file.empty()) {
    then([&] {
      return natsOptions_SetUserCredentialsFromFiles(raw, settings.credentials_file.c_str(),
                                                     nullptr);
    });
  }
  if (!settings.ca_bundle.empty()) {
    then([&] { return natsOptions_SetSecure(raw, true); });
    then([&] { return natsOptions_LoadCATrustedCertificates(raw, settings.ca_bundle.c_str()); });
  }
  if (!settings.client_certificate.empty()) {
    then([&] {
      return natsOptions_LoadCertificatesChain(raw, settings.client_certificate.c_str(),
                                               settings.client_key.c_str());
    });
  }
  if (settings.is_insecure) then([&] { return natsOptions_SkipServerVerification(raw, true); });
  if (status != NATS_OK) {
    return fail(ErrorKind::config,
                std::string("nats: the connection's options: ") + natsStatus_GetText(status));
  }
  return options;
}

/// The id by which a stream knows a repeat, and the attributes as the NATS binding of CloudEvents
/// names them.
OutMessage::Headers headers_of(const Event& event, LineFormat format) {
  const auto written = [](std::string_view value) {
    std::string text;
    append_header_value(text, value);
    return text;
  };
  OutMessage::Headers headers{{"Nats-Msg-Id", written(event.id)}};
  if (format != LineFormat::body) return headers;
  for_each_attribute(event, [&](const Attribute& attribute) {
    headers.emplace_back("ce-" + std::string(attribute.name), written(attribute.value));
  });
  return headers;
}

/// Every server has TLS, is this machine, or nothing secret is sent.
void check_servers(const Options& options, Diagnostics& diagnostics) {
  const bool has_secret = !options.secret("password").is_empty() ||
                          !options.secret("token").is_empty() ||
                          options.is_given("credentials_file");
  const bool is_tls = options.is_given("ca_bundle");
  for (const std::string& server : options.list("servers")) {
    const std::size_t scheme = server.find("://");
    const std::string host = server.substr(scheme == std::string::npos ? 0 : scheme + 3);
    if (host.find('@') != std::string::npos) {
      diagnostics.error(options.where("servers"),
                        "'servers': user and password must not stand in the URL");
    }
    const bool is_local = host.starts_with("127.") || host.starts_with("localhost");
    if (has_secret && !is_tls && !is_local && !server.starts_with("tls://") &&
        !options.boolean("insecure")) {
      diagnostics.error(options.where("servers"),
                        "'servers': credentials would cross the network in the clear; use tls://");
    }
  }
}

void check_together(const Options& options, Diagnostics& diagnostics) {
  const auto needs = [&](std::string_view name, std::string_view other) {
    check_needs(options, name, other, diagnostics);
  };
  needs("user", "password");
  needs("password", "user");
  needs("client_certificate", "client_key");
  needs("client_key", "client_certificate");
  const std::string& subject = options.text("subject");
  if (subject.find_first_of(" \t*>") != std::string::npos) {
    diagnostics.error(options.where("subject"),
                      "'subject': blanks and wildcards cannot be sent to");
  }
}

std::unique_ptr<Publisher> make_nats(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  check_servers(options, diagnostics);
  check_together(options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto path = [&](std::string_view name) {
    const std::string& text = options.text(name);
    return text.empty() ? text : (context.directory / text).string();
  };
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  const auto settings = std::make_shared<const Settings>(
      Settings{.servers = options.list("servers"),
               .credentials_file = path("credentials_file"),
               .user = options.text("user"),
               .password = options.secret("password"),
               .token = options.secret("token"),
               .ca_bundle = path("ca_bundle"),
               .client_certificate = path("client_certificate"),
               .client_key = path("client_key"),
               .is_insecure = options.boolean("insecure"),
               .connect_timeout = Milliseconds(options.integer("connect_timeout_ms"))});
  return make_answered_publisher(
      {.kind = "nats",
       .address = options.text("subject"),
       .format = line_format_of(options),
       .limits = {.event_bytes_max = size("event_bytes_max"),
                  .requests_in_flight = size("requests_in_flight")},
       .answer_timeout = Milliseconds(options.integer("answer_timeout_ms")),
       .bytes_per_header = kHeaderSigns,
       .check = [settings]() -> Result<void> {
         if (const auto made = connection_options(*settings); !made) return pass_on(made);
         return {};
       },
       .make_peer =
           [settings](AnsweredSession& session) {
             return std::make_unique<nats::Peer>(
                 session, [settings] { return connection_options(*settings); });
           },
       .headers_of = [format = line_format_of(options)](
                         const Event& event) { return headers_of(event, format); }});
}

}  // namespace

const PublisherKind kNatsPublisher{.kind = "nats",
                                   .help = "Sends events to a stream of NATS JetStream.",
                                   .options = kOptions,
                                   .make = make_nats};

}  // namespace copybridge::publishers
