// Who and what is let in, and what the log says of the others.
#include <algorithm>

#include "adapters/http/connection.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::http {
namespace {

constexpr Milliseconds kLogInterval{60'000};

}  // namespace

Answer refusal(unsigned status, std::string_view reason) {
  return {.status = status, .body = "{\"error\":" + json_string(reason) + "}"};
}

std::optional<Answer> Shared::check_head(std::string_view method, std::string_view target,
                                         std::string_view authorization, std::string& who) {
  if (refuses_all) return refusal(503, "the bridge is stopping");
  if (std::ranges::find(settings.paths, target.substr(0, target.find('?'))) ==
      settings.paths.end()) {
    return refusal(404, "nothing is taken at this path");
  }
  if (method != "POST") {
    Answer answer = refusal(405, "only POST is taken");
    answer.extra_name = "Allow";
    answer.extra_value = "POST";
    return answer;
  }
  Result<std::optional<std::string>> checked = access.check(authorization);
  if (!checked) {
    log_source_detail(log, settings.name, checked.error().message);
    return refusal(503, "the bridge cannot read its secret");
  }
  if (!*checked) {
    Answer answer = refusal(401, "no credentials that are let in");
    answer.extra_name = "WWW-Authenticate";
    answer.extra_value = access.scheme();
    return answer;
  }
  who = std::move(**checked);
  return std::nullopt;
}

std::shared_ptr<const Reservation> Shared::reserve(std::uint64_t bytes) const {
  const std::uint64_t waiting = *waiting_bytes;
  if (waiting > 0 && waiting + bytes > settings.waiting_bytes_max) return nullptr;
  return std::make_shared<const Reservation>(waiting_bytes, bytes);
}

void Shared::note_refused(unsigned status, std::string_view reason) {
  ++refused_;
  refused_status_ = status;
  refused_reason_ = reason;
  const SteadyTime now = clock.now();
  if (!logged_at_ || now - *logged_at_ >= kLogInterval) log_refused();
}

void Shared::log_refused() {
  if (refused_ == 0) return;
  log_requests_refused(log, settings.name, refused_, refused_status_, refused_reason_);
  refused_ = 0;
  logged_at_ = clock.now();
}

void Shared::add(Closable* connection) {
  const std::scoped_lock lock(mutex_);
  connections_.insert(connection);
}

void Shared::remove(Closable* connection) {
  const std::scoped_lock lock(mutex_);
  connections_.erase(connection);
}

std::size_t Shared::count() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

void Shared::end_all(bool at_once) {
  // A connection goes from the set when it is destroyed, which happens behind this function:
  // closing a socket only queues its handlers.
  const std::scoped_lock lock(mutex_);
  for (Closable* connection : connections_) connection->end(at_once);
}

}  // namespace copybridge::adapters::http
