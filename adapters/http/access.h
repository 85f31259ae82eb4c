// Who may post: bearer tokens and a user with a password, from secrets that may change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"

namespace copybridge::adapters::http {

struct AccessSettings {
  Secret bearer_token;  ///< one a line: the new one and the old one
  std::string user;
  Secret password;
  [[nodiscard]] bool is_open() const { return bearer_token.is_empty() && user.empty(); }
};

/// For one thread.
class Access {
 public:
  Access(AccessSettings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  /// Who an Authorization header stands for ("bearer" of a token); nothing: nobody who may post.
  /// ErrorKind::config: a secret is not there.
  [[nodiscard]] Result<std::optional<std::string>> check(std::string_view authorization);
  /// What a client that is not let in is to bring (WWW-Authenticate).
  [[nodiscard]] std::string_view scheme() const {
    return settings_.bearer_token.is_empty() ? "Basic realm=\"copybridge\"" : "Bearer";
  }

 private:
  Result<void> refresh();

  const AccessSettings settings_;
  const Clock& clock_;
  std::string tokens_;
  std::string basic_;  ///< user:password in Base64
  std::optional<SteadyTime> read_at_;
};

}  // namespace copybridge::adapters::http
