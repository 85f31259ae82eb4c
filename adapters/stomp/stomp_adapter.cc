// Options of the adapter stomp.
#include "adapters/stomp/stomp_adapter.h"

#include <array>

#include "adapters/stomp/stomp_source.h"

namespace copybridge::adapters {
namespace {

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "prefetch",
               .type = OptionType::integer,
               .default_value = "2000",
               .help = "Messages that the broker may send before their acknowledgement "
                       "(prefetch-count of RabbitMQ, activemq.prefetchSize of ActiveMQ); for "
                       "Artemis so many KiB (consumer-window-size), at most buffer_bytes.",
               .min = 1,
               .max = 1'000'000},
    OptionSpec{.name = "buffer_bytes",
               .type = OptionType::integer,
               .default_value = "67108864",
               .help = "Where messages that wait here have so many bytes the broker is not read.",
               .min = 1,
               .max = std::int64_t{16} << 30},
    OptionSpec{.name = "headers",
               .type = OptionType::text_map,
               .help = "Further headers of SUBSCRIBE, such as selector, durable, "
                       "x-queue-name."},
    OptionSpec{.name = "batch_records_max",
               .type = OptionType::integer,
               .default_value = "500",
               .help = "Messages of one batch at most.",
               .min = 1,
               .max = 100'000},
    OptionSpec{.name = "batch_bytes_max",
               .type = OptionType::integer,
               .default_value = "1048576",
               .help = "A batch is full once it has so many bytes.",
               .min = 1,
               .max = 256 << 20},
    OptionSpec{.name = "batches_in_flight_max",
               .type = OptionType::integer,
               .default_value = "4",
               .help = "Batches that may be read and not settled.",
               .min = 1,
               .max = 64},
    OptionSpec{.name = "instances",
               .type = OptionType::integer,
               .default_value = "1",
               .help = "How many connections read the destination side by side, each with "
                       "publishers of its own; for mappings without a key, whose order they would "
                       "not keep.",
               .min = 1,
               .max = 64},
    OptionSpec{.name = "dead_letters",
               .type = OptionType::choice,
               .default_value = "nack",
               .help = "What the broker is told of a message that became a dead letter, which the "
                       "bridge keeps in any case: nack has it moved where there is a dead-letter "
                       "queue, ack takes it off.",
               .choices = "nack|ack"},
    OptionSpec{.name = "id_header",
               .help = "The header that is a message's id; without it amqp-message-id, or "
                       "message-id where the broker keeps it (not RabbitMQ; of Artemis what is "
                       "behind the comma)."},
    OptionSpec{.name = "without_message_id",
               .type = OptionType::choice,
               .default_value = "content",
               .help = "Ids of messages that have none: content = a hash of headers and body, so "
                       "that two equal messages look like one sent twice; arrival = a new one each "
                       "time, so that a repeat looks like another message.",
               .choices = "content|arrival"},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = copybridge::stomp::with_client(kOwnOptions);
  return options;
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  stomp::SourceSettings settings;
  stomp::SubscriptionSettings& subscription = settings.subscription;
  subscription.client = copybridge::stomp::read_client(context.directory, options, diagnostics);
  subscription.prefetch = count("prefetch");
  subscription.bytes_max = count("buffer_bytes");
  subscription.headers = options.map("headers");
  settings.batch_records_max = count("batch_records_max");
  settings.batch_bytes_max = count("batch_bytes_max");
  settings.batches_in_flight_max = count("batches_in_flight_max");
  settings.nacks_dead_letters = options.text("dead_letters") == "nack";
  settings.id_header = options.text("id_header");
  settings.mints_ids = options.text("without_message_id") == "arrival";
  for (const auto& [name, value] : subscription.headers) {
    if (name == "id" || name == "ack" || name == "destination" || name == "receipt")
      diagnostics.error(options.where("headers"),
                        "'headers': '" + name + "' is set by the adapter");
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<stomp::StompSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kStompAdapter = {
    "stomp",
    "Reads a queue or topic of a broker by STOMP; messages are acknowledged after delivery.",
    all_options(), make};

}  // namespace copybridge::adapters
