// Getting and matching of replies.
#include "bridge/publishers/ibm_mq_replies.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/ibm_mq/message.h"

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;
namespace gmo = mqi::gmo;

constexpr std::size_t kUnitMax = 100;
constexpr std::size_t kBufferSize = 64 << 10;
/// An MQGET that waits cannot be called back.
constexpr Milliseconds kWaitSlice{100};
/// A message that is committed late may lie before the place that was browsed last.
constexpr Milliseconds kScanAgain{100};
constexpr Milliseconds kRetryAfter{500};

}  // namespace

MqReplies::MqReplies(const MqReplySettings& settings, AwaitedMqReplies& awaited)
    : settings_(settings), awaited_(awaited), connection_(settings.connection) {
  buffer_.resize(kBufferSize);
}

void MqReplies::start(ExchangeUser& user, std::string prefix) {
  user_ = &user;
  prefix_ = std::move(prefix);
  is_stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void MqReplies::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void MqReplies::run() {
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (is_stopping_) break;
    }
    if (!connection_.is_connected()) {
      const Result<void> connected = connect();
      user_->on_link("replies", connected ? std::string() : connected.error().message);
      if (!connected) {
        wait_before_next_attempt();
        continue;
      }
    }
    if (!take_unit()) wait_before_next_attempt();
  }
  is_ready_ = false;
  connection_.disconnect();
}

void MqReplies::wait_before_next_attempt() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kRetryAfter, [this] { return is_stopping_; });
}

Result<void> MqReplies::connect() {
  Result<void> connected = connection_.connect();
  if (!connected) return connected;
  const mqi::Long how =
      settings_.is_shared ? mqi::oo::kInputShared | mqi::oo::kBrowse : mqi::oo::kInputExclusive;
  Result<mq::OpenQueue> opened = connection_.open(settings_.queue, {}, how);
  if (!opened) {
    connection_.disconnect();
    return pass_on(opened);
  }
  queue_ = std::move(*opened);
  rescan_at_ = {};
  is_ready_ = true;
  return {};
}

MqReplies::Found MqReplies::lose(std::string_view verb, mqi::Long reason) {
  is_ready_ = false;
  user_->on_link("replies", connection_.error(verb, settings_.queue, reason).message);
  connection_.disconnect();
  return Found::failure;
}

/// Replies answer their requests before the unit of work ends: what is backed out comes again, and
/// is then a late reply rather than a lost one.
bool MqReplies::take_unit() {
  Milliseconds wait = kWaitSlice;
  std::size_t count = 0;
  for (; count < kUnitMax; ++count, wait = Milliseconds(0)) {
    const Found found = settings_.is_shared ? find_own(wait) : get_any(wait);
    if (found == Found::failure) return false;
    if (found == Found::nothing) break;
    if (hand_over(got_)) continue;
    static_cast<void>(connection_.back_out());
    return false;
  }
  if (count == 0) return true;
  const mq::Outcome committed = connection_.commit();
  if (!committed.is_ok()) static_cast<void>(lose("MQCMIT", committed.reason));
  return committed.is_ok();
}

MqReplies::Found MqReplies::get_any(Milliseconds wait) {
  got_ = {};
  got_.version = 2;
  mqi::MQGMO options;
  options.version = 2;
  options.match_options = mqi::match::kNone;
  options.options = gmo::kSyncpoint | gmo::kFailIfQuiescing | gmo::kPropertiesForceMqrfh2 |
                    (wait.count() > 0 ? gmo::kWait : 0);
  options.wait_interval = static_cast<mqi::Long>(wait.count());
  return get(got_, options, true);
}

