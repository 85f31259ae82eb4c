// Options of the publisher amqp.
#include "bridge/publishers/amqp_publisher.h"

#include <array>
#include <vector>

#include "bridge/publishers/amqp_exchange.h"
#include "bridge/publishers/amqp_sender.h"

namespace copybridge::publishers {
namespace {

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "message_bytes_max",
               .type = OptionType::integer,
               .default_value = "104857600",
               .help = "Largest event in bytes; a larger one is a dead letter at once, as is one "
                       "that is larger than the broker's link takes.",
               .min = 1,
               .max = 1 << 30},
    OptionSpec{.name = "requests_in_flight",
               .type = OptionType::integer,
               .default_value = "8",
               .help = "How many times 250 events may wait for the broker's dispositions.",
               .min = 1,
               .max = 1000},
    OptionSpec{.name = "delivery_timeout_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "Longest time in milliseconds without any disposition while events wait; "
                       "then they are handed back and tried again.",
               .min = 100,
               .max = 3'600'000},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> own(amqp_message_options().begin(), amqp_message_options().end());
    own.insert(own.end(), kOwnOptions.begin(), kOwnOptions.end());
    return copybridge::amqp::with_client(own);
  }();
  return options;
}

struct Sizes {
  std::size_t message_bytes_max = 0;
  std::size_t requests_in_flight = 0;
};

class AmqpPublisher : public Publisher {
 public:
  AmqpPublisher(copybridge::amqp::ClientSettings client, std::unique_ptr<AmqpEndpoint> endpoint,
                Sizes sizes, Milliseconds timeout)
      : sizes_(sizes),
        has_password_(!client.access.password.is_empty()),
        sender_(std::move(client), std::move(endpoint), timeout) {}

  Result<void> open(CompletionPort port) override {
    sender_.start(port);
    return {};
  }
  Limits limits() const override {
    return {.events_per_request = 250,
            .bytes_per_request = 4'000'000,
            .event_bytes_max = sizes_.message_bytes_max,
            .requests_in_flight = sizes_.requests_in_flight,
            .splits_outcomes = true};
  }
  void publish(Request request) override { sender_.send(std::move(request)); }
  // Every connection reads it anew, and a refusal ends the connection.
  Result<bool> renew_credentials() override { return has_password_; }
  void close(Milliseconds limit) override { sender_.stop(limit); }

 private:
  const Sizes sizes_;
  const bool has_password_;
  AmqpSender sender_;
};

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  auto client =
      copybridge::amqp::read_client(context.name, context.directory, options, diagnostics);
  AmqpMessageSettings message = read_amqp_message(options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  auto endpoint = make_amqp_endpoint(std::move(message), client.address);
  return std::make_unique<AmqpPublisher>(
      std::move(client), std::move(endpoint),
      Sizes{count("message_bytes_max"), count("requests_in_flight")},
      Milliseconds(options.integer("delivery_timeout_ms")));
}

}  // namespace

const PublisherKind kAmqpPublisher = {
    .kind = "amqp",
    .help =
        "Sends events to an AMQP 1.0 broker; accepted once the broker has accepted the message.",
    .options = all_options(),
    .make = make,
    .make_exchange = make_amqp_exchange};

}  // namespace copybridge::publishers
