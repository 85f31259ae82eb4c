// A client that posts to a listener of the tests on loopback.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace copybridge::support {

struct HttpReply {
  unsigned status = 0;  ///< 0: there was no answer
  std::string body;
  std::map<std::string, std::string> headers;  ///< names as they came
};

struct HttpPost {
  std::uint16_t port = 0;
  std::string path = "/";
  std::string content_type = "application/json";
  std::string body = {};
  std::map<std::string, std::string> headers = {};
  std::string method = "POST";
};

/// Sends on a connection of its own and waits for the answer.
[[nodiscard]] HttpReply send(const HttpPost& post);

/// Sends bytes as they are and returns what comes back until the connection is closed.
[[nodiscard]] std::string send_raw(std::uint16_t port, std::string_view bytes);

/// A port that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

}  // namespace copybridge::support
