// Azure Cosmos DB: the REST operation "Create a document", for the transactional outbox that a
// change feed relays.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kDocumentMax = 2'097'152;
constexpr std::size_t kEnvelope = 200;
constexpr std::size_t kIdMax = 255;

constexpr OptionSpec kOptions[] = {
    {.name = "account", .type = OptionType::text, .required = true, .help = "Name of the account."},
    {.name = "database", .type = OptionType::text, .required = true, .help = "Its database."},
    {.name = "container", .type = OptionType::text, .required = true, .help = "Its container."},
    {.name = "partition_key",
     .type = OptionType::text,
     .default_value = "partitionKey",
     .help = "Member of the documents that the container is partitioned by; it is the event's key, "
             "or its id."},
    {.name = "time_to_live_s",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Seconds after which a document is dropped (`ttl`); 0: as the container says.",
     .max = 2'147'483'647},
    {.name = "endpoint",
     .type = OptionType::text,
     .help = "URL of the account where it is another: a private endpoint, a local server."},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions =
    join_options(kOptions, azure::kIdentityOptions, http::kConnectionOptions);

/// `/`, `\`, `?` and `#` may not stand in an id.
std::string document_id(std::string_view id) {
  const bool is_plain = id.size() <= kIdMax && id.find_first_of("/\\?#") == std::string_view::npos;
  return is_plain ? std::string(id) : hex(sha256(id));
}

class CosmosEndpoint final : public HttpEndpoint {
 public:
  CosmosEndpoint(std::string url, std::string partition_key, std::int64_t time_to_live,
                 Limits limits)
      : url_(std::move(url)),
        partition_key_(std::move(partition_key)),
        time_to_live_(time_to_live),
        limits_(limits) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    return message_size(event, LineFormat::cloudevents) + kEnvelope + event.key.size();
  }
  http::Call form(std::span<const Event* const> events) const override;
  Response read(const http::Answer& answer, std::size_t events) const override;

 private:
  const std::string url_;
  const std::string partition_key_;
  const std::int64_t time_to_live_;
  const Limits limits_;
};

/// The event as a member: CloudEvents' `id` may be what Cosmos DB does not take for one.
http::Call CosmosEndpoint::form(std::span<const Event* const> events) const {
  const Event& event = *events.front();
  const std::string_view key = event.key.empty() ? event.id : event.key;
  http::Call call;
  call.url = url_;
  call.label = url_;
  std::string quoted_key;
  append_json_string(quoted_key, key);
  call.headers = {"Content-Type: application/json",
                  "x-ms-documentdb-partitionkey: [" + quoted_key + "]"};
  call.body = R"({"id":)";
  append_json_string(call.body, document_id(event.id));
  call.body += ',';
  append_json_string(call.body, partition_key_);
  call.body += ":" + quoted_key;
  if (time_to_live_ > 0) call.body += fmt::format(R"(,"ttl":{})", time_to_live_);
  call.body += R"(,"event":)";
  append_structured(call.body, event);
  call.body += '}';
  return call;
}

Response CosmosEndpoint::read(const http::Answer& answer, std::size_t events) const {
  constexpr int kConflict = 409;   // It is there already.
  constexpr int kRetryWith = 449;  // A conflict of writers.
  if (answer.status == kConflict) return {.outcomes = {Outcome::accepted}};
  if (answer.status == kRetryWith) return refuse(Outcome::retry, answer);
  Response response = HttpEndpoint::read(answer, events);
  for (const auto& [name, value] : answer.headers) {
    std::int64_t wait = 0;
    if (name == "x-ms-retry-after-ms" && parse_integer(value.substr(0, value.find('.')), wait)) {
      response.retry_after = Milliseconds(std::clamp<std::int64_t>(wait, 0, 86'400'000));
    }
  }
  return response;
}

void add_headers(http::Call& call, const std::string& authorization, const std::string& date) {
  call.headers.push_back("authorization: " + authorization);
  call.headers.push_back("x-ms-date: " + date);
  call.headers.push_back("x-ms-version: 2018-12-31");
}

http::UseKey sign_documents(const std::string& resource) {
  return [resource](http::Call& call, const std::string& key, WallTime now) {
    const std::string date = azure::http_date(now);
    add_headers(call, azure::cosmos_signature("post", "docs", resource, date, key), date);
  };
}

/// Of Microsoft Entra, where roles of the data plane say what it may ("Access control on Azure
/// Cosmos DB resources": type=aad).
void use_token(http::Call& call, const std::string& token, WallTime now) {
  add_headers(call, percent_encoded("type=aad&ver=1.0&sig=" + token), azure::http_date(now));
}

std::unique_ptr<Publisher> make_cosmos(const PublisherContext& context, const Options& options,
                                       Diagnostics& diagnostics) {
  const std::string account =
      fmt::format("https://{}.documents.azure.com", options.text("account"));
  std::string base = options.is_given("endpoint") ? options.text("endpoint") : account;
  while (base.ends_with('/')) base.pop_back();
  const std::string resource =
      fmt::format("dbs/{}/colls/{}", options.text("database"), options.text("container"));
  http::check_endpoint(options, "endpoint", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer =
      azure::make_authorizer(options, account, http::base64_key("azure-cosmos"),
                             sign_documents(resource), context.clock, diagnostics, use_token);
  if (diagnostics.has_errors()) return nullptr;
  const Limits limits{
      .event_bytes_max = kDocumentMax,
      .requests_in_flight = static_cast<std::size_t>(options.integer("requests_in_flight"))};
  return make_http_endpoint_publisher(
      "azure-cosmos", std::move(client),
      std::make_unique<CosmosEndpoint>(base + "/" + percent_encoded(resource, "/") + "/docs",
                                       options.text("partition_key"),
                                       options.integer("time_to_live_s"), limits),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAzureCosmosPublisher{
    .kind = "azure-cosmos",
    .help = "Writes events as documents of Azure Cosmos DB, for a change feed to relay.",
    .options = kAllOptions,
    .make = make_cosmos};

}  // namespace copybridge::publishers
