// What mappings tell framing: how long records are, and which of them belong together.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "bridge/core/options.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"
#include "codecs/measure/layout_length.h"

namespace copybridge::mapping {

/// Completes `framing` by the mappings that records may be of, the first that matches first: the
/// length of a record (length_field by the first mapping's copybook; recfm copybook), the record
/// size of RECFM F where LRECL is not given and all have the same, whether its last record may be
/// short, headers and trailers that a mapping is for, and the documents of a mapping with
/// children. `given` are the options of framing. Mistakes go to `diagnostics`.
void describe_records(std::span<const std::shared_ptr<const Mapping>> mappings,
                      const Options& given, framing::FramingOptions& framing,
                      Diagnostics& diagnostics);

/// What measure::measure_by_layout is to know of alternatives.
[[nodiscard]] std::vector<measure::RecordKind::Ending> endings_of(
    const copybook::Layout& layout, const plan::PlanOptions& options,
    const std::vector<plan::Alternative>& alternatives);

}  // namespace copybridge::mapping
