// Requests on a thread of their own: as many as wait make up a unit of work.
#include "bridge/publishers/ibm_mq_exchange.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "bridge/publishers/ibm_mq_output.h"
#include "bridge/publishers/ibm_mq_replies.h"

namespace copybridge::publishers {
namespace {

namespace mq = adapters::ibm_mq;

constexpr std::size_t kUnitMax = 100;
/// MQMD counts in tenths of a second.
constexpr Milliseconds kExpiryUnit{100};
/// Of an id: what is the same in all of a bridge's requests. Behind it is what tells them apart.
constexpr std::size_t kPrefixBytes = 14;

struct Settings {
  MqOutputSettings output;
  MqReplySettings replies;
  bool passes_correl_id = false;
};

class IbmMqExchange final : public Exchange {
 public:
  explicit IbmMqExchange(Settings settings)
      : settings_(std::move(settings)),
        output_(settings_.output),
        replies_(settings_.replies, awaited_) {}
  ~IbmMqExchange() override { IbmMqExchange::close(Milliseconds(0)); }
  IbmMqExchange(const IbmMqExchange&) = delete;
  IbmMqExchange& operator=(const IbmMqExchange&) = delete;

  Result<void> open(ExchangeUser& user, const std::string& identity) override {
    Result<void> loaded = output_.load_library();
    if (!loaded) return loaded;
    user_ = &user;
    identity_ = mq_id(identity);
    is_stopping_ = false;
    const mqi::Id id = id_of({});
    replies_.start(user, {reinterpret_cast<const char*>(id.data()), kPrefixBytes});
    thread_ = std::thread([this] { run(); });
    return {};
  }
  void send(ExchangeRequest request) override;
  void forget(std::uint64_t number) override { awaited_.remove(number); }
  void close(Milliseconds limit) override;

 private:
  using Requests = std::vector<ExchangeRequest>;

  void run();
  void put_all(const Requests& requests);
  void commit(const std::vector<std::uint64_t>& put);
  /// Empty: the message is put. `is_over`: the unit of work is lost with this call.
  std::string put(const ExchangeRequest& request, Outcome& outcome, bool& is_over);
  void tell_all(const std::vector<std::uint64_t>& numbers, Outcome outcome,
                const std::string& reason);
  [[nodiscard]] mqi::Id id_of(std::string_view event_id) const;

  const Settings settings_;
  MqOutput output_;
  AwaitedMqReplies awaited_;
  MqReplies replies_;
  ExchangeUser* user_ = nullptr;
  mqi::Id identity_{};
  std::string body_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ExchangeRequest> waiting_;
  bool is_stopping_ = false;
  std::thread thread_;
};

/// The marker, the bridge's identity, the event's hash.
mqi::Id IbmMqExchange::id_of(std::string_view event_id) const {
  constexpr std::size_t kMarkerBytes = 8;
  mqi::Id id = mq_id(event_id);
  std::copy_n(identity_.begin() + kMarkerBytes, kPrefixBytes - kMarkerBytes,
              id.begin() + kMarkerBytes);
  return id;
}

void IbmMqExchange::send(ExchangeRequest request) {
  {
    const std::scoped_lock lock(mutex_);
    if (!is_stopping_ && thread_.joinable()) {
      waiting_.push_back(std::move(request));
      changed_.notify_all();
      return;
    }
  }
  user_->on_sent(request.number, Outcome::retry, "the bridge is stopping");
}

void IbmMqExchange::close(Milliseconds) {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  replies_.stop();
  output_.disconnect();
}

void IbmMqExchange::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Requests requests;
    while (!waiting_.empty() && requests.size() < kUnitMax) {
      requests.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    lock.unlock();
    put_all(requests);
    lock.lock();
  }
}

void IbmMqExchange::tell_all(const std::vector<std::uint64_t>& numbers, Outcome outcome,
                             const std::string& reason) {
  for (const std::uint64_t number : numbers) {
    if (outcome != Outcome::accepted) awaited_.remove(number);
    user_->on_sent(number, outcome, reason);
  }
}

void IbmMqExchange::put_all(const Requests& requests) {
  std::vector<std::uint64_t> all;
  for (const ExchangeRequest& request : requests) all.push_back(request.number);
  if (!replies_.is_ready())
    return tell_all(all, Outcome::retry, "ibm-mq: the reply queue cannot be read");
  if (const Result<void> connected = output_.connect(); !connected) {
    user_->on_link("requests", connected.error().message);
    return tell_all(all, Outcome::retry, connected.error().message);
  }
  user_->on_link("requests", {});
  std::vector<std::uint64_t> put_numbers;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Outcome outcome = Outcome::accepted;
    bool is_over = false;
    const std::string reason = put(requests[i], outcome, is_over);
    if (is_over) {
      // Nothing of the unit of work is committed, so nothing was sent.
      tell_all(put_numbers, Outcome::retry, reason);
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i));
      return tell_all(all, Outcome::retry, reason);
    }
    if (outcome == Outcome::accepted) {
      put_numbers.push_back(requests[i].number);
    } else {
      tell_all({requests[i].number}, outcome, reason);
    }
  }
  commit(put_numbers);
}

