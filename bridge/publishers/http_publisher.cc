// Options, requests and answers of the publisher http.
#include "bridge/publishers/http_publisher.h"

#include <algorithm>
#include <array>

#include "bridge/http/credentials.h"
#include "bridge/http/options.h"
#include "bridge/publishers/http_endpoint.h"
#include "bridge/publishers/http_forms.h"

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
    {.name = "mode",
     .type = OptionType::choice,
     .default_value = "binary",
     .help = "Form of a request: binary = one CloudEvent, attributes in headers; structured = one "
             "CloudEvent as JSON; batch = a CloudEvents JSON array; body = one event's JSON body "
             "alone; json-array and json-lines = several bodies.",
     .choices = kHttpForms},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "100",
     .help = "Most events of one request in the modes batch, json-array and json-lines.",
     .min = 1,
     .max = 100'000},
    {.name = "batch_bytes_max",
     .type = OptionType::integer,
     .default_value = "1000000",
     .help = "Most bytes of one request's events (body, id, subject and key) in the modes that "
             "send several.",
     .min = 1},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Largest event in bytes that the endpoint takes; a larger one is a dead letter at "
             "once; 0: no limit."},
    http::kRequestsInFlightOption,
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
     .help = "Password of basic authentication; read again when the endpoint refuses."}};

/// With what every client of HTTP has.
constexpr auto kAllOptions = join_options(kOptions, http::kConnectionOptions);

class WebEndpoint final : public HttpEndpoint {
 public:
  WebEndpoint(HttpForm form, std::string method, Limits limits)
      : form_(form), method_(std::move(method)), limits_(limits) {}

  Limits limits() const override { return limits_; }
  http::Call form(std::span<const Event* const> events) const override {
    http::Call call;
    call.method = method_;
    form_call(form_, events, call);
    return call;
  }

 private:
  const HttpForm form_;
  const std::string method_;
  const Limits limits_;
};

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

std::string lower(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

/// Headers that the publisher sets.
constexpr std::array<std::string_view, 6> kOwnHeaders = {"content-type",      "content-length",
                                                         "transfer-encoding", "connection",
                                                         "idempotency-key",   "expect"};

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
  const std::string name = lower(given_name);
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
  query = "&" + lower(std::move(query));
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
    if (options.is_given(name) && !options.is_given(other)) {
      diagnostics.error(options.where(name),
                        "'" + std::string(name) + "' needs '" + std::string(other) + "' as well");
    }
  };
  needs("password", "user");
  needs("user", "password");
  if (options.is_given("bearer") && options.is_given("user")) {
    diagnostics.error(options.where("bearer"), "'bearer' and 'user' exclude each other");
  }
}

Limits limits_of(const Options& options, HttpForm form) {
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  Limits limits;
  if (is_batch(form)) {
    limits.events_per_request = size("batch_events_max");
    limits.bytes_per_request = size("batch_bytes_max");
  }
  if (size("event_bytes_max") > 0) limits.event_bytes_max = size("event_bytes_max");
  limits.requests_in_flight = size("requests_in_flight");
  return limits;
}

std::unique_ptr<Publisher> make_http(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  http::CredentialSource::References references{.url = options.text("url"),
                                                .headers = options.map("headers"),
                                                .bearer = options.secret("bearer"),
                                                .user = options.text("user"),
                                                .password = options.secret("password"),
                                                .insecure = options.boolean("insecure")};
  check_url(options, references, diagnostics);
  check_headers(options, diagnostics);
  check_together(options, diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const HttpForm form = http_form_of(options.text("mode"));
  return make_http_endpoint_publisher(
      "http", std::move(client),
      std::make_unique<WebEndpoint>(form, options.text("method"), limits_of(options, form)),
      std::make_unique<http::CredentialSource>(std::move(references)));
}

}  // namespace

const PublisherKind kHttpPublisher{
    .kind = "http",
    .help = "Sends events to a web endpoint as CloudEvents or plain JSON.",
    .options = kAllOptions,
    .make = make_http};

}  // namespace copybridge::publishers
