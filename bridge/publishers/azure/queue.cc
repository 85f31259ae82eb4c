// Azure Queue Storage: the REST operation "Put Message".
#include <fmt/format.h>

#include "bridge/core/digest.h"
#include "bridge/core/percent.h"
#include "bridge/http/oauth2.h"
#include "bridge/http/options.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers {
namespace {

/// As sent: Base64 of 48 KiB.
constexpr std::size_t kMessageMax = 65'536;

constexpr OptionSpec kOptions[] = {
    {.name = "account",
     .type = OptionType::text,
     .required = true,
     .help = "Name of the storage account."},
    {.name = "queue", .type = OptionType::text, .required = true, .help = "Name of the queue."},
    {.name = "endpoint",
     .type = OptionType::text,
     .help =
         "URL of the account's queues where it is another: a private endpoint, a local server."},
    {.name = "encoding",
     .type = OptionType::choice,
     .default_value = "base64",
     .help = "How a message holds its text: base64 (what Functions expects) or as it is.",
     .choices = "base64|text"},
    {.name = "time_to_live_s",
     .type = OptionType::integer,
     .default_value = "-1",
     .help = "Seconds after which a message is dropped by the queue; -1: never.",
     .min = -1,
     .max = 2'147'483'647},
    {.name = "format",
     .type = OptionType::choice,
     .default_value = "cloudevents",
     .help = "What a message holds: cloudevents = the whole event as structured CloudEvents JSON, "
             "with its id; body = the event's body alone, with nothing to know a repeat by.",
     .choices = "body|cloudevents"},
    http::kRequestsInFlightOption};

constexpr auto kAllOptions =
    join_options(kOptions, azure::kIdentityOptions, http::kConnectionOptions);

void append_xml_text(std::string& out, std::string_view text) {
  for (const char character : text) {
    switch (character) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += character;
    }
  }
}

class QueueEndpoint final : public HttpEndpoint {
 public:
  QueueEndpoint(std::string base, std::int64_t time_to_live, bool is_base64, LineFormat format,
                Limits limits)
      : base_(std::move(base)),
        time_to_live_(time_to_live),
        is_base64_(is_base64),
        format_(format),
        limits_(limits) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    const std::size_t size = message_size(event, format_);
    return is_base64_ ? (size + 2) / 3 * 4 : size;
  }
  http::Call form(std::span<const Event* const> events) const override {
    http::Call call;
    call.label = base_;
    call.url = fmt::format("{}/messages?messagettl={}", base_, time_to_live_);
    // A token wants a version that knows tokens; a key's signature brings its own.
    call.headers = {"Content-Type: application/xml"};
    const std::string text = message_text(*events.front(), format_);
    call.body = "<QueueMessage><MessageText>";
    if (is_base64_) {
      append_base64(call.body, text);
    } else {
      append_xml_text(call.body, text);
    }
    call.body += "</MessageText></QueueMessage>";
    return call;
  }

 private:
  const std::string base_;
  const std::int64_t time_to_live_;
  const bool is_base64_;
  const LineFormat format_;
  const Limits limits_;
};

std::unique_ptr<Publisher> make_queue(const PublisherContext& context, const Options& options,
                                      Diagnostics& diagnostics) {
  const std::string& account = options.text("account");
  std::string base = options.is_given("endpoint")
                         ? options.text("endpoint")
                         : fmt::format("https://{}.queue.core.windows.net", account);
  while (base.ends_with('/')) base.pop_back();
  base += "/" + percent_encoded(options.text("queue"));
  http::check_endpoint(options, "endpoint", diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  std::unique_ptr<http::Authorizer> authorizer = azure::make_authorizer(
      options, "https://storage.azure.com", http::base64_key("azure-queue"),
      [account](http::Call& call, const std::string& key, WallTime now) {
        azure::sign_shared_key(call, account, key, now);
      },
      context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  if (options.text("credentials") != "key") {
    authorizer =
        http::make_chain(azure::make_storage_version(context.clock), std::move(authorizer));
  }
  const Limits limits{
      .event_bytes_max = kMessageMax,
      .requests_in_flight = static_cast<std::size_t>(options.integer("requests_in_flight"))};
  return make_http_endpoint_publisher(
      "azure-queue", std::move(client),
      std::make_unique<QueueEndpoint>(base, options.integer("time_to_live_s"),
                                      options.text("encoding") == "base64", line_format_of(options),
                                      limits),
      std::move(authorizer));
}

}  // namespace

const PublisherKind kAzureQueuePublisher{
    .kind = "azure-queue",
    .help = "Sends events to a queue of an Azure storage account.",
    .options = kAllOptions,
    .make = make_queue};

}  // namespace copybridge::publishers
