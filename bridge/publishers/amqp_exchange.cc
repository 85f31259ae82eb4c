// One connection with a link either way. What the broker has not disposed of when the connection
// ends may have been sent: the replies will tell.
#include "bridge/publishers/amqp_exchange.h"

#include <proton/delivery.h>
#include <proton/link.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "adapters/amqp/message.h"
#include "bridge/amqp/client.h"
#include "bridge/amqp/connection.h"
#include "bridge/amqp/incoming.h"
#include "bridge/amqp/links.h"
#include "bridge/core/hash.h"
#include "bridge/publishers/amqp_message.h"
#include "bridge/publishers/amqp_sender.h"
#include "bridge/publishers/awaited_replies.h"

namespace copybridge::publishers {
namespace {

using copybridge::adapters::amqp::MessageReader;
using copybridge::amqp::IncomingMessage;
using Incoming = copybridge::adapters::amqp::Message;

constexpr Milliseconds kRetryAfter{500};
constexpr Milliseconds kCloseLimit{3'000};
constexpr int kReplyCredit = 100;
constexpr std::size_t kReplyBytesMax = 64U << 20;
/// What JMS puts before a message-id that it copies.
constexpr std::string_view kJmsPrefix = "ID:";

std::int64_t unix_ms(const Clock& clock) {
  return std::chrono::floor<Milliseconds>(clock.wall_now().time_since_epoch()).count();
}

struct Settings {
  copybridge::amqp::ClientSettings client;
  AmqpMessageSettings message;
};

class AmqpExchange final : public Exchange, private copybridge::amqp::ConnectionUser {
 public:
  AmqpExchange(Settings settings, const Clock& clock)
      : reply_to_(settings.message.reply_to),
        clock_(clock),
        writer_(std::move(settings.message), settings.client.address),
        connection_(std::move(settings.client), *this) {}
  ~AmqpExchange() override { AmqpExchange::close(Milliseconds(0)); }
  AmqpExchange(const AmqpExchange&) = delete;
  AmqpExchange& operator=(const AmqpExchange&) = delete;

  Result<void> open(ExchangeUser& user, const std::string& identity) override;
  void send(ExchangeRequest request) override;
  void forget(std::uint64_t number) override { awaited_.remove(number); }
  void close(Milliseconds limit) override;

 private:
  void keep_connected();
  void opened(pn_session_t& session) override;
  void happened(pn_event_t& event) override;
  void woken() override;
  void timed_out() override;
  void ended(const Error& error) override;

  void attached(pn_link_t& link);
  void transfer();
  void transfer_one(const ExchangeRequest& request);
  void note_disposition(pn_delivery_t& delivery);
  void receive(pn_delivery_t& delivery);
  [[nodiscard]] bool hand_over(const std::string& bytes);
  [[nodiscard]] std::uint64_t awaiting(const Incoming& message);
  void take_inbox();
  void grant_credit();
  void set_alarm();

  const std::string reply_to_;
  const Clock& clock_;
  ExchangeUser* user_ = nullptr;
  AwaitedReplies<std::string> awaited_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ExchangeRequest> inbox_;
  std::string trouble_ = "amqp: not connected yet";
  bool is_ready_ = false;  ///< requests can be sent and their replies read
  bool is_lost_ = true;
  bool is_stopping_ = true;
  std::thread thread_;  ///< asks for connections

  // Of the connection's thread.
  pn_link_t* requests_ = nullptr;
  pn_link_t* replies_ = nullptr;
  bool has_requests_ = false;
  bool has_replies_ = false;
  std::deque<ExchangeRequest> waiting_;                    ///< for credit
  std::unordered_map<std::uint64_t, std::uint64_t> sent_;  ///< tags to numbers, not disposed of
  std::uint64_t next_tag_ = 1;
  SteadyTime pause_until_;  ///< no credit for replies before
  AmqpMessageWriter writer_;
  IncomingMessage incoming_;
  MessageReader reader_;

  copybridge::amqp::Connection connection_;  ///< ends before what its thread uses
};

Result<void> AmqpExchange::open(ExchangeUser& user, const std::string&) {
  user_ = &user;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = false;
    is_lost_ = true;
  }
  connection_.start();
  thread_ = std::thread([this] { keep_connected(); });
  return {};
}

void AmqpExchange::keep_connected() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (std::exchange(is_lost_, false)) connection_.connect();
    changed_.wait_for(lock, kRetryAfter, [this] { return is_stopping_; });
    changed_.wait(lock, [this] { return is_stopping_ || is_lost_; });
  }
}

