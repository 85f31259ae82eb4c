// The way back on a route: JSON of a source becomes records of the route's mappings.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/encode/encode.h"
#include "codecs/mapping/line_encoder.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::bridge {

/// Compiled once, used by any number of threads, each with an encoder of its own.
class RecordEncoding {
 public:
  /// Mistakes go to `diagnostics`; null where there are errors.
  [[nodiscard]] static std::shared_ptr<RecordEncoding> compile(
      std::span<const std::shared_ptr<const mapping::Mapping>> mappings,
      const encode::EncodeOptions& options, Diagnostics& diagnostics);

  /// An encoder until give_back(); encoders are used again.
  [[nodiscard]] std::unique_ptr<mapping::LineEncoder> take();
  void give_back(std::unique_ptr<mapping::LineEncoder> encoder);

 private:
  std::vector<mapping::LinePlan> plans_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<mapping::LineEncoder>> idle_;
};

}  // namespace copybridge::bridge
