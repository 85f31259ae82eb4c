// Secrets are read again after a while, so that a rotated file counts.
#include "adapters/http/access.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>

#include "bridge/core/digest.h"

namespace copybridge::adapters::http {
namespace {

constexpr Milliseconds kReadAgainAfter{1000};

/// How long it takes does not tell where the texts differ.
bool is_same(std::string_view left, std::string_view right) {
  return left.size() == right.size() && !left.empty() &&
         CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

/// What follows a scheme's name, which is written in any case; empty: it is another scheme.
std::string_view credentials_of(std::string_view authorization, std::string_view scheme) {
  const auto is_equal = [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) == right;
  };
  const bool is_it = authorization.size() > scheme.size() &&
                     std::ranges::equal(authorization.substr(0, scheme.size()), scheme, is_equal);
  return is_it ? authorization.substr(scheme.size()) : std::string_view();
}

bool holds_line(std::string_view lines, std::string_view line) {
  bool is_found = false;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view one = lines.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    is_found = is_same(one, line) || is_found;
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return is_found;
}

}  // namespace

Result<void> Access::refresh() {
  const SteadyTime now = clock_.now();
  if (read_at_ && now - *read_at_ < kReadAgainAfter) return {};
  if (!settings_.bearer_token.is_empty()) {
    Result<std::string> tokens = settings_.bearer_token.resolve();
    if (!tokens) return pass_on(tokens);
    tokens_ = std::move(*tokens);
  }
  if (!settings_.user.empty()) {
    Result<std::string> password = settings_.password.resolve();
    if (!password) return pass_on(password);
    basic_ = base64(settings_.user + ":" + *password);
  }
  read_at_ = now;
  return {};
}

Result<std::optional<std::string>> Access::check(std::string_view authorization) {
  if (settings_.is_open()) return std::optional<std::string>(std::string());
  Result<void> refreshed = refresh();
  if (!refreshed) return pass_on(refreshed);
  const std::string_view token = credentials_of(authorization, "bearer ");
  if (holds_line(tokens_, token)) return std::optional<std::string>("bearer");
  if (is_same(basic_, credentials_of(authorization, "basic "))) {
    return std::optional<std::string>(settings_.user);
  }
  return std::optional<std::string>();
}

}  // namespace copybridge::adapters::http
