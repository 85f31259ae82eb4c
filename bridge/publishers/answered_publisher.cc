// One message for each event.
#include "bridge/publishers/answered_publisher.h"

namespace copybridge::publishers {
namespace {

class AnsweredPublisher final : public Publisher {
 public:
  AnsweredPublisher(AnsweredBroker broker, const Options& options)
      : broker_(std::move(broker)),
        format_(line_format_of(options)),
        answer_timeout_(options.integer("answer_timeout_ms")) {
    limits_.event_bytes_max = static_cast<std::size_t>(options.integer("event_bytes_max"));
    limits_.requests_in_flight = static_cast<std::size_t>(options.integer("requests_in_flight"));
  }

  Result<void> open(CompletionPort port) override {
    port_ = port;
    if (Result<void> checked = broker_.check(); !checked) return checked;
    session_ =
        std::make_unique<AnsweredSession>(broker_.kind, broker_.make_peer, answer_timeout_, port);
    return {};
  }
  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override {
    std::size_t size = message_size(event, format_) + broker_.bytes_per_event;
    for (const auto& [name, value] : headers_of(event)) {
      size += name.size() + value.size() + broker_.bytes_per_header;
    }
    return size;
  }
  void publish(Request request) override {
    const Event& event = *request.events.front();
    if (session_ == nullptr) {
      return port_.post({.number = request.number, .outcomes = {Outcome::retry}});
    }
    OutMessage message{
        broker_.address_of ? broker_.address_of(event) : broker_.address, headers_of(event), {}};
    // Such brokers carry bytes: a record needs no Base64.
    message.body = is_body_alone() ? std::string(data_of(event)) : message_text(event, format_);
    session_->send(request.number, std::move(message));
  }
  Result<bool> renew_credentials() override {
    if (const Result<void> checked = broker_.check(); !checked) return pass_on(checked);
    if (session_ != nullptr) session_->reconnect();
    return true;
  }
  void close(Milliseconds limit) override {
    if (session_ != nullptr) session_->stop(limit);
    session_.reset();
  }

 private:
  [[nodiscard]] bool is_body_alone() const { return format_ == LineFormat::body; }
  [[nodiscard]] OutMessage::Headers headers_of(const Event& event) const {
    OutMessage::Headers headers = broker_.headers_of(event, format_);
    headers.emplace_back(kContentTypeHeader,
                         is_body_alone() ? content_type_of(event) : kStructuredType);
    return headers;
  }

  const AnsweredBroker broker_;
  const LineFormat format_;
  const Milliseconds answer_timeout_;
  Limits limits_;
  CompletionPort port_;
  std::unique_ptr<AnsweredSession> session_;  // Last: its threads use the others.
};

}  // namespace

std::unique_ptr<Publisher> make_answered_publisher(AnsweredBroker broker, const Options& options) {
  return std::make_unique<AnsweredPublisher>(std::move(broker), options);
}

}  // namespace copybridge::publishers
