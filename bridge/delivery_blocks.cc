// Keys that wait for a dead letter (on_dead_letter: block-key).
#include <algorithm>
#include <utility>

#include "bridge/core/log_events.h"
#include "bridge/delivery.h"

namespace copybridge::bridge {

void Delivery::block(std::string_view key, std::string_view letter) {
  if (key.empty()) return;
  blocked_[std::string(key)].letters.emplace_back(letter);
}

/// Puts an event whose key is blocked aside; one that is a dead letter already stays one.
bool Delivery::hold_back(Queue::iterator waiting, std::vector<Delivered>& done) {
  if (blocked_.empty()) return false;
  const publishers::Event& event = event_of(*waiting);
  const auto found = blocked_.find(event.key);
  if (found == blocked_.end()) return false;
  Block& block = found->second;
  if (std::ranges::find(block.letters, event.id) != block.letters.end()) {
    done.push_back({.destination = this,
                    .passage = waiting->passage,
                    .event = waiting->event,
                    .is_letter = true});
    spare_.splice(spare_.begin(), queue_, waiting);
    return true;
  }
  if (!std::exchange(block.is_logged, true)) log_key_blocked(log_, name_, block.letters.front());
  block.held.splice(block.held.end(), queue_, waiting);
  return true;
}

void Delivery::release_all_but(const std::set<std::pair<std::string, std::string>>& letters) {
  for (auto next = blocked_.begin(); next != blocked_.end();) {
    const auto blocked = next++;
    Block& block = blocked->second;
    const std::string first = block.letters.front();
    std::erase_if(block.letters, [&](const std::string& letter) {
      return !letters.contains({blocked->first, letter});
    });
    if (!block.letters.empty()) continue;
    if (block.is_logged) log_key_released(log_, name_, first, block.held.size());
    while (!block.held.empty()) put_back(block.held, block.held.begin());
    blocked_.erase(blocked);
  }
}

}  // namespace copybridge::bridge
