// What a broker was told last, and may not have heard when the connection was lost: what comes
// again of it need not be delivered again.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/adapter.h"

namespace copybridge::adapters {

class RedeliveryMemory {
 public:
  /// `unsettled_max`: how many messages may be settled and not heard of, roughly.
  explicit RedeliveryMemory(std::size_t unsettled_max) : settled_max_(2 * unsettled_max) {}

  /// The broker was told, or is to be told when the message comes again. Empty ids are not kept.
  void note_settled(const std::string& id, Fate fate) {
    if (id.empty() || fate == Fate::retry) return;
    recent_.emplace_back(id, fate);
    if (recent_.size() > settled_max_) recent_.pop_front();
  }
  /// The connection is lost: what was noted since may come again.
  void note_lost() {
    // Most was heard and never comes; forgetting costs a repeat with the same id.
    if (known_.size() > 5 * settled_max_) known_.clear();
    for (auto& [id, fate] : recent_) known_.insert_or_assign(std::move(id), fate);
    recent_.clear();
  }
  /// The fate of a message that has come again. It is noted as settled once more, since that may be
  /// lost as well.
  [[nodiscard]] std::optional<Fate> recognize(const std::string& id) {
    const auto found = known_.find(id);
    if (found == known_.end()) return std::nullopt;
    const Fate fate = found->second;
    known_.erase(found);
    note_settled(id, fate);
    return fate;
  }
  void clear() {
    recent_.clear();
    known_.clear();
  }

 private:
  const std::size_t settled_max_;
  std::deque<std::pair<std::string, Fate>> recent_;
  std::unordered_map<std::string, Fate> known_;
};

}  // namespace copybridge::adapters
