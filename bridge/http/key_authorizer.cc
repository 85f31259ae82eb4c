// Keys, read at the start and after a refusal.
#include "bridge/http/key_authorizer.h"

#include <utility>

#include "bridge/core/digest.h"

namespace copybridge::http {
namespace {

class KeyAuthorizer final : public Authorizer {
 public:
  KeyAuthorizer(Secret secret, ReadKey read, UseKey use, const Clock& clock)
      : key_(std::move(secret), std::move(read)), use_(std::move(use)), clock_(clock) {}

  Result<void> open(Client&) override {
    const Result<bool> read = renew();
    if (!read) return pass_on(read);
    return {};
  }
  void authorize(Call call, Then then) override {
    use_(call, key_.value(), clock_.wall_now());
    then(std::move(call));
  }
  Result<bool> renew() override { return key_.renew(); }

 private:
  Key key_;
  const UseKey use_;
  const Clock& clock_;
};

}  // namespace

Result<bool> Key::renew() {
  const Result<std::string> secret = secret_.resolve();
  if (!secret) return pass_on(secret);
  Result<std::string> key = read_ ? read_(*secret) : secret;
  if (!key) return pass_on(key);
  const std::scoped_lock lock(mutex_);
  return std::exchange(key_, *key) != *key;
}

std::string Key::value() const {
  const std::scoped_lock lock(mutex_);
  return key_;
}

std::unique_ptr<Authorizer> make_key_authorizer(Secret secret, UseKey use, const Clock& clock) {
  return make_key_authorizer(std::move(secret), {}, std::move(use), clock);
}

std::unique_ptr<Authorizer> make_key_authorizer(Secret secret, ReadKey read, UseKey use,
                                                const Clock& clock) {
  return std::make_unique<KeyAuthorizer>(std::move(secret), std::move(read), std::move(use), clock);
}

ReadKey base64_key(std::string name) {
  return [name = std::move(name)](const std::string& secret) -> Result<std::string> {
    Result<std::string> key = from_base64(secret);
    if (!key) return fail(ErrorKind::config, name + ": the key is not Base64");
    return key;
  };
}

}  // namespace copybridge::http
