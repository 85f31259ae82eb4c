// A value that is fetched, ages, and is fetched again: a token, temporary keys.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/error.h"

namespace copybridge::http {

/// What a fetch brought.
template <typename T>
struct Fetched {
  T value;
  /// How long it may be used from now on; Milliseconds::max(): for ever.
  Milliseconds lifetime = Milliseconds::max();
};

/// Hands the value out and keeps it fresh. One fetch at a time, however many ask. Thread-safe; the
/// callbacks run on the asking thread or on the one that ends the fetch, without a lock held.
template <typename T>
class Refreshed {
 public:
  using Value = std::shared_ptr<const T>;
  using Then = std::function<void(Result<Value>)>;
  using Done = std::function<void(Result<Fetched<T>>)>;
  /// Begins a fetch and calls back once, at once or later.
  using Fetch = std::function<void(Done)>;

  Refreshed(const Clock& clock, Fetch fetch) : clock_(clock), fetch_(std::move(fetch)) {}

  /// The value, at once while it may be used. From four fifths of its lifetime on, less up to a
  /// tenth by chance so that many processes do not come together, it is also fetched again.
  void get(const Then& then) { get(then, false); }

  /// The same for whoever keeps the value for himself and asks when it has aged: he waits for the
  /// fetch that is due then. Where it fails he is given the value that may still be used.
  void get_renewed(const Then& then) { get(then, true); }
  /// Begins a fetch before anybody asks. An error of kind config that is there at once: something
  /// on this machine has to be put right.
  [[nodiscard]] Result<void> begin() {
    const auto mistake = std::make_shared<Result<void>>();
    get([mistake, opener = std::this_thread::get_id()](const Result<Value>& value) {
      const bool is_at_once = std::this_thread::get_id() == opener;
      if (is_at_once && !value && value.error().kind == ErrorKind::config) {
        *mistake = pass_on(value);
      }
    });
    return *mistake;
  }

  /// The next one who asks waits for another value.
  void drop() {
    const std::scoped_lock lock(mutex_);
    value_ = nullptr;
  }

 private:
  static constexpr Milliseconds kRetry{10'000};  ///< after a failed early fetch

  void get(const Then& then, bool waits_for_renewal) {
    Value ready;
    bool has_to_fetch = false;
    {
      const std::scoped_lock lock(mutex_);
      const SteadyTime now = clock_.now();
      const bool is_due = now >= refresh_at_;
      if (is_usable(now) && !(is_due && waits_for_renewal)) ready = value_;
      if (ready == nullptr) waiting_.push_back(then);
      has_to_fetch = !is_fetching_ && (ready == nullptr || is_due);
      is_fetching_ = is_fetching_ || has_to_fetch;
    }
    if (ready != nullptr) then(ready);
    if (has_to_fetch) fetch_([this](Result<Fetched<T>> fetched) { end(std::move(fetched)); });
  }

  [[nodiscard]] bool is_usable(SteadyTime now) const {
    return value_ != nullptr && now < unusable_at_;
  }

  void end(Result<Fetched<T>> fetched) {
    Result<Value> result = nullptr;
    std::vector<Then> waiting;
    {
      const std::scoped_lock lock(mutex_);
      is_fetching_ = false;
      waiting.swap(waiting_);
      if (fetched) {
        value_ = std::make_shared<const T>(std::move(fetched->value));
        set_times(fetched->lifetime);
        result = value_;
      } else {
        const SteadyTime now = clock_.now();
        refresh_at_ = now + kRetry;
        result = is_usable(now) ? Result<Value>(value_) : pass_on(fetched);
      }
    }
    for (const Then& then : waiting) then(result);
  }

  void set_times(Milliseconds lifetime) {
    refresh_at_ = unusable_at_ = SteadyTime::max();
    if (lifetime == Milliseconds::max()) return;
    const SteadyTime now = clock_.now();
    std::uniform_int_distribution<std::int64_t> jitter(0, lifetime.count() / 10);
    refresh_at_ = now + lifetime * 4 / 5 - Milliseconds(jitter(random_));
    unusable_at_ = now + lifetime;
  }

  const Clock& clock_;
  const Fetch fetch_;
  std::mutex mutex_;
  Value value_;
  SteadyTime refresh_at_{};
  SteadyTime unusable_at_{};
  bool is_fetching_ = false;
  std::vector<Then> waiting_;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace copybridge::http
