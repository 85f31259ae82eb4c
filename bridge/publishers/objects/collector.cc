// Lines into objects, outcomes into responses.
#include "bridge/publishers/objects/collector.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <utility>

namespace copybridge::publishers::objects {

void Collector::take(const Request& request, SteadyTime now) {
  stored_.forget(request.settled_ids);
  // Formed before the pipeline knew what has to come first.
  if (request.epoch < failures_) {
    return hand_back(request, {.outcomes = {Outcome::retry}, .reason = "an earlier object failed"});
  }
  Held& held = held_[request.number];
  held.outcomes.assign(request.events.size(), Outcome::retry);
  held.open = request.events.size() + 1;  // One more until all are placed.
  for (std::uint32_t event = 0; event < request.events.size(); ++event) {
    place(*request.events[event], {.request = request.number, .event = event}, now);
  }
  if (--held.open > 0) return;
  port_.post({.number = request.number, .outcomes = std::move(held.outcomes)});
  held_.erase(request.number);
}

void Collector::place(const Event& event, Waiter waiter, SteadyTime now) {
  const Hash128 hash = hash128_of(event.id);
  if (stored_.knows(hash)) return accept(waiter);
  const auto rebuild = std::ranges::find_if(
      rebuilds_, [&](const Rebuild& candidate) { return candidate.holds(hash); });
  if (rebuild != rebuilds_.end()) {
    std::string line;
    append_line(line, event, rebuild->encoding().format);
    return rebuild->add(event.id, hash, std::move(line), waiter, now);
  }
  if (!is_placed_again(hash, waiter)) add_line(event, hash, waiter, now);
}

bool Collector::is_placed_again(const Hash128& hash, Waiter waiter) {
  if (filling_ && filling_->add_again(hash, waiter)) return true;
  if (under_way_ && under_way_->add_again(hash, waiter)) return true;
  return std::ranges::any_of(closed_,
                             [&](Filling& object) { return object.add_again(hash, waiter); });
}

void Collector::add_line(const Event& event, const Hash128& hash, Waiter waiter, SteadyTime now) {
  if (!filling_) begin(now);
  std::string& line = filling_->line();
  const std::size_t before = line.size();
  append_line(line, event, encoding_.format);
  if (filling_->text_size() > rolling_.bytes && filling_->events() > 0) {
    const std::string own = line.substr(before);
    line.resize(before);
    close();
    begin(now);
    filling_->line() += own;
  }
  filling_->add(event.id, hash, waiter);
  if (filling_->events() >= rolling_.events) close();
}

void Collector::begin(SteadyTime now) {
  // Without compression its size is known; more than that is not taken from the system at once.
  constexpr std::size_t kRoomMax = std::size_t{64} << 20;
  std::string room = std::exchange(room_, {});
  if (encoding_.compression == Compression::none) room.reserve(std::min(rolling_.bytes, kRoomMax));
  filling_.emplace(encoding_, now, std::move(room));
}

void Collector::close() {
  closed_.push_back(std::move(*filling_));
  filling_.reset();
}

void Collector::rebuild(std::vector<Rebuild> rebuilds) { rebuilds_ = std::move(rebuilds); }

/// Of those whose events come; one of which none has come holds nothing up.
std::optional<Filling> Collector::next_rebuilt(SteadyTime now, bool has_to_end) {
  const auto begun = std::ranges::find_if(rebuilds_, &Rebuild::is_begun);
  if (begun == rebuilds_.end()) return std::nullopt;
  if (!begun->is_complete() && !has_to_end && !is_old(begun->started(), now)) return std::nullopt;
  Filling filling = begun->finish();
  claims_under_way_ = begun->claims();
  rebuilds_.erase(begun);
  return filling;
}

std::optional<Draft> Collector::next(SteadyTime now, bool nothing_comes) {
  if (under_way_) return std::nullopt;
  if (filling_ && is_old(filling_->started(), now)) close();
  const bool has_begun = std::ranges::any_of(rebuilds_, &Rebuild::is_begun);
  // What comes behind it is whole already: the rest of it does not come.
  under_way_ = next_rebuilt(now, nothing_comes || !closed_.empty());
  if (!under_way_ && has_begun) return std::nullopt;
  if (!under_way_ && closed_.empty() && filling_ && nothing_comes) close();
  if (!under_way_ && !closed_.empty()) {
    under_way_ = std::move(closed_.front());
    closed_.pop_front();
  }
  if (!under_way_) return std::nullopt;
  Draft draft = under_way_->finish();
  draft.claims = std::exchange(claims_under_way_, {});
  return draft;
}

SteadyTime Collector::next_due() const {
  SteadyTime due = SteadyTime::max();
  if (filling_) due = filling_->started() + rolling_.age;
  for (const Rebuild& rebuild : rebuilds_) {
    if (rebuild.is_begun()) due = std::min(due, rebuild.started() + rolling_.age);
  }
  return due;
}

void Collector::accept(const Waiter& waiter) {
  const auto held = held_.find(waiter.request);
  held->second.outcomes[waiter.event] = Outcome::accepted;
  if (--held->second.open > 0) return;
  port_.post({.number = waiter.request, .outcomes = std::move(held->second.outcomes)});
  held_.erase(held);
}

bool Collector::note_stored(const Claim& claim) {
  const Filling object = std::move(*under_way_);
  under_way_.reset();
  note_found(claim);
  if (claim.hashes == object.hashes()) {
    for (const Waiter& waiter : object.waiters()) accept(waiter);
    return true;
  }
  const boost::unordered_flat_set<Hash128, Hash128::Half> there(claim.hashes.begin(),
                                                                claim.hashes.end());
  bool is_all_there = true;
  for (const Waiter& waiter : object.waiters()) {
    if (there.contains(object.hashes()[waiter.place])) {
      accept(waiter);
    } else {
      is_all_there = false;
    }
  }
  if (is_all_there) return true;
  hand_back({.outcomes = {Outcome::retry},
             .reason = "an earlier attempt at an object had got through without these events"});
  return false;
}

void Collector::hand_back(const Response& failure) {
  // Before any of them can be answered by a request: it has to know of all.
  failures_ += held_.size();
  for (auto& [number, held] : held_) {
    Response response = failure;
    response.number = number;
    response.outcomes = std::move(held.outcomes);
    std::ranges::replace(response.outcomes, Outcome::retry, failure.outcomes.front());
    port_.post(std::move(response));
  }
  held_.clear();
  rebuilds_.clear();
  filling_.reset();
  closed_.clear();
  under_way_.reset();
}

void Collector::hand_back(const Request& request, const Response& failure) {
  ++failures_;
  Response response = failure;
  response.number = request.number;
  port_.post(std::move(response));
}

}  // namespace copybridge::publishers::objects
