// Options and entries of the publisher redis-stream.
#include "bridge/publishers/redis_publisher.h"

#include "bridge/broker/access.h"
#include "bridge/publishers/answered_publisher.h"
#include "bridge/publishers/redis_peer.h"

namespace copybridge::publishers {
namespace {

constexpr broker::Protocol kProtocol{"redis-stream", "redis", "rediss", 6379, 6379};

constexpr OptionSpec kOptions[] = {
    {.name = "stream", .type = OptionType::text, .required = true, .help = "Key of the stream."},
    {.name = "create",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: the first event makes the stream where there is none; no: the route waits until "
             "somebody has made it (XGROUP CREATE … MKSTREAM)."},
    {.name = "entries_max",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Entries that the stream keeps, about: with each event older ones are dropped, read "
             "or not (MAXLEN ~). 0: all.",
     .max = 1'000'000'000'000},
    {.name = "database",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Number of the database.",
     .max = 1'000'000},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "1048576",
     .help = "Largest entry; the server's limit is proto-max-bulk-len (512 MB).",
     .min = 1024,
     .max = 67'108'864},
    {.name = "requests_in_flight",
     .type = OptionType::integer,
     .default_value = "256",
     .help = "Entries that wait for the server's answer at the same time; events with the same key "
             "never overtake each other.",
     .min = 1,
     .max = 10'000},
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Longest time for the server's answer, in milliseconds.",
     .min = 1,
     .max = 3'600'000},
    kMessageFormatOption};
constexpr auto kOwnOptions = join_options(kOptions, sockets::kEgressOptions);

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> all = broker::with_access(kOwnOptions);
  return all;
}

/// `$`, `*`, digits and line ends of a field and its value.
constexpr std::size_t kFieldSigns = 24;

/// A reader knows a repeat by `id`, whatever the format.
OutMessage::Headers headers_of(const Event& event, LineFormat format) {
  OutMessage::Headers headers;
  if (format == LineFormat::body) {
    for_each_attribute(event, [&](const Attribute& attribute) {
      headers.emplace_back(attribute.name, attribute.value);
    });
    return headers;
  }
  headers.emplace_back("id", event.id);
  for_each_trace_field(
      event, [&](const Attribute& field) { headers.emplace_back(field.name, field.value); });
  return headers;
}

std::unique_ptr<Publisher> make_redis(const PublisherContext& context, const Options& options,
                                      Diagnostics& diagnostics) {
  const auto settings = std::make_shared<const redis::Settings>(redis::Settings{
      .access = broker::read_access(context.directory, options, kProtocol, diagnostics),
      .egress = sockets::read_egress(options, diagnostics),
      .database = options.integer("database"),
      .creates_stream = options.boolean("create"),
      .entries_max = options.integer("entries_max")});
  if (diagnostics.has_errors()) return nullptr;
  return make_answered_publisher({.kind = "redis-stream",
                                  .address = options.text("stream"),
                                  .bytes_per_event = options.text("stream").size() + kFieldSigns,
                                  .bytes_per_header = kFieldSigns,
                                  .check = [settings]() -> Result<void> {
                                    if (const auto password = settings->access.password.resolve();
                                        !password)
                                      return pass_on(password);
                                    return {};
                                  },
                                  .make_peer =
                                      [settings](AnsweredSession& session) {
                                        return std::make_unique<redis::Peer>(session, settings);
                                      },
                                  .headers_of = headers_of},
                                 options);
}

}  // namespace

const PublisherKind kRedisStreamPublisher{.kind = "redis-stream",
                                          .help = "Appends events to a stream of Redis.",
                                          .options = all_options(),
                                          .make = make_redis};

}  // namespace copybridge::publishers
