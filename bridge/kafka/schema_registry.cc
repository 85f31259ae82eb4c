// Two calls of the registry's API: register, look up.
#include "bridge/kafka/schema_registry.h"

#include <fmt/format.h>

#include <limits>

#include "bridge/core/log.h"
#include "bridge/core/option_rules.h"
#include "bridge/core/percent.h"
#include "bridge/http/json.h"
#include "bridge/http/options.h"
#include "bridge/http/perform.h"
#include "codecs/avro/type.h"

namespace copybridge::kafka {
namespace {

/// An answer repeats the schema.
constexpr std::size_t kAnswerMax = 16 << 20;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string prefix_of(std::uint32_t id) {
  std::string prefix(1, '\0');
  for (const int shift : {24, 16, 8, 0}) prefix += static_cast<char>(id >> shift & 0xFFU);
  return prefix;
}

/// What the operator has to look at.
std::string_view meaning_of(int status, bool registers) {
  if (status == 409) return ": the schema is not compatible with those before it";
  if (status == 422) return ": it takes no such schema";
  if (status == 404 && !registers) return ": the subject has no such schema, and registers none";
  return "";
}

void check_name_space(const Options& options, Diagnostics& diagnostics) {
  if (!options.is_given("schema_namespace")) return;
  if (!wants_avro(options))
    return diagnostics.error(options.where("schema_namespace"),
                             "'schema_namespace' says nothing without 'schema_format: avro'");
  if (!avro::is_name_space(options.text("schema_namespace")))
    diagnostics.error(options.where("schema_namespace"),
                      "'schema_namespace' is no namespace: names of letters, digits and _ with "
                      "dots between them");
}

}  // namespace

bool wants_avro(const Options& options) { return options.text("schema_format") == "avro"; }

SchemaRegistry::SchemaRegistry(Settings settings)
    : settings_(std::move(settings)), credentials_(settings_.credentials) {}

Result<void> SchemaRegistry::open() {
  if (Result<void> started = client_.start(settings_.client); !started) return started;
  is_closed_ = false;
  return credentials_.open(client_);
}

void SchemaRegistry::close() {
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }
  client_.stop(Milliseconds{0});
}

http::Call SchemaRegistry::call() const {
  http::Call call;
  call.url =
      fmt::format("{}/subjects/{}{}", without_slash(settings_.credentials.url),
                  percent_encoded(settings_.subject), settings_.registers ? "/versions" : "");
  call.headers = {"Content-Type: application/vnd.schemaregistry.v1+json",
                  "Accept: application/vnd.schemaregistry.v1+json"};
  // Without a type it is Avro (Schema Registry API, POST /subjects/(string: subject)/versions),
  // also to registries that know no other.
  call.body = settings_.is_avro ? R"({"schema":)" : R"({"schemaType":"JSON","schema":)";
  append_json_string(call.body, settings_.schema);
  call.body += '}';
  return call;
}

Result<std::string> SchemaRegistry::prefix() {
  if (!prefix_.empty()) return prefix_;
  if (was_refused_) {
    if (const Result<bool> renewed = credentials_.renew(); !renewed) return pass_on(renewed);
  }
  http::AwaitedCalls calls;
  {
    const std::scoped_lock lock(mutex_);
    if (is_closed_) return fail(ErrorKind::peer_away, "kafka: stopped");
    calls.send(client_, credentials_, call());
  }
  const Result<std::uint32_t> id = read(calls.wait().front());
  was_refused_ = !id && id.error().kind == ErrorKind::peer_refused;
  if (!id) return pass_on(id);
  prefix_ = prefix_of(*id);
  return prefix_;
}

Result<std::uint32_t> SchemaRegistry::read(const http::Answer& answer) const {
  const std::string what = fmt::format("kafka: schema registry, subject {}: ", settings_.subject);
  if (answer.failure != http::Failure::none) {
    const bool is_refused = answer.failure == http::Failure::refused;
    return fail(is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away, what + answer.message);
  }
  const int status = answer.status;
  if (status / 100 == 2) {
    std::int64_t id = 0;
    const bool is_id = parse_integer(http::json_text(answer.body, "/id").value_or(""), id);
    if (is_id && id >= 0 && id <= std::numeric_limits<std::int32_t>::max())
      return static_cast<std::uint32_t>(id);
    return fail(ErrorKind::peer_refused, what + "the answer names no schema");
  }
  const bool is_away = status / 100 == 5 || status == 408 || status == 429;
  return fail(
      is_away ? ErrorKind::peer_away : ErrorKind::peer_refused,
      fmt::format("{}answered {}{}", what, status, meaning_of(status, settings_.registers)));
}

std::shared_ptr<SchemaRegistry> make_registry(const Options& options,
                                              const std::filesystem::path& directory,
                                              const std::string& schema, Diagnostics& diagnostics) {
  check_needs(options, "schema_registry_user", "schema_registry", diagnostics);
  check_needs(options, "schema_registry_user", "schema_registry_password", diagnostics);
  check_needs(options, "schema_registry_password", "schema_registry_user", diagnostics);
  check_needs(options, "schema_subject", "schema_registry", diagnostics);
  check_needs(options, "schema_register", "schema_registry", diagnostics);
  check_needs(options, "schema_format", "schema_registry", diagnostics);
  check_name_space(options, diagnostics);
  http::check_endpoint(options, "schema_registry", diagnostics);
  if (!options.is_given("schema_registry")) return nullptr;
  Diagnostics ignored;  // The login has reported them.
  SchemaRegistry::Settings settings{.client = http::read_connection(options, directory, ignored),
                                    .credentials = {},
                                    .subject = options.is_given("schema_subject")
                                                   ? options.text("schema_subject")
                                                   : options.text("topic") + "-value",
                                    .schema = schema,
                                    .is_avro = wants_avro(options),
                                    .registers = options.boolean("schema_register")};
  settings.client.response_bytes_max = kAnswerMax;
  settings.credentials.url = options.text("schema_registry");
  settings.credentials.user = options.text("schema_registry_user");
  settings.credentials.password = options.secret("schema_registry_password");
  settings.credentials.insecure = options.boolean("insecure");
  return std::make_shared<SchemaRegistry>(std::move(settings));
}

}  // namespace copybridge::kafka
