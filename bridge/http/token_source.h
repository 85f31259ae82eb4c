// Tokens that say who the bridge is, for protocols that have them in messages of their own.
#pragma once

#include <functional>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/http/client.h"

namespace copybridge::http {

struct Token {
  std::string value;
  /// By the clock of its source: from then on it may not be used.
  SteadyTime ends = SteadyTime::max();
};

/// Thread-safe but for open(), which comes first.
class TokenSource {
 public:
  using Then = std::function<void(const Result<Token>&)>;

  virtual ~TokenSource() = default;

  /// Reads what the configuration names. `client` is started and sends what has to be fetched; it
  /// outlives the calls under way. ErrorKind::config: a secret that is not there or cannot be used.
  [[nodiscard]] virtual Result<void> open(Client& client) = 0;

  /// Hands out a token that may be used: at once, or when it is there, on the client's thread. For
  /// whoever keeps it, and asks again when it has aged: late in its life the next one is waited
  /// for, and where that cannot be had it is the same one. ErrorKind::peer_away (what gives tokens
  /// does not answer) or peer_refused (it does not give one).
  virtual void get(const Then& then) = 0;

  /// After a refusal: what can be read is read again, what was fetched is dropped. True where the
  /// next token may be another one.
  [[nodiscard]] virtual Result<bool> renew() = 0;
};

}  // namespace copybridge::http
