// Identity and fate of a batch's records.
#include "bridge/passage.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace copybridge::bridge {

using adapters::Fate;

void Passage::reset(std::unique_ptr<adapters::RecordBatch> read, std::size_t route_count,
                    SteadyTime now) {
  batch = std::move(read);
  routes = route_count;
  text.clear();
  events.clear();
  extensions.clear();
  origins.clear();
  shares.assign(batch->records.size() * routes, Share{});
  bad.clear();
  withheld.clear();
  form_differences.clear();
  pending = 0;
  read_at = now;
}

void Passage::hand_back_from(std::uint32_t first) {
  const auto is_kept = [&](const auto& of) { return of.record < first; };
  const auto kept_events = std::ranges::partition_point(origins, is_kept) - origins.begin();
  origins.resize(static_cast<std::size_t>(kept_events));
  events.resize(origins.size());
  bad.erase(std::ranges::partition_point(bad, is_kept), bad.end());
  for (std::size_t share = first * routes; share < shares.size(); ++share) {
    pending -= shares[share].pending;
    shares[share] = Share{.is_handed_back = true};
  }
}

void Passage::keep_event(const publishers::Event& event) {
  publishers::Event kept{};
  using Part = std::string_view publishers::Event::*;
  static constexpr std::array<Part, 9> kParts = {
      &publishers::Event::id,          &publishers::Event::source,     &publishers::Event::type,
      &publishers::Event::subject,     &publishers::Event::key,        &publishers::Event::time,
      &publishers::Event::traceparent, &publishers::Event::tracestate, &publishers::Event::body};
  for (const Part part : kParts) text.append(event.*part);
  for (const publishers::Attribute& extension : event.extensions) text.append(extension.value);
  std::size_t begin = 0;
  for (const Part part : kParts) {
    kept.*part = text.view(begin, (event.*part).size());
    begin += (event.*part).size();
  }
  for (const publishers::Attribute& extension : event.extensions) {
    extensions.push_back({extension.name, text.view(begin, extension.value.size())});
    begin += extension.value.size();
  }
  kept.is_record = event.is_record;
  kept.extensions = extensions;
  events.push_back(kept);
}

std::uint32_t Passage::kept_records() const {
  const auto first = std::ranges::find_if(shares, &Share::is_handed_back);
  return static_cast<std::uint32_t>(static_cast<std::size_t>(first - shares.begin()) / routes);
}

void Passage::withhold_bad(const std::vector<Route>& route_table) {
  std::erase_if(bad, [&](BadRecord& one) {
    const Route& route = route_table[one.route];
    if (one.key.empty() || !route.blocks_keys) return false;
    // One dead letter for all becomes one for each.
    const auto more = static_cast<std::uint32_t>(route.destinations.size()) - 1;
    share(one.record, one.route).pending += more;
    pending += more;
    std::string id = event_id(one.record, one.mapping);
    withheld.push_back({std::move(one), std::move(id)});
    return true;
  });
  if (withheld.empty()) return;
  for (const Withheld& one : withheld) {
    publishers::Event event{};
    event.id = one.id;
    event.key = one.bad.key;
    events.push_back(event);
    origins.push_back({one.bad.record, one.bad.route, one.bad.mapping, {}, &one});
  }
  std::vector<std::size_t> order(events.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t event) { return origins[event].record; });
  std::vector<publishers::Event> ordered_events;
  std::vector<Origin> ordered_origins;
  for (const std::size_t event : order) {
    ordered_events.push_back(events[event]);
    ordered_origins.push_back(origins[event]);
  }
  events = std::move(ordered_events);
  origins = std::move(ordered_origins);
}

std::string Passage::record_id(const adapters::RecordBatch& batch, std::uint32_t index) {
  return batch.ids.empty() ? batch.id_prefix + std::to_string(batch.first_number + index)
                           : batch.id_prefix + batch.ids[index];
}

std::string Passage::event_id(std::uint32_t index, const mapping::Mapping* mapping) const {
  return record_id(index) + "/" + (mapping == nullptr ? "-" : mapping->name);
}

Fate Passage::fate(std::uint32_t index, std::uint32_t route) const {
  const Share& state = share(index, route);
  if (state.is_handed_back || state.pending > 0) return Fate::retry;
  if (state.is_delivered) return Fate::delivered;
  return state.is_dead_lettered ? Fate::dead_lettered : Fate::filtered;
}

Fate Passage::fate(std::uint32_t index) const {
  bool is_delivered = false;
  bool is_dead_lettered = false;
  for (std::uint32_t route = 0; route < routes; ++route) {
    const Fate of_route = fate(index, route);
    if (of_route == Fate::retry) return Fate::retry;
    is_delivered = is_delivered || of_route == Fate::delivered;
    is_dead_lettered = is_dead_lettered || of_route == Fate::dead_lettered;
  }
  if (is_delivered) return Fate::delivered;
  return is_dead_lettered ? Fate::dead_lettered : Fate::filtered;
}

using framing::RecordPlace;

namespace {

constexpr std::string_view kPlace = "place";
constexpr std::string_view kHeader = "header";
constexpr std::string_view kTrailer = "trailer";

}  // namespace

void note_place(RecordPlace place, adapters::Attributes& attributes) {
  if (place == RecordPlace::detail) return;
  attributes.emplace_back(kPlace, place == RecordPlace::header ? kHeader : kTrailer);
}

RecordPlace noted_place(const SourceAttributes& attributes) {
  const std::string_view place = attributes.find(kPlace);
  if (place == kHeader) return RecordPlace::header;
  return place == kTrailer ? RecordPlace::trailer : RecordPlace::detail;
}

}  // namespace copybridge::bridge
