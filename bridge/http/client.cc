// The thread around libcurl's multi interface.
#include "bridge/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "bridge/core/loopback.h"
#include "bridge/core/threads.h"
#include "bridge/http/transfer.h"

namespace copybridge::http {
namespace {

constexpr Milliseconds kPollMax{1000};

struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct CloseUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};

Answer stopped() { return {.failure = Failure::stopped, .body = {}, .message = "stopped"}; }

void start_libcurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

/// The thread, its multi handle and everything under way.
class Client::Loop {
 public:
  Loop(ClientSettings settings, Passwords passwords)
      : settings_(std::move(settings)),
        passwords_(std::move(passwords)),
        multi_(curl_multi_init()) {
    const long connections = static_cast<long>(settings_.connections_max);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, connections);
    thread_ = std::thread([this] { run(); });
  }

  void send(Call call, Done done);
  void stop(Milliseconds limit);

 private:
  struct Incoming {
    Call call;
    Done done;
  };

  void run();
  bool take_incoming();
  void begin(Incoming incoming);
  void finish_ended();
  void finish_silent();
  bool has_new_login(const Transfer& transfer);
  void finish(CURL* easy, Answer answer);
  Incoming take_back(CURL* easy);
  void abandon();
  [[nodiscard]] Milliseconds poll_time() const;

  const ClientSettings settings_;
  Passwords passwords_;  ///< the thread's own
  std::unique_ptr<CURLM, CloseMulti> multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;  ///< the thread's own
  std::vector<Easy> idle_;                                          ///< the thread's own
  SteadyTime end_at_ = SteadyTime::max();                           ///< the thread's own

  std::mutex mutex_;
  std::vector<Incoming> incoming_;
  SteadyTime stop_at_ = SteadyTime::max();  ///< max: not asked to stop
  std::thread thread_;
};

void Client::Loop::send(Call call, Done done) {
  {
    const std::scoped_lock lock(mutex_);
    incoming_.push_back({std::move(call), std::move(done)});
  }
  curl_multi_wakeup(multi_.get());
}

void Client::Loop::stop(Milliseconds limit) {
  {
    const std::scoped_lock lock(mutex_);
    stop_at_ = std::chrono::steady_clock::now() + limit;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void Client::Loop::run() {
  block_signals_in_this_thread();
  while (take_incoming()) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    finish_ended();
    finish_silent();
    // Whatever arrives between the two calls wakes the poll at once.
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(poll_time().count()), nullptr);
  }
  abandon();
}

/// Starts what was handed over; false when it is time to end.
bool Client::Loop::take_incoming() {
  std::vector<Incoming> incoming;
  {
    const std::scoped_lock lock(mutex_);
    incoming.swap(incoming_);
    end_at_ = stop_at_;
  }
  for (Incoming& one : incoming) begin(std::move(one));
  if (end_at_ == SteadyTime::max()) return true;
  return !transfers_.empty() && std::chrono::steady_clock::now() < end_at_;
}

void Client::Loop::begin(Incoming incoming) {
  auto transfer = std::make_unique<Transfer>();
  transfer->call = std::move(incoming.call);
  transfer->done = std::move(incoming.done);
  if (idle_.empty()) idle_.emplace_back(curl_easy_init());
  transfer->easy = std::move(idle_.back());
  idle_.pop_back();
  transfer->body_max = settings_.response_bytes_max;
  transfer->first_byte_limit = std::chrono::steady_clock::now() + settings_.first_byte_timeout;
  CURL* easy = transfer->easy.get();
  set_up(*transfer, settings_, passwords_);
  transfers_.emplace(easy, std::move(transfer));
  const CURLMcode code = curl_multi_add_handle(multi_.get(), easy);
  if (code != CURLM_OK) {
    finish(easy, {.failure = Failure::away, .body = {}, .message = curl_multi_strerror(code)});
  }
}

void Client::Loop::finish_ended() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    if (has_new_login(*transfers_.at(easy))) {
      begin(take_back(easy));
    } else {
      finish(easy, answer_of(*transfers_.at(easy), message->data.result));
    }
  }
}

/// Whether the proxy refused the transfer and its password has been changed since: it is read again
/// then.
bool Client::Loop::has_new_login(const Transfer& transfer) {
  if (settings_.proxy_password.is_empty() || !is_refused_by_proxy(transfer)) return false;
  Result<std::string> password = settings_.proxy_password.resolve();
  if (!password || *password == transfer.proxy_password) return false;
  passwords_.proxy = std::move(*password);
  return true;
}

