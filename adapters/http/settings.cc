// The adapter's options and the checks that a table cannot make.
#include "adapters/http/settings.h"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <string_view>

#include "adapters/described_by.h"
#include "bridge/core/letters.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters::http {
namespace {

constexpr std::int64_t kWaitMaxMs = 3'600'000;

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "listen",
               .required = true,
               .help = "Address and port to listen on, `127.0.0.1:8080` or `[::1]:8080`; port 0 "
                       "takes any free one."},
    OptionSpec{.name = "paths",
               .type = OptionType::text_list,
               .default_value = "/",
               .help = "Paths that are posted to; all others are answered 404."},
    OptionSpec{.name = "answer",
               .type = OptionType::choice,
               .default_value = "stored",
               .help = "When a request is answered: stored says 202 when its records are on the "
                       "disk, in the spool; delivered says 200 when every destination has them.",
               .choices = "stored|delivered"},
    OptionSpec{.name = "certificate",
               .help = "File with the listener's certificate and its chain (PEM): connections are "
                       "then TLS 1.2 or later. It is read again when it changes."},
    OptionSpec{.name = "private_key", .help = "File with its key (PEM)."},
    OptionSpec{
        .name = "private_key_password", .type = OptionType::secret, .help = "Password of the key."},
    OptionSpec{.name = "client_ca",
               .help = "File with the authorities (PEM) of which clients must show a certificate."},
    OptionSpec{.name = "client_names",
               .type = OptionType::text_list,
               .help = "Common or DNS names in certificates of clients that are let in; without it "
                       "all that client_ca vouches for."},
    OptionSpec{.name = "bearer_token",
               .type = OptionType::secret,
               .help = "Tokens that are let in, one a line."},
    OptionSpec{.name = "user", .help = "User of Basic authentication."},
    OptionSpec{.name = "password", .type = OptionType::secret, .help = "Its password."},
    OptionSpec{.name = "insecure",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Allows an address that other machines reach without TLS, or without "
                       "anything that says who they are."},
    OptionSpec{.name = "headers",
               .type = OptionType::text_list,
               .help = "Headers of requests that become attributes, `http-` and their names."},
    OptionSpec{.name = "records_in_body",
               .type = OptionType::choice,
               .default_value = "one",
               .help = "Of bodies that are application/octet-stream: one is a record; framed has "
                       "recfm and its options say how records lie in it.",
               .choices = "one|framed"},
    OptionSpec{.name = "described_by",
               .type = OptionType::text_list,
               .help = "Mapping files, from the bridge file's folder, that tell how records lie in "
                       "a body; with records_in_body framed."},
    OptionSpec{.name = "body_bytes_max",
               .type = OptionType::integer,
               .default_value = "4194304",
               .help = "Largest body; larger ones are answered 413.",
               .min = 1,
               .max = 256 << 20},
    OptionSpec{.name = "waiting_bytes_max",
               .type = OptionType::integer,
               .default_value = "67108864",
               .help = "Bytes of bodies that may wait for their answer; beyond it requests are "
                       "answered 503.",
               .min = 1},
    OptionSpec{.name = "connections_max",
               .type = OptionType::integer,
               .default_value = "1000",
               .help = "Connections at a time; requests on further ones are answered 503.",
               .min = 1,
               .max = 100'000},
    OptionSpec{.name = "idle_ms",
               .type = OptionType::integer,
               .default_value = "60000",
               .help = "How long a connection waits for a request, until all of it is there.",
               .min = 100,
               .max = kWaitMaxMs},
    OptionSpec{.name = "answer_limit_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "After so long without a confirmation a request is answered 503; its "
                       "records may still be taken.",
               .min = 100,
               .max = kWaitMaxMs},
    OptionSpec{.name = "retry_after_s",
               .type = OptionType::integer,
               .default_value = "5",
               .help = "Retry-After of answers with 503.",
               .max = 86'400},
    OptionSpec{.name = "repeats_max",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "So many of the latest requests with an Idempotency-Key, or with one "
                       "CloudEvent, are known: a repeat is answered what the first one was.",
               .max = 10'000'000},
    OptionSpec{.name = "batch_records_max",
               .type = OptionType::integer,
               .default_value = "1000",
               .help = "Most records that are read as one batch.",
               .min = 1,
               .max = 1'000'000},
};

/// Splits `HOST:PORT` and `[HOST]:PORT`.
bool read_listen(const std::string& text, ServerSettings& server) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::int64_t port = 0;
  if (!parse_integer(text.substr(colon + 1), port) || port < 0 || port > 65535) return false;
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  server.address = host;
  server.port = static_cast<std::uint16_t>(port);
  return !error;
}

