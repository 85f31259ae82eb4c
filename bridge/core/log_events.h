// Every line the bridge can log: one function per event, one row per event in kLogEvents.
// docs/logs.md describes the same events; a test compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/log.h"

namespace copybridge {

/// All events, in the order of docs/logs.md.
[[nodiscard]] std::span<const LogEvent> log_events();

/// Totals of one route since start, or of one interval.
struct RouteTotals {
  std::uint64_t read = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t handed_back = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t retried = 0;  ///< events sent again; not part of the conservation law
  /// What events say in place of their records: characters that became U+FFFD, and bad fields
  /// that became null or hexadecimal.
  std::uint64_t unmapped_characters = 0;
  std::uint64_t bad_fields = 0;
};

/// Calls of one source since start, by how they ended.
struct CallTotals {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::uint64_t invalid = 0;
  std::uint64_t expired = 0;
  std::uint64_t unavailable = 0;
  std::uint64_t waiting = 0;        ///< under way
  std::uint64_t dead_lettered = 0;  ///< replies
};

/// What became of one input file.
struct FileTotals {
  std::string path;
  std::uint64_t arrival = 0;
  std::uint64_t read = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t bad = 0;
  std::string control_totals;  ///< "count=100 ACCT-BAL=1234.50", empty where none are asked for
};

void log_started(Log& log, std::string_view version, std::string_view digest,
                 std::string_view sources, std::string_view endpoints);
/// The pipeline of the source ends before it reads anything.
void log_not_started(Log& log, std::string_view source, std::string_view reason);
void log_stopped(Log& log, std::string_view source, const RouteTotals& totals, int exit_code);
/// `destinations`: which route of the source; `lag`: the source's own word for how far behind it
/// is; `rate`: records per second.
void log_summary(Log& log, std::string_view source, std::string_view destinations,
                 const RouteTotals& totals, std::string_view lag, double rate,
                 std::int64_t oldest_unsettled_ms);
/// A record went to the dead letters. `reason` holds no record contents.
void log_dead_letter(Log& log, std::string_view source, std::string_view id,
                     std::string_view mapping, std::string_view destination,
                     std::string_view reason);
/// More dead letters than are logged one by one; once per interval.
void log_dead_letters_more(Log& log, std::string_view source, std::uint64_t count);
/// Later events with the key of a dead letter wait at the endpoint; the first of them has come.
void log_key_blocked(Log& log, std::string_view endpoint, std::string_view id);
/// The dead letter is gone, and `waiting` events go on.
void log_key_released(Log& log, std::string_view endpoint, std::string_view id,
                      std::uint64_t waiting);
/// What a mapping's events said in place of their records, since the last such line.
void log_values_replaced(Log& log, std::string_view source, std::string_view mapping,
                         std::uint64_t unmapped_characters, std::uint64_t bad_fields);
/// The pipeline stops reading because too many records are bad.
/// The queue's messages say another code page or byte order than the mapping; once per queue.
void log_message_form_differs(Log& log, std::string_view source, std::string_view queue,
                              std::string_view mapping, std::string_view reason);
void log_bad_records_pause(Log& log, std::string_view source, std::uint64_t bad,
                           std::string_view last_reason);

/// An endpoint is away for longer than the source may hold its unit of work open: it has it back,
/// and is not read before the endpoints work.
void log_unit_backed_out(Log& log, std::string_view source, std::string_view endpoints,
                         std::uint64_t records, std::int64_t age_ms);
void log_source_lost(Log& log, std::string_view source, std::string_view reason);
/// What a client library says of itself.
void log_source_detail(Log& log, std::string_view source, std::string_view detail);
/// Records that are no longer there; `place` says where, from the first one missing to the first
/// one that is there.
void log_records_gone(Log& log, std::string_view source, std::string_view place, std::int64_t from,
                      std::int64_t to);
void log_source_recovered(Log& log, std::string_view source, std::uint64_t attempts,
                          std::int64_t away_ms);
void log_endpoint_lost(Log& log, std::string_view endpoint, std::string_view reason);
void log_endpoint_recovered(Log& log, std::string_view endpoint, std::uint64_t attempts,
                            std::int64_t away_ms);
/// The back-off is over: one request goes out to see whether the endpoint is back.
void log_endpoint_probed(Log& log, std::string_view endpoint);
/// The endpoint refuses (credentials, address, rights); the route waits, nothing is dead-lettered.
void log_endpoint_refused(Log& log, std::string_view endpoint, std::string_view reason);
/// What a publisher's library reports in passing; debug only, never contents or secrets.
void log_endpoint_detail(Log& log, std::string_view endpoint, std::string_view detail);
/// The name of an object is taken by another's.
void log_object_name_taken(Log& log, std::string_view endpoint, std::string_view name);
/// An object cannot be made again as an earlier attempt was to upload it.
void log_object_differs(Log& log, std::string_view endpoint, std::string_view name);
/// Bodies for an endpoint are in a store, so many since the start; `id` and `reference` of the
/// last.
void log_body_kept(Log& log, std::string_view endpoint, std::string_view store,
                   std::uint64_t events, std::string_view id, std::string_view reference);
void log_storage_lost(Log& log, std::string_view what, std::string_view reason);
void log_storage_recovered(Log& log, std::string_view what, std::int64_t away_ms);

void log_spool_full(Log& log, std::string_view source, std::uint64_t records, std::uint64_t bytes,
                    std::uint64_t bytes_max);
void log_spool_recovered(Log& log, std::string_view source, std::int64_t full_ms);
/// `records`: how many are lost; `put_aside`: the file that has the damaged bytes now.
void log_spool_damaged(Log& log, std::string_view source, std::string_view file,
                       std::uint64_t offset, std::uint64_t bytes, std::uint64_t records,
                       std::string_view reason, std::string_view put_aside);

void log_file_started(Log& log, std::string_view source, std::string_view path,
                      std::uint64_t arrival, std::uint64_t from_record);
/// A server's file is on this machine as a whole.
struct FileFetch {
  std::string path;
  std::uint64_t arrival = 0;
  std::uint64_t bytes = 0;
  std::uint64_t resumed_at = 0;  ///< bytes that were there from an earlier attempt
  Milliseconds took{0};
};
void log_file_fetched(Log& log, std::string_view source, const FileFetch& fetch);
void log_file_ended(Log& log, std::string_view source, const FileTotals& totals);
/// Framing broke; what stood before was delivered.
void log_file_broken(Log& log, std::string_view source, std::string_view path,
                     std::string_view reason, std::string_view put_aside);
/// The file changed while it was read or before it could be moved.
void log_file_changed(Log& log, std::string_view source, std::string_view path,
                      std::string_view reason);
void log_trailer_mismatch(Log& log, std::string_view source, std::string_view path,
                          std::string_view reason);
void log_queue_opened(Log& log, std::string_view source, std::string_view queue_manager,
                      std::string_view queue, std::string_view backout_queue,
                      std::string_view library);
void log_listening(Log& log, std::string_view source, std::string_view address, std::uint16_t port,
                   bool is_tls);
/// `count` since the last such line; `status` and `reason` are of the last of them, status 0: it
/// was no request.
void log_requests_refused(Log& log, std::string_view source, std::uint64_t count,
                          std::uint64_t status, std::string_view reason);
/// Once per interval and at the end.
void log_calls(Log& log, std::string_view source, const CallTotals& totals);
/// A dead letter cannot be moved there; the state has it.
void log_backout_queue_refused(Log& log, std::string_view source, std::string_view queue,
                               std::string_view message, std::string_view reason);
/// The queue manager takes no more messages into one unit of work.
void log_syncpoint_limited(Log& log, std::string_view source, std::string_view queue,
                           std::uint64_t messages);
/// The mapping of a route is not the one that the unsettled records were read with.
void log_message_unreadable(Log& log, std::string_view source, std::string_view queue,
                            std::string_view message, std::string_view reason);
void log_mapping_changed(Log& log, std::string_view source, std::string_view mapping);
/// A stop was asked for; what is under way is finished within the limit.
void log_stopping(Log& log, std::string_view reason, std::int64_t limit_ms);

}  // namespace copybridge
