// Matching, filtering and decoding of a batch's records into events.
#include "bridge/route.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/source_time.h"
#include "bridge/form_reader.h"

namespace copybridge::bridge {
namespace {

using condition::Truth;
using mapping::Mapping;

/// A mapping, and what reads records by it: itself, or what it is under a message's code page,
/// which is not kept beyond the batch.
struct Typed {
  const Mapping* mapping;
  const Mapping* reader;
};

/// Where an event's texts lie while the text may still move.
struct Spans {
  std::size_t time = 0, id = 0, trace = 0, trace_state = 0, subject = 0, key = 0, key_end = 0,
              body = 0, end = 0;
};

class EventMaker {
 public:
  EventMaker(const std::vector<Route>& routes, std::string_view event_source, Passage& passage)
      : routes_(routes),
        passage_(passage),
        common_trace_(CommonTrace::of(passage.batch->attributes)) {
    for (const Route& route : routes)
      encoders_.push_back(route.encoding == nullptr ? nullptr : route.encoding->take());
    passage.text.append(event_source);
    source_end_ = passage.text.size();
    has_own_times_ = !passage.batch->record_times_ms.empty();
    if (!has_own_times_) append_time(passage.batch->time_ms);
    time_end_ = passage.text.size();
  }

  ~EventMaker() {
    for (std::size_t i = 0; i < routes_.size(); ++i)
      if (encoders_[i] != nullptr) routes_[i].encoding->give_back(std::move(encoders_[i]));
  }
  EventMaker(const EventMaker&) = delete;
  EventMaker& operator=(const EventMaker&) = delete;

  void add_record(std::uint32_t record) {
    for (std::uint32_t route = 0; route < routes_.size(); ++route)
      encoders_[route] == nullptr ? add_to_route(route, record) : add_encoded(route, record);
  }

  void add_notice() {
    const ByteView json = passage_.record(0);
    Spans spans = begin_event(0);
    passage_.text.append(passage_.record_id(0));
    const SourceAttributes source = passage_.source_attributes(0);
    spans.trace = spans.trace_state = spans.subject = passage_.text.size();
    passage_.text.append(source.find("ce-subject"));
    spans.key = passage_.text.size();
    passage_.text.append(source.find("ce-partitionkey"));
    spans.key_end = spans.body = passage_.text.size();
    passage_.text.append({reinterpret_cast<const char*>(json.data()), json.size()});
    spans.end = passage_.text.size();
    for (std::uint32_t route = 0; route < routes_.size(); ++route)
      keep(spans, {0, route, nullptr, {}});
  }

  /// Turns places into views, now that the text stands still.
  void finish() {
    const auto view = [&](std::size_t from, std::size_t to) {
      return passage_.text.view(from, to - from);
    };
    passage_.events.reserve(spans_.size());
    passage_.extensions.reserve(extension_ends_.size());
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const Spans& spans = spans_[i];
      const Mapping* mapping = passage_.origins[i].mapping;
      const std::size_t first = passage_.extensions.size();
      std::size_t begin = spans.key_end;
      for (std::size_t n = 0; mapping != nullptr && n < mapping->attributes.size(); ++n) {
        const std::size_t end = extension_ends_[first + n];
        passage_.extensions.push_back({mapping->attributes[n].name, view(begin, end)});
        begin = end;
      }
      passage_.events.push_back(
          {.id = view(spans.id, spans.trace),
           .source = view(0, source_end_),
           .type = mapping == nullptr ? passage_.batch->notice_type : mapping->event_type,
           .subject = view(spans.subject, spans.key),
           .key = view(spans.key, spans.key_end),
           .time = view(spans.time, has_own_times_ ? spans.id : time_end_),
           .body = view(spans.body, spans.end),
           .is_record = mapping != nullptr && encoders_[passage_.origins[i].route] != nullptr,
           .extensions = std::span(passage_.extensions).subspan(first),
           .traceparent = view(spans.trace, spans.trace_state),
           .tracestate = view(spans.trace_state, spans.subject)});
    }
  }

