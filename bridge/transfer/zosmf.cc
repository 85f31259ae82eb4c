// Headers and resources of z/OSMF's REST interface.
#include "bridge/transfer/zosmf.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>

#include "bridge/core/percent.h"
#include "bridge/transfer/ftp.h"

namespace copybridge::transfer {
namespace {

constexpr std::array kZosmfOptions = {
    OptionSpec{.name = "url",
               .type = OptionType::text,
               .required = true,
               .help =
                   "z/OSMF: https://HOST, with :PORT where it is another one, and the path that "
                   "a gateway has before /zosmf."},
    OptionSpec{.name = "token",
               .type = OptionType::secret,
               .help = "JSON Web Token or pass ticket that is sent as a bearer token, in place of "
                       "user and password."},
    OptionSpec{.name = "migrated_recall",
               .type = OptionType::choice,
               .default_value = "wait",
               .help = "A migrated data set: wait holds the request until it is recalled, nowait "
                       "asks for the recall and tries again later, error leaves it.",
               .choices = "wait|nowait|error"},
};

constexpr std::size_t kReasonBytesMax = 200;

void check(const ZosmfServer& server, const Options& options, Diagnostics& diagnostics) {
  const std::string_view url = server.origin;
  const bool is_plain = url.starts_with("http://");
  if ((!is_plain && !url.starts_with("https://")) || url.find_first_of("@?# ") != url.npos ||
      !is_sendable(url)) {
    diagnostics.error(options.where("url"), "'url' must be https://HOST, without user or query");
  }
  if (is_plain && server.settings.verify) {
    diagnostics.error(options.where("url"), "credentials go over http only with 'insecure: yes'");
  }
  if (options.is_given("token") && (options.is_given("user") || options.is_given("password"))) {
    diagnostics.error(options.where("token"), "'token' and 'user' exclude each other");
  }
  if (!options.is_given("token") && !options.is_given("user") &&
      !options.is_given("client_certificate")) {
    diagnostics.error(options.where("url"), "z/OSMF needs 'user', 'token' or 'client_certificate'");
  }
}

}  // namespace

std::span<const OptionSpec> zosmf_options() { return kZosmfOptions; }

ZosmfServer read_zosmf(const std::filesystem::path& directory, const Options& options,
                       Diagnostics& diagnostics) {
  ZosmfServer server;
  server.origin = options.text("url");
  while (server.origin.ends_with('/')) server.origin.pop_back();
  server.settings = read_connection(directory, options);
  server.settings.protocols = "http,https";
  server.login = read_login(options);
  server.token = options.secret("token");
  server.recall = options.text("migrated_recall");
  server.is_record = options.text("recfm") == "zosmf";
  check(server, options, diagnostics);
  return server;
}

std::string ZosmfServer::resource_of(std::string_view name) const {
  const bool is_unix = name.starts_with('/');
  return (is_unix ? "/zosmf/restfiles/fs" : "/zosmf/restfiles/ds/") +
         percent_encoded(name, is_unix ? "/" : "()");
}

std::vector<std::string> ZosmfServer::data_headers(std::string_view name) const {
  const bool is_unix = name.starts_with('/');
  std::vector<std::string> headers = {std::string("X-IBM-Data-Type: ") +
                                      (is_record && !is_unix ? "record" : "binary")};
  if (!is_unix) headers.push_back("X-IBM-Migrated-Recall: " + recall);
  return headers;
}

Result<void> ZosmfServer::complete(Call& call) const {
  call.url = origin + call.url;
  // Any value will do: a form of another site cannot send one.
  call.headers.emplace_back("X-CSRF-ZOSMF-HEADER: copybridge");
  if (token.is_empty()) return {};
  const Result<std::string> text = token.resolve();
  if (!text) return fail(ErrorKind::peer_refused, text.error().message);
  if (!is_sendable(*text)) {
    return fail(ErrorKind::peer_refused, "zosmf: the token cannot stand in a header");
  }
  call.headers.push_back("Authorization: Bearer " + *text);
  return {};
}

Result<Credentials> ZosmfServer::credentials() const { return login.credentials(); }

std::string zosmf_reason(const Answer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  if (parser.parse(answer.body).get(json) != simdjson::SUCCESS) return {};
  std::string reason;
  std::int64_t number = 0;
  for (const char* name : {"category", "rc", "reason"}) {
    if (json[name].get(number) == simdjson::SUCCESS) reason += fmt::format(" {} {}", name, number);
  }
  std::string_view message;
  if (json["message"].get(message) == simdjson::SUCCESS) {
    reason += ": ";
    for (const char c : message.substr(0, kReasonBytesMax)) {
      reason += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return reason;
}

}  // namespace copybridge::transfer
