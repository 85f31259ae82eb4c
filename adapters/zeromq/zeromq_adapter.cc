// Options of the adapter zeromq.
#include "adapters/zeromq/zeromq_adapter.h"

#include <memory>
#include <utility>

#include "adapters/zeromq/zeromq_source.h"
#include "bridge/core/option_rules.h"

namespace copybridge::adapters {
namespace {

constexpr OptionSpec kFirstOptions[] = {
    {.name = "socket",
     .type = OptionType::choice,
     .required = true,
     .help =
         "pull and sub take plain messages, each a record, at most once up to the spool; router "
         "takes records of the acknowledged protocol, of which none is lost.",
     .choices = "pull|sub|router"},
    {.name = "topics",
     .type = OptionType::text_list,
     .help = "Of sub: beginnings of what is subscribed to; without it everything."},
    {.name = "answer",
     .type = OptionType::choice,
     .default_value = "stored",
     .help = "Of router, when a record is acknowledged: stored when it is on the disk, in the "
             "spool; delivered when every destination has it.",
     .choices = "stored|delivered"},
    {.name = "events",
     .type = OptionType::choice,
     .default_value = "decode",
     .help = "Of router, what becomes of JSON events of another bridge: decode treats them like "
             "records (a route with encode: yes takes JSON); pass hands them on as they are, with "
             "their type, subject and key, to every destination of the adapter's routes, whose "
             "mappings are for records only.",
     .choices = "decode|pass"},
    {.name = "credit",
     .type = OptionType::integer,
     .default_value = "2000",
     .help = "Of router: how many records of each sender may be on their way or not safe.",
     .min = 1,
     .max = 1'000'000},
    {.name = "repeats_max",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Of router: so many of the latest safe records are known when they come again.",
     .max = 10'000'000},
};

constexpr OptionSpec kOtherOptions[] = {
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "16777216",
     .help = "Largest message; the connection of who sends a larger one is closed.",
     .min = 1,
     .max = 1 << 30},
    {.name = "waiting_bytes_max",
     .type = OptionType::integer,
     .default_value = "67108864",
     .help = "Where so many bytes of records are not safe yet nothing more is read, or no sender "
             "gets credit.",
     .min = 1,
     .max = std::int64_t{16} << 30},
    {.name = "batch_records_max",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "Most records that are read as one batch.",
     .min = 1,
     .max = 1'000'000},
};

constexpr auto kOptions =
    join_options(kFirstOptions, copybridge::zeromq::kSocketOptions, kOtherOptions);

bool is_router(const Options& options) { return options.text("socket") == "router"; }

bool answers_when_delivered(const Options& options) {
  return is_router(options) && options.text("answer") == "delivered";
}

void check_uses(const Options& options, Diagnostics& diagnostics) {
  const std::string& socket = options.text("socket");
  const auto is_for = [&](std::string_view name, std::string_view kind) {
    if (!options.is_given(name) || socket == kind) return;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) + "' is for 'socket: " + std::string(kind) + "'");
  };
  is_for("topics", "sub");
  for (const std::string_view name : {"answer", "events", "credit", "repeats_max"})
    is_for(name, "router");
}

std::unique_ptr<Adapter> make(const AdapterContext& context, const Options& options,
                              Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  zeromq::SourceSettings settings;
  settings.socket = copybridge::zeromq::read_socket(context.name, options, diagnostics);
  const bool is_sub = options.text("socket") == "sub";
  if (is_router(options)) settings.type = zmq::socket_type::router;
  if (is_sub) {
    settings.type = zmq::socket_type::sub;
    settings.topics = options.list("topics");
    if (settings.topics.empty()) settings.topics = {""};
  }
  settings.passes_events = options.text("events") == "pass";
  settings.credit = count("credit");
  settings.repeats_max = count("repeats_max");
  settings.waiting_bytes_max = count("waiting_bytes_max");
  settings.batch_records_max = count("batch_records_max");
  check_uses(options, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<zeromq::ZeromqSource>(context, std::move(settings));
}

}  // namespace

const AdapterKind kZeromqAdapter = {
    .kind = "zeromq",
    .help =
        "Takes messages of ZeroMQ: plain ones, or records of another bridge, none of which is "
        "lost between the two.",
    .options = kOptions,
    .make = make,
    .holds_records = false,
    .may_hold = answers_when_delivered};

}  // namespace copybridge::adapters
