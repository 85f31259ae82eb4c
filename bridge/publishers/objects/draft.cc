// Lines, and who waits for them.
#include "bridge/publishers/objects/draft.h"

#include <utility>

namespace copybridge::publishers::objects {

void Filling::add(std::string_view id, const Hash128& hash, Waiter waiter) {
  if (hashes_.empty()) first_id_ = id;
  last_id_ = id;
  waiter.place = static_cast<std::uint32_t>(hashes_.size());
  places_.emplace(hash, waiter.place);
  hashes_.push_back(hash);
  waiters_.push_back(waiter);
  encoder_.add_line();
}

bool Filling::add_again(const Hash128& hash, Waiter waiter) {
  const auto found = places_.find(hash);
  if (found == places_.end()) return false;
  waiter.place = found->second;
  waiters_.push_back(waiter);
  return true;
}

Draft Filling::finish() {
  ObjectEncoder::Made made = encoder_.finish();
  return {.bytes = std::move(made.bytes),
          .sha256 = std::move(made.sha256),
          .encoding = encoding_,
          .hashes = hashes_,
          .first_id = first_id_,
          .last_id = last_id_};
}

Rebuild::Rebuild(std::vector<Claim> claims)
    : claims_(std::move(claims)),
      encoding_(Encoding::parse(claims_.front().encoding).value_or(Encoding{})),
      lines_(claims_.front().hashes.size()),
      missing_(lines_.size()) {
  std::uint32_t place = 0;
  for (const Hash128& hash : claims_.front().hashes) places_.emplace(hash, place++);
}

void Rebuild::add(std::string_view id, const Hash128& hash, std::string line, Waiter waiter,
                  SteadyTime now) {
  if (waiters_.empty()) started_ = now;
  waiter.place = places_.at(hash);
  waiters_.push_back(waiter);
  Line& own = lines_[waiter.place];
  if (!own.text.empty()) return;
  --missing_;
  own = {std::move(line), std::string(id)};
}

Filling Rebuild::finish() {
  Filling filling(encoding_, started_);
  std::vector<std::vector<Waiter>> waiting(lines_.size());
  for (const Waiter& waiter : waiters_) waiting[waiter.place].push_back(waiter);
  for (std::size_t place = 0; place < lines_.size(); ++place) {
    if (lines_[place].text.empty()) continue;
    const Hash128& hash = claims_.front().hashes[place];
    filling.line() += lines_[place].text;
    filling.add(lines_[place].id, hash, waiting[place].front());
    for (std::size_t next = 1; next < waiting[place].size(); ++next) {
      static_cast<void>(filling.add_again(hash, waiting[place][next]));
    }
  }
  return filling;
}

std::vector<Rebuild> rebuilds_of(std::vector<Claim> claims) {
  std::vector<Rebuild> rebuilds;
  std::vector<Claim> of_one;
  for (Claim& claim : claims) {
    if (!of_one.empty() && of_one.front().sequence != claim.sequence) {
      rebuilds.emplace_back(std::exchange(of_one, {}));
    }
    of_one.push_back(std::move(claim));
  }
  if (!of_one.empty()) rebuilds.emplace_back(std::move(of_one));
  return rebuilds;
}

}  // namespace copybridge::publishers::objects
