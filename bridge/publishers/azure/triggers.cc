// HTTP triggers of Azure: what differs from the publisher http is how the key is sent.
#include "bridge/http/credentials.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/web_endpoint.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kFunctionOptions[] = {
    {.name = "url",
     .type = OptionType::text,
     .required = true,
     .help = "URL of the function, https://APP.azurewebsites.net/api/ROUTE."},
    {.name = "key",
     .type = OptionType::secret,
     .help = "Key of the function or its host, sent as x-functions-key."}};

constexpr OptionSpec kLogicAppOptions[] = {
    {.name = "url",
     .type = OptionType::secret,
     .required = true,
     .help = "URL of the request trigger with its signature: the whole of it is a secret."}};

constexpr OptionSpec kApiManagementOptions[] = {
    {.name = "url",
     .type = OptionType::text,
     .required = true,
     .help = "URL of the operation, https://NAME.azure-api.net/PATH."},
    {.name = "key",
     .type = OptionType::secret,
     .required = true,
     .help = "Key of the subscription, sent as Ocp-Apim-Subscription-Key."}};

constexpr auto kAllFunctionOptions =
    join_options(kFunctionOptions, kFormOptions, kAnswerOptions, http::kConnectionOptions);
constexpr auto kAllLogicAppOptions =
    join_options(kLogicAppOptions, kFormOptions, kAnswerOptions, http::kConnectionOptions);
constexpr auto kAllApiManagementOptions =
    join_options(kApiManagementOptions, kFormOptions, kAnswerOptions, http::kConnectionOptions);

std::unique_ptr<Publisher> make_trigger(std::string_view kind,
                                        http::CredentialSource::References references,
                                        const PublisherContext& context, const Options& options,
                                        Diagnostics& diagnostics) {
  references.insecure = options.boolean("insecure");
  if (!Secret::is_reference(references.url)) {
    const Result<http::Url> url = http::check_url(references.url, references);
    if (!url) diagnostics.error(options.where("url"), "'url': " + url.error().message);
  }
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  AnswerRules rules = read_answer_rules(options, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const HttpForm form = http_form_of(options.text("mode"));
  return make_http_endpoint_publisher(
      kind, std::move(client),
      make_web_endpoint(form, "POST", read_form_limits(options, form), std::move(rules)),
      std::make_unique<http::CredentialSource>(std::move(references)));
}

std::unique_ptr<Publisher> make_with_header(std::string_view kind, const std::string& header,
                                            const PublisherContext& context, const Options& options,
                                            Diagnostics& diagnostics) {
  http::CredentialSource::References references;
  references.url = options.text("url");
  const Secret key = options.secret("key");
  if (!key.is_empty()) references.headers.emplace_back(header, key.reference());
  return make_trigger(kind, std::move(references), context, options, diagnostics);
}

std::unique_ptr<Publisher> make_function(const PublisherContext& context, const Options& options,
                                         Diagnostics& diagnostics) {
  return make_with_header("azure-function", "x-functions-key", context, options, diagnostics);
}

std::unique_ptr<Publisher> make_api_management(const PublisherContext& context,
                                               const Options& options, Diagnostics& diagnostics) {
  return make_with_header("azure-api-management", "Ocp-Apim-Subscription-Key", context, options,
                          diagnostics);
}

std::unique_ptr<Publisher> make_logic_app(const PublisherContext& context, const Options& options,
                                          Diagnostics& diagnostics) {
  http::CredentialSource::References references;
  references.url = options.secret("url").reference();
  return make_trigger("azure-logic-app", std::move(references), context, options, diagnostics);
}

}  // namespace

const PublisherKind kAzureFunctionPublisher{
    .kind = "azure-function",
    .help = "Sends events to an HTTP trigger of Azure Functions.",
    .options = kAllFunctionOptions,
    .make = make_function};

const PublisherKind kAzureLogicAppPublisher{
    .kind = "azure-logic-app",
    .help = "Sends events to the request trigger of an Azure Logic App.",
    .options = kAllLogicAppOptions,
    .make = make_logic_app};

const PublisherKind kAzureApiManagementPublisher{
    .kind = "azure-api-management",
    .help = "Sends events to an operation behind Azure API Management.",
    .options = kAllApiManagementOptions,
    .make = make_api_management};

}  // namespace copybridge::publishers
