// The registry's row of the ibm-mq adapter.
#include "adapters/ibm_mq/ibm_mq_adapter.h"

#include <memory>
#include <utility>

#include "adapters/ibm_mq/queue_source.h"
#include "adapters/ibm_mq/settings.h"

namespace copybridge::adapters {
namespace {

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  ibm_mq::SourceSettings settings = ibm_mq::read_source(context, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<ibm_mq::QueueSource>(context, std::move(settings));
}

/// A message that comes again must come to the bridge that has published it.
std::string why_not_once(const Options& options) {
  if (options.text("open") == "exclusive") return {};
  return "another reader of the queue may get what comes again; it needs 'open: exclusive'";
}

}  // namespace

const AdapterKind kIbmMqAdapter = {.kind = "ibm-mq",
                                   .help =
                                       "Reads IBM MQ queues, each batch a unit of work, through "
                                       "the MQ client library of your installation.",
                                   .options = ibm_mq::source_options(),
                                   .make = make,
                                   .why_not_once = why_not_once};

}  // namespace copybridge::adapters
