// Requests that are known when they come again, by the keys that their senders gave them.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/http/message.h"

namespace copybridge::adapters::http {

/// Keys of requests that are under way, and of the latest that were answered. For one thread at a
/// time. `Work` is what is under way.
template <typename Work>
class Repeats {
 public:
  explicit Repeats(std::size_t answered_max) : answered_max_(answered_max) {}

  struct Known {
    std::string body_hash;
    std::shared_ptr<Work> work;  ///< null: it was answered
    Answer answer = {};
  };

  /// Null: the key is new.
  [[nodiscard]] const Known* find(const std::string& key) const {
    const auto known = known_.find(key);
    return known == known_.end() ? nullptr : &known->second;
  }
  void begin(const std::string& key, const std::string& body_hash, std::shared_ptr<Work> work) {
    known_[key] = {.body_hash = body_hash, .work = std::move(work)};
  }
  /// What every repeat is answered from now on.
  void end(const std::string& key, const Answer& answer) {
    const auto known = known_.find(key);
    if (known == known_.end()) return;
    known->second.work.reset();
    known->second.answer = answer;
    answered_.push_back(key);
    if (answered_.size() <= answered_max_) return;
    known_.erase(answered_.front());
    answered_.pop_front();
  }
  /// A repeat is a new request.
  void forget(const std::string& key) { known_.erase(key); }

 private:
  const std::size_t answered_max_;
  std::unordered_map<std::string, Known> known_;
  std::deque<std::string> answered_;  ///< oldest first
};

}  // namespace copybridge::adapters::http
