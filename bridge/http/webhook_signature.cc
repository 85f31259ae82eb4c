// Signing of a complete call.
#include "bridge/http/webhook_signature.h"

#include "bridge/core/digest.h"
#include "bridge/http/key_authorizer.h"

namespace copybridge::http {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kIdempotencyKey = "Idempotency-Key: ";

Result<std::string> key_of(const std::string& secret) {
  if (!secret.starts_with(kSecretPrefix)) return secret;
  return base64_key("webhook_secret")(secret.substr(kSecretPrefix.size()));
}

std::string id_of(const Call& call, std::string_view body) {
  for (const std::string& line : call.headers) {
    if (line.starts_with(kIdempotencyKey)) return line.substr(kIdempotencyKey.size());
  }
  return hex(sha256(body));
}

void sign(Call& call, const std::string& key, WallTime now) {
  const std::string_view body = body_of(call);
  const std::string id = id_of(call, body);
  const std::string time = std::to_string(std::chrono::system_clock::to_time_t(now));
  std::string text = id + "." + time + ".";
  text += body;
  call.headers.push_back("webhook-id: " + id);
  call.headers.push_back("webhook-timestamp: " + time);
  call.headers.push_back("webhook-signature: v1," + base64(hmac_sha256(key, text)));
}

}  // namespace

std::unique_ptr<Authorizer> make_webhook_signer(Secret secret, const Clock& clock) {
  return make_key_authorizer(std::move(secret), key_of, sign, clock);
}

}  // namespace copybridge::http
