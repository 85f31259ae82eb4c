// Options and messages of the publisher nats.
#include "bridge/publishers/nats_publisher.h"

#include <algorithm>

#include "bridge/core/option_rules.h"
#include "bridge/publishers/cloudevents.h"
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

struct Settings {
  std::vector<std::string> servers;
  std::string subject;
  std::string credentials_file;
  std::string user;
  Secret password;
  Secret token;
  std::string ca_bundle;
  std::string client_certificate;
  std::string client_key;
  bool is_insecure = false;
  Milliseconds connect_timeout{};
  Milliseconds answer_timeout{};
  LineFormat format = LineFormat::body;
  Limits limits;
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

class NatsPublisher final : public Publisher {
 public:
  explicit NatsPublisher(Settings settings) : settings_(std::move(settings)) {}

  Result<void> open(CompletionPort port) override {
    port_ = port;
    if (const auto options = connection_options(settings_); !options) return pass_on(options);
    session_ = std::make_unique<AnsweredSession>(
        "nats",
        [this](AnsweredSession& session) {
          return std::make_unique<nats::Peer>(session,
                                              [this] { return connection_options(settings_); });
        },
        settings_.answer_timeout, port);
    return {};
  }
  Limits limits() const override { return settings_.limits; }
  std::size_t size_of(const Event& event) const override {
    std::size_t size = message_size(event, settings_.format);
    for (const auto& [name, value] : headers_of(event)) size += name.size() + value.size() + 4;
    return size;
  }
  void publish(Request request) override {
    const Event& event = *request.events.front();
    if (session_ == nullptr) {
      return port_.post({.number = request.number, .outcomes = {Outcome::retry}});
    }
    OutMessage message{settings_.subject, headers_of(event), {}};
    message.body = settings_.format == LineFormat::body ? std::string(event.body)
                                                        : message_text(event, settings_.format);
    session_->send(request.number, std::move(message));
  }
  Result<bool> renew_credentials() override {
    if (const auto options = connection_options(settings_); !options) return pass_on(options);
    if (session_ != nullptr) session_->reconnect();
    return true;
  }
  void close(Milliseconds limit) override {
    if (session_ != nullptr) session_->stop(limit);
    session_.reset();
  }

 private:
  /// The id by which a stream knows a repeat, and the attributes as the NATS binding of CloudEvents
  /// names them.
  std::vector<std::pair<std::string, std::string>> headers_of(const Event& event) const {
    const auto written = [](std::string_view value) {
      std::string text;
      append_header_value(text, value);
      return text;
    };
    std::vector<std::pair<std::string, std::string>> headers{
        {"Nats-Msg-Id", written(event.id)},
        {"Content-Type", std::string(settings_.format == LineFormat::body ? content_type_of(event)
                                                                          : kStructuredType)}};
    if (settings_.format != LineFormat::body) return headers;
    for_each_attribute(event, [&](const Attribute& attribute) {
      headers.emplace_back("ce-" + std::string(attribute.name), written(attribute.value));
    });
    return headers;
  }

  const Settings settings_;
  CompletionPort port_;
  std::unique_ptr<AnsweredSession> session_;
};

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
  Settings settings{.servers = options.list("servers"),
                    .subject = options.text("subject"),
                    .credentials_file = path("credentials_file"),
                    .user = options.text("user"),
                    .password = options.secret("password"),
                    .token = options.secret("token"),
                    .ca_bundle = path("ca_bundle"),
                    .client_certificate = path("client_certificate"),
                    .client_key = path("client_key"),
                    .is_insecure = options.boolean("insecure"),
                    .connect_timeout = Milliseconds(options.integer("connect_timeout_ms")),
                    .answer_timeout = Milliseconds(options.integer("answer_timeout_ms")),
                    .format = line_format_of(options),
                    .limits = {.event_bytes_max = size("event_bytes_max"),
                               .requests_in_flight = size("requests_in_flight")}};
  return std::make_unique<NatsPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kNatsPublisher{.kind = "nats",
                                   .help = "Sends events to a stream of NATS JetStream.",
                                   .options = kOptions,
                                   .make = make_nats};

}  // namespace copybridge::publishers
