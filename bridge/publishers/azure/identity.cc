// Tokens and signatures.
#include "bridge/publishers/azure/identity.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "bridge/core/config.h"
#include "bridge/core/digest.h"
#include "bridge/core/environment.h"
#include "bridge/core/letters.h"
#include "bridge/core/percent.h"

namespace copybridge::publishers::azure {
namespace {

constexpr std::chrono::hours kSignatureLifetime{1};
constexpr std::string_view kStorageVersion = "2021-12-02";
constexpr std::string_view kMetadataHost = "http://169.254.169.254";

std::string given_or_variable(const Options& options, std::string_view name, const char* other) {
  return options.is_given(name) ? options.text(name) : variable(other);
}

std::string token_url(const Options& options) {
  return fmt::format("{}/{}/oauth2/v2.0/token", options.text("authority"),
                     given_or_variable(options, "tenant_id", "AZURE_TENANT_ID"));
}

/// The token file is rotated: it is read for each token.
http::TokenCall federated_token(const Options& options, const std::string& scope) {
  const std::string url = token_url(options);
  const std::string client = given_or_variable(options, "client_id", "AZURE_CLIENT_ID");
  return [=]() -> Result<http::Call> {
    const std::string path = variable("AZURE_FEDERATED_TOKEN_FILE");
    std::optional<std::string> assertion = read_file(path);
    if (!assertion) return fail(ErrorKind::config, "the token file " + path + " cannot be read");
    while (assertion->ends_with('\n')) assertion->pop_back();
    return http::form_post(url,
                           "grant_type=client_credentials&client_id=" + percent_encoded(client) +
                               "&client_assertion_type="
                               "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                               "&client_assertion=" +
                               percent_encoded(*assertion) + "&scope=" + percent_encoded(scope));
  };
}

/// App Service and Functions have an endpoint of their own in the environment.
http::TokenCall managed_identity(const Options& options, const std::string& resource) {
  return [client = options.text("client_id"), resource]() -> Result<http::Call> {
    const std::string own = variable("IDENTITY_ENDPOINT");
    const std::string header = variable("IDENTITY_HEADER");
    http::Call call;
    call.method = "GET";
    call.label = "the managed identity";
    call.is_local = true;
    const bool is_own = !own.empty() && !header.empty();
    call.url = is_own ? own + "?api-version=2019-08-01"
                      : std::string(kMetadataHost) +
                            "/metadata/identity/oauth2/token?api-version=2018-02-01";
    call.url += "&resource=" + percent_encoded(resource);
    if (!client.empty()) call.url += "&client_id=" + percent_encoded(client);
    call.headers = {is_own ? "X-IDENTITY-HEADER: " + header : "Metadata: true"};
    return call;
  };
}

void check(const Options& options, std::string_view option, Diagnostics& diagnostics) {
  const std::string& word = options.text(option);
  const auto needs = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) return;
    diagnostics.error(options.where(option),
                      fmt::format("'{}: {}' needs '{}'", option, word, name));
  };
  if (word == "key" && options.secret("key").is_empty()) needs("key", "");
  const bool is_entra = word == "entra" || word == "workload-identity";
  if (is_entra) {
    needs("tenant_id", given_or_variable(options, "tenant_id", "AZURE_TENANT_ID"));
    needs("client_id", given_or_variable(options, "client_id", "AZURE_CLIENT_ID"));
  }
  if (word == "entra" && options.secret("client_secret").is_empty()) needs("client_secret", "");
  if (word == "workload-identity") {
    needs("AZURE_FEDERATED_TOKEN_FILE", variable("AZURE_FEDERATED_TOKEN_FILE"));
  }
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::map<std::string, std::string> headers_of(const http::Call& call) {
  std::map<std::string, std::string> headers;
  for (const std::string& line : call.headers) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers[in_small_letters(line.substr(0, colon))] =
        trimmed(std::string_view(line).substr(std::min(colon + 1, line.size())));
  }
  return headers;
}

/// Path, then the query's parameters, sorted, each on a line.
std::string canonical_resource(const std::string& account, const http::Url& url) {
  std::string resource = "/" + account + url.path;
  std::map<std::string, std::string> parameters;
  std::istringstream query(url.query);
  for (std::string parameter; std::getline(query, parameter, '&');) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    parameters[in_small_letters(parameter.substr(0, equals))] =
        parameter.substr(std::min(equals + 1, parameter.size()));
  }
  for (const auto& [name, value] : parameters) {
    resource.append("\n").append(name).append(":").append(value);
  }
  return resource;
}

/// Made anew whenever one is asked for.
class Signatures final : public http::TokenSource {
 public:
  Signatures(std::string uri, std::string policy, const Secret& key, const Clock& clock)
      : uri_(std::move(uri)), policy_(std::move(policy)), key_(key), clock_(clock) {}

  Result<void> open(http::Client&) override {
    const Result<bool> read = renew();
    if (!read) return pass_on(read);
    return {};
  }
  void get(const Then& then) override {
    then(http::Token{service_bus_signature(uri_, policy_, key_.value(), clock_.wall_now()),
                     clock_.now() + kSignatureLifetime});
  }
  Result<bool> renew() override { return key_.renew(); }

