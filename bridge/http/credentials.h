// URL, headers and credentials of an HTTP endpoint, which may be secrets that are renewed while
// the bridge runs.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"

namespace copybridge::http {

/// The values at one time.
struct Credentials {
  std::string url;
  std::string label;  ///< of the endpoint, for messages: no query, of a secret URL no path
  std::vector<std::string> headers;  ///< configured ones and Authorization
  std::string user;
  std::string password;
};

/// The credentials that are configured as they are. Thread-safe after construction.
class CredentialSource final : public Authorizer {
 public:
  struct References {
    std::string url;                                           ///< or a reference to it
    std::vector<std::pair<std::string, std::string>> headers;  ///< values or references
    Secret bearer;
    std::string user;
    Secret password;
    bool has_token = false;  ///< a token comes to them
    bool insecure = false;   ///< credentials may cross a network in the clear
  };

  explicit CredentialSource(References references) : references_(std::move(references)) {}

  /// ErrorKind::config also for a value that cannot stand in a header, a URL that cannot be used.
  [[nodiscard]] Result<void> open(Client& client) override;
  /// Names the address as well, where the call has none.
  void authorize(Call call, Then then) override;
  [[nodiscard]] Result<bool> renew() override;

 private:
  [[nodiscard]] Result<void> load();
  [[nodiscard]] std::shared_ptr<const Credentials> current() const;
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