void Client::Loop::finish_silent() {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<CURL*> silent;
  for (const auto& [easy, transfer] : transfers_) {
    if (!transfer->has_first_byte && transfer->first_byte_limit <= now) silent.push_back(easy);
  }
  for (CURL* easy : silent) {
    finish(easy, {.failure = Failure::away,
                  .body = {},
                  .message = "no answer within " +
                             std::to_string(settings_.first_byte_timeout.count()) + " ms"});
  }
}

void Client::Loop::finish(CURL* easy, Answer answer) {
  const Done done = take_back(easy).done;
  done(std::move(answer));
}

/// Out of libcurl's hands.
Client::Loop::Incoming Client::Loop::take_back(CURL* easy) {
  const auto found = transfers_.find(easy);
  const std::unique_ptr<Transfer> transfer = std::move(found->second);
  transfers_.erase(found);
  curl_multi_remove_handle(multi_.get(), easy);
  curl_easy_reset(easy);
  idle_.push_back(std::move(transfer->easy));
  return {std::move(transfer->call), std::move(transfer->done)};
}

void Client::Loop::abandon() {
  // What ends may have something else sent.
  for (std::vector<Incoming> incoming;; incoming.clear()) {
    while (!transfers_.empty()) finish(transfers_.begin()->first, stopped());
    {
      const std::scoped_lock lock(mutex_);
      incoming.swap(incoming_);
    }
    if (incoming.empty()) break;
    for (const Incoming& one : incoming) one.done(stopped());
  }
  idle_.clear();
}

Milliseconds Client::Loop::poll_time() const {
  SteadyTime next = std::min(std::chrono::steady_clock::now() + kPollMax, end_at_);
  for (const auto& [easy, transfer] : transfers_) {
    if (!transfer->has_first_byte) next = std::min(next, transfer->first_byte_limit);
  }
  const auto wait = std::chrono::ceil<Milliseconds>(next - std::chrono::steady_clock::now());
  return std::max(wait, Milliseconds{0});
}

Client::Client() = default;

Client::~Client() { stop(Milliseconds{0}); }

Result<void> Client::start(ClientSettings settings) {
  start_libcurl();
  for (const std::string& path :
       {settings.ca_bundle, settings.client_certificate, settings.client_key}) {
    if (path.empty() || std::ifstream(path).good()) continue;
    return fail(ErrorKind::config, "http: " + path + " cannot be read");
  }
  Result<std::string> key = settings.client_key_password.resolve();
  if (!key) return pass_on(key);
  Result<std::string> proxy = settings.proxy_password.resolve();
  if (!proxy) return pass_on(proxy);
  loop_ = std::make_unique<Loop>(std::move(settings), Passwords{*key, *proxy});
  return {};
}

void Client::send(Call call, Done done) {
  if (loop_ == nullptr) return done(stopped());
  loop_->send(std::move(call), std::move(done));
}

void Client::stop(Milliseconds limit) {
  if (loop_ == nullptr) return;
  loop_->stop(limit);
  loop_.reset();
}

bool Url::is_loopback() const { return is_loopback_host(host == "[::1]" ? "::1" : host); }

Result<Url> parse_url(const std::string& url) {
  const std::unique_ptr<CURLU, CloseUrl> handle(curl_url());
  const CURLUcode parsed = curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0);
  if (parsed != CURLUE_OK) {
    return fail(ErrorKind::config,
                std::string("http: the URL cannot be read: ") + curl_url_strerror(parsed));
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string value;
    if (curl_url_get(handle.get(), which, &text, 0) == CURLUE_OK) value = text;
    curl_free(text);
    return value;
  };
  Url result{.scheme = part(CURLUPART_SCHEME),
             .host = part(CURLUPART_HOST),
             .origin = {},
             .path = part(CURLUPART_PATH),
             .query = part(CURLUPART_QUERY),
             .has_user = !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()};
  if (result.scheme != "http" && result.scheme != "https") {
    return fail(ErrorKind::config, "http: the URL must begin with http:// or https://");
  }
  const std::string port = part(CURLUPART_PORT);
  result.origin = result.scheme + "://" + result.host + (port.empty() ? "" : ":" + port);
  return result;
}

}  // namespace copybridge::http
