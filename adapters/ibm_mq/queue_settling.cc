// The end of a unit of work: committed, dead letters moved in it, or backed out.
#include <algorithm>
#include <utility>

#include "adapters/ibm_mq/queue_source.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::ibm_mq {
namespace {

/// The fates of one message's records, of all messages in their order.
class FatesOfMessages {
 public:
  explicit FatesOfMessages(const Settlement& settlement) : fates_(settlement.fates) {}

  std::span<const Fate> next(const UnitMessage& message) {
    const std::size_t at = std::exchange(at_, at_ + message.records);
    if (at + message.records > fates_.size()) return {};
    return std::span(fates_).subspan(at, message.records);
  }

 private:
  const std::vector<Fate>& fates_;
  std::size_t at_ = 0;
};

bool holds(std::span<const Fate> fates, Fate fate) {
  return std::ranges::find(fates, fate) != fates.end();
}

}  // namespace

Result<void> QueueSource::settle(const Settlement& settlement) {
  if (unit_.token == 0 || unit_.token != settlement.token) {
    return fail(ErrorKind::source, "ibm-mq: batch " + std::to_string(settlement.token) +
                                       " is not the one that is unsettled");
  }
  if (unit_.is_lost) {
    // All of it comes again; what is delivered already is then only committed.
    ++settlements_in_doubt_;
    remember(settlement);
    unit_.clear();
    return {};
  }
  if (holds(settlement.fates, Fate::retry)) {
    remember(settlement);
    units_of_one_left_ = unit_.messages.size();
    back_out();
    unit_.clear();
    return {};
  }
  Result<void> moved = move_dead_letters(settlement);
  if (!moved) return moved;
  Result<void> committed = commit();
  if (!committed) return committed;
  forget_committed();
  unit_.clear();
  return {};
}

void QueueSource::back_out() {
  const Outcome outcome = connection_.back_out();
  // Without a connection the queue manager backs out by itself.
  if (outcome.completion == mqi::cc::kFailed) let_go();
}

Result<void> QueueSource::commit() {
  const Outcome outcome = connection_.commit();
  if (outcome.is_ok()) return {};
  Error error = connection_.error("MQCMIT", settings_.queue, outcome.reason);
  // Whatever the reason: it may have been made, or have been backed out. Asked again, MQCMIT would
  // commit a unit of work with nothing in it.
  let_go();
  error.kind = ErrorKind::source;
  return tl::make_unexpected(std::move(error));
}

/// A message of which no destination has anything goes to the backout queue, in the unit of work
/// that takes it off its own.
Result<void> QueueSource::move_dead_letters(const Settlement& settlement) {
  if (backout_queue_name_.empty()) return {};
  FatesOfMessages fates(settlement);
  for (UnitMessage& message : unit_.messages) {
    const auto of_message = fates.next(message);
    if (!holds(of_message, Fate::dead_lettered) || holds(of_message, Fate::delivered)) continue;
    Result<void> moved = move(message);
    if (!moved) return moved;
  }
  return {};
}

Result<void> QueueSource::open_backout_queue() {
  if (backout_queue_.handle != mqi::kUnusableHobj) return {};
  Result<OpenQueue> opened =
      connection_.open(backout_queue_name_, {}, mqi::oo::kOutput | mqi::oo::kSetAllContext);
  if (!opened) return pass_on(opened);
  backout_queue_ = std::move(*opened);
  return {};
}

/// Where the queue does not take it the dead letter is in the state alone. Fails where the unit of
/// work is lost.
Result<void> QueueSource::move(const UnitMessage& message) {
  const Result<void> opened = open_backout_queue();
  std::string refusal = opened ? "" : opened.error().message;
  if (opened) {
    mqi::MQMD descriptor = message.descriptor;
    mqi::MQPMO options;
    options.options = mqi::pmo::kSyncpoint | mqi::pmo::kSetAllContext | mqi::pmo::kFailIfQuiescing;
    const ByteView bytes = unit_.bytes.view(message.offset, message.size);
    const Outcome outcome = connection_.put(backout_queue_, descriptor, options, bytes);
    if (outcome.completion != mqi::cc::kFailed) return {};
    Error error = connection_.error("MQPUT", backout_queue_name_, outcome.reason);
    if (outcome.reaction() == Reaction::reconnect) {
      let_go();
      error.kind = ErrorKind::source;
      return tl::make_unexpected(std::move(error));
    }
    refusal = std::move(error.message);
  }
  log_backout_queue_refused(context_.log, context_.name, backout_queue_name_, message.id, refusal);
  return {};
}

/// Messages that are wholly delivered or filtered.
void QueueSource::remember(const Settlement& settlement) {
  remembered_at_ = context_.clock.now();
  FatesOfMessages fates(settlement);
  for (const UnitMessage& message : unit_.messages) {
    const auto of_message = fates.next(message);
    if (message.records > 0 && (of_message.empty() || holds(of_message, Fate::retry) ||
                                holds(of_message, Fate::dead_lettered))) {
      continue;
    }
    delivered_.insert_or_assign(message.id, message.descriptor.backout_count);
  }
}

void QueueSource::forget_committed() {
  if (delivered_.empty()) return;
  for (const UnitMessage& message : unit_.messages) delivered_.erase(message.id);
}

}  // namespace copybridge::adapters::ibm_mq
