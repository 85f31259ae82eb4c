// The table of log events and the functions that write them.
#include "bridge/core/log_events.h"

#include <array>
#include <cassert>

#include "bridge/core/log_connections.h"

namespace copybridge {
namespace {

constexpr auto kLogEvents = std::to_array<LogEvent>({
    {"started", LogLevel::info, "The bridge has opened its state and is about to read.", "None."},
    {"not_started", LogLevel::error,
     "A source or one of its endpoints cannot be opened as it is configured; nothing of the source "
     "is read.",
     "Correct what the reason names, then start again."},
    {"stopping", LogLevel::info, "A stop was asked for; records under way are finished.", "None."},
    {"stopped", LogLevel::info, "The source is closed; totals since start.", "None."},
    {"summary", LogLevel::info, "Totals of a route since start, once per interval.",
     "Look at a growing lag, oldest_unsettled_ms or dead_lettered."},
    {"dead_letter", LogLevel::warn, "A record can never succeed; it is kept in the dead letters.",
     "`copybridge dead-letters show ID`, correct, then `replay`."},
    {"dead_letters_more", LogLevel::warn, "Dead letters of the interval not logged one by one.",
     "`copybridge dead-letters list`."},
    {"key_blocked", LogLevel::warn,
     "Events with the key of a dead letter wait at the endpoint for it (on_dead_letter: "
     "block-key).",
     "Drop the dead letter; or stop the bridge, `dead-letters replay` it, and start again."},
    {"key_released", LogLevel::info, "The dead letter is gone; what waited for it goes on.",
     "None."},
    {"values_replaced", LogLevel::warn,
     "Events of a mapping say U+FFFD, null or hexadecimal in place of what their records have; "
     "once per interval.",
     "Look at the mapping's code page, `unmappable` and `on_bad_field`."},
    {"message_form_differs", LogLevel::warn,
     "Messages of a queue say another CCSID or Encoding than the mapping that reads them; once per "
     "queue. The mapping counts.",
     "Correct `codepage`, `endian` or `float`, or leave them to the message (`codepage: "
     "from-message`); nothing where the sender fills in its own platform's."},
    {"bad_records_pause", LogLevel::error,
     "Too many records do not fit; the source is no longer read, everything unsettled is handed "
     "back.",
     "Correct the copybook or mapping, then start again."},
    {"unit_backed_out", LogLevel::warn,
     "An endpoint is away for longer than the source's unit of work may be open: the unit is "
     "handed back, and the source is not read until the endpoints work.",
     "Look at the endpoint."},
    {"source_lost", LogLevel::warn, "The source cannot be read; it is tried again.",
     "Look at the source where it lasts."},
    {"source_detail", LogLevel::debug, "What a source's client library says of itself.",
     "Read on where source_lost does not say enough."},
    {"records_gone", LogLevel::error,
     "The source no longer has records that were not read; reading goes on behind them.",
     "Have them sent again; let the source keep records longer than the bridge may be away."},
    {"source_recovered", LogLevel::info, "The source can be read again.", "None."},
    {"endpoint_lost", LogLevel::warn,
     "The endpoint is away, slow or throttling; records wait, none is lost.",
     "Look at the endpoint where it lasts."},
    {"endpoint_probed", LogLevel::info,
     "The back-off is over; one request goes out to see whether the endpoint is back.", "None."},
    {"endpoint_recovered", LogLevel::info, "The endpoint takes events again.", "None."},
    {"endpoint_refused", LogLevel::error,
     "The endpoint refuses the bridge (credentials, address, rights); the route waits.",
     "Correct the configuration or the rights; sending goes on by itself or after a restart."},
    {"object_name_taken", LogLevel::warn,
     "An object's name is taken by one that the bridge did not write; the next number is used.",
     "Look for whoever writes there; give each bridge a path of its own."},
    {"object_differs", LogLevel::warn,
     "What an earlier attempt was to upload does not come again as it was; the object is made of "
     "what comes.",
     "Nothing; a mapping was changed, or the source has other records now."},
    {"body_kept", LogLevel::info,
     "Bodies that are too large for an endpoint went to its claim_check; at most once a minute.",
     "None."},
    {"storage_lost", LogLevel::error, "Local state cannot be written; the bridge waits.",
     "Make room or correct the permissions; it goes on by itself."},
    {"storage_recovered", LogLevel::info, "Local state can be written again.", "None."},
    {"spool_full", LogLevel::warn, "The spool has no room; the source is not read, none is lost.",
     "Look at the endpoint; give the spool more room where the outage may last."},
    {"spool_recovered", LogLevel::info, "The spool has room again.", "None."},
    {"spool_damaged", LogLevel::error,
     "Something in the spool is not what was written; its neighbours are delivered.",
     "Look at the disk and at the file that has the bytes; have lost records sent again."},
    {"file_fetched", LogLevel::info, "A file was fetched from its server.", "None."},
    {"file_started", LogLevel::info, "An input file is being read.", "None."},
    {"file_ended", LogLevel::info, "Every record of an input file is settled.", "None."},
    {"file_broken", LogLevel::error,
     "An input file's framing breaks; everything before the position was delivered.",
     "Correct recfm, lrecl or the transfer, then deliver the file again."},
    {"file_changed", LogLevel::error, "An input file changed while it was being read.",
     "Let the sender write under another name, or raise settle_time_ms."},
    {"trailer_mismatch", LogLevel::error, "The trailer's count or totals are not the file's.",
     "Ask the sender for the whole file."},
    {"queue_opened", LogLevel::info,
     "The bridge is connected to a queue manager and reads a queue.", "None."},
    {"listening", LogLevel::info, "The source takes connections.", "None."},
    {"requests_refused", LogLevel::warn,
     "Requests were not taken, and were told so; nothing of them is kept. At most once a minute.",
     "Look at the status: 401 and 403 credentials, 413 body_bytes_max, 503 room and endpoints."},
    {"connections_refused", LogLevel::warn,
     "Connections were not taken, or ended by a limit or within a record; records that were not "
     "acknowledged are their senders'. At most once a minute.",
     "Look at the reason: connections_max, idle_ms, record_limit_ms, certificates, or the "
     "network."},
    {"connections_broken", LogLevel::error,
     "What came over a connection is not framed as the options say; what stood before is kept, and "
     "the connection is closed. At most once a minute.",
     "Correct recfm and its options, or the sender; it has to send again what is not "
     "acknowledged."},
    {"calls", LogLevel::info,
     "How the calls of a source have ended since start, once per interval and at the end.",
     "Look at growing expired (the program, the limit), unavailable (the queue manager), "
     "dead_lettered (replies that nobody waited for, or that no mapping takes)."},
    {"backout_queue_refused", LogLevel::warn,
     "A dead letter cannot be moved to the backout queue; the state directory alone has it.",
     "Correct what the reason names; `copybridge dead-letters list`."},
    {"syncpoint_limited", LogLevel::warn,
     "The queue manager takes no more messages into one unit of work; units are smaller from now "
     "on.",
     "Lower batch_records_max, or raise MAXUMSGS of the queue manager."},
    {"message_unreadable", LogLevel::warn,
     "A message cannot be read by this kind of source; it is left on its queue.",
     "Take it off the queue, or read the queue with ibm-mq."},
    {"mapping_changed", LogLevel::warn,
     "A mapping has changed since records were read that are not settled yet: they may come "
     "again with the same id and another body.",
     "None, unless consumers keep the first body."},
    {"endpoint_detail", LogLevel::debug, "What a publisher's library says.", "None."},
});

const LogEvent& event_named(std::string_view name) {
  for (const LogEvent& event : kLogEvents) {
    if (event.name == name) return event;
  }
  assert(false && "the event is not in the table");
  return kLogEvents.front();
}

void write(Log& log, std::string_view name, const std::vector<LogField>& fields) {
  log.write(event_named(name), fields);
}

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::string text(std::string_view value) { return std::string(value); }

void append_totals(std::vector<LogField>& fields, const RouteTotals& totals) {
  fields.insert(fields.end(), {{"read", number(totals.read)},
                               {"delivered", number(totals.delivered)},
                               {"filtered", number(totals.filtered)},
                               {"dead_lettered", number(totals.dead_lettered)},
                               {"handed_back", number(totals.handed_back)},
                               {"in_flight", number(totals.in_flight)},
                               {"retried", number(totals.retried)},
                               {"unmapped_characters", number(totals.unmapped_characters)},
                               {"bad_fields", number(totals.bad_fields)}});
}

}  // namespace

std::span<const LogEvent> log_events() { return kLogEvents; }

void log_started(Log& log, std::string_view version, std::string_view digest,
                 std::string_view sources, std::string_view endpoints) {
  write(log, "started",
        {{"version", text(version)},
         {"configuration", text(digest)},
         {"sources", text(sources)},
         {"endpoints", text(endpoints)}});
}

void log_not_started(Log& log, std::string_view source, std::string_view reason) {
  write(log, "not_started", {{"source", text(source)}, {"reason", text(reason)}});
}

void log_stopping(Log& log, std::string_view reason, std::int64_t limit_ms) {
  write(log, "stopping", {{"reason", text(reason)}, {"limit_ms", limit_ms}});
}

void log_stopped(Log& log, std::string_view source, const RouteTotals& totals, int exit_code) {
  std::vector<LogField> fields = {{"source", text(source)}};
  append_totals(fields, totals);
  fields.push_back({"exit_code", std::int64_t{exit_code}});
  write(log, "stopped", fields);
}

void log_summary(Log& log, std::string_view source, std::string_view destinations,
                 const RouteTotals& totals, std::string_view lag, double rate,
                 std::int64_t oldest_unsettled_ms) {
  std::vector<LogField> fields = {{"source", text(source)}, {"to", text(destinations)}};
  append_totals(fields, totals);
  fields.push_back({"records_per_s", static_cast<std::int64_t>(rate)});
  fields.push_back({"lag", text(lag)});
  fields.push_back({"oldest_unsettled_ms", oldest_unsettled_ms});
  write(log, "summary", fields);
}

void log_dead_letter(Log& log, std::string_view source, std::string_view id,
                     std::string_view mapping, std::string_view destination,
                     std::string_view reason) {
  write(log, "dead_letter",
        {{"source", text(source)},
         {"id", text(id)},
         {"mapping", text(mapping)},
         {"destination", text(destination)},
         {"reason", text(reason)}});
}

void log_dead_letters_more(Log& log, std::string_view source, std::uint64_t count) {
  write(log, "dead_letters_more", {{"source", text(source)}, {"count", number(count)}});
}

void log_key_blocked(Log& log, std::string_view endpoint, std::string_view id) {
  write(log, "key_blocked", {{"endpoint", text(endpoint)}, {"id", text(id)}});
}

void log_key_released(Log& log, std::string_view endpoint, std::string_view id,
                      std::uint64_t waiting) {
  write(log, "key_released",
        {{"endpoint", text(endpoint)}, {"id", text(id)}, {"waiting", number(waiting)}});
}

void log_values_replaced(Log& log, std::string_view source, std::string_view mapping,
                         std::uint64_t unmapped_characters, std::uint64_t bad_fields) {
  write(log, "values_replaced",
        {{"source", text(source)},
         {"mapping", text(mapping)},
         {"unmapped_characters", number(unmapped_characters)},
         {"bad_fields", number(bad_fields)}});
}

void log_message_form_differs(Log& log, std::string_view source, std::string_view queue,
                              std::string_view mapping, std::string_view reason) {
  write(log, "message_form_differs",
        {{"source", text(source)},
         {"queue", text(queue)},
         {"mapping", text(mapping)},
         {"reason", text(reason)}});
}

void log_bad_records_pause(Log& log, std::string_view source, std::uint64_t bad,
                           std::string_view last_reason) {
  write(log, "bad_records_pause",
        {{"source", text(source)}, {"bad", number(bad)}, {"last_reason", text(last_reason)}});
}

void log_unit_backed_out(Log& log, std::string_view source, std::string_view endpoints,
                         std::uint64_t records, std::int64_t age_ms) {
  write(log, "unit_backed_out",
        {{"source", text(source)},
         {"endpoints", text(endpoints)},
         {"records", number(records)},
         {"age_ms", age_ms}});
}

void log_source_lost(Log& log, std::string_view source, std::string_view reason) {
  write(log, "source_lost", {{"source", text(source)}, {"reason", text(reason)}});
}

void log_source_detail(Log& log, std::string_view source, std::string_view detail) {
  write(log, "source_detail", {{"source", text(source)}, {"detail", text(detail)}});
}

void log_records_gone(Log& log, std::string_view source, std::string_view place, std::int64_t from,
                      std::int64_t to) {
  write(log, "records_gone",
        {{"source", text(source)}, {"place", text(place)}, {"from", from}, {"to", to}});
}

void log_source_recovered(Log& log, std::string_view source, std::uint64_t attempts,
                          std::int64_t away_ms) {
  write(log, "source_recovered",
        {{"source", text(source)}, {"attempts", number(attempts)}, {"away_ms", away_ms}});
}

void log_endpoint_lost(Log& log, std::string_view endpoint, std::string_view reason) {
  write(log, "endpoint_lost", {{"endpoint", text(endpoint)}, {"reason", text(reason)}});
}

void log_endpoint_probed(Log& log, std::string_view endpoint) {
  write(log, "endpoint_probed", {{"endpoint", text(endpoint)}});
}

void log_endpoint_recovered(Log& log, std::string_view endpoint, std::uint64_t attempts,
                            std::int64_t away_ms) {
  write(log, "endpoint_recovered",
        {{"endpoint", text(endpoint)}, {"attempts", number(attempts)}, {"away_ms", away_ms}});
}

void log_endpoint_refused(Log& log, std::string_view endpoint, std::string_view reason) {
  write(log, "endpoint_refused", {{"endpoint", text(endpoint)}, {"reason", text(reason)}});
}

void log_endpoint_detail(Log& log, std::string_view endpoint, std::string_view detail) {
  write(log, "endpoint_detail", {{"endpoint", text(endpoint)}, {"detail", text(detail)}});
}

void log_object_name_taken(Log& log, std::string_view endpoint, std::string_view name) {
  write(log, "object_name_taken", {{"endpoint", text(endpoint)}, {"name", text(name)}});
}

void log_object_differs(Log& log, std::string_view endpoint, std::string_view name) {
  write(log, "object_differs", {{"endpoint", text(endpoint)}, {"name", text(name)}});
}

void log_body_kept(Log& log, std::string_view endpoint, std::string_view store,
                   std::uint64_t events, std::string_view id, std::string_view reference) {
  write(log, "body_kept",
        {{"endpoint", text(endpoint)},
         {"store", text(store)},
         {"events", number(events)},
         {"id", text(id)},
         {"dataref", text(reference)}});
}

void log_storage_lost(Log& log, std::string_view what, std::string_view reason) {
  write(log, "storage_lost", {{"what", text(what)}, {"reason", text(reason)}});
}

void log_storage_recovered(Log& log, std::string_view what, std::int64_t away_ms) {
  write(log, "storage_recovered", {{"what", text(what)}, {"away_ms", away_ms}});
}

void log_spool_full(Log& log, std::string_view source, std::uint64_t records, std::uint64_t bytes,
                    std::uint64_t bytes_max) {
  write(log, "spool_full",
        {{"source", text(source)},
         {"records", number(records)},
         {"bytes", number(bytes)},
         {"bytes_max", number(bytes_max)}});
}

void log_spool_recovered(Log& log, std::string_view source, std::int64_t full_ms) {
  write(log, "spool_recovered", {{"source", text(source)}, {"full_ms", full_ms}});
}

void log_spool_damaged(Log& log, std::string_view source, std::string_view file,
                       std::uint64_t offset, std::uint64_t bytes, std::uint64_t records,
                       std::string_view reason, std::string_view put_aside) {
  write(log, "spool_damaged",
        {{"source", text(source)},
         {"file", text(file)},
         {"offset", number(offset)},
         {"bytes", number(bytes)},
         {"records", number(records)},
         {"reason", text(reason)},
         {"put_aside", text(put_aside)}});
}

void log_file_started(Log& log, std::string_view source, std::string_view path,
                      std::uint64_t arrival, std::uint64_t from_record) {
  write(log, "file_started",
        {{"source", text(source)},
         {"path", text(path)},
         {"arrival", number(arrival)},
         {"from_record", number(from_record)}});
}

void log_file_fetched(Log& log, std::string_view source, const FileFetch& fetch) {
  write(log, "file_fetched",
        {{"source", text(source)},
         {"path", fetch.path},
         {"arrival", number(fetch.arrival)},
         {"bytes", number(fetch.bytes)},
         {"resumed_at", number(fetch.resumed_at)},
         {"took_ms", fetch.took.count()}});
}

void log_file_ended(Log& log, std::string_view source, const FileTotals& totals) {
  write(log, "file_ended",
        {{"source", text(source)},
         {"path", totals.path},
         {"arrival", number(totals.arrival)},
         {"read", number(totals.read)},
         {"delivered", number(totals.delivered)},
         {"filtered", number(totals.filtered)},
         {"bad", number(totals.bad)},
         {"control_totals", totals.control_totals}});
}

void log_file_broken(Log& log, std::string_view source, std::string_view path,
                     std::string_view reason, std::string_view put_aside) {
  write(log, "file_broken",
        {{"source", text(source)},
         {"path", text(path)},
         {"reason", text(reason)},
         {"put_aside", text(put_aside)}});
}

void log_file_changed(Log& log, std::string_view source, std::string_view path,
                      std::string_view reason) {
  write(log, "file_changed",
        {{"source", text(source)}, {"path", text(path)}, {"reason", text(reason)}});
}

void log_trailer_mismatch(Log& log, std::string_view source, std::string_view path,
                          std::string_view reason) {
  write(log, "trailer_mismatch",
        {{"source", text(source)}, {"path", text(path)}, {"reason", text(reason)}});
}

void log_queue_opened(Log& log, std::string_view source, std::string_view queue_manager,
                      std::string_view queue, std::string_view backout_queue,
                      std::string_view library) {
  write(log, "queue_opened",
        {{"source", text(source)},
         {"queue_manager", text(queue_manager)},
         {"queue", text(queue)},
         {"backout_queue", text(backout_queue)},
         {"library", text(library)}});
}

void log_listening(Log& log, std::string_view source, std::string_view address, std::uint16_t port,
                   bool is_tls) {
  write(log, "listening",
        {{"source", text(source)},
         {"address", text(address)},
         {"port", number(port)},
         {"tls", text(is_tls ? "yes" : "no")}});
}

void log_requests_refused(Log& log, std::string_view source, std::uint64_t count,
                          std::uint64_t status, std::string_view reason) {
  write(log, "requests_refused",
        {{"source", text(source)},
         {"count", number(count)},
         {"status", number(status)},
         {"reason", text(reason)}});
}

void log_connections_refused(Log& log, std::string_view source, std::uint64_t count,
                             std::string_view reason) {
  write(log, "connections_refused",
        {{"source", text(source)}, {"count", number(count)}, {"reason", text(reason)}});
}

void log_connections_broken(Log& log, std::string_view source, std::uint64_t count,
                            std::string_view reason) {
  write(log, "connections_broken",
        {{"source", text(source)}, {"count", number(count)}, {"reason", text(reason)}});
}

void log_calls(Log& log, std::string_view source, const CallTotals& totals) {
  write(log, "calls",
        {{"source", text(source)},
         {"answered", number(totals.answered)},
         {"failed", number(totals.failed)},
         {"invalid", number(totals.invalid)},
         {"expired", number(totals.expired)},
         {"unavailable", number(totals.unavailable)},
         {"waiting", number(totals.waiting)},
         {"dead_lettered", number(totals.dead_lettered)}});
}

void log_backout_queue_refused(Log& log, std::string_view source, std::string_view queue,
                               std::string_view message, std::string_view reason) {
  write(log, "backout_queue_refused",
        {{"source", text(source)},
         {"queue", text(queue)},
         {"message", text(message)},
         {"reason", text(reason)}});
}

void log_syncpoint_limited(Log& log, std::string_view source, std::string_view queue,
                           std::uint64_t messages) {
  write(log, "syncpoint_limited",
        {{"source", text(source)}, {"queue", text(queue)}, {"messages", number(messages)}});
}

void log_message_unreadable(Log& log, std::string_view source, std::string_view queue,
                            std::string_view message, std::string_view reason) {
  write(log, "message_unreadable",
        {{"source", text(source)},
         {"queue", text(queue)},
         {"message", text(message)},
         {"reason", text(reason)}});
}

void log_mapping_changed(Log& log, std::string_view source, std::string_view mapping) {
  write(log, "mapping_changed", {{"source", text(source)}, {"mapping", text(mapping)}});
}

}  // namespace copybridge
