// What every endpoint that speaks HTTP is made of: it says only what differs, the form of a request
// and what an answer means; sending, credentials, time-outs and outcomes are the same for all.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "bridge/http/authorizer.h"
#include "bridge/http/client.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// The protocol of one endpoint. Without state of its own between requests: form() is called by
/// the pipeline's thread, read() by the client's, at the same time.
class HttpEndpoint {
 public:
  virtual ~HttpEndpoint() = default;

  [[nodiscard]] virtual Limits limits() const = 0;
  /// See Publisher::size_of.
  [[nodiscard]] virtual std::size_t size_of(const Event& event) const { return text_size(event); }

  /// The request for these events, without credentials; url and label may be left to the
  /// authorizer. The events stay until the call is answered.
  [[nodiscard]] virtual http::Call form(std::span<const Event* const> events) const = 0;

  /// What an answer with a status means for that many events. As classify_http says where an
  /// endpoint does not know better.
  [[nodiscard]] virtual Response read(const http::Answer& answer, std::size_t events) const;
};

/// What a status means for the events of a request: 2xx accepted; 413 permanent (their size); 400,
/// 414, 422 and 431 doubtful (their content, or everything the bridge sends); 429, and 503 with
/// Retry-After, throttled; 408, 409, 423, 425 and other 5xx but 501 retry; everything else,
/// redirects too, refused.
[[nodiscard]] Outcome classify_http(int status, Milliseconds retry_after);

/// The outcome of a whole request that was not accepted; `details` (a code of the endpoint's own,
/// no contents) may be empty.
[[nodiscard]] Response refuse(Outcome outcome, const http::Answer& answer,
                              std::string_view details = {});

/// A publisher of one endpoint. `kind` begins its messages.
[[nodiscard]] std::unique_ptr<Publisher> make_http_endpoint_publisher(
    std::string_view kind, http::ClientSettings client, std::unique_ptr<HttpEndpoint> endpoint,
    std::unique_ptr<http::Authorizer> authorizer);

}  // namespace copybridge::publishers
