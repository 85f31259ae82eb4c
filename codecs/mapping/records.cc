// Mappings to measures and groupers of records.
#include "codecs/mapping/records.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codecs/mapping/shape.h"
#include "codecs/measure/expression.h"
#include "codecs/plan/alternatives.h"
#include "codecs/plan/item_rules.h"

namespace copybridge::mapping {

std::vector<measure::RecordKind::Ending> endings_of(
    const copybook::Layout& layout, const plan::PlanOptions& options,
    const std::vector<plan::Alternative>& alternatives) {
  std::vector<measure::RecordKind::Ending> endings;
  for (const plan::Alternative& alternative : alternatives) {
    if (!plan::ends_record(layout, alternative.item)) continue;
    endings.push_back({alternative.item, alternative.condition,
                       plan::ends_with(layout, options, alternative.item, &alternative.condition)});
  }
  return endings;
}

namespace {

using framing::RecordPlace;

/// What a mapping and a segment's type have in common.
template <typename Type>
measure::RecordKind kind_of(const Type& type, RecordPlace place) {
  measure::RecordKind kind;
  kind.name = type.name;
  kind.layout = type.layout;
  kind.reading = reading_of(type.options);
  kind.match = type.match;
  kind.place = place;
  kind.endings = endings_of(*type.layout, type.options, type.alternatives);
  return kind;
}

std::vector<measure::RecordKind> kinds_of(
    std::span<const std::shared_ptr<const Mapping>> mappings) {
  std::vector<measure::RecordKind> kinds;
  for (const auto& mapping : mappings) {
    kinds.push_back(kind_of(*mapping, mapping->place));
    if (mapping->hierarchy == nullptr) continue;
    const std::vector<SegmentType>& types = mapping->hierarchy->types();
    for (std::size_t i = 1; i < types.size(); ++i)
      kinds.push_back(kind_of(types[i], RecordPlace::detail));
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

using Mappings = std::span<const std::shared_ptr<const Mapping>>;

bool has_place(Mappings mappings, RecordPlace place) {
  return std::any_of(mappings.begin(), mappings.end(),
                     [&](const auto& mapping) { return mapping->place == place; });
}

/// Headers and trailers that a mapping is for are there.
void describe_places(Mappings mappings, const Options& given, framing::FramingOptions& framing,
                     Diagnostics& diagnostics) {
  if (has_place(mappings, RecordPlace::header) && !given.is_given("header_records"))
    framing.header_records = 1;
  if (has_place(mappings, RecordPlace::trailer) && !given.is_given("trailer_records"))
    framing.trailer_records = 1;
  const bool is_open = std::any_of(mappings.begin(), mappings.end(), [](const auto& mapping) {
    return mapping->place == RecordPlace::trailer && mapping->match.is_empty();
  });
  if (is_open && framing.recfm == framing::Recfm::measured && !given.is_given("length_field")) {
    diagnostics.error(given.where("recfm"),
                      "framing: with recfm copybook the length of a trailer needs a 'match', for "
                      "its place is not known before");
  }
}

/// Bytes of the largest record of a mapping, documents taken apart.
std::uint32_t size_of(const Mapping& mapping) {
  std::uint32_t size = mapping.layout->size_max;
  if (mapping.hierarchy == nullptr) return size;
  for (const SegmentType& type : mapping.hierarchy->types())
    if (type.layout->size_max != size) return 0;
  return size;
}

/// RECFM F: what all mappings say of the records' size.
void describe_sizes(Mappings mappings, framing::FramingOptions& framing) {
  const auto is_lenient = [](const auto& mapping) {
    return mapping->options.short_records != plan::Acceptance::reject;
  };
  if (std::any_of(mappings.begin(), mappings.end(), is_lenient)) framing.accepts_short_last = true;
  if (framing.recfm != framing::Recfm::fixed || framing.lrecl > 0 || mappings.empty()) return;
  const std::uint32_t size = size_of(*mappings.front());
  const bool is_same = std::all_of(mappings.begin(), mappings.end(),
                                   [&](const auto& mapping) { return size_of(*mapping) == size; });
  if (is_same && size > 0) framing.lrecl = size + framing.record_prefix + framing.record_suffix;
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
  describe_places(mappings, given, framing, diagnostics);
  if (framing.recfm == framing::Recfm::measured) {
    if (mappings.empty()) {
      diagnostics.error(given.where(given.is_given("length_field") ? "length_field" : "recfm"),
                        "framing: nothing names the copybook that tells the length of records");
      return;
    }
    framing.measure = measure_of(mappings, given, diagnostics);
  }
  describe_sizes(mappings, framing);
}

}  // namespace copybridge::mapping
