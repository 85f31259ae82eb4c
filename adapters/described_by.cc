// Mappings of `described_by`, and the last check of framing.
#include "adapters/described_by.h"

#include <memory>
#include <string>
#include <vector>

#include "codecs/mapping/mapping.h"
#include "codecs/mapping/records.h"

namespace copybridge::adapters {

void describe(const std::filesystem::path& directory, const Options& options,
              framing::FramingOptions& framing, Diagnostics& diagnostics) {
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;
  for (const std::string& name : options.list("described_by")) {
    Diagnostics found;
    mappings.push_back(mapping::load(directory / name, found));
    if (mappings.back() != nullptr) continue;
    diagnostics.error(options.where("described_by"), "the mapping " + name + " cannot be used",
                      to_string(found.first_error(ErrorKind::config)));
    return;
  }
  mapping::describe_records(mappings, options, framing, diagnostics);
}

void check_framing(const framing::FramingOptions& framing, const Options& options,
                   Diagnostics& diagnostics) {
  const auto framer = framing::make_framer(framing);
  if (!framer) diagnostics.error(options.where("recfm"), framer.error().message);
}

}  // namespace copybridge::adapters
