// Batches of one session or partition, and who may send them ("AMQP 1.0 in Azure Service Bus and
// Event Hubs protocol guide").
#include "bridge/publishers/azure/messaging_amqp.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/publishers/amqp_endpoint.h"
#include "bridge/publishers/amqp_sender.h"

namespace copybridge::publishers::azure {
namespace {

/// MessageId, SessionId and PartitionKey have 128 characters at most.
constexpr std::size_t kIdMax = 128;
/// What stands in a message beside texts, names of attributes included.
constexpr std::size_t kEnvelope = 500;
/// `cloudEvents:` and two constructors with sizes.
constexpr std::size_t kAttribute = 22;
/// Conditions that ask to slow down ("Messaging exceptions", 50009; "Service Bus throttling").
constexpr std::array<std::string_view, 2> kThrottling = {"com.microsoft:server-busy",
                                                         "amqp:resource-limit-exceeded"};
constexpr std::array<std::string_view, 3> kPassing = {
    "com.microsoft:timeout", "com.microsoft:operation-cancelled", "amqp:internal-error"};
constexpr std::array<std::string_view, 2> kRights = {"com.microsoft:auth-failed",
                                                     "com.microsoft:entity-disabled"};

AmqpMessageSettings message_settings(const AmqpSettings& settings) {
  AmqpMessageSettings message;
  message.form =
      settings.format == LineFormat::cloudevents ? AmqpForm::structured : AmqpForm::binary;
  message.prefix = "cloudEvents:";
  message.id_bytes_max = kIdMax;
  message.has_group = settings.has_sessions;
  message.has_partition_key = !settings.has_sessions;
  return message;
}

/// A data section (AMQP 1.0, section 3.2.6) with an encoded message.
void append_section(std::string& out, std::string_view message) {
  const std::size_t size = message.size();
  out.append("\x00\x53\x75\xb0", 4);
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(size >> static_cast<unsigned>(shift)));
  out += message;
}
constexpr std::size_t kSectionBytes = 8;

class Messages final : public AmqpEndpoint {
 public:
  explicit Messages(const AmqpSettings& settings)
      : bytes_max_(settings.limits.bytes_per_request), writer_(message_settings(settings), "") {}

  AmqpContent write(std::span<const Event* const> events, std::size_t bytes_max) override;
  bool is_in_turn() const override { return true; }
  Outcome outcome_of(std::uint64_t state, std::string_view condition) const override;

 private:
  const std::size_t bytes_max_;
  AmqpMessageWriter writer_;
  std::string batch_;
};

AmqpContent Messages::write(std::span<const Event* const> events, std::size_t bytes_max) {
  if (events.size() == 1) return {.bytes = writer_.write(*events.front())};
  if (bytes_max == 0) bytes_max = bytes_max_;
  batch_ = writer_.write_envelope(*events.front());
  std::size_t count = 0;
  for (const Event* event : events) {
    const std::string_view message = writer_.write(*event);
    if (batch_.size() + kSectionBytes + message.size() > bytes_max) break;
    append_section(batch_, message);
    ++count;
  }
  if (count < 2) return {.bytes = writer_.write(*events.front())};
  return {.bytes = batch_, .events = count, .is_batch = true};
}

Outcome Messages::outcome_of(std::uint64_t state, std::string_view condition) const {
  const auto is_of = [condition](const auto& names) {
    return std::ranges::find(names, condition) != names.end();
  };
  if (is_of(kThrottling)) return Outcome::throttled;
  if (is_of(kPassing)) return Outcome::retry;
  if (is_of(kRights)) return Outcome::refused;
  // A message without a session for an entity that wants one, or an operation it has not at all.
  if (condition == "amqp:not-allowed") return Outcome::doubtful;
  return outcome_of_state(state, condition);
}

class MessagingPublisher final : public Publisher {
 public:
  MessagingPublisher(AmqpSettings settings, const Clock& clock)
      : limits_(settings.limits),
        format_(settings.format),
        token_client_settings_(std::move(settings.token_client)),
        sender_(std::move(settings.client), std::make_unique<Messages>(settings), settings.timeout,
                std::make_unique<AmqpTokens>(
                    AmqpTokens::Settings{.source = std::move(settings.claims.tokens),
                                         .type = std::move(settings.claims.type),
                                         .audience = settings.audience,
                                         .label = "amqp: " + settings.audience},
                    clock)) {}

  Result<void> open(CompletionPort port) override {
    if (auto started = token_client_.start(token_client_settings_); !started) return started;
    if (auto opened = sender_.tokens()->open(token_client_, [this] { sender_.wake(); }); !opened)
      return opened;
    sender_.start(port);
    return {};
  }
  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override;
  void publish(Request request) override { sender_.send(std::move(request)); }
  Result<bool> renew_credentials() override { return sender_.tokens()->renew(); }
  void close(Milliseconds limit) override {
    sender_.stop(limit);
    token_client_.stop(Milliseconds{0});
  }

 private:
  const Limits limits_;
  const LineFormat format_;
  const http::ClientSettings token_client_settings_;
  AmqpSender sender_;
  http::Client token_client_;  // Last: its thread uses the others until it is gone.
};

std::size_t MessagingPublisher::size_of(const Event& event) const {
  std::size_t size = kEnvelope + text_size(event);
  if (format_ == LineFormat::cloudevents)
    return size + message_size(event, format_) - event.body.size();
  for_each_attribute(event, [&](const Attribute& attribute) {
    size += kAttribute + attribute.name.size() + attribute.value.size();
  });
  return size;
}

}  // namespace

std::unique_ptr<Publisher> make_amqp_publisher(AmqpSettings settings, const Clock& clock) {
  return std::make_unique<MessagingPublisher>(std::move(settings), clock);
}

}  // namespace copybridge::publishers::azure
