// Mappings to measures and groupers of records.
#include "codecs/mapping/records.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codecs/mapping/shape.h"
#include "codecs/measure/expression.h"
#include "codecs/measure/layout_length.h"

namespace copybridge::mapping {
namespace {

measure::RecordKind kind_of(const std::string& name, const condition::Condition& match,
                            const std::shared_ptr<const copybook::Layout>& layout,
                            const std::vector<plan::Alternative>& alternatives,
                            const condition::Reading& reading) {
  measure::RecordKind kind;
  kind.name = name;
  kind.layout = layout;
  kind.reading = reading;
  kind.match = match;
  for (const plan::Alternative& alternative : alternatives)
    kind.endings.push_back({alternative.item, alternative.condition});
  return kind;
}

std::vector<measure::RecordKind> kinds_of(
    std::span<const std::shared_ptr<const Mapping>> mappings) {
  std::vector<measure::RecordKind> kinds;
  for (const auto& mapping : mappings) {
    const condition::Reading reading = reading_of(mapping->options);
    kinds.push_back(
        kind_of(mapping->name, mapping->match, mapping->layout, mapping->alternatives, reading));
    if (mapping->hierarchy == nullptr) continue;
    const std::vector<SegmentType>& types = mapping->hierarchy->types();
    for (std::size_t i = 1; i < types.size(); ++i) {
      kinds.push_back(
          kind_of(types[i].name, types[i].match, types[i].layout, types[i].alternatives, reading));
    }
  }
  return kinds;
}

std::shared_ptr<const framing::RecordMeasure> measure_of(
    std::span<const std::shared_ptr<const Mapping>> mappings, const Options& given,
    Diagnostics& diagnostics) {
  if (!given.is_given("length_field")) return measure::measure_by_layout(kinds_of(mappings));
  const Mapping& first = *mappings.front();
  return measure::compile_length(given.text("length_field"), given.map("length_map"),
                                 given.where("length_field"), first.layout,
                                 reading_of(first.options), diagnostics);
}

}  // namespace

void describe_records(std::span<const std::shared_ptr<const Mapping>> mappings,
                      const Options& given, framing::FramingOptions& framing,
                      Diagnostics& diagnostics) {
  const auto grouping = [](const auto& mapping) { return mapping->hierarchy != nullptr; };
  if (std::count_if(mappings.begin(), mappings.end(), grouping) > 1) {
    diagnostics.error(given.where("recfm"), "framing: several mappings have children",
                      "only one can put records together");
  }
  const auto grouper = std::find_if(mappings.begin(), mappings.end(), grouping);
  if (grouper != mappings.end()) framing.grouper = (*grouper)->hierarchy;
  if (framing.recfm == framing::Recfm::measured) {
    if (mappings.empty()) {
      diagnostics.error(given.where(given.is_given("length_field") ? "length_field" : "recfm"),
                        "framing: nothing names the copybook that tells the length of records");
      return;
    }
    framing.measure = measure_of(mappings, given, diagnostics);
  }
  if (framing.recfm != framing::Recfm::fixed || framing.lrecl > 0 || mappings.empty()) return;
  const std::uint32_t size = mappings.front()->layout->size_max;
  const bool is_same = std::all_of(mappings.begin(), mappings.end(), [&](const auto& mapping) {
    return mapping->layout->size_max == size;
  });
  if (is_same) framing.lrecl = size;
}

}  // namespace copybridge::mapping
