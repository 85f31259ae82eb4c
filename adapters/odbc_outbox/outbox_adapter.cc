// The registry's row of the odbc-outbox adapter.
#include "adapters/odbc_outbox/outbox_adapter.h"

#include <utility>

#include "adapters/odbc_outbox/outbox_source.h"

namespace copybridge::adapters {
namespace {

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  odbc_outbox::OutboxSettings settings = odbc_outbox::read_outbox(options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<odbc_outbox::OutboxSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kOdbcOutboxAdapter = {
    "odbc-outbox",
    "Reads the rows of a database's outbox table, through the ODBC driver of your installation.",
    odbc_outbox::outbox_options(), make};

}  // namespace copybridge::adapters