 private:
  void add_to_route(std::uint32_t route, std::uint32_t record) {
    if (const std::string_view fault = passage_.batch->fault_of(record); !fault.empty()) {
      return add_bad(route, record, nullptr, unreadable(fault));
    }
    const ByteView bytes = passage_.record(record);
    const framing::RecordPlace place = passage_.place(record);
    const SourceAttributes source = passage_.source_attributes(record);
    bool is_expected = place == framing::RecordPlace::detail;
    for (const auto& mapping : routes_[route].mappings) {
      is_expected = is_expected || mapping->place == place;
      const Mapping* read = mapping.get();
      if (mapping->readings->is_by_message()) {
        if (mapping->place != place || !mapping->match_source.holds(source)) continue;
        const FormReader::Reading& reading = forms_.reading(*mapping, source);
        if (!reading) return add_bad(route, record, read, unreadable(reading.error().message));
        read = reading->get();
      }
      const Truth matches = read->matches(bytes, place, source);
      if (matches == Truth::no) continue;
      if (matches == Truth::misfit) {
        return add_bad(route, record, mapping.get(), misfit(read->explain_match(bytes)));
      }
      forms_.note(*mapping, source, passage_.form_differences);
      return add_matched(route, record, {mapping.get(), read});
    }
    // Headers and trailers that no mapping is for are no record types of the route.
    if (is_expected) add_unmatched(route, record);
  }

  void add_unmatched(std::uint32_t route, std::uint32_t record) {
    if (routes_[route].ignore_unmatched) return;
    plan::BadField none;
    none.expected = "a record that one of the route's mappings matches";
    none.message = "route: no mapping matches the record";
    add_bad(route, record, nullptr, std::move(none));
  }

