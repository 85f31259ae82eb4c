// The thread around libcurl's multi interface.
#include "bridge/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "bridge/core/letters.h"
#include "bridge/core/loopback.h"
#include "bridge/core/threads.h"

namespace copybridge::http {
namespace {

constexpr Milliseconds kPollMax{1000};

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct CloseUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// A request under way. Its address is given to libcurl.
struct Transfer {
  Call call;
  Done done;
  Easy easy;
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  std::string body;
  std::size_t body_max = 0;
  bool is_body_cut = false;
  std::vector<std::pair<std::string, std::string>> answer_headers;  ///< of the last answer
  bool has_first_byte = false;
  bool is_head_whole = false;  ///< of the last answer: the empty line was there
  SteadyTime first_byte_limit;
};

constexpr std::size_t kAnswerHeadersMax = 200;

/// Takes `Name: value` apart; nothing where it is none.
void add_answer_header(Transfer& transfer, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || transfer.answer_headers.size() >= kAnswerHeadersMax) {
    return;
  }
  std::string name = in_small_letters(std::string(line.substr(0, colon)));
  line.remove_prefix(colon + 1);
  const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  const bool is_empty = last == std::string_view::npos || last < first;
  transfer.answer_headers.emplace_back(std::move(name),
                                       is_empty ? "" : line.substr(first, last - first + 1));
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  transfer.has_first_byte = true;
  // An interim answer (100) or a proxy's comes before the one that counts.
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {
    transfer.is_head_whole = false;
    transfer.answer_headers.clear();
  } else {
    add_answer_header(transfer, line);
  }
  if (line == "\r\n" || line == "\n") transfer.is_head_whole = true;
  return size * count;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const std::size_t room = transfer.body_max - transfer.body.size();
  transfer.body.append(data, std::min(size * count, room));
  transfer.is_body_cut = size * count > room;
  return transfer.is_body_cut ? 0 : size * count;
}

/// curl_easy_setopt is variadic; these give it the types it expects.
void set(CURL* easy, CURLoption option, long value) { curl_easy_setopt(easy, option, value); }
void set(CURL* easy, CURLoption option, const std::string& value) {
  if (!value.empty()) curl_easy_setopt(easy, option, value.c_str());
}

long milliseconds(Milliseconds time) { return static_cast<long>(time.count()); }

long version_of(Version version) {
  switch (version) {
    case Version::http1:
      return CURL_HTTP_VERSION_1_1;
    case Version::negotiate:
      return CURL_HTTP_VERSION_2TLS;
    case Version::http2:
      return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }
  return CURL_HTTP_VERSION_2TLS;
}

/// The values of the settings' secrets.
struct Passwords {
  std::string client_key;
  std::string proxy;
};

void set_network(CURL* easy, const ClientSettings& settings, const Passwords& passwords) {
  set(easy, CURLOPT_PROXY, settings.proxy);
  set(easy, CURLOPT_PROXYUSERNAME, settings.proxy_user);
  set(easy, CURLOPT_PROXYPASSWORD, passwords.proxy);
  if (settings.has_no_proxy) curl_easy_setopt(easy, CURLOPT_NOPROXY, settings.no_proxy.c_str());
  set(easy, CURLOPT_INTERFACE, settings.interface);
}

void set_tls(CURL* easy, const ClientSettings& settings) {
  set(easy, CURLOPT_SSL_VERIFYPEER, settings.verify ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, settings.verify ? 2L : 0L);
  set(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  set(easy, CURLOPT_CAINFO, settings.ca_bundle);
  set(easy, CURLOPT_SSLCERT, settings.client_certificate);
  set(easy, CURLOPT_SSLKEY, settings.client_key);
}

/// As CURL_VERSION_BITS(8, 0, 0).
constexpr unsigned kPriorKnowledgeRepaired = 0x080000;

/// libcurl before 8.0.0 cannot use a connection with prior knowledge a second time: it fails with
/// "Error in the HTTP2 framing layer".
bool can_reuse(Version version) {
  return version != Version::http2 ||
         curl_version_info(CURLVERSION_NOW)->version_num >= kPriorKnowledgeRepaired;
}

void set_common(CURL* easy, const ClientSettings& settings, const Passwords& passwords) {
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, std::string("http,https"));
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HTTP_VERSION, version_of(settings.version));
  const bool reuse = can_reuse(settings.version);
  set(easy, CURLOPT_FRESH_CONNECT, reuse ? 0L : 1L);
  set(easy, CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
  set(easy, CURLOPT_PIPEWAIT, reuse && settings.version != Version::http1 ? 1L : 0L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connect_timeout));
  set(easy, CURLOPT_TIMEOUT_MS, milliseconds(settings.total_timeout));
  set(easy, CURLOPT_USERAGENT, settings.user_agent);
  set_tls(easy, settings);
  set(easy, CURLOPT_KEYPASSWD, passwords.client_key);
  set_network(easy, settings, passwords);
}

