// One transfer at a time by libcurl, from a server's file to a sink or from memory to a file: FTP,
// FTPS, SFTP and HTTP for sources and publishers whose calls may block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/error.h"

namespace copybridge::transfer {

/// What all transfers of a session have in common. No proxy is used, whatever the environment says.
struct Settings {
  bool verify = true;       ///< certificate, host name and SSH host key
  bool needs_tls = false;   ///< of ftp: AUTH TLS, required, for control and data connection
  std::string protocols;    ///< `ftp,ftps`: what a URL may ask for
  std::string ca_bundle;    ///< PEM file; empty: the system's
  std::string certificate;  ///< PEM file of ours; empty: none
  std::string key;          ///< PEM file, or the private key of SSH; empty: none
  std::string known_hosts;  ///< of SSH
  std::string host_key;     ///< of SSH: SHA-256 in Base64, in place of known_hosts
  Milliseconds connect_timeout{10'000};
  Milliseconds stall_timeout{60'000};  ///< so long without a byte ends a transfer
};

struct Credentials {
  std::string user;
  std::string password;
  std::string key_password;
};

/// Takes bytes as they come; false ends the transfer.
using Sink = std::function<bool(ByteView)>;

struct Call {
  std::string url = {};
  std::string method = {};  ///< in place of RETR, LIST or GET; empty: as libcurl does it
  std::vector<std::string> headers = {};  ///< of HTTP
  std::vector<std::string> before = {};   ///< commands before the transfer
  std::vector<std::string> between = {};  ///< after its TYPE, right before it
  std::vector<std::string> after = {};    ///< after its success
  std::uint64_t resume_from = 0;
  bool needs_no_body = false;  ///< commands, size and time only
  bool is_text = false;        ///< TYPE A
  bool has_no_size = false;    ///< the server is not asked for the file's size
  bool is_last_on_connection = false;
  std::optional<ByteView> upload = {};
  Sink sink = {};  ///< none: the answer's body
};

enum class Failure : std::uint8_t {
  none,
  away,       ///< connection, time-out or protocol: trying again can help
  refused,    ///< credentials, rights, certificate, host key: somebody has to correct something
  missing,    ///< there is no such file
  no_resume,  ///< the server cannot start in the middle
  declined,   ///< the server said no to this command or file; `status` and `message` say more
  sink,       ///< the sink took no more
  stopped     ///< stop() came first
};

struct Answer {
  Failure failure = Failure::none;
  int status = 0;                      ///< of HTTP, or of FTP's last reply
  std::string message;                 ///< of a failure; no secret
  std::string body;                    ///< up to kBodyBytesMax, where there is no sink
  std::vector<std::string> lines;      ///< headers of HTTP's last answer, replies of FTP
  std::optional<std::int64_t> time_s;  ///< of the file, since 1970
  std::optional<std::uint64_t> size;   ///< of the file
};

inline constexpr std::size_t kBodyBytesMax = std::size_t{64} << 20;

/// Connections stay open between calls. perform() belongs to one thread.
class Session {
 public:
  explicit Session(Settings settings);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] Answer perform(const Call& call, const Credentials& credentials);

  /// Ends what is under way, and everything after it until resume(). Any thread.
  void stop() { is_stopped_ = true; }
  void resume() { is_stopped_ = false; }
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }
  /// Closes all connections.
  void disconnect();

 private:
  struct Handle;
  const Settings settings_;
  std::unique_ptr<Handle> handle_;
  std::atomic<bool> is_stopped_{false};
};

/// A header's value by its name, whatever its case; empty where there is none.
[[nodiscard]] std::string_view header_of(const Answer& answer, std::string_view name);

}  // namespace copybridge::transfer
