// The list of crash points and the kill itself.
#include "bridge/core/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <string>

namespace copybridge {
namespace {

constexpr std::array<std::string_view, 34> kCrashPoints = {
    "arrival_synced",          // the file's arrival number is durable, nothing was read
    "remote_piece_fetched",    // a piece of a server's file is on this machine
    "spool_written",           // records are in the spool, not synced
    "spool_synced",            // synced, the source has not been told
    "spool_settled",           // the spool's cursor has passed them
    "batch_read",              // records are in memory
    "record_decoded",          // one record is an event
    "batch_decoded",           // events are in memory
    "dead_letters_stored",     // dead letters are durable, nothing else of the batch is
    "publish_started",         // handed to a publisher
    "file_publisher_written",  // written to the output file, not synced
    "file_publisher_synced",   // synced, not yet reported
    "remote_file_written",     // a server has an output file, nobody has been told
    "transaction_produced",    // the broker has the events, the transaction is open
    "transaction_committed",   // it is committed, nobody has been told
    "object_built",            // an object's bytes are in memory
    "object_claimed",          // its name and range are in `state`, nothing was sent
    "object_part_sent",        // the store has a part, nothing is visible
    "object_uploaded",         // it is there, `state` does not know
    "object_manifest_put",     // its manifest, too
    "object_recorded",         // `state` knows, the pipeline has not been told
    "body_stored",             // a body that is too large is there, its event has not been sent
    "file_body_named",         // the same in a file, the folder is not synced
    "publish_confirmed",       // a publisher has reported, the source has not been told
    "before_checkpoint",       // about to settle at the source
    "after_checkpoint",        // settled
    "amqp_before_settling",    // a batch has its fates, the broker has not been told
    "amqp_after_settling",     // the connection's thread is telling it
    "stomp_before_settling",   // the same of STOMP
    "stomp_after_settling",    // the same of STOMP
    "file_publisher_renamed",  // an output file got its final name
    "before_file_done",        // everything of an input file is settled
    "after_file_moved",        // the input file is moved or deleted, state does not know yet
    "remote_file_finished",    // the same of a server's file
};

/// What a record must hold for the process to abort at a place.
struct Poison {
  std::string place;
  std::string text;
};

struct Target {
  std::string name;
  long nth = 0;
};

Target read_target() {
  const char* text = std::getenv("COPYBRIDGE_CRASH_AT");
  if (text == nullptr) return {};
  Target target{text, 1};
  if (const std::size_t colon = target.name.find(':'); colon != std::string::npos) {
    target.nth = std::strtol(target.name.c_str() + colon + 1, nullptr, 10);
    target.name.resize(colon);
  }
  return target;
}

Poison read_poison() {
  const char* text = std::getenv("COPYBRIDGE_ABORT_ON");
  if (text == nullptr) return {};
  const std::string_view whole = text;
  const std::size_t colon = std::min(whole.find(':'), whole.size());
  return {std::string(whole.substr(0, colon)),
          std::string(whole.substr(std::min(colon + 1, whole.size())))};
}

}  // namespace

std::span<const std::string_view> crash_points() { return kCrashPoints; }

void crash_point(std::string_view name) {
  static const Target target = read_target();
  if (target.nth == 0) return;
  assert(std::ranges::find(kCrashPoints, name) != kCrashPoints.end());
  static std::atomic<long> passed{0};
  if (name == target.name && ++passed == target.nth) ::kill(::getpid(), SIGKILL);
}

void crash_point(std::string_view name, std::string_view content) {
  crash_point(name);
  static const Poison poison = read_poison();
  if (poison.text.empty() || name != poison.place) return;
  if (content.find(poison.text) != std::string_view::npos) std::abort();
}

}  // namespace copybridge
