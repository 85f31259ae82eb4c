// Options of the publisher stomp.
#include "bridge/publishers/stomp_publisher.h"

#include <array>
#include <vector>

#include "bridge/publishers/stomp_sender.h"

namespace copybridge::publishers {
namespace {

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "mode",
               .type = OptionType::choice,
               .default_value = "binary",
               .help =
                   "Form of a message: binary = the event's body, CloudEvents attributes in "
                   "headers cloudEvents_NAME; structured = the whole event as CloudEvents JSON; "
                   "plain = the body, and the mapping's attributes as headers.",
               .choices = "binary|structured|plain"},
    OptionSpec{.name = "persistent",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether the broker has to keep messages over a restart."},
    OptionSpec{.name = "id_header",
               .default_value = "amqp-message-id",
               .help = "The header that gets the event's id: amqp-message-id is RabbitMQ's, "
                       "_AMQ_DUPL_ID has Artemis drop repeats; '' for none."},
    OptionSpec{.name = "group_header",
               .help = "The header that gets the event's key, such as JMSXGroupID, by which "
                       "ActiveMQ gives messages to one consumer."},
    OptionSpec{.name = "headers",
               .type = OptionType::text_map,
               .help = "Further headers, the same for every message."},
    OptionSpec{.name = "requests_in_flight",
               .type = OptionType::integer,
               .default_value = "8",
               .help = "How many times 250 events may wait for their receipts.",
               .min = 1,
               .max = 1000},
    OptionSpec{.name = "delivery_timeout_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "Longest time in milliseconds without any receipt while events wait; then "
                       "they are handed back and tried again.",
               .min = 100,
               .max = 3'600'000},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = copybridge::stomp::with_client(kOwnOptions);
  return options;
}

class StompPublisher : public Publisher {
 public:
  StompPublisher(StompSettings settings, std::size_t requests_in_flight)
      : requests_in_flight_(requests_in_flight),
        bytes_max_(settings.client.message_bytes_max),
        has_password_(!settings.client.access.password.is_empty()),
        sender_(std::move(settings)) {}

  Result<void> open(CompletionPort port) override {
    sender_.start(port);
    return {};
  }
  Limits limits() const override {
    return {.events_per_request = 250,
            .bytes_per_request = 4'000'000,
            .event_bytes_max = bytes_max_,
            .requests_in_flight = requests_in_flight_,
            .splits_outcomes = true};
  }
  void publish(Request request) override { sender_.send(std::move(request)); }
  // Every connection reads it anew, and a refusal ends the connection.
  Result<bool> renew_credentials() override { return has_password_; }
  void close(Milliseconds limit) override { sender_.stop(limit); }

 private:
  const std::size_t requests_in_flight_;
  const std::size_t bytes_max_;
  const bool has_password_;
  StompSender sender_;
};

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  StompSettings settings;
  settings.client = copybridge::stomp::read_client(context.directory, options, diagnostics);
  const std::string& mode = options.text("mode");
  if (mode == "structured") settings.form = StompForm::structured;
  if (mode == "plain") settings.form = StompForm::plain;
  settings.is_persistent = options.boolean("persistent");
  settings.id_header = options.text("id_header");
  settings.group_header = options.text("group_header");
  settings.headers = options.map("headers");
  settings.timeout = Milliseconds(options.integer("delivery_timeout_ms"));
  for (const auto& [name, value] : settings.headers) {
    if (Secret::is_reference(value)) {
      diagnostics.error(options.where("headers"),
                        "'headers': '" + name + "' would send a secret with every message");
    }
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<StompPublisher>(
      std::move(settings), static_cast<std::size_t>(options.integer("requests_in_flight")));
}

}  // namespace

const PublisherKind kStompPublisher = {
    "stomp", "Sends events to a broker by STOMP; accepted once the broker's receipt has come.",
    all_options(), make};

}  // namespace copybridge::publishers
