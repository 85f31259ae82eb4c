// Options of the adapter amqp.
#include "adapters/amqp/amqp_adapter.h"

#include <array>

#include "adapters/amqp/amqp_source.h"

namespace copybridge::adapters {
namespace {

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "credit",
               .type = OptionType::integer,
               .default_value = "2000",
               .help = "Messages that may have come and be unsettled; the broker is given credit "
                       "for no more.",
               .min = 1,
               .max = 1'000'000},
    OptionSpec{
        .name = "credit_bytes",
        .type = OptionType::integer,
        .default_value = "67108864",
        .help = "Bytes that unsettled messages may have, reckoned with the largest one seen.",
        .min = 1,
        .max = std::int64_t{16} << 30},
    OptionSpec{.name = "message_bytes_max",
               .type = OptionType::integer,
               .default_value = "104857600",
               .help = "Largest message; a larger one stays at the broker, and the source waits.",
               .min = 1,
               .max = 1 << 30},
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
               .help = "How many connections read the address side by side, each with publishers "
                       "of its own; for mappings without a key, whose order they would not keep.",
               .min = 1,
               .max = 64},
    OptionSpec{.name = "dead_letters",
               .type = OptionType::choice,
               .default_value = "reject",
               .help = "What the broker is told of a message that became a dead letter, which the "
                       "bridge keeps in any case: reject and modify (delivery failed, "
                       "undeliverable here) have the broker move it where it has a dead-letter "
                       "address, accept takes it off.",
               .choices = "reject|modify|accept"},
    OptionSpec{.name = "without_message_id",
               .type = OptionType::choice,
               .default_value = "content",
               .help = "Ids of messages that have no message-id: content = a hash of what the "
                       "sender wrote, so that two equal messages look like one sent twice; arrival "
                       "= a new one each time, so that a repeat looks like another message.",
               .choices = "content|arrival"},
};

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = copybridge::amqp::with_client(kOwnOptions);
  return options;
}

amqp::Disposition disposition_of(std::string_view word) {
  if (word == "accept") return amqp::Disposition::accept;
  return word == "modify" ? amqp::Disposition::modify : amqp::Disposition::reject;
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  amqp::SourceSettings settings;
  settings.client =
      copybridge::amqp::read_client(context.name, context.directory, options, diagnostics);
  settings.limits = {count("credit"), count("credit_bytes"), count("message_bytes_max")};
  settings.batch_records_max = count("batch_records_max");
  settings.batch_bytes_max = count("batch_bytes_max");
  settings.batches_in_flight_max = count("batches_in_flight_max");
  settings.of_dead_letters = disposition_of(options.text("dead_letters"));
  settings.mints_ids = options.text("without_message_id") == "arrival";
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<amqp::AmqpSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kAmqpAdapter = {
    "amqp", "Reads a queue or topic of an AMQP 1.0 broker; messages are accepted after delivery.",
    all_options(), make};

}  // namespace copybridge::adapters
