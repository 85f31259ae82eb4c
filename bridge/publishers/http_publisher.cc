// Options, requests and answers of the publisher http.
#include "bridge/publishers/http_publisher.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "bridge/core/log_events.h"
#include "bridge/http/client.h"
#include "bridge/http/credentials.h"
#include "bridge/publishers/http_forms.h"

namespace copybridge::publishers {
namespace {

constexpr std::int64_t kTimeoutMaxMs = 3'600'000;

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
    {.name = "requests_in_flight",
     .type = OptionType::integer,
     .default_value = "4",
     .help = "Requests, and connections, at the same time; events with the same key never "
             "overtake each other.",
     .min = 1,
     .max = 1000},
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
    {.name = "client_certificate",
     .type = OptionType::text,
     .help = "PEM file with the client's certificate for mutual TLS, relative to the bridge file."},
    {.name = "client_key",
     .type = OptionType::text,
     .help = "PEM file with the client's key; left out where client_certificate holds it."},
    {.name = "client_key_password",
     .type = OptionType::secret,
     .help = "Password of the client's key."},
    {.name = "ca_bundle",
     .type = OptionType::text,
     .help = "PEM file with the certificate authorities to trust instead of the system's."},
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the endpoint's certificate and allow credentials without TLS; "
             "for trials only."},
    {.name = "http2",
     .type = OptionType::choice,
     .default_value = "negotiate",
     .help = "HTTP/2: negotiate = where TLS agrees on it, no = HTTP/1.1 only, prior-knowledge = at "
             "once, also without TLS.",
     .choices = "negotiate|no|prior-knowledge"},
    {.name = "connect_timeout_ms",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Longest time to connect, TLS included, in milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "first_byte_timeout_ms",
     .type = OptionType::integer,
     .default_value = "30000",
     .help = "Longest time from the start of a request to the first byte of its answer, in "
             "milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "total_timeout_ms",
     .type = OptionType::integer,
     .default_value = "60000",
     .help = "Longest time of a whole request in milliseconds.",
     .min = 1,
     .max = kTimeoutMaxMs},
    {.name = "response_bytes_max",
     .type = OptionType::integer,
     .default_value = "65536",
     .help = "Most bytes read of an answer's body; the connection is closed beyond.",
     .max = 1'000'000'000},
    {.name = "user_agent",
     .type = OptionType::text,
     .default_value = "copybridge",
     .help = "Value of the header User-Agent."}};

struct Settings {
  HttpForm form;
  std::string method;
  Limits limits;
  http::ClientSettings client;
  Secret client_key_password;
};

class HttpPublisher : public Publisher {
 public:
  HttpPublisher(Settings settings, http::CredentialSource::References references)
      : settings_(std::move(settings)), credentials_(std::move(references)) {}

  Result<void> open(CompletionPort port) override;
  Limits limits() const override { return settings_.limits; }
  void publish(Request request) override;
  Result<bool> renew_credentials() override { return credentials_.renew(); }
  void close(Milliseconds limit) override { client_.stop(limit); }

 private:
  Response answered(const http::Answer& answer, const http::Credentials& used);

