// Options, requests and answers of the publisher http.
#include "bridge/publishers/http_publisher.h"

#include <algorithm>
#include <array>

#include "bridge/core/letters.h"
#include "bridge/core/option_rules.h"
#include "bridge/http/credentials.h"
#include "bridge/http/oauth2.h"
#include "bridge/http/options.h"
#include "bridge/http/webhook_signature.h"
#include "bridge/publishers/web_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "url",
     .type = OptionType::text,
     .required = true,
     .help = "Where to send, http:// or https://; a URL that holds a key is given whole as "
             "${env:NAME} or ${file:PATH}."},
    {.name = "method",
     .type = OptionType::choice,
     .default_value = "POST",
     .help = "Method of the requests.",
     .choices = "POST|PUT"},
    {.name = "headers",
     .type = OptionType::text_map,
     .help = "Further headers; a value that is a key or token must be ${env:NAME} or "
             "${file:PATH}."},
    {.name = "bearer",
     .type = OptionType::secret,
     .help = "Token of the header Authorization: Bearer; read again when the endpoint refuses."},
    {.name = "user", .type = OptionType::text, .help = "User name of basic authentication."},
    {.name = "password",
     .type = OptionType::secret,
     .help = "Password of basic authentication; read again when the endpoint refuses."},
    {.name = "token_url",
     .type = OptionType::text,
     .help = "Where OAuth2 tokens are given for client credentials (RFC 6749); they are fetched "
             "again before they end."},
    {.name = "client_id", .type = OptionType::text, .help = "Client at the token_url."},
    {.name = "client_secret", .type = OptionType::secret, .help = "Secret of the client."},
    {.name = "scope", .type = OptionType::text, .help = "Scopes of the tokens, blank separated."},
    {.name = "webhook_secret",
     .type = OptionType::secret,
     .help =
         "Key of the headers webhook-id, webhook-timestamp and webhook-signature (Standard "
         "Webhooks, HMAC-SHA-256 over id, time and body); whsec_ and Base64, or the key itself."}};

/// With what every client of HTTP has.
constexpr auto kAllOptions =
    join_options(kOptions, kFormOptions, kAnswerOptions, http::kConnectionOptions);

/// Of RFC 9110's `token`, beside letters and digits.
constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [&](char character) {
    const bool is_letter =
        (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    const bool is_digit = character >= '0' && character <= '9';
    return is_letter || is_digit || kTokenPunctuation.find(character) != std::string_view::npos;
  });
}

/// Headers that the publisher sets.
constexpr std::array<std::string_view, 9> kOwnHeaders = {
    "content-type", "content-length", "transfer-encoding", "connection",       "idempotency-key",
    "expect",       "webhook-id",     "webhook-timestamp", "webhook-signature"};

/// Headers whose values are never harmless.
constexpr std::array<std::string_view, 9> kSecretHeaders = {"authorization",
                                                            "proxy-authorization",
                                                            "cookie",
                                                            "x-api-key",
                                                            "api-key",
                                                            "x-functions-key",
                                                            "aeg-sas-key",
                                                            "aeg-sas-token",
                                                            "ocp-apim-subscription-key"};

/// Why a configured header cannot be; empty where it can.
std::string mistake_of_header(const std::string& given_name, const std::string& value) {
  const std::string name = in_small_letters(given_name);
  if (!is_token(name)) return "is not the name of a header";
  if (std::ranges::find(kOwnHeaders, name) != kOwnHeaders.end() || name.starts_with("ce-")) {
    return "is set by the publisher";
  }
  if (std::ranges::find(kSecretHeaders, name) != kSecretHeaders.end() &&
      !Secret::is_reference(value)) {
    return "holds a secret in plain text; write ${env:NAME} or ${file:PATH}";
  }
  return {};
}

void check_headers(const Options& options, Diagnostics& diagnostics) {
  for (const ConfigMember& member : options.node("headers").members) {
    const std::string mistake = mistake_of_header(member.key, member.value.scalar);
    if (!mistake.empty()) {
      diagnostics.error(member.where, "'headers': '" + member.key + "' " + mistake);
    }
  }
}

/// Whether a literal URL's query looks like a key that belongs in a secret.
bool has_key_in_query(std::string query) {
  query = "&" + in_small_letters(std::move(query));
  return std::ranges::any_of(
      std::array<std::string_view, 6>{
          "&sig=", "&code=", "&key=", "&token=", "&api-key=", "&password="},
      [&](std::string_view name) { return query.find(name) != std::string::npos; });
}

void check_url(const Options& options, const http::CredentialSource::References& references,
               Diagnostics& diagnostics) {
  if (!options.is_given("url") || Secret::is_reference(references.url)) return;
  const Result<http::Url> url = http::check_url(references.url, references);
  if (!url) {
    diagnostics.error(options.where("url"), "'url': " + url.error().message);
  } else if (has_key_in_query(url->query)) {
    diagnostics.error(options.where("url"), "'url' holds a secret in plain text",
                      "give the whole URL as ${env:NAME} or ${file:PATH}");
  }
}

void check_together(const Options& options, Diagnostics& diagnostics) {
  const auto needs = [&](std::string_view name, std::string_view other) {
    check_needs(options, name, other, diagnostics);
  };
  needs("password", "user");
  needs("user", "password");
  needs("client_id", "token_url");
  needs("client_secret", "client_id");
  needs("token_url", "client_secret");
  needs("scope", "token_url");
  const auto excludes = [&](std::string_view name, std::string_view other) {
    check_excludes(options, name, other, diagnostics);
  };
  excludes("bearer", "user");
  excludes("bearer", "token_url");
  excludes("user", "token_url");
}

/// What is configured, then a token, then the signature over all of it.
std::unique_ptr<http::Authorizer> authorizer_of(const Options& options,
                                                http::CredentialSource::References references,
                                                const Clock& clock) {
  std::unique_ptr<http::Authorizer> all =
      std::make_unique<http::CredentialSource>(std::move(references));
  if (options.is_given("token_url")) {
    all = http::make_chain(
        std::move(all),
        http::make_bearer_authorizer(
            http::client_credentials(options.text("token_url"), options.text("client_id"),
                                     options.secret("client_secret"), options.text("scope")),
            clock));
  }
  if (options.is_given("webhook_secret")) {
    all = http::make_chain(std::move(all),
                           http::make_webhook_signer(options.secret("webhook_secret"), clock));
  }
  return all;
}

std::unique_ptr<Publisher> make_http(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  http::CredentialSource::References references{.url = options.text("url"),
                                                .headers = options.map("headers"),
                                                .bearer = options.secret("bearer"),
                                                .user = options.text("user"),
                                                .password = options.secret("password"),
                                                .has_token = options.is_given("token_url"),
                                                .insecure = options.boolean("insecure")};
  check_url(options, references, diagnostics);
  check_headers(options, diagnostics);
  check_together(options, diagnostics);
  http::check_endpoint(options, "token_url", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  AnswerRules rules = read_answer_rules(options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const HttpForm form = http_form_of(options.text("mode"));
  return make_http_endpoint_publisher(
      "http", std::move(client),
      make_web_endpoint(form, options.text("method"), read_form_limits(options, form),
                        std::move(rules)),
      authorizer_of(options, std::move(references), context.clock));
}

}  // namespace

const PublisherKind kHttpPublisher{
    .kind = "http",
    .help = "Sends events to a web endpoint as CloudEvents or plain JSON.",
    .options = kAllOptions,
    .make = make_http};

}  // namespace copybridge::publishers
