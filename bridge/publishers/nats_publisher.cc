// Options and messages of the publisher nats.
#include "bridge/publishers/nats_publisher.h"

#include <algorithm>

#include "bridge/broker/access.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/nats_peer.h"

namespace copybridge::publishers {
namespace {

constexpr broker::Protocol kProtocol{"nats", "nats", "tls", 4222, 4222};

constexpr OptionSpec kOptions[] = {
    {.name = "subject",
     .type = OptionType::text,
     .required = true,
     .help = "Subject that a stream takes."},
    {.name = "credentials_file",
     .type = OptionType::text,
     .help = "File with the user's JWT and seed (.creds), relative to the bridge file."},
    {.name = "token", .type = OptionType::secret, .help = "Token instead of a user."},
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
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Longest time for the stream's answer, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    kMessageFormatOption};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> all = broker::with_access(kOptions);
  return all;
}

/// `: ` and the line end.
constexpr std::size_t kHeaderSigns = 4;

struct Settings {
  broker::Access access;
  std::string credentials_file;
  Secret token;
};

/// As the library reads it.
std::string url_of(const broker::Server& server) {
  return std::string(server.has_tls ? kProtocol.tls_scheme : kProtocol.scheme) + "://" +
         server.address();
}

/// Reads secrets and certificates anew.
Result<nats::OptionsHandle> connection_options(const Settings& settings) {
  natsOptions* raw = nullptr;
  natsStatus status = natsOptions_Create(&raw);
  nats::OptionsHandle options(raw);
  const auto then = [&](auto call) {
    if (status == NATS_OK) status = call();
  };
  const broker::Access& access = settings.access;
  std::vector<std::string> urls;
  std::ranges::transform(access.servers, std::back_inserter(urls), url_of);
  std::vector<const char*> servers;
  servers.reserve(urls.size());
  for (const std::string& url : urls) servers.push_back(url.c_str());
  then([&] {
    return natsOptions_SetServers(raw, servers.data(), static_cast<int>(servers.size()));
  });
  then([&] { return natsOptions_SetName(raw, "copybridge"); });
  then([&] { return natsOptions_SetTimeout(raw, access.connect_timeout.count()); });
  then([&] { return natsOptions_SetAllowReconnect(raw, false); });
  then([&] { return natsOptions_SetSendAsap(raw, true); });
  const Result<std::string> password = access.password.resolve();
  if (!password) return pass_on(password);
  const Result<std::string> token = settings.token.resolve();
  if (!token) return pass_on(token);
  if (!access.user.empty()) {
    then([&] { return natsOptions_SetUserInfo(raw, access.user.c_str(), password->c_str()); });
  }
  if (!token->empty()) then([&] { return natsOptions_SetToken(raw, token->c_str()); });
  if (!settings.credentials_file.empty()) {
    then([&] {
      return natsOptions_SetUserCredentialsFromFiles(raw, settings.credentials_file.c_str(),
                                                     nullptr);
    });
  }
  if (!access.ca_bundle.empty()) {
    then([&] { return natsOptions_LoadCATrustedCertificates(raw, access.ca_bundle.c_str()); });
  }
  if (!access.client_certificate.empty()) {
    then([&] {
      return natsOptions_LoadCertificatesChain(raw, access.client_certificate.c_str(),
                                               access.client_key.c_str());
    });
  }
  if (access.is_insecure) then([&] { return natsOptions_SkipServerVerification(raw, true); });
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
  for_each_trace_field(event, [&](const Attribute& field) {
    headers.emplace_back(field.name, std::string(field.value));
  });
  if (format != LineFormat::body) return headers;
  for_each_attribute(event, [&](const Attribute& attribute) {
    headers.emplace_back("ce-" + std::string(attribute.name), written(attribute.value));
  });
  return headers;
}

void check_together(const broker::Access& access, const Options& options,
                    Diagnostics& diagnostics) {
  for (const std::string_view name : {"token", "credentials_file"}) {
    if (options.is_given(name)) broker::check_secret(access, name, options, diagnostics);
  }
  if (options.is_given("client_key_password")) {
    diagnostics.error(options.where("client_key_password"),
                      "'client_key_password': the client library of NATS takes keys without a "
                      "password only");
  }
  if (options.text("subject").find_first_of(" \t*>") != std::string::npos) {
    diagnostics.error(options.where("subject"),
                      "'subject': blanks and wildcards cannot be sent to");
  }
}

std::unique_ptr<Publisher> make_nats(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  broker::Access access = broker::read_access(context.directory, options, kProtocol, diagnostics);
  check_together(access, options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const std::string& credentials = options.text("credentials_file");
  const auto settings = std::make_shared<const Settings>(
      Settings{.access = std::move(access),
               .credentials_file =
                   credentials.empty() ? credentials : (context.directory / credentials).string(),
               .token = options.secret("token")});
  return make_answered_publisher({.kind = "nats",
                                  .address = options.text("subject"),
                                  .bytes_per_header = kHeaderSigns,
                                  .check = [settings]() -> Result<void> {
                                    if (const auto made = connection_options(*settings); !made)
                                      return pass_on(made);
                                    return {};
                                  },
                                  .make_peer =
                                      [settings](AnsweredSession& session) {
                                        return std::make_unique<nats::Peer>(session, [settings] {
                                          return connection_options(*settings);
                                        });
                                      },
                                  .headers_of = headers_of},
                                 options);
}

}  // namespace

const PublisherKind kNatsPublisher{.kind = "nats",
                                   .help = "Sends events to a stream of NATS JetStream.",
                                   .options = all_options(),
                                   .make = make_nats};

}  // namespace copybridge::publishers
