// When an outage is worth a line in the log.
#include "bridge/outage.h"

#include "bridge/core/log_events.h"

namespace copybridge::bridge {
namespace {

constexpr Milliseconds kQuietAfterLogged{60'000};
constexpr Milliseconds kLoggedAnyway{10'000};
constexpr Milliseconds kStorageRetry{1000};

}  // namespace

bool Outage::note_failure(SteadyTime now) {
  if (attempts_++ == 0) since_ = now;
  if (is_logged_) return false;
  const bool is_quiet = has_logged_ && now - logged_end_ < kQuietAfterLogged;
  is_logged_ = !is_quiet || now - since_ >= kLoggedAnyway;
  return is_logged_;
}

bool Outage::end(SteadyTime now) {
  const bool was_logged = is_logged_;
  if (was_logged) logged_end_ = now;
  has_logged_ = has_logged_ || was_logged;
  is_logged_ = false;
  attempts_ = 0;
  return was_logged;
}

void StorageOutage::note_lost(Log& log, SteadyTime now, const std::string& reason) {
  if (outage_.note_failure(now)) log_storage_lost(log, what_, reason);
  retry_at_ = now + kStorageRetry;
}

void StorageOutage::note_found(Log& log, SteadyTime now) {
  if (!outage_.is_on()) return;
  const auto away = std::chrono::duration_cast<Milliseconds>(now - outage_.since());
  if (outage_.end(now)) log_storage_recovered(log, what_, away.count());
}

}  // namespace copybridge::bridge
