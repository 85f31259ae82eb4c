// The channel, and what all stores make of an answer.
#include "bridge/publishers/objects/store.h"

#include <fmt/format.h>

#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/percent.h"
#include "bridge/http/perform.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers::objects {
namespace {

http::Answer stopped() {
  return {.failure = http::Failure::stopped, .body = {}, .message = "stopped"};
}

}  // namespace

Channel::Channel(http::ClientSettings settings, std::unique_ptr<http::Authorizer> authorizer)
    : settings_(std::move(settings)), authorizer_(std::move(authorizer)) {}

Result<void> Channel::open() {
  const std::scoped_lock lock(mutex_);
  if (auto started = client_.start(settings_); !started) return started;
  is_stopped_ = false;
  return authorizer_->open(client_);
}

http::Answer Channel::exchange(http::Call call) {
  http::AwaitedCalls awaited;
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopped_) return stopped();
    awaited.send(client_, *authorizer_, std::move(call));
  }
  return std::move(awaited.wait().front());
}

Result<bool> Channel::renew() {
  const std::scoped_lock lock(mutex_);
  return authorizer_->renew();
}

void Channel::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
  }
  client_.stop(Milliseconds(0));
}

std::optional<Response> failure_of(const http::Answer& answer) {
  switch (answer.failure) {
    case http::Failure::none:
      return std::nullopt;
    case http::Failure::away:
    case http::Failure::stopped:
      return Response{.outcomes = {Outcome::retry}, .reason = answer.message};
    case http::Failure::refused:
      return Response{.outcomes = {Outcome::refused}, .reason = answer.message};
  }
  return std::nullopt;
}

std::string header_of(const http::Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

http::Call call_to(const std::string& place, std::string method, std::string_view name,
                   std::string_view query) {
  http::Call call;
  call.method = std::move(method);
  call.url =
      fmt::format("{}/{}{}{}", place, percent_encoded(name, "/"), query.empty() ? "" : "?", query);
  call.label = place;
  // libcurl would say that it is a form.
  call.headers = {"Content-Type: application/octet-stream"};
  return call;
}

Response of_an_object(Response refused) {
  const Outcome outcome = refused.outcomes.front();
  const bool is_the_objects = outcome == Outcome::permanent || outcome == Outcome::doubtful;
  if (is_the_objects || outcome == Outcome::accepted) refused.outcomes = {Outcome::refused};
  return refused;
}

Response refused_by_status(const http::Answer& answer, std::string_view details) {
  return of_an_object(refuse(classify_http(answer.status, answer.retry_after), answer, details));
}

void note_part_sent() { crash_point("object_part_sent"); }

Response unexpected(std::string_view what) {
  return {.outcomes = {Outcome::retry}, .reason = std::string(what)};
}

}  // namespace copybridge::publishers::objects
