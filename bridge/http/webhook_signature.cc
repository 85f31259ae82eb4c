// Signing of a complete call.
#include "bridge/http/webhook_signature.h"

#include <mutex>
#include <utility>

#include "bridge/core/digest.h"

namespace copybridge::http {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kIdempotencyKey = "Idempotency-Key: ";

class WebhookSigner final : public Authorizer {
 public:
  WebhookSigner(Secret secret, const Clock& clock) : secret_(std::move(secret)), clock_(clock) {}

  Result<void> open(Client&) override {
    const Result<bool> read = renew();
    if (!read) return pass_on(read);
    return {};
  }
  void authorize(Call call, Then then) override {
    const std::string_view body =
        call.outside_body.data() == nullptr ? std::string_view(call.body) : call.outside_body;
    const std::string id = id_of(call, body);
    const std::string time =
        std::to_string(std::chrono::system_clock::to_time_t(clock_.wall_now()));
    std::string text = id + "." + time + ".";
    text += body;
    call.headers.push_back("webhook-id: " + id);
    call.headers.push_back("webhook-timestamp: " + time);
    call.headers.push_back("webhook-signature: v1," + base64(hmac_sha256(key(), text)));
    then(std::move(call));
  }
  Result<bool> renew() override {
    Result<std::string> value = secret_.resolve();
    if (!value) return pass_on(value);
    if (value->starts_with(kSecretPrefix)) {
      value = from_base64(std::string_view(*value).substr(kSecretPrefix.size()));
      if (!value) return fail(ErrorKind::config, "webhook_secret: no Base64 behind whsec_");
    }
    const std::scoped_lock lock(mutex_);
    return std::exchange(key_, *value) != *value;
  }

 private:
  static std::string id_of(const Call& call, std::string_view body) {
    for (const std::string& line : call.headers) {
      if (line.starts_with(kIdempotencyKey)) return line.substr(kIdempotencyKey.size());
    }
    return hex(sha256(body));
  }
  std::string key() {
    const std::scoped_lock lock(mutex_);
    return key_;
  }

  const Secret secret_;
  const Clock& clock_;
  std::mutex mutex_;
  std::string key_;
};

}  // namespace

std::unique_ptr<Authorizer> make_webhook_signer(Secret secret, const Clock& clock) {
  return std::make_unique<WebhookSigner>(std::move(secret), clock);
}

}  // namespace copybridge::http
