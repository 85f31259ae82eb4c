// The registry's row of the http adapter.
#include "adapters/http/http_adapter.h"

#include <memory>
#include <utility>

#include "adapters/http/http_calls.h"
#include "adapters/http/settings.h"

namespace copybridge::adapters {
namespace {

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  http::SourceSettings settings = http::read_source(context, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<http::HttpSource>(context, std::move(settings));
}

std::unique_ptr<CallSource> make_calls(const AdapterContext& context, const Options& options,
                                       Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const http::SourceSettings settings = http::read_source(context, options, diagnostics);
  for (const std::string_view name : {"answer", "answer_limit_ms", "records_in_body"}) {
    if (!options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' is not for calls");
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<http::HttpCalls>(context, settings);
}

}  // namespace

const AdapterKind kHttpAdapter = {
    .kind = "http",
    .help =
        "Listens for records and events that are posted over HTTP, and answers when they are "
        "safe.",
    .options = http::source_options(),
    .make = make,
    .holds_records = false,
    .may_hold = http::answers_when_delivered,
    .make_calls = make_calls};

}  // namespace copybridge::adapters
