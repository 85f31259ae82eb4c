// Authorizers that do something to a call with a key: send it in a header, sign with it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"

namespace copybridge::http {

/// Uses the key's value on a complete call.
using UseKey = std::function<void(Call& call, const std::string& key, WallTime now)>;

/// Where the secret is the key itself.
[[nodiscard]] std::unique_ptr<Authorizer> make_key_authorizer(Secret secret, UseKey use,
                                                              const Clock& clock);

/// Where the key has to be made of the secret; ErrorKind::config where it cannot.
using ReadKey = std::function<Result<std::string>(const std::string& secret)>;
[[nodiscard]] std::unique_ptr<Authorizer> make_key_authorizer(Secret secret, ReadKey read,
                                                              UseKey use, const Clock& clock);

/// A key that is read again after a refusal. Thread-safe.
class Key {
 public:
  /// Without `read` the secret is the key itself.
  explicit Key(Secret secret, ReadKey read = {})
      : secret_(std::move(secret)), read_(std::move(read)) {}

  /// Reads it. Whether it is another one than before.
  [[nodiscard]] Result<bool> renew();
  [[nodiscard]] std::string value() const;

 private:
  const Secret secret_;
  const ReadKey read_;
  mutable std::mutex mutex_;
  std::string key_;
};

/// A secret that is Base64: the key is what it stands for. The message begins with `name`.
[[nodiscard]] ReadKey base64_key(std::string name);

}  // namespace copybridge::http