 private:
  const std::string uri_;
  const std::string policy_;
  http::Key key_;
  const Clock& clock_;
};

}  // namespace

http::TokenCall entra_token_call(const Options& options, std::string_view name,
                                 const std::string& resource, Diagnostics& diagnostics) {
  check(options, name, diagnostics);
  const std::string& word = options.text(name);
  const std::string scope = resource + "/.default";
  if (word == "workload-identity") return federated_token(options, scope);
  if (word == "managed-identity") return managed_identity(options, resource);
  return http::client_credentials(token_url(options),
                                  given_or_variable(options, "client_id", "AZURE_CLIENT_ID"),
                                  options.secret("client_secret"), scope);
}

std::unique_ptr<http::Authorizer> make_authorizer(const Options& options,
                                                  const std::string& resource,
                                                  http::ReadKey read_key, http::UseKey use_key,
                                                  const Clock& clock, Diagnostics& diagnostics,
                                                  http::UseKey use_token) {
  if (options.text("credentials") != "key") {
    http::TokenCall ask = entra_token_call(options, "credentials", resource, diagnostics);
    if (diagnostics.has_errors()) return nullptr;
    if (!use_token) return http::make_bearer_authorizer(std::move(ask), clock);
    return http::make_token_authorizer(std::move(ask), std::move(use_token), clock);
  }
  check(options, "credentials", diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return http::make_key_authorizer(options.secret("key"), std::move(read_key), std::move(use_key),
                                   clock);
}

Claims make_claims(const Options& options, const std::string& resource, const std::string& uri,
                   const Clock& clock, Diagnostics& diagnostics) {
  if (options.text("credentials") != "key") {
    http::TokenCall ask = entra_token_call(options, "credentials", resource, diagnostics);
    if (diagnostics.has_errors()) return {};
    return {http::make_token_source(std::move(ask), clock), "jwt"};
  }
  check(options, "credentials", diagnostics);
  return {std::make_unique<Signatures>(uri, options.text("policy"), options.secret("key"), clock),
          "servicebus.windows.net:sastoken"};
}

std::string service_bus_signature(const std::string& uri, const std::string& policy,
                                  const std::string& key, WallTime now) {
  const std::string resource = percent_encoded(uri);
  const auto expiry = std::chrono::system_clock::to_time_t(now + kSignatureLifetime);
  const std::string signature = base64(hmac_sha256(key, resource + "\n" + std::to_string(expiry)));
  return fmt::format("SharedAccessSignature sr={}&sig={}&se={}&skn={}", resource,
                     percent_encoded(signature), expiry, policy);
}

std::string event_grid_signature(const std::string& resource, const std::string& key,
                                 WallTime now) {
  const std::string expiry =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(now + kSignatureLifetime)));
  const std::string text =
      fmt::format("r={}&e={}", percent_encoded(resource), percent_encoded(expiry));
  return text + "&s=" + percent_encoded(base64(hmac_sha256(key, text)));
}

std::string cosmos_signature(std::string_view method, std::string_view resource_type,
                             std::string_view resource, const std::string& date,
                             const std::string& key) {
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}\n\n", method, resource_type, resource, in_small_letters(date));
  return percent_encoded("type=master&ver=1.0&sig=" + base64(hmac_sha256(key, text)));
}

std::unique_ptr<http::Authorizer> make_storage_version(const Clock& clock) {
  return http::make_key_authorizer(
      Secret(),
      [](http::Call& call, const std::string&, WallTime) {
        call.headers.push_back(fmt::format("x-ms-version: {}", kStorageVersion));
      },
      clock);
}

std::string http_date(WallTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

void sign_shared_key(http::Call& call, const std::string& account, const std::string& key,
                     WallTime now) {
  const Result<http::Url> url = http::parse_url(call.url);
  if (!url) return;  // It cannot be sent either; libcurl says why.
  call.headers.push_back("x-ms-date: " + http_date(now));
  call.headers.push_back(fmt::format("x-ms-version: {}", kStorageVersion));
  const std::size_t size = http::body_of(call).size();
  const std::map<std::string, std::string> headers = headers_of(call);
  const auto value = [&](const char* name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  };
  std::string text = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}\n\n{}\n{}\n{}\n{}\n{}\n", call.method, value("content-encoding"),
      value("content-language"), size == 0 ? "" : std::to_string(size), value("content-md5"),
      value("content-type"), value("if-modified-since"), value("if-match"), value("if-none-match"),
      value("if-unmodified-since"), value("range"));
  for (const auto& [name, content] : headers) {
    if (name.starts_with("x-ms-")) text.append(name).append(":").append(content).append("\n");
  }
  text += canonical_resource(account, *url);
  call.headers.push_back(
      fmt::format("Authorization: SharedKey {}:{}", account, base64(hmac_sha256(key, text))));
}

}  // namespace copybridge::publishers::azure
