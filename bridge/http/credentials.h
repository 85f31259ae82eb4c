// URL, headers and credentials of an HTTP endpoint, which may be secrets that are renewed while
// the bridge runs.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/options.h"
#include "bridge/http/client.h"

namespace copybridge::http {

/// The values at one time.
struct Credentials {
  std::string url;
  std::string label;  ///< of the endpoint, for messages: no query, of a secret URL no path
  std::vector<std::string> headers;  ///< configured ones and Authorization
  std::string user;
  std::string password;
};

/// Thread-safe after construction.
class CredentialSource {
 public:
  struct References {
    std::string url;                                           ///< or a reference to it
    std::vector<std::pair<std::string, std::string>> headers;  ///< values or references
    Secret bearer;
    std::string user;
    Secret password;
    bool insecure = false;  ///< credentials may cross a network in the clear
  };

  explicit CredentialSource(References references) : references_(std::move(references)) {}

  /// Reads everything. ErrorKind::config: a secret that is not there, a value that cannot stand
  /// in a header, a URL that cannot be used.
  [[nodiscard]] Result<void> load();
  /// The values of the last load().
  [[nodiscard]] std::shared_ptr<const Credentials> current() const;
  /// Reads again after a refusal; true where they have changed.
  [[nodiscard]] Result<bool> renew();

 private:
  [[nodiscard]] Result<Credentials> resolve() const;
  [[nodiscard]] Result<void> resolve_headers(Credentials& credentials) const;

  const References references_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Credentials> current_;
};

/// Whether a URL can be used with these references: http or https, no user in it, credentials in
/// the clear only to this machine or where `insecure` says so.
[[nodiscard]] Result<Url> check_url(const std::string& url,
                                    const CredentialSource::References& references);

}  // namespace copybridge::http
