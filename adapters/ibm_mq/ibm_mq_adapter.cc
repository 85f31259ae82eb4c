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

}  // namespace

const AdapterKind kIbmMqAdapter = {"ibm-mq",
                                   "Reads IBM MQ queues, each batch a unit of work, through the "
                                   "MQ client library of your installation.",
                                   ibm_mq::source_options(), make};

}  // namespace copybridge::adapters
