// Options of the adapter kafka.
#include "adapters/kafka/kafka_adapter.h"

#include <array>

#include "adapters/kafka/kafka_source.h"
#include "bridge/http/options.h"
#include "bridge/kafka/client.h"
#include "bridge/kafka/login_options.h"
#include "bridge/kafka/presets.h"

namespace copybridge::adapters {
namespace {

constexpr std::size_t kGroupMax = 249;

constexpr std::array<std::string_view, 9> kOwnProperties = {
    "auto.offset.reset",        "bootstrap.servers",    "enable.auto.commit",
    "enable.auto.offset.store", "enable.partition.eof", "group.id",
    "metadata.broker.list",     "plugin.library.paths", "allow.auto.create.topics"};

constexpr OptionSpec kOwnOptions[] = {
    kafka::kBrokersOption,
    {.name = "topic", .required = true, .help = "Topic to read; every message is one record."},
    {.name = "group",
     .required = true,
     .help = "Consumer group. Bridges with the same one share the topic's partitions."},
    {.name = "start",
     .type = OptionType::choice,
     .default_value = "earliest",
     .help = "Where to begin in partitions of which the group has committed nothing.",
     .choices = "earliest|latest"},
    {.name = "batch_records_max",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "Messages of one batch at most.",
     .min = 1,
     .max = 100'000},
    {.name = "batch_bytes_max",
     .type = OptionType::integer,
     .default_value = "4194304",
     .help = "A batch is full once it has so many bytes.",
     .min = 1,
     .max = 256 << 20},
    {.name = "batches_in_flight_max",
     .type = OptionType::integer,
     .default_value = "4",
     .help = "Batches that may be read and not committed; bounds the duplicates after a crash or "
             "a rebalance.",
     .min = 1,
     .max = 64},
    {.name = "commit",
     .type = OptionType::choice,
     .default_value = "group",
     .help =
         "Who commits offsets: group = the adapter, after delivery; transaction = the publisher "
         "kafka with a transactional_id, in one with the events (exactly once).",
     .choices = "group|transaction"},
    kafka::kPresetOption,
    kafka::kPropertiesOption,
};

constexpr auto kOptions = join_options(kOwnOptions, kafka::kTokenOptions, http::kConnectionOptions);

bool gives_positions(const Options& options) { return options.text("commit") == "transaction"; }

std::vector<std::string_view> own_properties(const Options& options) {
  std::vector<std::string_view> own(kOwnProperties.begin(), kOwnProperties.end());
  if (gives_positions(options)) own.emplace_back("isolation.level");
  return own;
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  kafka::check_client(options, own_properties(options), diagnostics);
  kafka::check_preset(options, diagnostics);
  if (gives_positions(options) && !kafka::has_transactions(options))
    diagnostics.error(options.where("commit"), "'commit': Event Hubs has no transactions");
  kafka::check_name(options, "topic", kafka::kTopicNameMax, diagnostics);
  kafka::check_name(options, "group", kGroupMax, diagnostics);
  auto login = kafka::make_login(options, context.directory, context.clock, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  return std::make_unique<KafkaSource>(
      context, KafkaSourceSettings{.brokers = kafka::brokers_of(options),
                                   .topic = options.text("topic"),
                                   .group = options.text("group"),
                                   .starts_at_end = options.text("start") == "latest",
                                   .batch_records_max = count("batch_records_max"),
                                   .batch_bytes_max = count("batch_bytes_max"),
                                   .batches_in_flight_max = count("batches_in_flight_max"),
                                   .gives_positions = gives_positions(options),
                                   .properties = kafka::properties_of(options),
                                   .interface = options.text("interface"),
                                   .login = std::move(login)});
}

}  // namespace

const AdapterKind kKafkaAdapter{.kind = "kafka",
                                .help =
                                    "Reads a topic of Kafka as a member of a consumer group; "
                                    "offsets are committed after delivery.",
                                .options = kOptions,
                                .make = make,
                                .gives_positions = gives_positions,
                                .why_not_once = [](const Options&) { return std::string(); }};

}  // namespace copybridge::adapters
