// The registry's row of the file adapter.
#include "adapters/file/file_adapter.h"

#include <memory>
#include <utility>

#include "adapters/file/local_store.h"
#include "adapters/file/settings.h"
#include "adapters/file/source.h"

namespace copybridge::adapters {
namespace {

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  file::Settings settings = file::read_settings(context, options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  auto store = std::make_unique<file::LocalStore>(settings);
  return std::make_unique<file::FileSource>(context, std::move(settings), std::move(store));
}

}  // namespace

const AdapterKind kFileAdapter = {
    .kind = "file",
    .help = "Reads records from files that are there, arrive or grow.",
    .options = file::file_options(),
    .make = make,
    .why_not_once = [](const Options&) { return std::string(); }};

}  // namespace copybridge::adapters
