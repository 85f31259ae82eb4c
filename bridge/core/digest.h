// Digests, signatures and Base64 by OpenSSL, for what endpoints ask for.
#pragma once

#include <string>
#include <string_view>

#include "bridge/core/error.h"

namespace copybridge {

/// The 32 bytes of SHA-256 (FIPS 180-4).
[[nodiscard]] std::string sha256(std::string_view text);
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
