// libcurl's easy interface behind a session.
#include "bridge/transfer/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

namespace copybridge::transfer {
namespace {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

/// Bytes a second below which a transfer stands still.
constexpr long kStallBytes = 1;
/// How often is_stopped() is looked at is libcurl's matter: about once a second, and at every byte.
constexpr long kBufferBytes = 262'144;
/// Replies and headers that are kept of one call.
constexpr std::size_t kLinesMax = 1000;

constexpr int kHttpRefusedFirst = 401;
constexpr int kHttpForbidden = 403;
constexpr int kHttpMissing = 404;
constexpr int kHttpErrorFirst = 400;
constexpr int kFtpNotLoggedIn = 530;

/// A call under way. Its address is given to libcurl.
struct Transfer {
  CURL* easy;
  const Call& call;
  Answer& answer;
  const std::atomic<bool>& is_stopped;
  std::size_t sent = 0;
  bool has_sink_refused = false;
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t take_line(char* data, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  std::string_view line(data, size * count);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  // What an interim answer said is not the answer's.
  if (line.starts_with("HTTP/")) transfer.answer.lines.clear();
  if (transfer.answer.lines.size() < kLinesMax) transfer.answer.lines.emplace_back(line);
  return size * count;
}

bool is_http(std::string_view url) { return url.starts_with("http"); }

/// What an HTTP error says is no content.
bool is_content(const Transfer& transfer) {
  if (!transfer.call.sink) return false;
  if (!is_http(transfer.call.url)) return true;
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  return status < kHttpErrorFirst;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(data), size * count);
  if (is_content(transfer)) {
    transfer.has_sink_refused = !transfer.call.sink(bytes);
  } else {
    transfer.has_sink_refused = transfer.answer.body.size() + bytes.size() > kBodyBytesMax;
    if (!transfer.has_sink_refused) transfer.answer.body.append(data, bytes.size());
  }
  return transfer.has_sink_refused ? 0 : bytes.size();
}

std::size_t give_body(char* data, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const ByteView rest = transfer.call.upload->subspan(transfer.sent);
  const std::size_t given = std::min(rest.size(), size * count);
  if (given > 0) std::memcpy(data, rest.data(), given);
  transfer.sent += given;
  return given;
}

int look_at_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->is_stopped ? 1 : 0;
}

/// curl_easy_setopt is variadic; these give it the types it expects.
void set(CURL* easy, CURLoption option, long value) { curl_easy_setopt(easy, option, value); }
void set(CURL* easy, CURLoption option, const std::string& value) {
  if (!value.empty()) curl_easy_setopt(easy, option, value.c_str());
}
List set(CURL* easy, CURLoption option, const std::vector<std::string>& lines) {
  List list;
  for (const std::string& line : lines) {
    // The list's head stays the same but for the first line.
    curl_slist* head = curl_slist_append(list.get(), line.c_str());
    if (list == nullptr) list.reset(head);
  }
  if (list != nullptr) curl_easy_setopt(easy, option, list.get());
  return list;
}

void set_security(CURL* easy, const Settings& settings, const Credentials& credentials) {
  set(easy, CURLOPT_SSL_VERIFYPEER, settings.verify ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, settings.verify ? 2L : 0L);
  set(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (settings.needs_tls) set(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  set(easy, CURLOPT_CAINFO, settings.ca_bundle);
  set(easy, CURLOPT_SSLCERT, settings.certificate);
  set(easy, CURLOPT_SSLKEY, settings.certificate.empty() ? std::string() : settings.key);
  set(easy, CURLOPT_SSH_KNOWNHOSTS, settings.known_hosts);
  set(easy, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, settings.host_key);
  set(easy, CURLOPT_SSH_PRIVATE_KEYFILE, settings.key);
  const long methods = settings.key.empty() ? CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD
                                            : static_cast<long>(CURLSSH_AUTH_PUBLICKEY);
  set(easy, CURLOPT_SSH_AUTH_TYPES, methods);
  set(easy, CURLOPT_KEYPASSWD, credentials.key_password);
  set(easy, CURLOPT_USERNAME, credentials.user);
  if (!credentials.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_PASSWORD, credentials.password.c_str());
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  }
}

void set_common(CURL* easy, const Settings& settings) {
  set(easy, CURLOPT_NOSIGNAL, 1L);
  // An empty name turns proxies off, those of the environment too.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_PROTOCOLS_STR, settings.protocols);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
  set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(settings.stall_timeout).count()));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, kStallBytes);
  set(easy, CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(settings.stall_timeout).count()));
  set(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  set(easy, CURLOPT_FTP_FILEMETHOD, static_cast<long>(CURLFTPMETHOD_NOCWD));
  set(easy, CURLOPT_FTP_SKIP_PASV_IP, 1L);
  set(easy, CURLOPT_FILETIME, 1L);
}

void set_callbacks(CURL* easy, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &look_at_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
  set(easy, CURLOPT_NOPROGRESS, 0L);
  if (!transfer.call.upload) return;
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &give_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, static_cast<void*>(&transfer));
}

void set_call(CURL* easy, const Call& call) {
  set(easy, CURLOPT_URL, call.url);
  set(easy, CURLOPT_NOBODY, call.needs_no_body ? 1L : 0L);
  set(easy, CURLOPT_TRANSFERTEXT, call.is_text ? 1L : 0L);
  set(easy, CURLOPT_IGNORE_CONTENT_LENGTH, call.has_no_size ? 1L : 0L);
  set(easy, CURLOPT_FORBID_REUSE, call.is_last_on_connection ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(call.resume_from));
  if (call.upload) {
    set(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.upload->size()));
  }
  set(easy, CURLOPT_CUSTOMREQUEST, call.method);
}