void add_header(HeaderList& list, const std::string& line) {
  // The list's head stays the same but for the first line.
  curl_slist* head = curl_slist_append(list.get(), line.c_str());
  if (list == nullptr) list.reset(head);
}

void set_request(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const Call& call = transfer.call;
  for (const std::string& line : call.headers) add_header(transfer.headers, line);
  // An empty value keeps libcurl from asking for permission to send a large body.
  add_header(transfer.headers, "Expect:");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  set(easy, CURLOPT_URL, call.url);
  if (call.is_sent_once) set(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (call.is_local) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (!call.user.empty()) {
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(easy, CURLOPT_USERNAME, call.user);
    set(easy, CURLOPT_PASSWORD, call.password);
  }
  const std::string_view body = body_of(call);
  set(easy, CURLOPT_CUSTOMREQUEST, call.method);
  if (call.method == "HEAD") set(easy, CURLOPT_NOBODY, 1L);
  if ((call.method == "GET" || call.method == "HEAD") && body.empty()) return;
  set(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
}

void set_callbacks(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(&transfer));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
}

/// Words of TLS alerts that say the peer does not want us as we are.
constexpr std::array<std::string_view, 5> kAlerts = {"certificate", "unknown ca", "access denied",
                                                     "handshake failure", "protocol version"};

/// What somebody has to correct.
constexpr std::array kRefusals = {CURLE_UNSUPPORTED_PROTOCOL,
                                  CURLE_URL_MALFORMAT,
                                  CURLE_PEER_FAILED_VERIFICATION,
                                  CURLE_SSL_CERTPROBLEM,
                                  CURLE_SSL_CIPHER,
                                  CURLE_SSL_CACERT_BADFILE,
                                  CURLE_SSL_ISSUER_ERROR,
                                  CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                                  CURLE_SSL_INVALIDCERTSTATUS,
                                  CURLE_SSL_CLIENTCERT,
                                  CURLE_LOGIN_DENIED,
                                  CURLE_AUTH_ERROR,
                                  CURLE_BAD_FUNCTION_ARGUMENT,
                                  CURLE_NOT_BUILT_IN};

/// Whether somebody has to correct something before trying again can help.
bool is_refusal(CURLcode code, std::string_view message) {
  if (std::ranges::find(kRefusals, code) != kRefusals.end()) return true;
  // OpenSSL reports the peer's alerts in words only: it wants a certificate, or another one.
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  };
  return says("alert") && std::ranges::any_of(kAlerts, says);
}

Answer answer_of(Transfer& transfer, CURLcode code) {
  CURL* easy = transfer.easy.get();
  Answer answer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  // A date far away must not overflow; a day is longer than any back-off.
  answer.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, 86'400));
  answer.body = std::move(transfer.body);
  answer.headers = std::move(transfer.answer_headers);
  const bool is_cut = transfer.is_body_cut && code == CURLE_WRITE_ERROR;
  // libcurl takes the end of the connection within the header for the header's end.
  if (code == CURLE_OK && !transfer.is_head_whole) code = CURLE_PARTIAL_FILE;
  if (code == CURLE_OK || is_cut) return answer;
  const bool has_text = transfer.error[0] != '\0';
  answer.message = has_text ? transfer.error.data() : curl_easy_strerror(code);
  answer.failure = is_refusal(code, answer.message) ? Failure::refused : Failure::away;
  return answer;
}

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
  void finish(CURL* easy, Answer answer);
  void abandon();
  [[nodiscard]] Milliseconds poll_time() const;

  const ClientSettings settings_;
  const Passwords passwords_;
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
  set_common(easy, settings_, passwords_);
  set_request(*transfer);
  set_callbacks(*transfer);
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
    finish(easy, answer_of(*transfers_.at(easy), message->data.result));
  }
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
  const auto found = transfers_.find(easy);
  const std::unique_ptr<Transfer> transfer = std::move(found->second);
  transfers_.erase(found);
  curl_multi_remove_handle(multi_.get(), easy);
  curl_easy_reset(easy);
  idle_.push_back(std::move(transfer->easy));
  transfer->done(std::move(answer));
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
