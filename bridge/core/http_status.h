// What statuses of HTTP, and of protocols that borrow them, mean to whoever asked.
#pragma once

namespace copybridge {

/// Whether somebody has to correct something before asking again can help: 4xx (RFC 9110, section
/// 15.5) but 408, a time-out, and 429 (RFC 6585), too many requests.
[[nodiscard]] constexpr bool is_refusal_status(long status) {
  return status >= 400 && status <= 499 && status != 408 && status != 429;
}

}  // namespace copybridge
