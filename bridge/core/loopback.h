// Whether a host is this machine, so that what goes there crosses no network.
#pragma once

#include <arpa/inet.h>

#include <string>

namespace copybridge {

/// `host` as in a URL, IPv6 without brackets: `localhost`, `::1` or an address of 127.0.0.0/8
/// (RFC 1122, 3.2.1.3). A name such as 127.example is somebody else's.
[[nodiscard]] inline bool is_loopback_host(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return host.starts_with("127.") && inet_pton(AF_INET, host.c_str(), &address) == 1;
}

}  // namespace copybridge