  const Settings settings_;
  http::CredentialSource credentials_;
  CompletionPort port_;
  http::Client client_;  // Last: its thread uses the others until it is gone.
};

Result<void> check_readable(const std::string& path) {
  if (path.empty() || std::ifstream(path).good()) return {};
  return fail(ErrorKind::config, "http: " + path + " cannot be read");
}

Result<void> HttpPublisher::open(CompletionPort port) {
  port_ = port;
  if (auto loaded = credentials_.load(); !loaded) return loaded;
  http::ClientSettings client = settings_.client;
  for (const std::string& path : {client.ca_bundle, client.client_certificate, client.client_key}) {
    if (auto readable = check_readable(path); !readable) return readable;
  }
  const Result<std::string> key_password = settings_.client_key_password.resolve();
  if (!key_password) return pass_on(key_password);
  client.client_key_password = *key_password;
  return client_.start(std::move(client));
}

void HttpPublisher::publish(Request request) {
  std::shared_ptr<const http::Credentials> credentials = credentials_.current();
  http::Call call;
  call.method = settings_.method;
  call.url = credentials->url;
  call.headers = credentials->headers;
  call.user = credentials->user;
  call.password = credentials->password;
  form_call(settings_.form, request.events, call);
  client_.send(std::move(call), [this, number = request.number,
                                 used = std::move(credentials)](const http::Answer& answer) {
    Response response = answered(answer, *used);
    response.number = number;
    port_.post(std::move(response));
  });
}

Response HttpPublisher::answered(const http::Answer& answer, const http::Credentials& used) {
  const std::string endpoint = "http: " + used.label + ": ";
  switch (answer.failure) {
    case http::Failure::none:
      break;
    case http::Failure::away:
    case http::Failure::stopped:
      return {.outcomes = {Outcome::retry}, .reason = endpoint + answer.message};
    case http::Failure::refused:
      return {.outcomes = {Outcome::refused}, .reason = endpoint + answer.message};
  }
  const Outcome outcome = classify_http(answer.status, answer.retry_after);
  if (outcome == Outcome::accepted) return {.outcomes = {outcome}};
  return {.outcomes = {outcome},
          .retry_after = answer.retry_after,
          .reason = endpoint + "answered " + std::to_string(answer.status)};
}

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
  needs("client_key", "client_certificate");
  needs("client_key_password", "client_certificate");
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

http::Version version_of(const std::string& word) {
  if (word == "no") return http::Version::http1;
  return word == "prior-knowledge" ? http::Version::http2 : http::Version::negotiate;
}

http::ClientSettings client_settings(const PublisherContext& context, const Options& options) {
  const auto path = [&](std::string_view name) {
    const std::string& text = options.text(name);
    return text.empty() ? text : (context.directory / text).string();
  };
  const auto time = [&](std::string_view name) { return Milliseconds(options.integer(name)); };
  http::ClientSettings settings;
  settings.verify = !options.boolean("insecure");
  settings.version = version_of(options.text("http2"));
  settings.ca_bundle = path("ca_bundle");
  settings.client_certificate = path("client_certificate");
  settings.client_key = path("client_key");
  settings.user_agent = options.text("user_agent");
  settings.connect_timeout = time("connect_timeout_ms");
  settings.first_byte_timeout = time("first_byte_timeout_ms");
  settings.total_timeout = time("total_timeout_ms");
  settings.response_bytes_max = static_cast<std::size_t>(options.integer("response_bytes_max"));
  settings.connections_max = static_cast<std::size_t>(options.integer("requests_in_flight"));
  return settings;
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
  if (diagnostics.has_errors()) return nullptr;
  const HttpForm form = http_form_of(options.text("mode"));
  return std::make_unique<HttpPublisher>(
      Settings{.form = form,
               .method = options.text("method"),
               .limits = limits_of(options, form),
               .client = client_settings(context, options),
               .client_key_password = options.secret("client_key_password")},
      std::move(references));
}

}  // namespace

Outcome classify_http(int status, Milliseconds retry_after) {
  if (status >= 200 && status <= 299) return Outcome::accepted;
  switch (status) {
    case 400:
    case 414:
    case 422:
    case 431:
      return Outcome::doubtful;
    case 413:
      return Outcome::permanent;
    case 408:
    case 409:
    case 423:
    case 425:
      return Outcome::retry;
    case 429:
      return Outcome::throttled;
    case 501:
      return Outcome::refused;
    case 503:
      return retry_after.count() > 0 ? Outcome::throttled : Outcome::retry;
    default:
      return status >= 500 && status <= 599 ? Outcome::retry : Outcome::refused;
  }
}

const PublisherKind kHttpPublisher{
    .kind = "http",
    .help = "Sends events to a web endpoint as CloudEvents or plain JSON.",
    .options = kOptions,
    .make = make_http};

}  // namespace copybridge::publishers
