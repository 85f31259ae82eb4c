// Entries as messages: the key, a line end, the hashes.
#include "bridge/publishers/ibm_mq_ledger.h"

#include <algorithm>
#include <utility>

#include "bridge/publishers/ibm_mq_message.h"

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;

/// The most that one entry can have: 10,000 hashes and its key.
constexpr std::size_t kMessageMax = 512 << 10;
/// 30 days in tenths of a second: what nobody asked for until then its source has settled.
constexpr mqi::Long kRememberedFor = 30 * 24 * 36'000;
/// They count among the messages of the unit of work (MAXUMSGS).
constexpr std::size_t kRemovedMax = 100;

}  // namespace

Result<void> MqLedger::open() {
  Result<mq::OpenQueue> opened = connection_.open(
      queue_name_, {}, mqi::oo::kInputExclusive | mqi::oo::kBrowse | mqi::oo::kOutput);
  if (!opened) return pass_on(opened);
  queue_ = std::move(*opened);
  return read();
}

Result<void> MqLedger::read() {
  ledger_ = IdLedger(owner_);
  std::string buffer(kMessageMax, '\0');
  for (;;) {
    mqi::MQMD descriptor;
    descriptor.version = 2;
    mqi::MQGMO options;
    options.version = 2;
    options.match_options = mqi::match::kNone;
    options.options = mqi::gmo::kBrowseNext | mqi::gmo::kNoProperties | mqi::gmo::kFailIfQuiescing;
    std::size_t size = 0;
    const mq::Outcome outcome =
        connection_.get(queue_, descriptor, options,
                        {reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()}, size);
    if (outcome.reason == mqi::rc::kNoMsgAvailable) return {};
    const bool is_too_large = outcome.reason == mqi::rc::kTruncatedMsgFailed;
    if (outcome.completion == mqi::cc::kFailed && !is_too_large) {
      return tl::make_unexpected(connection_.error("MQGET", queue_name_, outcome.reason));
    }
    const std::string_view text = std::string_view(buffer).substr(0, size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view value = text.substr(std::min(end + 1, text.size()));
    if (!is_too_large && ledger_.take(text.substr(0, end), value, false, false)) continue;
    return fail(ErrorKind::config,
                "ibm-mq: queue " + queue_name_ +
                    " holds messages of others; give 'state_queue' a queue of its own");
  }
}

MqLedger::Failed MqLedger::put(const std::vector<const Event*>& events) {
  entry_ = ledger_.next(events);
  const std::string key = ledger_.key_of(entry_.sequence);
  const std::string body = key + "\n" + IdLedger::value_of(entry_.hashes);
  mqi::MQMD descriptor;
  descriptor.msg_id = mq_id(key);
  descriptor.persistence = mqi::persistence::kPersistent;
  descriptor.expiry = kRememberedFor;
  descriptor.priority = 0;
  mqi::MQPMO options;
  options.options = mqi::pmo::kSyncpoint | mqi::pmo::kFailIfQuiescing;
  const mq::Outcome outcome =
      connection_.put(queue_, descriptor, options,
                      {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
  if (outcome.completion == mqi::cc::kFailed) return {"MQPUT", outcome.reason};
  removed_ = 0;
  for (const std::uint64_t sequence : ledger_.obsolete()) {
    if (removed_ == kRemovedMax) break;
    if (const Failed failed = remove(sequence); !failed.verb.empty()) return failed;
    ++removed_;
  }
  return {};
}

/// One that the queue manager has dropped for its age is removed, too.
MqLedger::Failed MqLedger::remove(std::uint64_t sequence) {
  mqi::MQMD descriptor;
  descriptor.version = 2;
  descriptor.msg_id = mq_id(ledger_.key_of(sequence));
  mqi::MQGMO options;
  options.version = 2;
  options.match_options = mqi::match::kMsgId;
  options.options = mqi::gmo::kSyncpoint | mqi::gmo::kAcceptTruncatedMsg | mqi::gmo::kNoProperties |
                    mqi::gmo::kFailIfQuiescing;
  std::uint8_t none = 0;
  std::size_t size = 0;
  const mq::Outcome outcome = connection_.get(queue_, descriptor, options, {&none, 1}, size);
  const bool is_done =
      outcome.completion != mqi::cc::kFailed || outcome.reason == mqi::rc::kNoMsgAvailable;
  return is_done ? Failed{} : Failed{"MQGET", outcome.reason};
}

void MqLedger::note_committed() {
  ledger_.add(std::exchange(entry_, {}));
  ledger_.remove_obsolete(removed_);
}

}  // namespace copybridge::publishers
