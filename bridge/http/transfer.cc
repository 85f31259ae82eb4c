// Options of libcurl, and its answers.
#include "bridge/http/transfer.h"

#include <algorithm>

#include "bridge/core/http_status.h"
#include "bridge/core/letters.h"

namespace copybridge::http {
namespace {

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
  // An interim answer (100) comes before the one that counts.
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
  // A proxy's answer to CONNECT is not the endpoint's first byte.
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
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

/// Of its answer to CONNECT; 0: there was none.
long status_of_proxy(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

}  // namespace

void set_up(Transfer& transfer, const ClientSettings& settings, const Passwords& passwords) {
  transfer.proxy_password = passwords.proxy;
  set_common(transfer.easy.get(), settings, passwords);
  set_request(transfer);
  set_callbacks(transfer);
}

bool is_refused_by_proxy(const Transfer& transfer) {
  constexpr long kProxyLogin = 407;
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return status_of_proxy(transfer.easy.get()) == kProxyLogin || status == kProxyLogin;
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
  // A proxy that wants another login, or lets nobody through to that address.
  const bool is_refused =
      is_refusal(code, answer.message) || is_refusal_status(status_of_proxy(easy));
  answer.failure = is_refused ? Failure::refused : Failure::away;
  return answer;
}

}  // namespace copybridge::http
