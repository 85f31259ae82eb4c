// Mappings of `described_by`, and the last check of framing.
#include "adapters/described_by.h"

#include <memory>
#include <string>
#include <vector>

#include "codecs/framing/options.h"
#include "codecs/mapping/mapping.h"
#include "codecs/mapping/records.h"

namespace copybridge::adapters {

std::vector<std::shared_ptr<const mapping::Mapping>> load_described(
    const std::filesystem::path& directory, const Options& options, Diagnostics& diagnostics) {
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;
  for (const std::string& name : options.list("described_by")) {
    Diagnostics found;
    mappings.push_back(mapping::load(directory / name, found));
    // Where records end is known before what their message says.
    mapping::refuse_by_message(mappings.back().get(), found);
    if (found.has_errors()) mappings.back() = nullptr;
    if (mappings.back() != nullptr) continue;
    diagnostics.error(options.where("described_by"), "the mapping " + name + " cannot be used",
                      to_string(found.first_error(ErrorKind::config)));
    return {};
  }
  return mappings;
}

void describe(const std::filesystem::path& directory, const Options& options,
              framing::FramingOptions& framing, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto mappings = load_described(directory, options, diagnostics);
  if (diagnostics.error_count() > errors) return;
  mapping::describe_records(mappings, options, framing, diagnostics);
}

void check_framing(const framing::FramingOptions& framing, const Options& options,
                   Diagnostics& diagnostics) {
  const auto framer = framing::make_framer(framing);
  if (!framer) diagnostics.error(options.where("recfm"), framer.error().message);
}

std::optional<framing::FramingOptions> read_message_framing(const std::filesystem::path& directory,
                                                            const Options& options,
                                                            std::string_view switch_name,
                                                            Diagnostics& diagnostics) {
  if (options.text(switch_name) == "framed") {
    const std::size_t errors = diagnostics.error_count();
    auto framing = framing::read_framing(options, framing::LineEnds::ebcdic, diagnostics);
    describe(directory, options, framing, diagnostics);
    if (diagnostics.error_count() == errors) check_framing(framing, options, diagnostics);
    return framing;
  }
  std::vector<std::string_view> others = {"described_by"};
  for (const OptionSpec& row : framing::framing_options()) others.push_back(row.name);
  for (const std::string_view name : others) {
    if (!options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' needs '" +
                                               std::string(switch_name) + ": framed'");
  }
  return std::nullopt;
}

}  // namespace copybridge::adapters
