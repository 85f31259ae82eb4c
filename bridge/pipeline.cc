// The way of a record: adapter.read -> framing -> plan.decode -> route -> publisher.publish ->
// dead letter -> adapter.settle. step() is that way; the rest is opening, stopping and telling.
#include "bridge/pipeline.h"

#include <algorithm>

#include "bridge/core/crash_point.h"

namespace copybridge::bridge {
namespace {

using adapters::Fate;
using publishers::Response;

constexpr Milliseconds kWaitMax{100};
constexpr Milliseconds kSecondStopLimit{1000};
/// Its event, its share, its places in queues.
constexpr std::size_t kBytesBesideARecord = 320;

void count_settled(RouteTotals& totals, Fate fate) {
  totals.in_flight -= 1;
  totals.delivered += fate == Fate::delivered ? 1 : 0;
  totals.filtered += fate == Fate::filtered ? 1 : 0;
  totals.dead_lettered += fate == Fate::dead_lettered ? 1 : 0;
  totals.handed_back += fate == Fate::retry ? 1 : 0;
}

}  // namespace

// What is read ahead, decoded and published overlaps: the source's thread reads and the decoding
// threads decode the next batches while this thread has earlier ones out. Nothing is settled before
// it is confirmed.
void Pipeline::step() {
  take_in();
  while (auto passage = decoding_.take()) admit(std::move(passage));
  store_dead_letters();
  pump();
  flush();
  const std::vector<Response> responses = completions_.take(clock_.machine_time(wait_time()));
  for (const Response& response : responses) apply(response);
  if (!responses.empty()) note_survived();
  settle();
  back_out();
}

void Pipeline::take_in() {
  if (passages_.empty() && decoding_.size() == 0) {
    source_.read_units_of_one(run_marker_.wants_units_of_one());
  }
  for (;;) {
    if (held_ == nullptr) held_ = source_.take();
    if (held_ == nullptr || !mark_read()) return;
  }
}

/// Takes the batch at hand in; false where it has to wait.
bool Pipeline::mark_read() {
  const SteadyTime now = clock_.now();
  if (!marker_storage_.is_due(now)) return false;
  const std::string first = Passage::record_id(*held_, 0);
  const Result<RunMarker::Verdict> verdict = run_marker_.note_read(first, held_->records.size());
  if (!verdict) {
    marker_storage_.note_lost(log_, now, verdict.error().message);
    return false;
  }
  marker_storage_.note_found(log_, now);
  if (*verdict == RunMarker::Verdict::later) return false;
  if (*verdict == RunMarker::Verdict::free) {
    decode(std::move(held_));
    return true;
  }
  std::unique_ptr<Passage> passage = passage_of(std::move(held_));
  condemn(routes_, *passage);
  admit(std::move(passage));
  return true;
}

/// An attempt has been made, or the process is in order and about to end: the record that is under
/// way alone does not kill.
void Pipeline::note_survived() {
  if (!run_marker_.has_turn()) return;
  for (const auto& destination : destinations_) {
    if (destination->in_flight() > 0) return;
  }
  run_marker_.note_alive();
}

void Pipeline::decode(std::unique_ptr<adapters::RecordBatch> batch) {
  crash_point("batch_read");
  decoding_.submit(passage_of(std::move(batch)));
}

std::unique_ptr<Passage> Pipeline::passage_of(std::unique_ptr<adapters::RecordBatch> batch) {
  std::unique_ptr<Passage> passage;
  if (spare_.empty()) {
    passage = std::make_unique<Passage>();
  } else {
    passage = std::move(spare_.back());
    spare_.pop_back();
  }
  passage->reset(std::move(batch), routes_.size(), clock_.now());
  return passage;
}

void Pipeline::admit(std::unique_ptr<Passage> passage) {
  crash_point("batch_decoded");
  count_memory(*passage);
  watch_records(decode_watch_, *passage);
  if (!passage->batch->is_notice) count_read(passage->record_count());
  for (const FormDifference& different : passage->form_differences)
    log_message_form_differs(log_, settings_.source, different.queue, different.mapping->name,
                             different.text);
  if (!passage->bad.empty()) last_bad_reason_ = passage->bad.back().field.message;
  passage->withhold_bad(routes_);
  for (std::uint32_t event = 0; event < passage->events.size(); ++event) {
    for (const std::uint32_t destination : routes_[passage->origins[event].route].destinations) {
      destinations_[destination]->enqueue(*passage, event);
    }
    count_replaced(passage->origins[event]);
  }
  owe_position(*passage);
  passages_.push_back(std::move(passage));
  if (decode_watch_.is_exceeded()) pause();
}

/// What is settled is settled by the position, of filtered records and dead letters, too.
void Pipeline::owe_position(Passage& passage) {
  for (const auto& destination : destinations_) {
    if (!destination->carries_positions() || passage.kept_records() == 0) continue;
    passage.pending += 1;
    destination->enqueue_position(passage);
  }
}

/// An event's text is there twice while a request with it is under way.
void Pipeline::count_memory(Passage& passage) {
  const std::size_t records = passage.batch->records.size();
  source_.note_memory(*passage.batch, passage.batch->bytes.size() + 2 * passage.text.size() +
                                          records * kBytesBesideARecord);
}

void Pipeline::count_read(std::uint64_t records) {
  totals_.read += records;
  totals_.in_flight += records;
  for (RouteTotals& totals : route_totals_) {
    totals.read += records;
    totals.in_flight += records;
  }
}

void Pipeline::count_replaced(const Passage::Origin& origin) {
  const plan::Plan::Counts& counts = origin.counts;
  if (counts.unmapped == 0 && counts.bad_fields == 0) return;
  for (RouteTotals* totals : {&totals_, &route_totals_[origin.route]}) {
    totals->unmapped_characters += counts.unmapped;
    totals->bad_fields += counts.bad_fields;
  }
  plan::Plan::Counts& of_mapping = replaced_[origin.mapping];
  of_mapping.unmapped += counts.unmapped;
  of_mapping.bad_fields += counts.bad_fields;
}

void Pipeline::pump() {
  done_.clear();
  const std::uint64_t settled = source_.settled();
  run_marker_.note_settled(settled);
  const std::vector<std::uint64_t> doubtful = source_.take_doubtful();
  for (const auto& destination : destinations_) {
    for (const std::uint64_t settlement : doubtful) destination->note_doubtful(settlement);
    destination->note_settled(settled);
    if (!backs_out_) destination->pump(done_);
  }
  conclude(done_);
}

/// Whoever collects is told where the source waits for it.
void Pipeline::flush() {
  const bool is_taken_in = decoding_.size() == 0 && held_ == nullptr;
  const bool nothing_comes =
      is_taken_in && (source_.is_held_up() || (settings_.until_idle && source_.has_no_more()));
  for (const auto& destination : destinations_) destination->flush(nothing_comes);
}

void Pipeline::apply(const Response& response) {
  done_.clear();
  destinations_[response.destination]->apply(response, done_);
  crash_point("publish_confirmed");
  conclude(done_);
}

void Pipeline::settle() {
  while (!passages_.empty() && passages_.front()->pending == 0) {
    std::unique_ptr<Passage> passage = std::move(passages_.front());
    passages_.pop_front();
    settle_one(*passage);
    source_.recycle(std::move(passage->batch));
    spare_.push_back(std::move(passage));
  }
}

void Pipeline::settle_one(Passage& passage) {
  adapters::Settlement settlement{passage.batch->token, {}};
  settlement.fates.reserve(passage.record_count());
  for (std::uint32_t record = 0; record < passage.record_count(); ++record) {
    const Fate fate = passage.fate(record);
    settlement.fates.push_back(fate);
    if (passage.batch->is_notice) continue;
    count_settled(totals_, fate);
    for (std::uint32_t route = 0; route < routes_.size(); ++route) {
      count_settled(route_totals_[route], passage.fate(record, route));
    }
  }
  run_marker_.note_alive();
  ++settlements_;
  for (const auto& destination : destinations_) destination->note_settling(settlements_, passage);
  source_.settle(std::move(settlement));
}

Pipeline::Pipeline(PipelineSettings settings, std::unique_ptr<adapters::Adapter> adapter,
                   std::vector<Route> routes, std::vector<std::unique_ptr<Delivery>> destinations,
                   DeadLetterStore dead_letters, const Clock& clock, Log& log)
    : settings_(std::move(settings)),
      clock_(clock),
      log_(log),
      routes_(std::move(routes)),
      destinations_(std::move(destinations)),
      dead_letters_(std::move(dead_letters)),
      letters_(settings_.has_letter_publisher ? destinations_.back().get() : nullptr,
               settings_.event_source),
      decode_watch_(settings_.bad_in_row_max, settings_.bad_percent_max),
      endpoint_watch_(settings_.bad_in_row_max, settings_.bad_percent_max),
      letter_storage_("dead letters"),
      marker_storage_(settings_.source),
      source_(
          settings_.source, std::move(adapter), settings_.window_batches, clock, log,
          [this] { completions_.wake(); }, settings_.memory),
      decoding_(
          settings_.decode_threads,
          [this](Passage& passage) { make_events(routes_, settings_.event_source, passage); },
          [this] { completions_.wake(); }),
      route_totals_(routes_.size()),
      summary_at_(clock.now() + settings_.summary_interval) {
  for (const auto& destination : destinations_) source_.widen(destination->collects_bytes());
  if (!source_.gives_positions()) return;
  for (const auto& destination : destinations_) {
    if (letters_.is(destination.get()) || destination->is_store()) continue;
    destination->carry_positions(
        {.after = [this](std::uint64_t token,
                         std::size_t records) { return source_.position_after(token, records); },
         .take_back = [this] { source_.take_back(); }});
  }
}

Result<void> Pipeline::open() {
  if (!settings_.run_marker.empty()) {
    Result<void> marked = run_marker_.open(settings_.run_marker);
    if (!marked) return marked;
  }
  source_.read_units_of_one(run_marker_.wants_units_of_one());
  for (std::uint32_t index = 0; index < destinations_.size(); ++index) {
    Result<void> opened =
        destinations_[index]->open(publishers::CompletionPort(completions_, index));
    if (!opened) return opened;
  }
  if (!settings_.is_replay) {
    Result<void> blocked = block_keys();
    if (!blocked) return blocked;
  }
  decoding_.start();
  return source_.start();
}

int Pipeline::run() {
  const Result<void> opened = open();
  if (!opened) {
    log_not_started(log_, settings_.source, to_string(opened.error()));
    for (const auto& destination : destinations_) destination->close(Milliseconds(0));
    return copybridge::exit_code(opened.error().kind);
  }
  while (!is_finished()) {
    step();
    note_stop();
    summarize(false);
  }
  close();
  summarize(true);
  return exit_code();
}

void Pipeline::stop() {
  if (++stops_asked_ > 1) source_.hurry(clock_.now() + kSecondStopLimit);
  completions_.wake();
}

RouteTotals Pipeline::totals_of_route(std::uint32_t route) const {
  RouteTotals totals = route_totals_[route];
  for (const std::uint32_t index : routes_[route].destinations) {
    totals.retried += destinations_[index]->retried();
  }
  return totals;
}

RouteTotals Pipeline::totals() const {
  RouteTotals totals = totals_;
  for (const auto& destination : destinations_) totals.retried += destination->retried();
  return totals;
}

bool Pipeline::is_finished() {
  if (is_stopping_) {
    return is_drained() || clock_.now() >= drain_until_ || stops_asked_ > 1;
  }
  if (!settings_.until_idle) return false;
  return gives_up() || (is_drained() && (is_paused_ || source_.is_dry())) || is_blocked();
}

/// Whether everything that is left waits for dead letters.
bool Pipeline::is_blocked() {
  const auto is_bad = [](const auto& passage) { return !passage->bad.empty(); };
  const auto is_busy = [](const auto& destination) { return !destination->is_only_blocked(); };
  is_blocked_ = !passages_.empty() && decoding_.size() == 0 && held_ == nullptr &&
                letters_.is_empty() && source_.has_no_more() &&
                std::ranges::none_of(passages_, is_bad) &&
                std::ranges::none_of(destinations_, is_busy);
  return is_blocked_;
}

bool Pipeline::is_drained() const { return passages_.empty() && decoding_.size() == 0; }

bool Pipeline::gives_up() {
  const auto is_late = [&](SteadyTime since) {
    return settings_.give_up_after.count() > 0 && clock_.now() - since >= settings_.give_up_after;
  };
  SteadyTime lost_since;
  gave_up_ = (source_.is_lost(lost_since) && is_late(lost_since)) ||
             is_late(letter_storage_.lost_since(clock_.now())) ||
             is_late(marker_storage_.lost_since(clock_.now()));
  for (const auto& destination : destinations_) {
    // What the publisher of dead letters refuses is kept here, and nobody waits for it.
    const bool is_for_letters = letters_.is(destination.get());
    if (is_for_letters && (letters_.is_empty() || destination->is_refused())) continue;
    gave_up_ = gave_up_ || destination->is_refused() || is_late(destination->failing_since());
  }
  return gave_up_;
}

void Pipeline::note_stop() {
  if (stops_asked_ == 0 || is_stopping_) return;
  is_stopping_ = true;
  run_marker_.note_alive();
  drain_until_ = clock_.now() + settings_.drain_limit;
  source_.stop_reading();
}

void Pipeline::pause() {
  if (is_paused_) return;
  is_paused_ = true;
  source_.stop_reading();
  log_bad_records_pause(log_, settings_.source,
                        decode_watch_.bad_in_window() + endpoint_watch_.bad_in_window(),
                        last_bad_reason_);
}

void Pipeline::close() {
  source_.stop_reading();
  decoding_.stop();
  const Milliseconds limit = stops_asked_ > 1 || gave_up_ ? Milliseconds(0) : Milliseconds(1000);
  const SteadyTime close_until = clock_.now() + limit;
  for (const auto& destination : destinations_) {
    const auto left = std::chrono::ceil<Milliseconds>(close_until - clock_.now());
    destination->close(std::max(left, Milliseconds(0)));
  }
  for (const Response& response : completions_.take(Milliseconds(0))) apply(response);
  store_dead_letters();
  hand_back_rest();
  settle();
  const Milliseconds until = stops_asked_ > 1 ? kSecondStopLimit : settings_.drain_limit;
  hand_back_failed_ = !source_.finish(clock_.now() + until);
  run_marker_.remove();
}

void Pipeline::hand_back_rest() {
  for (const auto& destination : destinations_) destination->abandon();
  letters_.clear();
  for (const auto& passage : passages_) {
    for (Share& share : passage->shares) {
      share.is_handed_back = share.is_handed_back || share.pending > 0;
      share.pending = 0;
    }
    passage->bad.clear();
    passage->pending = 0;
  }
}

Milliseconds Pipeline::wait_time() const {
  // All filtered or dead-lettered: no answer will come that ends the wait.
  if (has_new_bad_) return Milliseconds(0);
  if (!passages_.empty() && passages_.front()->pending == 0) return Milliseconds(0);
  const SteadyTime now = clock_.now();
  SteadyTime until = now + kWaitMax;
  for (const auto& destination : destinations_) {
    if (destination->resume_at() > now) until = std::min(until, destination->resume_at());
  }
  return std::chrono::ceil<Milliseconds>(until - now);
}

void Pipeline::summarize(bool at_end) {
  const SteadyTime now = clock_.now();
  if (!at_end && now < summary_at_) return;
  if (unlogged_bad_ > 0) log_dead_letters_more(log_, settings_.source, unlogged_bad_);
  logged_bad_ = unlogged_bad_ = 0;
  for (const auto& [mapping, counts] : replaced_)
    log_values_replaced(log_, settings_.source, mapping->name, counts.unmapped, counts.bad_fields);
  replaced_.clear();
  if (at_end) return log_stopped(log_, settings_.source, totals(), exit_code());
  const auto interval = std::chrono::duration<double>(settings_.summary_interval).count();
  const double rate = static_cast<double>(totals_.read - summary_read_) / interval;
  const auto oldest =
      passages_.empty()
          ? Milliseconds(0)
          : std::chrono::duration_cast<Milliseconds>(now - passages_.front()->read_at);
  for (std::uint32_t route = 0; route < routes_.size(); ++route) {
    log_summary(log_, settings_.source, routes_[route].destination_names, totals_of_route(route),
                source_.status().lag, rate, oldest.count());
  }
  summary_read_ = totals_.read;
  summary_at_ = now + settings_.summary_interval;
}

int Pipeline::exit_code() const {
  if (gave_up_ || hand_back_failed_) return copybridge::exit_code(ErrorKind::peer_away);
  const int of_source = source_.status().exit_code;
  if (of_source != 0) return of_source;
  const bool has_bad = dead_letters_stored_ > 0 || is_paused_ || is_blocked_;
  return has_bad ? copybridge::exit_code(ErrorKind::bad_record) : 0;
}

}  // namespace copybridge::bridge