std::string file_of(const AdapterContext& context, const Options& options, std::string_view name) {
  return options.is_given(name) ? (context.directory / options.text(name)).string() : std::string();
}

void check_pair(const Options& options, std::string_view one, std::string_view other,
                Diagnostics& diagnostics) {
  if (!options.is_given(one) || options.is_given(other)) return;
  diagnostics.error(options.where(one),
                    "'" + std::string(one) + "' needs '" + std::string(other) + "'");
}

void read_tls(const AdapterContext& context, const Options& options, TlsSettings& tls,
              Diagnostics& diagnostics) {
  tls.certificate = file_of(context, options, "certificate");
  tls.private_key = file_of(context, options, "private_key");
  tls.private_key_password = options.secret("private_key_password");
  tls.client_ca = file_of(context, options, "client_ca");
  tls.client_names = options.list("client_names");
  check_pair(options, "certificate", "private_key", diagnostics);
  check_pair(options, "private_key", "certificate", diagnostics);
  check_pair(options, "private_key_password", "private_key", diagnostics);
  check_pair(options, "client_ca", "certificate", diagnostics);
  check_pair(options, "client_names", "client_ca", diagnostics);
}

void check_exposure(const ServerSettings& server, const Options& options,
                    Diagnostics& diagnostics) {
  if (options.boolean("insecure")) return;
  boost::system::error_code error;
  if (boost::asio::ip::make_address(server.address, error).is_loopback()) return;
  const bool asks_who = !server.access.is_open() || !server.tls.client_ca.empty();
  if (server.tls.is_on() && asks_who) return;
  diagnostics.error(
      options.where("listen"),
      "other machines reach this address, and " +
          std::string(server.tls.is_on() ? "nothing says who they are" : "there is no TLS"),
      "give 'certificate' and 'client_ca', 'bearer_token' or 'user'; or 'insecure: "
      "yes'");
}

std::vector<std::string> small(std::vector<std::string> names) {
  for (std::string& name : names) name = in_small_letters(std::move(name));
  return names;
}

void check_paths(const std::vector<std::string>& paths, const Options& options,
                 Diagnostics& diagnostics) {
  for (const std::string& path : paths) {
    if (path.starts_with('/') && path.find_first_of("?# ") == std::string::npos) continue;
    diagnostics.error(options.where("paths"),
                      "'" + path + "' is not a path: it begins with a slash and has no query");
  }
}

}  // namespace

std::span<const OptionSpec> source_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(kOwnOptions);
  return options;
}

bool answers_when_delivered(const Options& options) {
  return options.text("answer") == "delivered";
}

SourceSettings read_source(const AdapterContext& context, const Options& options,
                           Diagnostics& diagnostics) {
  SourceSettings settings;
  ServerSettings& server = settings.server;
  server.name = context.name;
  const bool is_address = read_listen(options.text("listen"), server);
  if (!is_address) {
    diagnostics.error(options.where("listen"),
                      "'listen' is an IP address and a port, 127.0.0.1:8080 or [::1]:8080");
  }
  server.paths = options.list("paths");
  check_paths(server.paths, options, diagnostics);
  read_tls(context, options, server.tls, diagnostics);
  server.access = {options.secret("bearer_token"), options.text("user"),
                   options.secret("password")};
  check_pair(options, "user", "password", diagnostics);
  check_pair(options, "password", "user", diagnostics);
  if (is_address) check_exposure(server, options, diagnostics);
  server.body_bytes_max = static_cast<std::uint64_t>(options.integer("body_bytes_max"));
  server.waiting_bytes_max = static_cast<std::uint64_t>(options.integer("waiting_bytes_max"));
  server.connections_max = static_cast<std::size_t>(options.integer("connections_max"));
  server.idle = Milliseconds(options.integer("idle_ms"));
  server.answer_limit = Milliseconds(options.integer("answer_limit_ms"));
  server.retry_after_s = options.integer("retry_after_s");
  settings.answers_when_delivered = answers_when_delivered(options);
  settings.framing =
      read_message_framing(context.directory, options, "records_in_body", diagnostics);
  settings.header_names = small(options.list("headers"));
  settings.batch_records_max = static_cast<std::size_t>(options.integer("batch_records_max"));
  settings.repeats_max = static_cast<std::size_t>(options.integer("repeats_max"));
  return settings;
}

}  // namespace copybridge::adapters::http
