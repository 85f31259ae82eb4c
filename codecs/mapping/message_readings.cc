// The cache of a mapping's readings.
#include "codecs/mapping/message_readings.h"

#include <algorithm>

#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {
namespace {

constexpr std::size_t kQueuesMax = 1000;

}  // namespace

MessageReadings::Reading MessageReadings::of(const SourceAttributes& source) const {
  const Result<MessageForm> form = MessageForm::read(source);
  if (!form) return pass_on(form);
  // Compiling takes milliseconds, once per form: others may wait for it.
  const std::lock_guard lock(mutex_);
  const auto known = kept_.find(*form);
  if (known != kept_.end()) {
    known->second.asked_at = ++asked_;
    return known->second.reading;
  }
  if (kept_.size() >= kKept) {
    kept_.erase(std::ranges::min_element(kept_, {},
                                         [](const auto& entry) { return entry.second.asked_at; }));
  }
  ++compiled_;
  return kept_.emplace(*form, Kept{compile_(*form), ++asked_}).first->second.reading;
}

std::string MessageReadings::new_difference(const Mapping& mapping,
                                            const SourceAttributes& source) const {
  const Result<MessageForm> form = MessageForm::read(source);
  if (!form) return {};
  const std::string_view queue = source.find("mq-queue");
  const std::lock_guard lock(mutex_);
  if (queues_told_.contains(queue) || queues_told_.size() >= kQueuesMax) return {};
  auto known = differences_.find(*form);
  if (known == differences_.end()) {
    if (differences_.size() >= kKept) differences_.clear();
    known = differences_.emplace(*form, difference(*form, *mapping.layout, mapping.options)).first;
  }
  if (!known->second.empty()) queues_told_.emplace(queue);
  return known->second;
}

std::size_t MessageReadings::compiled() const {
  const std::lock_guard lock(mutex_);
  return compiled_;
}

}  // namespace copybridge::mapping