MqReplies::Found MqReplies::get(mqi::MQMD& descriptor, mqi::MQGMO& options, bool keeps_body) {
  for (;;) {
    const mqi::MQMD searched = descriptor;
    const std::span<std::uint8_t> room(buffer_.data(), keeps_body ? buffer_.size() : 0);
    const mq::Outcome outcome = connection_.get(queue_, descriptor, options, room, size_);
    const bool is_too_large =
        keeps_body && !outcome.is_ok() && outcome.reaction() == mq::Reaction::grow;
    if (is_too_large && size_ > buffer_.size()) {
      buffer_.resize(size_);
      descriptor = searched;
      continue;
    }
    if (outcome.completion != mqi::cc::kFailed && !is_too_large) return Found::reply;
    if (outcome.reaction() == mq::Reaction::none) return Found::nothing;
    return lose("MQGET", outcome.reason);
  }
}

MqReplies::Found MqReplies::browse(mqi::Long position, Milliseconds wait, mqi::MQMD& descriptor) {
  descriptor = {};
  descriptor.version = 2;
  mqi::MQGMO options;
  options.version = 2;
  options.match_options = mqi::match::kNone;
  options.options = position | gmo::kNoSyncpoint | gmo::kFailIfQuiescing |
                    gmo::kAcceptTruncatedMsg | (wait.count() > 0 ? gmo::kWait : 0);
  options.wait_interval = static_cast<mqi::Long>(wait.count());
  return get(descriptor, options, false);
}

bool MqReplies::is_own(const mqi::MQMD& descriptor) const {
  return std::memcmp(descriptor.correl_id.data(), prefix_.data(), prefix_.size()) == 0 ||
         awaited_.has(descriptor.correl_id);
}

/// Looks at messages without taking them, then gets the one that is for this bridge by its ids.
MqReplies::Found MqReplies::find_own(Milliseconds wait) {
  const SteadyTime now = std::chrono::steady_clock::now();
  mqi::Long position = gmo::kBrowseNext;
  if (now >= rescan_at_) {
    position = gmo::kBrowseFirst;
    rescan_at_ = now + kScanAgain;
  }
  bool has_waited = wait.count() == 0;
  for (;; position = gmo::kBrowseNext) {
    mqi::MQMD seen;
    Found found = browse(position, Milliseconds(0), seen);
    if (found == Found::nothing && !has_waited) {
      has_waited = true;
      found = browse(gmo::kBrowseNext, wait, seen);
    }
    if (found != Found::reply) return found;
    if (!is_own(seen)) continue;
    got_ = {};
    got_.version = 2;
    got_.msg_id = seen.msg_id;
    got_.correl_id = seen.correl_id;
    mqi::MQGMO options;
    options.version = 2;
    options.match_options = mqi::match::kMsgId | mqi::match::kCorrelId;
    options.options = gmo::kSyncpoint | gmo::kFailIfQuiescing | gmo::kPropertiesForceMqrfh2;
    found = get(got_, options, true);
    if (found != Found::nothing) return found;
  }
}

bool MqReplies::hand_over(const mqi::MQMD& descriptor) {
  const ByteView bytes = buffer_.view(0, size_);
  const mq::Description described{descriptor.encoding, descriptor.coded_char_set_id,
                                  mq::text_of(descriptor.format)};
  mq::HeaderChain chain = mq::parse_headers(bytes, described, pages_);
  const ByteView payload = bytes.subspan(chain.payload_offset);
  Reply reply;
  reply.id = mq::message_id(queue_.queue_manager, queue_.name, descriptor, payload);
  reply.body.append(payload);
  reply.attributes.emplace_back("mq-queue-manager", queue_.queue_manager);
  reply.attributes.emplace_back("mq-queue", queue_.name);
  mq::append_description(chain.payload, reply.attributes);
  mq::append_descriptor(descriptor, mq::FieldSet().set(), pages_, reply.attributes);
  std::ranges::move(chain.attributes, std::back_inserter(reply.attributes));
  if (!chain.fault.empty()) reply.attributes.emplace_back(adapters::kFaultAttribute, chain.fault);
  reply.time_ms = mq::put_time_ms(descriptor);
  return user_->on_reply(awaited_.take(descriptor.correl_id), std::move(reply));
}

}  // namespace copybridge::publishers
