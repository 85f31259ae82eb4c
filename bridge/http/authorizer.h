// Who may send: puts credentials on calls.
#pragma once

#include <functional>

#include "bridge/http/client.h"

namespace copybridge::http {

/// open, authorize and renew are called by one thread; `then` also on the client's.
class Authorizer {
 public:
  using Then = std::function<void(Result<Call>)>;

  virtual ~Authorizer() = default;

  /// Reads what the configuration names. `client` is started and sends what has to be fetched; it
  /// outlives the calls under way. ErrorKind::config: a secret that is not there or cannot be used.
  [[nodiscard]] virtual Result<void> open(Client& client) = 0;

  /// Hands the call on with its credentials: at once, or when what has to be fetched is there.
  /// ErrorKind::peer_away (what gives the credentials does not answer) or peer_refused (it does
  /// not give them).
  virtual void authorize(Call call, Then then) = 0;

  /// After a refusal: what can be read is read again, what was fetched is dropped. True where the
  /// next call may go out with other credentials.
  [[nodiscard]] virtual Result<bool> renew() = 0;
};

}  // namespace copybridge::http
