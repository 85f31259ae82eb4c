// One message for each event.
#include "bridge/publishers/answered_publisher.h"

namespace copybridge::publishers {
namespace {

class AnsweredPublisher final : public Publisher {
 public:
  explicit AnsweredPublisher(AnsweredBroker broker) : broker_(std::move(broker)) {}

  Result<void> open(CompletionPort port) override {
    port_ = port;
    if (Result<void> checked = broker_.check(); !checked) return checked;
    session_ = std::make_unique<AnsweredSession>(broker_.kind, broker_.make_peer,
                                                 broker_.answer_timeout, port);
    return {};
  }
  Limits limits() const override { return broker_.limits; }
  std::size_t size_of(const Event& event) const override {
    std::size_t size = message_size(event, broker_.format) + broker_.bytes_per_event;
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
    message.body =
        is_body_alone() ? std::string(data_of(event)) : message_text(event, broker_.format);
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
  [[nodiscard]] bool is_body_alone() const { return broker_.format == LineFormat::body; }
  [[nodiscard]] OutMessage::Headers headers_of(const Event& event) const {
    OutMessage::Headers headers = broker_.headers_of(event);
    headers.emplace_back(kContentTypeHeader,
                         is_body_alone() ? content_type_of(event) : kStructuredType);
    return headers;
  }

  const AnsweredBroker broker_;
  CompletionPort port_;
  std::unique_ptr<AnsweredSession> session_;  // Last: its threads use the others.
};

}  // namespace

std::unique_ptr<Publisher> make_answered_publisher(AnsweredBroker broker) {
  return std::make_unique<AnsweredPublisher>(std::move(broker));
}

}  // namespace copybridge::publishers
