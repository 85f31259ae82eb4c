// The publisher that keeps bodies of events in files, one each (claim check).
#pragma once

#include <memory>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Of the options of `file` only `path` counts. Mistakes go to `diagnostics`; null where there are
/// any.
[[nodiscard]] std::unique_ptr<Publisher> make_file_body_publisher(const PublisherContext& context,
                                                                  const Options& options,
                                                                  Diagnostics& diagnostics);

}  // namespace copybridge::publishers
