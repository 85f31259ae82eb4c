// Bookkeeping of segments, and their removal.
#include "bridge/spool/shelf.h"

#include <algorithm>

namespace copybridge::spool {

void Shelf::restore(std::vector<Segment> segments, const Tail& committed, std::uint64_t settled) {
  const std::scoped_lock lock(mutex_);
  segments_.assign(segments.begin(), segments.end());
  committed_ = committed;
  settled_ = settled;
  bytes_ = 0;
  for (const Segment& segment : segments_) bytes_ += segment.size;
}

bool Shelf::has_room(std::uint64_t growth) const {
  const std::scoped_lock lock(mutex_);
  return segments_.empty() || bytes_ + growth <= bytes_max_;
}

void Shelf::add(Segment segment) {
  const std::scoped_lock lock(mutex_);
  bytes_ += segment.size;
  segments_.push_back(std::move(segment));
}

void Shelf::resize_newest(std::uint64_t size) {
  const std::scoped_lock lock(mutex_);
  bytes_ += size - segments_.back().size;
  segments_.back().size = size;
}

void Shelf::commit(const Tail& tail) {
  const std::scoped_lock lock(mutex_);
  committed_ = tail;
  remove_doomed();
}

void Shelf::remove_back() {
  doomed_.insert(segments_.back().name);
  bytes_ -= segments_.back().size;
  segments_.pop_back();
}

/// The newest first: one that stays must not seem to follow one that is gone.
bool Shelf::remove_doomed() {
  while (!doomed_.empty() && storage_.remove(*doomed_.rbegin())) {
    doomed_.erase(std::prev(doomed_.end()));
  }
  return doomed_.empty();
}

void Shelf::remove_newest() {
  const std::scoped_lock lock(mutex_);
  remove_back();
  remove_doomed();
}

void Shelf::remove_uncommitted() {
  const std::scoped_lock lock(mutex_);
  while (!segments_.empty() && segments_.back().number() > committed_.segment) remove_back();
  remove_doomed();
}

bool Shelf::remove_front() {
  if (!storage_.remove(segments_.front().name)) return false;
  bytes_ -= segments_.front().size;
  segments_.pop_front();
  return true;
}

bool Shelf::remove_all() {
  const std::scoped_lock lock(mutex_);
  if (settled_ < committed_.sequence || !remove_doomed()) return false;
  while (!segments_.empty() && remove_front()) {
  }
  return segments_.empty();
}

void Shelf::settle(std::uint64_t sequence) {
  const std::scoped_lock lock(mutex_);
  settled_ = sequence;
  while (segments_.size() > 1 && segments_[1].number() <= committed_.segment &&
         segments_[1].identity.first_sequence <= settled_ && remove_front()) {
  }
}

/// Where the records of a segment end, as far as they are committed.
std::uint64_t Shelf::end_of(std::size_t index) const {
  if (index + 1 == segments_.size()) return committed_.sequence;
  return std::min(segments_[index + 1].identity.first_sequence, committed_.sequence);
}

std::optional<Shelf::Place> Shelf::find(std::uint64_t sequence) const {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = segments_.size(); i-- > 0;) {
    if (segments_[i].identity.first_sequence > sequence) continue;
    const bool has_next = i + 1 < segments_.size();
    const std::uint64_t next = has_next ? segments_[i + 1].number() : committed_.segment;
    return Place{segments_[i], next > segments_[i].number() + (has_next ? 1 : 0)};
  }
  return std::nullopt;
}

bool Shelf::has(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(segments_, [&](const Segment& it) { return it.number() == number; });
}

ScanBounds Shelf::bounds(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].number() != number) continue;
    const std::uint64_t limit =
        number == committed_.segment ? committed_.offset : segments_[i].size;
    return {.limit = limit, .synced = limit, .end_sequence = end_of(i)};
  }
  return {};
}

std::uint64_t Shelf::first_behind(std::uint64_t sequence) const {
  const std::scoped_lock lock(mutex_);
  for (const Segment& segment : segments_) {
    if (segment.identity.first_sequence > sequence) {
      return std::min(segment.identity.first_sequence, committed_.sequence);
    }
  }
  return committed_.sequence;
}

Tail Shelf::committed() const {
  const std::scoped_lock lock(mutex_);
  return committed_;
}

std::uint64_t Shelf::settled() const {
  const std::scoped_lock lock(mutex_);
  return settled_;
}

Fill Shelf::fill() const {
  const std::scoped_lock lock(mutex_);
  return {committed_.sequence - settled_, bytes_, bytes_max_};
}

}  // namespace copybridge::spool