void AmqpExchange::send(ExchangeRequest request) {
  std::unique_lock lock(mutex_);
  if (!is_ready_ || is_stopping_) {
    const std::string reason = is_stopping_ ? "the bridge is stopping" : trouble_;
    lock.unlock();
    return user_->on_sent(request.number, Outcome::retry, reason);
  }
  inbox_.push_back(std::move(request));
  lock.unlock();
  connection_.wake();
}

void AmqpExchange::close(Milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  connection_.stop(std::min(limit, kCloseLimit));
}

void AmqpExchange::opened(pn_session_t& session) {
  const copybridge::amqp::ClientSettings& settings = connection_.settings();
  has_requests_ = has_replies_ = false;
  incoming_.clear();
  requests_ = copybridge::amqp::open_sender(
      session, settings, "copybridge-requests-" + settings.address, settings.address);
  replies_ = copybridge::amqp::open_receiver(session, settings, "copybridge-replies-" + reply_to_,
                                             reply_to_, kReplyBytesMax);
}

void AmqpExchange::happened(pn_event_t& event) {
  switch (static_cast<int>(pn_event_type(&event))) {
    case PN_LINK_REMOTE_OPEN:
      return attached(*pn_event_link(&event));
    case PN_LINK_FLOW:
      return transfer();
    case PN_DELIVERY: {
      pn_delivery_t& delivery = *pn_event_delivery(&event);
      return pn_delivery_link(&delivery) == replies_ ? receive(delivery)
                                                     : note_disposition(delivery);
    }
    default:
      return;
  }
}

void AmqpExchange::attached(pn_link_t& link) {
  if (!copybridge::amqp::is_taken(link)) return;
  const bool is_reply = &link == replies_;
  (is_reply ? has_replies_ : has_requests_) = true;
  if (is_reply) grant_credit();
  if (!has_requests_ || !has_replies_) return;
  {
    const std::scoped_lock lock(mutex_);
    is_ready_ = true;
  }
  user_->on_link("requests", {});
  user_->on_link("replies", {});
}

void AmqpExchange::woken() {
  take_inbox();
  transfer();
}

void AmqpExchange::take_inbox() {
  const std::scoped_lock lock(mutex_);
  std::ranges::move(inbox_, std::back_inserter(waiting_));
  inbox_.clear();
}

/// As much as the peer's credit allows.
void AmqpExchange::transfer() {
  if (!has_requests_) return;
  while (!waiting_.empty() && pn_link_credit(requests_) > 0) {
    const ExchangeRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    transfer_one(request);
  }
  set_alarm();
}

void AmqpExchange::transfer_one(const ExchangeRequest& request) {
  const auto left = std::chrono::ceil<Milliseconds>(request.deadline - clock_.now());
  if (left.count() <= 0) {
    return user_->on_sent(request.number, Outcome::retry,
                          "amqp: its time was over before it was sent");
  }
  const AmqpRequest own{static_cast<std::uint32_t>(left.count())};
  const std::string_view bytes = writer_.write(request.event, &own);
  if (const std::string refusal = size_refusal(*requests_, bytes.size()); !refusal.empty())
    return user_->on_sent(request.number, Outcome::permanent, refusal);
  // Before it can be answered.
  awaited_.add(std::string(request.event.id), request.number);
  const std::uint64_t tag = next_tag_++;
  sent_[tag] = request.number;
  pn_delivery(requests_, pn_dtag(reinterpret_cast<const char*>(&tag), sizeof tag));
  pn_link_send(requests_, bytes.data(), bytes.size());
  pn_link_advance(requests_);
}

void AmqpExchange::note_disposition(pn_delivery_t& delivery) {
  std::uint64_t tag = 0;
  const pn_delivery_tag_t name = pn_delivery_tag(&delivery);
  std::memcpy(&tag, name.start, std::min(sizeof tag, name.size));
  const std::optional<AmqpDecision> decision =
      take_decision(delivery, connection_.settings().address);
  const auto sent = sent_.find(tag);
  if (!decision || sent == sent_.end()) return;
  const std::uint64_t number = sent->second;
  sent_.erase(sent);
  if (decision->outcome != Outcome::accepted) awaited_.remove(number);
  user_->on_sent(number, decision->outcome, decision->reason);
}

