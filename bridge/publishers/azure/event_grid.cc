// Azure Event Grid: CloudEvents in batches to a custom topic or to a topic of a namespace.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"
#include "bridge/publishers/http_forms.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kEventsMax = 5000;
constexpr std::size_t kBytesMax = 1'048'576;

constexpr OptionSpec kOptions[] = {
    {.name = "endpoint",
     .type = OptionType::text,
     .required = true,
     .help = "URL of the topic, https://TOPIC.REGION-1.eventgrid.azure.net, or of the namespace."},
    {.name = "topic",
     .type = OptionType::text,
     .help = "Topic of the namespace; left out for a custom topic."},
    {.name = "signature",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: a signature for an hour (SAS) is made of the key, which itself is not sent."},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "500",
     .help = "Most events of one request.",
     .min = 1,
     .max = kEventsMax},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions =
    join_options(kOptions, azure::kIdentityOptions, http::kConnectionOptions);

class EventGridEndpoint final : public HttpEndpoint {
 public:
  EventGridEndpoint(std::string url, Limits limits) : url_(std::move(url)), limits_(limits) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    return message_size(event, LineFormat::cloudevents) + 1;
  }
  http::Call form(std::span<const Event* const> events) const override {
    http::Call call;
    call.url = url_;
    call.label = url_.substr(0, url_.find('?'));
    form_call(HttpForm::batch, events, call);
    return call;
  }
  /// 403 is also the answer to more than the quota.
  Response read(const http::Answer& answer, std::size_t events) const override {
    const bool is_quota = answer.status == 403 && answer.body.find("uota") != std::string::npos;
    if (is_quota) return refuse(Outcome::throttled, answer, "quota exceeded");
    return HttpEndpoint::read(answer, events);
  }

 private:
  const std::string url_;
  const Limits limits_;
};

std::string url_of(const Options& options) {
  std::string url = options.text("endpoint");
  while (url.ends_with('/')) url.pop_back();
  const std::string& topic = options.text("topic");
  if (!topic.empty()) {
    return fmt::format("{}/topics/{}:publish?api-version=2024-06-01", url, percent_encoded(topic));
  }
  if (!url.ends_with("/api/events")) url += "/api/events";
  return url + "?api-version=2018-01-01";
}

http::UseKey way_of_key(const Options& options, const std::string& resource) {
  if (options.boolean("signature")) {
    return [resource](http::Call& call, const std::string& key, WallTime now) {
      call.headers.push_back("Authorization: SharedAccessSignature " +
                             azure::event_grid_signature(resource, key, now));
    };
  }
  const std::string start =
      options.is_given("topic") ? "Authorization: SharedAccessKey " : "aeg-sas-key: ";
  return [start](http::Call& call, const std::string& key, WallTime) {
    call.headers.push_back(start + key);
  };
}

std::unique_ptr<Publisher> make_event_grid(const PublisherContext& context, const Options& options,
                                           Diagnostics& diagnostics) {
  http::check_endpoint(options, "endpoint", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  const std::string url = url_of(options);
  const http::ReadKey read =
      options.boolean("signature") ? http::base64_key("azure-event-grid") : http::ReadKey();
  std::unique_ptr<http::Authorizer> authorizer = azure::make_authorizer(
      options, "https://eventgrid.azure.net", read,
      way_of_key(options, url.substr(0, url.find('?'))), context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  const Limits limits{.events_per_request = size("batch_events_max"),
                      .bytes_per_request = kBytesMax - 2,
                      .event_bytes_max = kBytesMax - 2,
                      .requests_in_flight = size("requests_in_flight")};
  return make_http_endpoint_publisher("azure-event-grid", std::move(client),
                                      std::make_unique<EventGridEndpoint>(url, limits),
                                      std::move(authorizer));
}

}  // namespace

const PublisherKind kAzureEventGridPublisher{
    .kind = "azure-event-grid",
    .help = "Sends events to Azure Event Grid as batches of CloudEvents.",
    .options = kAllOptions,
    .make = make_event_grid};

}  // namespace copybridge::publishers
