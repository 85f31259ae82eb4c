// Plans of a route's mappings and the encoders that run them.
#include "bridge/record_encoding.h"

#include <utility>

namespace copybridge::bridge {

std::shared_ptr<RecordEncoding> RecordEncoding::compile(
    std::span<const std::shared_ptr<const mapping::Mapping>> mappings,
    const encode::EncodeOptions& options, Diagnostics& diagnostics) {
  auto encoding = std::make_shared<RecordEncoding>();
  for (const auto& mapping : mappings) {
    encoding->plans_.push_back(mapping::LinePlan::compile(mapping, options, diagnostics));
    if (encoding->plans_.back().is_empty()) return nullptr;
  }
  return encoding;
}

std::unique_ptr<mapping::LineEncoder> RecordEncoding::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto encoder = std::move(idle_.back());
      idle_.pop_back();
      return encoder;
    }
  }
  // Single records are framed by the publisher, where it frames them at all.
  return std::make_unique<mapping::LineEncoder>(plans_, framing::FramingOptions(), nullptr);
}

void RecordEncoding::give_back(std::unique_ptr<mapping::LineEncoder> encoder) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(encoder));
}

}  // namespace copybridge::bridge