  void add_encoded(std::uint32_t route, std::uint32_t record) {
    const ByteView bytes = passage_.record(record);
    const std::string_view json(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const SourceAttributes source = passage_.source_attributes(record);
    const auto& mappings = routes_[route].mappings;
    mapping::LineEncoder& encoder = *encoders_[route];
    encoded_.clear();
    const Mapping* mapping = encoder.encode_record(json, source, encoded_);
    if (mapping == nullptr) {
      if (encoder.is_from_elsewhere()) return add_unmatched(route, record);
      const Mapping* only = mappings.size() == 1 ? mappings.front().get() : nullptr;
      return add_bad(route, record, only, refused(encoder.refusal()));
    }
    const ByteView made = encoded_.view();
    const Typed typed{mapping, mapping};
    if (!is_wanted(route, record, made, typed)) return;
    add_event(route, record, typed, made, [&](TextBuffer& text, plan::Plan::Counts&) {
      text.append({reinterpret_cast<const char*>(made.data()), made.size()});
      return true;
    });
  }

  /// Whether only_if holds; a record that it cannot be told of is a bad one.
  bool is_wanted(std::uint32_t route, std::uint32_t record, ByteView subject, const Typed& typed) {
    const Truth wanted = typed.reader->only_if.evaluate(subject);
    if (wanted == Truth::misfit)
      add_bad(route, record, typed.mapping, misfit(typed.reader->only_if.explain(subject)),
              key_of(route, record, *typed.reader, subject));
    return wanted == Truth::yes;
  }

  void add_matched(std::uint32_t route, std::uint32_t record, const Typed& typed) {
    const ByteView bytes = passage_.record(record);
    const ByteView subject = typed.reader->subject_record(bytes);
    if (!is_wanted(route, record, subject, typed)) return;
    add_event(route, record, typed, subject, [&](TextBuffer& text, plan::Plan::Counts& counts) {
      const std::size_t begin = text.size();
      const bool decodes = typed.reader->decode(bytes, text, &counts);
      crash_point("record_decoded", text.view(begin, text.size() - begin));
      return decodes;
    });
  }

  /// `subject` is the record that names and only_if are about; `write_body` appends the body and
  /// tells whether the batch's record fits the mapping.
  template <typename WriteBody>
  void add_event(std::uint32_t route, std::uint32_t record, const Typed& typed, ByteView subject,
                 WriteBody write_body) {
    const Mapping& reader = *typed.reader;
    TextBuffer& text = passage_.text;
    const std::size_t start = text.size();
    const std::size_t extensions = extension_ends_.size();
    Spans spans = begin_event(record);
    append_id(record, *typed.mapping);
    append_trace(record, routes_[route].trace, spans);
    const bool are_named = append_names(record, subject, reader, spans);
    spans.body = text.size();
    Passage::Origin origin{record, route, typed.mapping, {}};
    const bool fits = write_body(text, origin.counts);
    spans.end = text.size();
    if (are_named && fits) return keep(spans, origin);
    text.rewind(start);
    extension_ends_.resize(extensions);
    add_bad(route, record, typed.mapping,
            fits ? unnamed() : reader.explain(passage_.record(record)),
            key_of(route, record, reader, subject));
  }

  /// Of a record that becomes no event, where later ones of its key have to wait for it; empty
  /// where the key itself cannot be read.
  std::string key_of(std::uint32_t route, std::uint32_t record, const Mapping& mapping,
                     ByteView subject) {
    if (!routes_[route].blocks_keys || mapping.key == nullptr) return {};
    TextBuffer& text = passage_.text;
    const std::size_t start = text.size();
    std::string key;
    if (mapping.key->render(subject, passage_.source_attributes(record), text))
      key = text.view(start, text.size() - start);
    text.rewind(start);
    return key;
  }

  /// Subject, key and further attributes. False where a field in them is bad data.
  bool append_names(std::uint32_t record, ByteView subject, const Mapping& mapping, Spans& spans) {
    TextBuffer& text = passage_.text;
    const SourceAttributes source = passage_.source_attributes(record);
    spans.subject = text.size();
    bool fits = mapping.subject == nullptr || mapping.subject->render(subject, source, text);
    spans.key = text.size();
    fits = fits && (mapping.key == nullptr || mapping.key->render(subject, source, text));
    spans.key_end = text.size();
    for (const mapping::EventAttribute& attribute : mapping.attributes) {
      fits = fits && attribute.value->render(subject, source, text);
      extension_ends_.push_back(text.size());
    }
    return fits;
  }

  void append_time(std::int64_t time_ms) {
    if (time_ms != 0) passage_.text.append(source_time_text(time_ms));
  }

  /// Records of one time share its text; others have theirs before the id.
  Spans begin_event(std::uint32_t record) {
    Spans spans;
    spans.time = has_own_times_ ? passage_.text.size() : source_end_;
    if (has_own_times_) append_time(passage_.batch->time_of(record));
    spans.id = passage_.text.size();
    return spans;
  }

  void append_id(std::uint32_t record, const Mapping& mapping) {
    TextBuffer& text = passage_.text;
    const adapters::RecordBatch& batch = *passage_.batch;
    text.append(batch.id_prefix);
    if (batch.ids.empty()) {
      char digits[20];
      const auto end = std::to_chars(digits, digits + sizeof digits, batch.first_number + record);
      text.append({digits, static_cast<std::size_t>(end.ptr - digits)});
    } else {
      text.append(batch.ids[record]);
    }
    text.append('/');
    text.append(mapping.name);
  }

  void append_trace(std::uint32_t record, TraceRule rule, Spans& spans) {
    TextBuffer& text = passage_.text;
    const adapters::RecordBatch& batch = *passage_.batch;
    spans.trace = spans.trace_state = text.size();
    if (rule == TraceRule::drop) return;
    TraceContext trace = TraceContext::of(batch.record_attributes.empty()
                                              ? std::span<const TraceContext::Pair>()
                                              : std::span(batch.record_attributes[record]),
                                          common_trace_);
    if (trace.traceparent.empty() && rule == TraceRule::start) {
      trace = TraceContext::begun_by(text.view(0, source_end_),
                                     text.view(spans.id, spans.trace - spans.id));
    }
    text.append(trace.traceparent);
    spans.trace_state = text.size();
    text.append(trace.tracestate);
  }

  static plan::BadField unreadable(std::string_view fault) {
    plan::BadField field;
    field.expected = "a message whose headers and framing are sound";
    field.message = "source: " + std::string(fault);
    return field;
  }

  static plan::BadField misfit(const std::string& reason) {
    plan::BadField field;
    field.expected = "operands that fit their pictures";
    field.message = "condition: " + reason;
    return field;
  }

  static plan::BadField refused(const encode::Refusal& refusal) {
    plan::BadField field;
    field.path = refusal.path;
    field.offset = static_cast<std::uint32_t>(refusal.offset);
    field.found = refusal.found;
    field.expected = refusal.expected;
    field.message = "encode: " + refusal.message;
    return field;
  }

  static plan::BadField unnamed() {
    plan::BadField field;
    field.expected = "fields of subject or key and of attributes that fit their pictures";
    field.message =
        "event: a field of the subject or key or of an attribute does not fit its picture";
    return field;
  }

  void keep(const Spans& spans, Passage::Origin origin) {
    spans_.push_back(spans);
    passage_.origins.push_back(origin);
    const auto owed = static_cast<std::uint32_t>(routes_[origin.route].destinations.size());
    passage_.share(origin.record, origin.route).pending += owed;
    passage_.pending += owed;
  }

  void add_bad(std::uint32_t route, std::uint32_t record, const Mapping* mapping,
               plan::BadField field, std::string key = {}) {
    passage_.bad.push_back({record, route, mapping, routes_[route].destination_names,
                            std::move(field), !key.empty(), std::move(key)});
    passage_.share(record, route).pending += 1;
    passage_.pending += 1;
  }

  const std::vector<Route>& routes_;
  Passage& passage_;
  const CommonTrace common_trace_;                               ///< of the batch
  std::vector<std::unique_ptr<mapping::LineEncoder>> encoders_;  ///< one per route; null: decodes
  ByteBuffer encoded_;
  FormReader forms_;
  std::vector<Spans> spans_;
  std::vector<std::size_t> extension_ends_;  ///< in the text, of all events
  bool has_own_times_ = false;
  std::size_t source_end_ = 0;
  std::size_t time_end_ = 0;
};

}  // namespace

BadRecordWatch::BadRecordWatch(std::uint64_t in_row_max, std::uint64_t percent_max)
    : in_row_max_(in_row_max), percent_max_(percent_max) {}

void BadRecordWatch::add(bool is_bad) {
  const std::size_t slot = seen_ % kWindow;
  bad_in_window_ -= window_[slot] ? 1U : 0U;
  bad_in_window_ += is_bad ? 1U : 0U;
  window_[slot] = is_bad;
  ++seen_;
  in_row_ = is_bad ? in_row_ + 1 : 0;
  const bool too_many_in_row = in_row_max_ > 0 && in_row_ >= in_row_max_;
  const bool too_many_of_all =
      percent_max_ > 0 && seen_ >= kWindow && bad_in_window_ * 100 > percent_max_ * kWindow;
  is_exceeded_ = is_exceeded_ || too_many_in_row || too_many_of_all;
}

void make_events(const std::vector<Route>& routes, std::string_view event_source,
                 Passage& passage) {
  EventMaker maker(routes, event_source, passage);
  if (passage.batch->is_notice) {
    maker.add_notice();
  } else {
    const std::uint32_t count = passage.record_count();
    for (std::uint32_t record = 0; record < count; ++record) maker.add_record(record);
  }
  maker.finish();
}

void condemn(const std::vector<Route>& routes, Passage& passage) {
  plan::BadField none;
  none.expected = "a record that the bridge survives";
  none.message = "bridge: it was killed while this record alone was under way";
  for (std::uint32_t route = 0; route < routes.size(); ++route) {
    passage.bad.push_back({0, route, nullptr, routes[route].destination_names, none});
    passage.share(0, route).pending += 1;
    passage.pending += 1;
  }
}

void watch_records(BadRecordWatch& watch, Passage& passage) {
  if (passage.batch->is_notice) return;
  const std::uint32_t count = passage.record_count();
  std::uint32_t record = 0;
  auto bad = passage.bad.cbegin();
  for (; record < count && !watch.is_exceeded(); ++record) {
    const bool is_bad = bad != passage.bad.cend() && bad->record == record;
    while (bad != passage.bad.cend() && bad->record == record) ++bad;
    watch.add(is_bad);
  }
  if (record < count) passage.hand_back_from(record);
}

}  // namespace copybridge::bridge
