// A queue with a limit in bytes.
#include "adapters/tcp/intake.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace copybridge::adapters::tcp {

std::uint64_t record_bytes(const Cut& cut) {
  return std::accumulate(
      cut.records.begin(), cut.records.end(), std::uint64_t{0},
      [](std::uint64_t sum, const framing::RecordSpan& span) { return sum + span.size; });
}

void Intake::add(Arrival arrival) {
  {
    const std::scoped_lock lock(mutex_);
    bytes_ += record_bytes(arrival.cut);
    arrivals_.push_back(std::move(arrival));
  }
  changed_.notify_all();
}

bool Intake::is_full() const {
  const std::scoped_lock lock(mutex_);
  return bytes_ >= bytes_max_;
}

std::uint64_t Intake::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

void Intake::count_partial(std::size_t& counted, std::size_t now) {
  partial_bytes_ += now;
  partial_bytes_ -= counted;
  counted = now;
}

std::size_t Intake::waiting() const {
  const std::scoped_lock lock(mutex_);
  std::size_t records = 0;
  for (const Arrival& arrival : arrivals_)
    records += arrival.cut.records.size() - arrival.handed_out;
  return records;
}

void Intake::wait(Milliseconds limit, const Clock& clock) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, clock.machine_time(limit),
                    [this] { return is_interrupted_ || !arrivals_.empty(); });
  is_interrupted_ = false;
}

void Intake::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_all();
}

std::optional<Arrival> Intake::take(std::size_t records_max) {
  const std::scoped_lock lock(mutex_);
  if (arrivals_.empty()) return std::nullopt;
  Arrival& first = arrivals_.front();
  const std::size_t left = first.cut.records.size() - first.handed_out;
  if (left <= records_max) {
    Arrival whole = std::move(first);
    arrivals_.pop_front();
    return whole;
  }
  Arrival part;
  part.connection = first.connection;
  part.attributes = first.attributes;
  part.time_ms = first.time_ms;
  const auto begin = first.cut.records.begin() + static_cast<std::ptrdiff_t>(first.handed_out);
  for (framing::RecordSpan span :
       std::span(begin, begin + static_cast<std::ptrdiff_t>(records_max))) {
    const ByteView bytes = first.cut.bytes.view(span.offset, span.size);
    span.offset = static_cast<std::uint32_t>(part.cut.bytes.size());
    part.cut.records.push_back(span);
    part.cut.bytes.append(bytes);
  }
  first.handed_out += records_max;
  return part;
}

void Intake::release(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_ -= std::min(bytes, bytes_);
}

void Intake::clear() {
  const std::scoped_lock lock(mutex_);
  arrivals_.clear();
  bytes_ = 0;
}

}  // namespace copybridge::adapters::tcp