constexpr std::array kRefusals = {
    CURLE_UNSUPPORTED_PROTOCOL,  CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
    CURLE_SSL_CERTPROBLEM,       CURLE_SSL_CIPHER,    CURLE_SSL_CACERT_BADFILE,
    CURLE_SSL_ISSUER_ERROR,      CURLE_LOGIN_DENIED,  CURLE_AUTH_ERROR,
    CURLE_BAD_FUNCTION_ARGUMENT, CURLE_NOT_BUILT_IN,  CURLE_USE_SSL_FAILED,
    CURLE_REMOTE_ACCESS_DENIED};
constexpr std::array kDeclined = {CURLE_QUOTE_ERROR,      CURLE_FTP_COULDNT_RETR_FILE,
                                  CURLE_UPLOAD_FAILED,    CURLE_FTP_COULDNT_SET_TYPE,
                                  CURLE_REMOTE_DISK_FULL, CURLE_REMOTE_FILE_EXISTS};
constexpr std::array kNoResume = {CURLE_FTP_COULDNT_USE_REST, CURLE_BAD_DOWNLOAD_RESUME,
                                  CURLE_RANGE_ERROR};

Failure failure_of(CURLcode code, const Transfer& transfer) {
  const auto is_one_of = [code](const auto& codes) {
    return std::ranges::find(codes, code) != codes.end();
  };
  if (transfer.is_stopped) return Failure::stopped;
  if (transfer.has_sink_refused) return Failure::sink;
  if (code == CURLE_REMOTE_FILE_NOT_FOUND) return Failure::missing;
  if (transfer.answer.status == kFtpNotLoggedIn || is_one_of(kRefusals)) return Failure::refused;
  if (is_one_of(kNoResume)) return Failure::no_resume;
  if (is_one_of(kDeclined)) return Failure::declined;
  return Failure::away;
}

/// What HTTP's status means.
Failure failure_of(int status) {
  if (status < kHttpErrorFirst) return Failure::none;
  if (status == kHttpRefusedFirst || status == kHttpForbidden) return Failure::refused;
  if (status == kHttpMissing) return Failure::missing;
  return status < 500 ? Failure::declined : Failure::away;
}

/// Control characters of a server's text have no place in a log line.
std::string clean(std::string_view text) {
  std::string cleaned(text.substr(0, 300));
  for (char& character : cleaned) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = ' ';
  }
  return cleaned;
}

std::string message_of(CURLcode code, const Transfer& transfer) {
  const bool has_text = transfer.error[0] != '\0';
  std::string message = has_text ? transfer.error.data() : curl_easy_strerror(code);
  // An FTP server's own words say more than libcurl's.
  const std::vector<std::string>& lines = transfer.answer.lines;
  if (!lines.empty() && (lines.back().starts_with('4') || lines.back().starts_with('5'))) {
    message += ": " + lines.back();
  }
  return clean(message);
}

void take_results(CURL* easy, CURLcode code, Transfer& transfer) {
  Answer& answer = transfer.answer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_off_t time_s = -1;
  curl_easy_getinfo(easy, CURLINFO_FILETIME_T, &time_s);
  if (time_s >= 0) answer.time_s = time_s;
  curl_off_t size = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
  if (size >= 0) answer.size = static_cast<std::uint64_t>(size);
  if (code != CURLE_OK) {
    answer.failure = failure_of(code, transfer);
    answer.message = message_of(code, transfer);
  } else if (is_http(transfer.call.url)) {
    answer.failure = failure_of(answer.status);
    if (answer.failure != Failure::none) answer.message = fmt::format("HTTP {}", answer.status);
  }
}

bool is_same_letter(char a, char b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return lower(a) == lower(b);
}

}  // namespace

struct Session::Handle {
  std::unique_ptr<CURL, CloseEasy> easy;
};

Session::Session(Settings settings)
    : settings_(std::move(settings)), handle_(std::make_unique<Handle>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Session::~Session() = default;

void Session::disconnect() { handle_->easy.reset(); }

Answer Session::perform(const Call& call, const Credentials& credentials) {
  Answer answer;
  if (is_stopped_) {
    answer.failure = Failure::stopped;
    answer.message = "stopped";
    return answer;
  }
  if (handle_->easy == nullptr) handle_->easy.reset(curl_easy_init());
  CURL* easy = handle_->easy.get();
  // Connections survive a reset.
  curl_easy_reset(easy);
  Transfer transfer{easy, call, answer, is_stopped_};
  set_common(easy, settings_);
  set_security(easy, settings_, credentials);
  set_call(easy, call);
  set_callbacks(easy, transfer);
  std::vector<std::string> headers = call.headers;
  // An empty value keeps libcurl from asking for permission to send a large body.
  headers.emplace_back("Expect:");
  const List header_list = set(easy, CURLOPT_HTTPHEADER, headers);
  const List before = set(easy, CURLOPT_QUOTE, call.before);
  const List between = set(easy, CURLOPT_PREQUOTE, call.between);
  const List after = set(easy, CURLOPT_POSTQUOTE, call.after);
  take_results(easy, curl_easy_perform(easy), transfer);
  return answer;
}

std::string_view header_of(const Answer& answer, std::string_view name) {
  for (const std::string& text : answer.lines) {
    const std::string_view line = text;
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!std::ranges::equal(line.substr(0, name.size()), name, is_same_letter)) continue;
    const std::size_t begin = line.find_first_not_of(' ', name.size() + 1);
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  }
  return {};
}

}  // namespace copybridge::transfer
