// Digests, signatures and Base64 by OpenSSL, for what endpoints ask for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/error.h"

struct evp_md_ctx_st;

namespace copybridge {

/// The 32 bytes of SHA-256 (FIPS 180-4).
[[nodiscard]] std::string sha256(std::string_view text);

/// The SHA-256 of a text that comes in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view text);
  /// 32 bytes. Nothing comes afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};
/// The 32 bytes of HMAC-SHA-256 (RFC 2104).
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);
/// Lower-case hexadecimal digits.
[[nodiscard]] std::string hex(std::string_view bytes);

/// Base64 with padding (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] std::string base64(std::string_view bytes);
/// The same without padding and with `-` and `_` (section 5), as tokens have it.
[[nodiscard]] std::string base64_url(std::string_view bytes);
/// ErrorKind::config where the text is not Base64 with padding. The message does not repeat it.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

/// RSASSA-PKCS1-v1_5 with SHA-256 (RS256 of RFC 7518) by a private key in PEM. ErrorKind::config
/// where the key cannot be used. The message does not repeat it.
[[nodiscard]] Result<std::string> sign_rs256(const std::string& pem_key, std::string_view text);

}  // namespace copybridge
