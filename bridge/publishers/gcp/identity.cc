// Assertions of service accounts (RFC 7523), exchange of federated tokens (RFC 8693), metadata.
#include "bridge/publishers/gcp/identity.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "bridge/core/config.h"
#include "bridge/core/digest.h"
#include "bridge/core/environment.h"
#include "bridge/core/log.h"
#include "bridge/core/percent.h"
#include "bridge/http/json.h"
#include "bridge/http/key_authorizer.h"
#include "bridge/http/oauth2.h"

namespace copybridge::publishers::gcp {
namespace {

constexpr std::chrono::seconds kAssertionLifetime{3600};
constexpr std::string_view kTokenUrl = "https://oauth2.googleapis.com/token";
constexpr std::string_view kMetadataHost = "metadata.google.internal";

Result<std::string> read_text(const std::string& path) {
  std::optional<std::string> text = read_file(path);
  if (!text) return fail(ErrorKind::config, "the credentials " + path + " cannot be read");
  return std::move(*text);
}

/// What a member of the file says; `otherwise` where it does not.
std::string said(const std::string& file, std::string_view pointer,
                 std::string_view otherwise = {}) {
  return http::json_text(file, pointer).value_or(std::string(otherwise));
}

/// A JWT signed with the account's key.
Result<http::Call> ask_as_account(const std::string& file, const std::string& scope, WallTime now) {
  const std::string url = said(file, "/token_uri", kTokenUrl);
  const auto issued = std::chrono::system_clock::to_time_t(now);
  std::string header = R"({"alg":"RS256","typ":"JWT","kid":)";
  append_json_string(header, said(file, "/private_key_id"));
  header += '}';
  std::string claims = R"({"iss":)";
  append_json_string(claims, said(file, "/client_email"));
  claims += R"(,"scope":)";
  append_json_string(claims, scope);
  claims += R"(,"aud":)";
  append_json_string(claims, url);
  claims += fmt::format(R"(,"iat":{},"exp":{}}})", issued, issued + kAssertionLifetime.count());
  const std::string text = base64_url(header) + "." + base64_url(claims);
  const Result<std::string> signature = sign_rs256(said(file, "/private_key"), text);
  if (!signature) return pass_on(signature);
  return http::form_post(
      url, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + text +
               "." + base64_url(*signature));
}

/// A token of another provider, from the file or URL that the federation names; a file is all that
/// is supported.
Result<std::string> subject_token(const std::string& file) {
  const std::string path = said(file, "/credential_source/file");
  if (path.empty()) {
    return fail(ErrorKind::config,
                "the workload identity's credential_source is none of the kind file");
  }
  Result<std::string> text = read_text(path);
  if (!text) return text;
  while (text->ends_with('\n')) text->pop_back();
  if (said(file, "/credential_source/format/type", "text") != "json") return text;
  const std::string member = said(file, "/credential_source/format/subject_token_field_name");
  return said(*text, "/" + member);
}

Result<http::Call> ask_as_federated(const std::string& file, const std::string& scope) {
  const Result<std::string> token = subject_token(file);
  if (!token) return pass_on(token);
  const bool is_impersonating =
      http::json_text(file, "/service_account_impersonation_url").has_value();
  return http::form_post(
      said(file, "/token_url", "https://sts.googleapis.com/v1/token"),
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
      "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&audience=" +
          percent_encoded(said(file, "/audience")) +
          "&subject_token_type=" + percent_encoded(said(file, "/subject_token_type")) +
          "&subject_token=" + percent_encoded(*token) + "&scope=" +
          percent_encoded(is_impersonating ? "https://www.googleapis.com/auth/cloud-platform"
                                           : scope));
}

Result<http::Call> ask_with_file(const std::string& path, const std::string& scope, WallTime now) {
  const Result<std::string> file = read_text(path);
  if (!file) return pass_on(file);
  const std::string type = said(*file, "/type");
  if (type == "service_account") return ask_as_account(*file, scope, now);
  if (type == "external_account") return ask_as_federated(*file, scope);
  return fail(ErrorKind::config,
              "the credentials " + path + " are of no type service_account or external_account");
}

/// Where the file asks for it, the federated token is changed for a service account's.
http::ExchangeCall impersonation(const std::string& path, const std::string& scope) {
  const Result<std::string> file = read_text(path);
  const std::string url = file ? said(*file, "/service_account_impersonation_url") : "";
  if (url.empty()) return {};
  return [url, scope](const std::string& token) -> Result<http::Call> {
    http::Call call;
    call.url = url;
    call.label = "the impersonation";
    call.headers = {"Content-Type: application/json", "Authorization: Bearer " + token};
    call.body = R"({"scope":[)";
    append_json_string(call.body, scope);
    call.body += "]}";
    return call;
  };
}

Result<http::Call> ask_metadata() {
  const std::string host = variable("GCE_METADATA_HOST");
  http::Call call;
  call.method = "GET";
  call.label = "the metadata service";
  call.is_local = true;
  call.url = fmt::format("http://{}/computeMetadata/v1/instance/service-accounts/default/token",
                         host.empty() ? kMetadataHost : host);
  call.headers = {"Metadata-Flavor: Google"};
  return call;
}

}  // namespace

std::unique_ptr<http::Authorizer> make_authorizer(const Options& options,
                                                  const std::filesystem::path& directory,
                                                  const std::string& scope, const Clock& clock,
                                                  Diagnostics& diagnostics) {
  const std::string& word = options.text("credentials");
  if (word == "metadata") return http::make_bearer_authorizer(ask_metadata, clock);
  if (word == "none")
    return http::make_key_authorizer(
        Secret(), [](auto&&...) {}, clock);
  const std::string path = options.is_given("credentials_file")
                               ? (directory / options.text("credentials_file")).string()
                               : variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (path.empty()) {
    diagnostics.error(options.where("credentials_file"),
                      "'credentials: file' needs 'credentials_file'");
    return nullptr;
  }
  return http::make_bearer_authorizer(
      [path, scope, &clock] { return ask_with_file(path, scope, clock.wall_now()); },
      impersonation(path, scope), clock);
}

}  // namespace copybridge::publishers::gcp
