// Reading of the rows that HTTP's clients have in common.
#include "bridge/http/options.h"

#include "bridge/core/option_rules.h"
#include "bridge/http/credentials.h"

namespace copybridge::http {
namespace {

Version version_of(const std::string& word) {
  if (word == "no") return Version::http1;
  return word == "prior-knowledge" ? Version::http2 : Version::negotiate;
}

void check(const Options& options, Diagnostics& diagnostics) {
  const auto needs = [&](std::string_view name, std::string_view other) {
    check_needs(options, name, other, diagnostics);
  };
  needs("client_key", "client_certificate");
  needs("client_key_password", "client_certificate");
  needs("proxy_password", "proxy_user");
  needs("proxy_user", "proxy");
  if (!options.is_given("proxy")) return;
  const Result<Url> proxy = parse_url(options.text("proxy"));
  if (!proxy) {
    diagnostics.error(options.where("proxy"), "'proxy': " + proxy.error().message);
  } else if (proxy->has_user) {
    diagnostics.error(options.where("proxy"),
                      "'proxy': user and password must not stand in the URL",
                      "give them as proxy_user and proxy_password");
  }
}

}  // namespace

void check_endpoint(const Options& options, std::string_view name, Diagnostics& diagnostics) {
  if (!options.is_given(name)) return;
  CredentialSource::References references;
  references.has_token = true;
  references.insecure = options.boolean("insecure");
  const Result<Url> url = check_url(options.text(name), references);
  if (url) return;
  diagnostics.error(options.where(name), "'" + std::string(name) + "': " + url.error().message);
}

ClientSettings read_connection(const Options& options, const std::filesystem::path& directory,
                               Diagnostics& diagnostics) {
  check(options, diagnostics);
  const auto path = [&](std::string_view name) {
    const std::string& text = options.text(name);
    return text.empty() ? text : (directory / text).string();
  };
  const auto time = [&](std::string_view name) { return Milliseconds(options.integer(name)); };
  ClientSettings settings;
  settings.verify = !options.boolean("insecure");
  settings.version = version_of(options.text("http2"));
  settings.ca_bundle = path("ca_bundle");
  settings.client_certificate = path("client_certificate");
  settings.client_key = path("client_key");
  settings.client_key_password = options.secret("client_key_password");
  settings.proxy = options.text("proxy");
  settings.proxy_user = options.text("proxy_user");
  settings.proxy_password = options.secret("proxy_password");
  settings.no_proxy = options.text("no_proxy");
  settings.has_no_proxy = options.is_given("no_proxy");
  settings.interface = options.text("interface");
  settings.user_agent = options.text("user_agent");
  settings.connect_timeout = time("connect_timeout_ms");
  settings.first_byte_timeout = time("first_byte_timeout_ms");
  settings.total_timeout = time("total_timeout_ms");
  settings.response_bytes_max = static_cast<std::size_t>(options.integer("response_bytes_max"));
  return settings;
}

}  // namespace copybridge::http
