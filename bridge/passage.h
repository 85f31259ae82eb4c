// A batch on its way: its records, the events made of them, and what is still owed to each.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/core/bytes.h"
#include "bridge/core/source_attributes.h"
#include "bridge/form_reader.h"
#include "bridge/publishers/publisher.h"
#include "bridge/record_encoding.h"
#include "bridge/trace_context.h"
#include "codecs/mapping/mapping.h"
#include "codecs/plan/plan.h"

namespace copybridge::bridge {

/// A route of one source, ready to use: first mapping that matches, to every destination.
struct Route {
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings;
  std::vector<std::uint32_t> destinations;  ///< indexes of the pipeline's destinations
  std::string destination_names;            ///< "cloud,archive": for dead letters and the log
  bool ignore_unmatched = false;            ///< a record that no mapping matches is filtered
  /// Null: the source's records become JSON; else its JSON becomes records of the mappings.
  std::shared_ptr<RecordEncoding> encoding = nullptr;
  bool blocks_keys = false;  ///< later events of a key wait for its dead letter
  TraceRule trace = TraceRule::pass;
};

/// What is owed to one record on one route.
struct Share {
  std::uint32_t pending = 0;  ///< deliveries and dead letters that are not confirmed
  bool is_delivered = false;  ///< one destination has it
  bool is_dead_lettered = false;
  bool is_handed_back = false;  ///< given up at a stop or pause: the source keeps it
};

/// A record, or one destination's share of it, that can never succeed.
struct BadRecord {
  std::uint32_t record = 0;
  std::uint32_t route = 0;
  const mapping::Mapping* mapping = nullptr;  ///< null: none matched
  std::string destination;                    ///< one name, or a route's names with commas
  plan::BadField field;
  bool is_kept_here = false;  ///< in `state`, not with the publisher of the dead letters
  std::string key = {};       ///< of its event, where later ones have to wait for it
};

/// One batch between read and settle. Recycled with all its buffers. Belongs to the thread that
/// decodes it and then to the pipeline's; publishers read the events until they have answered.
struct Passage {
  /// A bad record of a route that blocks keys: it stands among the events, so that it becomes a
  /// dead letter of each destination when its turn has come there.
  struct Withheld {
    BadRecord bad;
    std::string id;
  };
  /// Which record and route an event came from.
  struct Origin {
    std::uint32_t record = 0;
    std::uint32_t route = 0;
    const mapping::Mapping* mapping = nullptr;  ///< null: a notice
    plan::Plan::Counts counts = {};             ///< what the body says in place of the record
    const Withheld* withheld = nullptr;         ///< no event: it is never sent
  };

  std::unique_ptr<adapters::RecordBatch> batch;
  TextBuffer text;                                ///< of all events; does not grow once they exist
  std::vector<publishers::Event> events;          ///< views into `text`
  std::vector<publishers::Attribute> extensions;  ///< of all events, likewise
  std::vector<Origin> origins;                    ///< one per event
  std::vector<Share> shares;                      ///< of each record, one per route
  std::vector<BadRecord> bad;                     ///< not yet in the dead letters
  std::deque<Withheld> withheld;
  std::vector<FormDifference> form_differences;  ///< not yet in the log
  std::uint64_t pending = 0;  ///< sum over shares, and one for a position that is not stored
  std::size_t routes = 0;
  SteadyTime read_at;

  void reset(std::unique_ptr<adapters::RecordBatch> read, std::size_t route_count, SteadyTime now);
  /// Gives the records from `first` on back to the source: their events and faults are dropped.
  /// Before anything of the passage was handed to a destination.
  void hand_back_from(std::uint32_t first);
  /// Makes this the passage of one event alone, with texts of its own.
  void keep_event(const publishers::Event& event);
  /// Puts the bad records whose keys have to wait for them among the events.
  void withhold_bad(const std::vector<Route>& route_table);
  [[nodiscard]] bool is_withheld(std::uint32_t event) const {
    return event < origins.size() && origins[event].withheld != nullptr;
  }
  /// The records before the first that was handed back.
  [[nodiscard]] std::uint32_t kept_records() const;
  [[nodiscard]] std::uint32_t record_count() const {
    return static_cast<std::uint32_t>(batch->records.size());
  }
  [[nodiscard]] Share& share(std::uint32_t record, std::uint32_t route) {
    return shares[record * routes + route];
  }
  [[nodiscard]] const Share& share(std::uint32_t record, std::uint32_t route) const {
    return shares[record * routes + route];
  }
  [[nodiscard]] ByteView record(std::uint32_t index) const {
    const framing::RecordSpan& span = batch->records[index];
    return batch->bytes.view(span.offset, span.size);
  }
  /// What the source says of it.
  [[nodiscard]] SourceAttributes source_attributes(std::uint32_t index) const {
    if (batch->record_attributes.empty()) return SourceAttributes(batch->attributes);
    return SourceAttributes(batch->attributes, batch->record_attributes[index]);
  }
  [[nodiscard]] framing::RecordPlace place(std::uint32_t index) const {
    return batch->records[index].place;
  }
  /// The record's own id, without a mapping's name.
  [[nodiscard]] static std::string record_id(const adapters::RecordBatch& batch,
                                             std::uint32_t index);
  [[nodiscard]] std::string record_id(std::uint32_t index) const {
    return record_id(*batch, index);
  }
  /// The id of what a mapping makes of the record; "-" stands for no mapping.
  [[nodiscard]] std::string event_id(std::uint32_t index, const mapping::Mapping* mapping) const;
  /// What became of a record on one route.
  [[nodiscard]] adapters::Fate fate(std::uint32_t index, std::uint32_t route) const;
  /// What became of it over all routes, as the source is told.
  [[nodiscard]] adapters::Fate fate(std::uint32_t index) const;
};

/// A header's or trailer's place as an attribute, from which a replay takes it again.
void note_place(framing::RecordPlace place, adapters::Attributes& attributes);
[[nodiscard]] framing::RecordPlace noted_place(const SourceAttributes& attributes);

}  // namespace copybridge::bridge