std::string IbmMqExchange::put(const ExchangeRequest& request, Outcome& outcome, bool& is_over) {
  const auto left =
      std::chrono::ceil<Milliseconds>(request.deadline - std::chrono::steady_clock::now());
  outcome = Outcome::retry;
  if (left.count() <= 0) return "its time was over before it was sent";
  mqi::MQMD descriptor;
  outcome = Outcome::permanent;
  std::string refusal = make_mq_message(settings_.output.message, request.event, descriptor, body_);
  if (!refusal.empty()) return refusal;
  descriptor.msg_id = id_of(request.event.id);
  const bool has_own_correl_id = settings_.output.message.correl_id == MqCorrelId::event_id;
  if (has_own_correl_id || settings_.passes_correl_id) descriptor.correl_id = descriptor.msg_id;
  if (settings_.passes_correl_id) descriptor.report |= mqi::report::kPassCorrelId;
  descriptor.expiry = static_cast<mqi::Long>((left + kExpiryUnit - Milliseconds(1)) / kExpiryUnit);
  // Before it can be answered.
  awaited_.add(descriptor.msg_id, request.number);
  const mq::Outcome result = output_.put(descriptor, body_);
  if (result.completion != mqi::cc::kFailed) {
    outcome = Outcome::accepted;
    return {};
  }
  if (result.reaction() == mq::Reaction::refuse_one)
    return output_.describe("MQPUT", result.reason);
  is_over = true;
  Response failed = output_.failed("MQPUT", result.reason);
  user_->on_link("requests", failed.reason);
  return failed.reason;
}

void IbmMqExchange::commit(const std::vector<std::uint64_t>& put) {
  if (put.empty()) return;
  const mq::Outcome committed = output_.commit();
  if (committed.is_ok()) return tell_all(put, Outcome::accepted, {});
  const Response failed = output_.failed("MQCMIT", committed.reason);
  user_->on_link("requests", failed.reason);
  // Otherwise it may have been committed: the replies will tell.
  const bool is_backed_out = committed.reason == mqi::rc::kBackedOut;
  tell_all(put, is_backed_out ? Outcome::retry : Outcome::accepted, failed.reason);
}

}  // namespace

std::unique_ptr<Exchange> make_mq_exchange(const PublisherContext& context, const Options& options,
                                           Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings;
  settings.output = read_mq_output(context, options, diagnostics);
  settings.replies.connection = settings.output.connection;
  settings.replies.queue = settings.output.message.reply_to_queue;
  settings.replies.is_shared = options.text(kReplyQueueOption.name) == "shared";
  settings.passes_correl_id = options.text(kReplyCorrelIdOption.name) == "correl-id";
  if (settings.replies.queue.empty()) {
    diagnostics.error(options.where("reply_to_queue"),
                      "a route with 'reply' needs 'reply_to_queue'");
  }
  if (options.is_given("expiry_ms")) {
    diagnostics.error(options.where("expiry_ms"),
                      "messages of a route with 'reply' expire at its 'deadline_ms'");
  }
  if (settings.passes_correl_id && settings.output.message.correl_id == MqCorrelId::new_session) {
    diagnostics.error(options.where("reply_correl_id"),
                      "'reply_correl_id: correl-id' and 'correl_id: new-session' exclude each "
                      "other");
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<IbmMqExchange>(std::move(settings));
}

}  // namespace copybridge::publishers
