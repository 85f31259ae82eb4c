// A source that holds a unit of work open does not hold it through an outage: it is handed back
// once, and nothing is read until the endpoints work.
#include <algorithm>

#include "bridge/pipeline.h"

namespace copybridge::bridge {

bool Pipeline::is_unit_too_old() const {
  const Milliseconds age_max = source_.unit_age_max();
  if (age_max.count() == 0 || passages_.empty() || is_stopping_) return false;
  if (clock_.now() - passages_.front()->read_at < age_max) return false;
  return std::ranges::any_of(destinations_,
                             [](const auto& destination) { return destination->is_stuck(); });
}

// Publishers read the events of what is under way: nothing is given back before they have answered.
void Pipeline::back_out() {
  backs_out_ = is_unit_too_old();
  if (!backs_out_) return;
  const auto is_busy = [](const auto& destination) { return destination->in_flight() > 0; };
  if (std::ranges::any_of(destinations_, is_busy) || decoding_.size() > 0 || held_ != nullptr)
    return;
  back_out_unit();
  backs_out_ = false;
}

void Pipeline::back_out_unit() {
  const auto age =
      std::chrono::duration_cast<Milliseconds>(clock_.now() - passages_.front()->read_at);
  std::uint64_t records = 0;
  for (const auto& passage : passages_) records += passage->record_count();
  source_.hold_reading(true);
  std::vector<std::pair<Delivery*, std::unique_ptr<Passage>>> probes;
  std::string endpoints;
  for (const auto& destination : destinations_) {
    const publishers::Event* event = destination->first_waiting();
    if (event == nullptr) continue;
    endpoints += (endpoints.empty() ? "" : ",") + destination->name();
    probes.emplace_back(destination.get(), std::make_unique<Passage>()).second->keep_event(*event);
  }
  hand_back_rest();
  settle();
  log_unit_backed_out(log_, settings_.source, endpoints, records, age.count());
  for (auto& [destination, probe] : probes) {
    destination->enqueue(*probe, 0);
    probes_.push_back(std::move(probe));
  }
  for (const auto& destination : destinations_) destination->note_backed_out();
  source_.hold_reading(!probes_.empty());
}

/// Whether the event was a probe; with the last of them the source is read again. Its record comes
/// again whatever the answer was, and has its fate then.
bool Pipeline::note_probe(const Passage* passage) {
  const auto found = std::ranges::find(probes_, passage, &std::unique_ptr<Passage>::get);
  if (found == probes_.end()) return false;
  probes_.erase(found);
  if (probes_.empty()) source_.hold_reading(false);
  return true;
}

}  // namespace copybridge::bridge