void AmqpExchange::receive(pn_delivery_t& delivery) {
  const IncomingMessage::State state = incoming_.read(delivery, kReplyBytesMax);
  if (state == IncomingMessage::State::incomplete) return;
  if (state == IncomingMessage::State::too_large) {
    return connection_.give_up(
        {ErrorKind::peer_refused, "amqp: " + reply_to_ + ": a reply is too large", {}});
  }
  // It answers its request before the broker forgets it: what is cut off in between comes again,
  // and is then a late reply rather than a lost one.
  const bool is_done = hand_over(incoming_.take());
  pn_delivery_update(&delivery, is_done ? PN_ACCEPTED : PN_RELEASED);
  pn_delivery_settle(&delivery);
  if (!is_done) pause_until_ = clock_.now() + kRetryAfter;
  grant_credit();
  set_alarm();
}

bool AmqpExchange::hand_over(const std::string& bytes) {
  Reply reply;
  Incoming message =
      reader_.read({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, reply.body);
  Hasher hasher;
  hasher.update(reply_to_);
  hasher.update(std::string_view("\0", 1));
  hasher.update(message.identity);
  hasher.update(bytes);
  reply.id = hasher.hex();
  reply.time_ms = message.creation_time_ms > 0 ? message.creation_time_ms : unix_ms(clock_);
  const std::uint64_t number = awaiting(message);
  reply.attributes.emplace_back("amqp-address", reply_to_);
  std::ranges::move(message.attributes, std::back_inserter(reply.attributes));
  if (!message.fault.empty())
    reply.attributes.emplace_back(adapters::kFaultAttribute, message.fault);
  return user_->on_reply(number, std::move(reply));
}

/// The request that it answers; 0: none that is known.
std::uint64_t AmqpExchange::awaiting(const Incoming& message) {
  for (const auto& [name, value] : message.attributes) {
    if (name != "amqp-correlation-id") continue;
    if (const std::uint64_t number = awaited_.take(value); number != 0) return number;
    if (!value.starts_with(kJmsPrefix)) return 0;
    return awaited_.take(value.substr(kJmsPrefix.size()));
  }
  return 0;
}

void AmqpExchange::grant_credit() {
  if (clock_.now() < pause_until_) return;
  const int given = pn_link_credit(replies_);
  if (given <= kReplyCredit / 2) pn_link_flow(replies_, kReplyCredit - given);
}

/// For the first request that may run out of time, or the end of a pause.
void AmqpExchange::set_alarm() {
  const SteadyTime now = clock_.now();
  SteadyTime next = SteadyTime::max();
  for (const ExchangeRequest& request : waiting_) next = std::min(next, request.deadline);
  if (pause_until_ > now) next = std::min(next, pause_until_);
  if (next == SteadyTime::max()) return;
  connection_.set_alarm(std::max(std::chrono::ceil<Milliseconds>(next - now), Milliseconds{1}));
}

void AmqpExchange::timed_out() {
  const SteadyTime now = clock_.now();
  const auto expired =
      std::stable_partition(waiting_.begin(), waiting_.end(),
                            [&](const ExchangeRequest& request) { return request.deadline > now; });
  for (auto request = expired; request != waiting_.end(); ++request)
    user_->on_sent(request->number, Outcome::retry, "amqp: no credit before its time was over");
  waiting_.erase(expired, waiting_.end());
  if (has_replies_) grant_credit();
  set_alarm();
}

void AmqpExchange::ended(const Error& error) {
  requests_ = replies_ = nullptr;
  has_requests_ = has_replies_ = false;
  bool is_stopping = false;
  {
    const std::scoped_lock lock(mutex_);
    is_ready_ = false;
    is_lost_ = true;
    trouble_ = error.message;
    is_stopping = is_stopping_;
  }
  changed_.notify_all();
  take_inbox();
  for (const ExchangeRequest& request : std::exchange(waiting_, {}))
    user_->on_sent(request.number, Outcome::retry, error.message);
  for (const auto& [tag, number] : std::exchange(sent_, {}))
    user_->on_sent(number, Outcome::accepted, error.message);
  if (is_stopping) return;
  user_->on_link("requests", error.message);
  user_->on_link("replies", error.message);
}

}  // namespace

std::unique_ptr<Exchange> make_amqp_exchange(const PublisherContext& context,
                                             const Options& options, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings{
      copybridge::amqp::read_client(context.name, context.directory, options, diagnostics),
      read_amqp_message(options, diagnostics)};
  if (settings.message.reply_to.empty())
    diagnostics.error(options.where("reply_to"), "a route with 'reply' needs 'reply_to'");
  if (options.is_given("ttl_ms")) {
    diagnostics.error(options.where("ttl_ms"),
                      "messages of a route with 'reply' live until its 'deadline_ms'");
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<AmqpExchange>(std::move(settings), context.clock);
}

}  // namespace copybridge::publishers
