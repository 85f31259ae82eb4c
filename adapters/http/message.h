// What a request brings and what it is answered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copybridge::adapters::http {

/// Bytes of bodies that are held in memory, of all requests.
class Reservation;

struct Request {
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in small letters
  std::string body;
  std::string client;  ///< who it is: a user, the name in a certificate; empty: nobody asked
  std::shared_ptr<const Reservation> reservation;  ///< kept for as long as the body is

  /// Empty: there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto found =
        std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct Answer {
  unsigned status = 200;
  std::string body = {};        ///< one JSON value
  bool asks_for_retry = false;  ///< with Retry-After
  std::string_view content_type = "application/json";
  std::string extra_name = {}, extra_value = {};  ///< one further header
};

/// `{"error":"…"}`.
[[nodiscard]] Answer refusal(unsigned status, std::string_view reason);

/// Answers a request. Any thread, once; later calls do nothing, as do those for a client that has
/// gone or was told that it takes too long.
using Respond = std::function<void(Answer answer)>;

/// Takes requests whose path, method and sender are right.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The listener's thread; must not block.
  virtual void handle(Request request, Respond respond) = 0;
};

}  // namespace copybridge::adapters::http
