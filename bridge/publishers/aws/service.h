// What the services of AWS share beyond signature and error codes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/http/client.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/http_endpoint.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::aws {

/// `ce-id` and so on, those that name the event first: what SQS and SNS carry beside a message,
/// which is ten at most. None where the message holds them itself.
[[nodiscard]] std::vector<std::pair<std::string, std::string_view>> message_attributes(
    const Event& event, LineFormat format);
/// What they count towards the size of a message: name, type and value.
[[nodiscard]] std::size_t attribute_size(const Event& event, LineFormat format);

/// The text where the service takes it as an id of at most 128 characters; else its SHA-256.
[[nodiscard]] std::string short_id(std::string_view text);

/// A POST to the service; the label is the URL without its query.
[[nodiscard]] http::Call service_call(const std::string& endpoint, std::string label);

/// Whether a queue or topic is FIFO by its name.
[[nodiscard]] bool is_fifo(std::string_view name);

/// What the endpoints of queues and topics have in common; `name` is the URL or ARN.
class MessageEndpoint : public HttpEndpoint {
 public:
  MessageEndpoint(std::string endpoint, std::string name, LineFormat format, Limits limits)
      : endpoint_(std::move(endpoint)),
        name_(std::move(name)),
        format_(format),
        limits_(limits),
        is_fifo_(is_fifo(name_)) {}

  [[nodiscard]] Limits limits() const override { return limits_; }
  [[nodiscard]] std::size_t size_of(const Event& event) const override {
    return message_size(event, format_) + attribute_size(event, format_);
  }

 protected:
  const std::string endpoint_;
  const std::string name_;
  const LineFormat format_;
  const Limits limits_;
  const bool is_fifo_;
};

/// Limits of a service that answers for each entry.
[[nodiscard]] Limits batch_limits(const Options& options, std::size_t events, std::size_t bytes,
                                  std::size_t event_bytes);

}  // namespace copybridge::publishers::aws
