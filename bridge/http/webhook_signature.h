// Signatures of webhooks, as the Standard Webhooks specification 1.0 has them.
#pragma once

#include <memory>

#include "bridge/core/clock.h"
#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"

namespace copybridge::http {

/// Adds `webhook-id` (the Idempotency-Key, or the SHA-256 of the body), `webhook-timestamp`
/// (seconds since 1970) and `webhook-signature`: `v1,` and the Base64 of HMAC-SHA-256 over
/// `id.timestamp.body`. A secret that begins with `whsec_` is Base64 behind it, others are taken as
/// their bytes. The secret is read again by renew().
[[nodiscard]] std::unique_ptr<Authorizer> make_webhook_signer(Secret secret, const Clock& clock);

}  // namespace copybridge::http
