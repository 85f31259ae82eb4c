// Requests whose replies are awaited, by what tells their replies.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

namespace copybridge::publishers {

/// `Id`: what a reply has of its request. Thread-safe.
template <typename Id, typename Hash = std::hash<Id>>
class AwaitedReplies {
 public:
  void add(const Id& id, std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    numbers_[id] = number;
    ids_[number] = id;
  }
  void remove(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    const auto known = ids_.find(number);
    if (known == ids_.end()) return;
    numbers_.erase(known->second);
    ids_.erase(known);
  }
  /// The request's number, which is then no longer awaited; 0: there is none.
  [[nodiscard]] std::uint64_t take(const Id& id) {
    const std::scoped_lock lock(mutex_);
    const auto known = numbers_.find(id);
    if (known == numbers_.end()) return 0;
    const std::uint64_t number = known->second;
    numbers_.erase(known);
    ids_.erase(number);
    return number;
  }
  [[nodiscard]] bool has(const Id& id) const {
    const std::scoped_lock lock(mutex_);
    return numbers_.contains(id);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Id, std::uint64_t, Hash> numbers_;
  std::unordered_map<std::uint64_t, Id> ids_;
};

}  // namespace copybridge::publishers
