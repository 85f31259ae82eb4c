// The publisher around an endpoint's protocol.
#include "bridge/publishers/http_endpoint.h"

#include <string>
#include <utility>

namespace copybridge::publishers {
namespace {

class HttpEndpointPublisher final : public Publisher {
 public:
  HttpEndpointPublisher(std::string_view kind, http::ClientSettings settings,
                        std::unique_ptr<HttpEndpoint> endpoint,
                        std::unique_ptr<http::Authorizer> authorizer)
      : kind_(kind),
        settings_(std::move(settings)),
        endpoint_(std::move(endpoint)),
        authorizer_(std::move(authorizer)) {
    settings_.connections_max = endpoint_->limits().requests_in_flight;
  }

  Result<void> open(CompletionPort port) override;
  Limits limits() const override { return endpoint_->limits(); }
  std::size_t size_of(const Event& event) const override { return endpoint_->size_of(event); }
  void publish(Request request) override;
  Result<bool> renew_credentials() override { return authorizer_->renew(); }
  void close(Milliseconds limit) override { client_.stop(limit); }

 private:
  void send(std::uint64_t number, std::size_t events, http::Call call);
  void post(std::uint64_t number, Response response) const;
  [[nodiscard]] Response answered(const http::Answer& answer, std::size_t events) const;

  const std::string kind_;
  http::ClientSettings settings_;
  const std::unique_ptr<HttpEndpoint> endpoint_;
  const std::unique_ptr<http::Authorizer> authorizer_;
  CompletionPort port_;
  http::Client client_;  // Last: its thread uses the others until it is gone.
};

Result<void> HttpEndpointPublisher::open(CompletionPort port) {
  port_ = port;
  if (auto started = client_.start(settings_); !started) return started;
  return authorizer_->open(client_);
}

void HttpEndpointPublisher::publish(Request request) {
  authorizer_->authorize(
      endpoint_->form(request.events),
      [this, number = request.number, events = request.events.size()](Result<http::Call> call) {
        if (call) return send(number, events, std::move(*call));
        const bool is_refused = call.error().kind != ErrorKind::peer_away;
        post(number, {.outcomes = {is_refused ? Outcome::refused : Outcome::retry},
                      .reason = kind_ + ": " + call.error().message});
      });
}

void HttpEndpointPublisher::send(std::uint64_t number, std::size_t events, http::Call call) {
  std::string label = call.label;
  client_.send(std::move(call),
               [this, number, events, label = std::move(label)](const http::Answer& answer) {
                 Response response = answered(answer, events);
                 if (!response.reason.empty()) {
                   response.reason = kind_ + ": " + label + ": " + response.reason;
                 }
                 post(number, std::move(response));
               });
}

void HttpEndpointPublisher::post(std::uint64_t number, Response response) const {
  response.number = number;
  port_.post(std::move(response));
}

Response HttpEndpointPublisher::answered(const http::Answer& answer, std::size_t events) const {
  switch (answer.failure) {
    case http::Failure::none:
      break;
    case http::Failure::away:
    case http::Failure::stopped:
      return {.outcomes = {Outcome::retry}, .reason = answer.message};
    case http::Failure::refused:
      return {.outcomes = {Outcome::refused}, .reason = answer.message};
  }
  return endpoint_->read(answer, events);
}

}  // namespace

Response HttpEndpoint::read(const http::Answer& answer, std::size_t) const {
  const Outcome outcome = classify_http(answer.status, answer.retry_after);
  if (outcome == Outcome::accepted) return {.outcomes = {outcome}};
  return refuse(outcome, answer);
}

Response refuse(Outcome outcome, const http::Answer& answer, std::string_view details) {
  Response response{.outcomes = {outcome},
                    .retry_after = answer.retry_after,
                    .reason = "answered " + std::to_string(answer.status)};
  if (!details.empty()) response.reason.append(" ").append(details);
  return response;
}

Outcome classify_http(int status, Milliseconds retry_after) {
  if (status >= 200 && status <= 299) return Outcome::accepted;
  switch (status) {
    case 400:
    case 414:
    case 422:
    case 431:
      return Outcome::doubtful;
    case 413:
      return Outcome::permanent;
    case 408:
    case 409:
    case 423:
    case 425:
      return Outcome::retry;
    case 429:
      return Outcome::throttled;
    case 501:
      return Outcome::refused;
    case 503:
      return retry_after.count() > 0 ? Outcome::throttled : Outcome::retry;
    default:
      return status >= 500 && status <= 599 ? Outcome::retry : Outcome::refused;
  }
}

std::unique_ptr<Publisher> make_http_endpoint_publisher(
    std::string_view kind, http::ClientSettings client, std::unique_ptr<HttpEndpoint> endpoint,
    std::unique_ptr<http::Authorizer> authorizer) {
  return std::make_unique<HttpEndpointPublisher>(kind, std::move(client), std::move(endpoint),
                                                 std::move(authorizer));
}

}  // namespace copybridge::publishers
