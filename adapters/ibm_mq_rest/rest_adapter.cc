// Options of the adapter ibm-mq-rest.
#include "adapters/ibm_mq_rest/rest_adapter.h"

#include "adapters/ibm_mq_rest/rest_source.h"
#include "bridge/http/options.h"
#include "bridge/mqweb/queue.h"

namespace copybridge::adapters {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "batch_records_max",
     .type = OptionType::integer,
     .default_value = "50",
     .help = "Messages of one batch at most; each takes two requests.",
     .min = 1,
     .max = 10'000},
    {.name = "poll_interval_ms",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "How long after an empty list the queue is looked at again.",
     .min = 10,
     .max = 3'600'000},
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "4194304",
     .help = "Largest message that is read, as UTF-8.",
     .min = 1024,
     .max = 100 << 20}};

constexpr auto kAllOptions = join_options(mqweb::kQueueOptions, kOptions, http::kConnectionOptions);

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  ibm_mq_rest::RestSettings settings{
      .queue = mqweb::read_queue(options, diagnostics),
      .client = http::read_connection(options, context.directory, diagnostics),
      .batch_records_max = static_cast<std::size_t>(options.integer("batch_records_max")),
      .message_bytes_max = static_cast<std::size_t>(options.integer("message_bytes_max")),
      .poll_interval = Milliseconds(options.integer("poll_interval_ms"))};
  if (options.is_given("response_bytes_max")) {
    diagnostics.error(options.where("response_bytes_max"), "'response_bytes_max' says nothing here",
                      "use 'message_bytes_max'");
  }
  // One more shows that a message is larger. Lists of MsgIds are small beside that.
  settings.client.response_bytes_max = settings.message_bytes_max + 1;
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<ibm_mq_rest::RestSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kIbmMqRestAdapter = {
    "ibm-mq-rest",
    "Reads text messages from a queue by the REST API of IBM MQ: browse, deliver, delete by MsgId.",
    kAllOptions, make};

}  // namespace copybridge::adapters
