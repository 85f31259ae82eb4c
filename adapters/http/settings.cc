// The adapter's options and the checks that a table cannot make.
#include "adapters/http/settings.h"

#include <string_view>

#include "adapters/described_by.h"
#include "bridge/core/letters.h"
#include "bridge/core/option_rules.h"
#include "bridge/sockets/listener.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters::http {
namespace {

constexpr std::int64_t kWaitMaxMs = 3'600'000;

constexpr OptionSpec kFirstOptions[] = {
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
};

constexpr OptionSpec kOtherOptions[] = {
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

constexpr auto kOwnOptions = join_options(kFirstOptions, sockets::kServerTlsOptions, kOtherOptions);

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
  server.listen = sockets::read_listen(options, diagnostics);
  server.paths = options.list("paths");
  check_paths(server.paths, options, diagnostics);
  server.tls = sockets::read_server_tls(context.directory, options, diagnostics);
  server.access = {options.secret("bearer_token"), options.text("user"),
                   options.secret("password")};
  check_needs(options, "user", "password", diagnostics);
  check_needs(options, "password", "user", diagnostics);
  sockets::check_exposure(server.listen, server.tls, !server.access.is_open(),
                          "give 'certificate' and 'client_ca', 'bearer_token' or 'user'; or "
                          "'insecure: yes'",
                          options, diagnostics);
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
