// Positions of the source that are stored with the events, as one (exactly once).
#include <algorithm>
#include <utility>

#include "bridge/delivery.h"

namespace copybridge::bridge {

using publishers::Outcome;

/// Whole batches, of which nothing else is owed to anybody: what their positions say is true as
/// soon as they are stored. A dead letter is stored before.
Delivery::Queue Delivery::take_batches() {
  Queue taken;
  std::size_t events = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const Passage* const passage = queue_.front().passage;
    const auto is_of_another = [&](const Waiting& waiting) { return waiting.passage != passage; };
    const auto end = std::ranges::find_if(queue_, is_of_another);
    if (std::any_of(queue_.begin(), end, is_being_kept)) break;
    std::size_t owed = 0;
    for (auto waiting = queue_.begin(); waiting != end; ++waiting, ++owed) {
      if (is_position(*waiting)) continue;
      ++events;
      bytes += size_of(event_of(*waiting));
    }
    const bool is_too_much =
        events > limits_.events_per_request || bytes > limits_.bytes_per_request;
    if (passage->pending != owed || (is_too_much && !taken.empty())) break;
    taken.splice(taken.end(), queue_, queue_.begin(), end);
  }
  return taken;
}

void Delivery::give_position(const Waiting& newest, publishers::Request& request) const {
  request.position = [after = positions_.after, token = newest.passage->batch->token,
                      records = newest.passage->kept_records()] { return after(token, records); };
}

/// It is stored only together with everything.
void Delivery::settle_position(Queue& sent, Queue::iterator position,
                               const publishers::Response& response, std::vector<Delivered>& done) {
  const bool is_stored =
      !response.outcomes.empty() && std::ranges::all_of(response.outcomes, [](Outcome outcome) {
        return outcome == Outcome::accepted;
      });
  if (!is_stored) return put_back(sent, position);
  done.push_back({.destination = this,
                  .passage = position->passage,
                  .event = Delivered::kPosition,
                  .is_accepted = true});
  spare_.splice(spare_.begin(), sent, position);
}

/// What comes behind would be stored with a position that leaves the others out.
void Delivery::take_back(Queue& sent, std::vector<Delivered>& done) {
  positions_.take_back();
  for (Queue* const from : {&sent, &queue_}) {
    for (const Waiting& waiting : *from) {
      done.push_back({.destination = this,
                      .passage = waiting.passage,
                      .event = waiting.event,
                      .is_taken_back = true});
    }
    spare_.splice(spare_.begin(), *from);
  }
  breaker_.note_success();
}

}  // namespace copybridge::bridge
