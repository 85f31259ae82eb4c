// Keys of a bridge file.
#include "bridge/bridge_options.h"

#include <array>
#include <cstdint>

#include "bridge/spool/spooled_adapter.h"

namespace copybridge::bridge {
namespace {

/// A day: longer waits are mistakes, and sums with them must not overflow.
constexpr std::int64_t kWaitMaxMs = 86'400'000;

constexpr std::array kTopOptions = {
    OptionSpec{.name = "state",
               .required = true,
               .help = "Directory of what must survive a crash: positions and dead letters."},
    OptionSpec{.name = "event_source",
               .default_value = "/copybridge",
               .help = "Start of the CloudEvents source of every event; the adapter's name "
                       "follows after a slash."},
    OptionSpec{.name = "dead_letters",
               .help = "Publisher that dead letters go to, one that is in no route; what it "
                       "refuses, and all of them without it, are kept in the state directory."},
    OptionSpec{.name = "log", .type = OptionType::node, .help = "The log; see log."},
    OptionSpec{.name = "delivery",
               .type = OptionType::node,
               .help = "Windows, limits and retries; see delivery."},
    OptionSpec{.name = "adapters",
               .type = OptionType::node,
               .required = true,
               .help = "A map of names to sources, each with its kind and options."},
    OptionSpec{.name = "publishers",
               .type = OptionType::node,
               .required = true,
               .help = "A map of names to endpoints, each with its kind and options."},
    OptionSpec{.name = "routes",
               .type = OptionType::node,
               .required = true,
               .help = "A list of routes from one adapter to publishers; see route."},
};

constexpr std::array kLogOptions = {
    OptionSpec{.name = "level",
               .type = OptionType::choice,
               .default_value = "info",
               .help = "The lowest level that is written.",
               .choices = "debug|info|warn|error"},
    OptionSpec{.name = "format",
               .type = OptionType::choice,
               .default_value = "json",
               .help = "One JSON object per line, or readable text.",
               .choices = "json|text"},
    OptionSpec{.name = "summary_interval_ms",
               .type = OptionType::integer,
               .default_value = "60000",
               .help = "Time between two summary lines of a source, in milliseconds.",
               .min = 100,
               .max = kWaitMaxMs},
};

constexpr std::array kDeliveryOptions = {
    OptionSpec{.name = "window_batches",
               .type = OptionType::integer,
               .default_value = "4",
               .help = "Batches of a source that may be read and not settled; bounds memory and "
                       "the duplicates after a crash.",
               .min = 1,
               .max = 64},
    OptionSpec{.name = "decode_threads",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Threads of each source that decode its batches side by side (delivered in "
                       "order all the same); 0: one per processor.",
               .max = 64},
    OptionSpec{.name = "bad_records_max",
               .type = OptionType::integer,
               .default_value = "100",
               .help = "Bad records in a row after which a pipeline pauses; 0: never."},
    OptionSpec{.name = "bad_records_percent",
               .type = OptionType::integer,
               .default_value = "5",
               .help = "Share of bad records among the last 1,000 above which a pipeline pauses; "
                       "0: never.",
               .max = 100},
    OptionSpec{.name = "memory_bytes_max",
               .type = OptionType::integer,
               .default_value = "268435456",
               .help = "Bytes that records, events and requests of all sources may take in memory; "
                       "beyond it a source has one batch at a time. The process itself needs some "
                       "50 MB beside it.",
               .min = 1 << 20},
    OptionSpec{.name = "drain_limit_ms",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "How long a stop waits for records under way before it hands them back.",
               .max = kWaitMaxMs},
    OptionSpec{.name = "retry_initial_ms",
               .type = OptionType::integer,
               .default_value = "100",
               .help = "Ceiling of the first wait after a failed attempt; it doubles each time.",
               .min = 1,
               .max = kWaitMaxMs},
    OptionSpec{.name = "retry_max_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "Ceiling of every wait between attempts.",
               .min = 1,
               .max = kWaitMaxMs},
    OptionSpec{.name = "refused_retry_ms",
               .type = OptionType::integer,
               .default_value = "30000",
               .help = "Ceiling of the wait after an endpoint refused credentials, address or "
                       "rights.",
               .min = 1,
               .max = kWaitMaxMs},
};

constexpr std::array kPublisherOptions = {
    OptionSpec{.name = "claim_check",
               .help = "Publisher that keeps the bodies of events which are larger than this one's "
                       "endpoint takes: aws-s3, azure-blob, gcp-storage or file, one that is in no "
                       "route. The endpoint gets an event that names the body (docs/delivery.md). "
                       "Without it such events are dead letters."},
};

constexpr std::array kRouteOptions = {
    OptionSpec{.name = "from", .required = true, .help = "The adapter."},
    OptionSpec{.name = "mappings",
               .type = OptionType::node,
               .required = true,
               .help = "Mapping files; the first whose match holds makes the event."},
    OptionSpec{.name = "to",
               .type = OptionType::node,
               .required = true,
               .help = "Publishers; each gets every event of the route."},
    OptionSpec{.name = "unmatched",
               .type = OptionType::choice,
               .default_value = "dead-letter",
               .help = "What becomes of a record that no mapping matches; ignore counts it as "
                       "filtered.",
               .choices = "dead-letter|ignore"},
    OptionSpec{.name = "on_dead_letter",
               .type = OptionType::choice,
               .default_value = "continue",
               .help = "With block-key later events of a key wait at a destination while one of "
                       "the key is a dead letter of it, until that is dropped or replayed.",
               .choices = "continue|block-key"},
    OptionSpec{.name = "trace_context",
               .type = OptionType::choice,
               .default_value = "pass",
               .help = "W3C Trace Context (traceparent, tracestate) of the source's messages: pass "
                       "hands it on with the event, start also begins a trace where a record has "
                       "none (the same one whenever the record comes again), drop leaves it out.",
               .choices = "pass|start|drop"},
    OptionSpec{.name = "encode",
               .type = OptionType::boolean,
               .default_value = "no",
               .help =
                   "The way back: each of the adapter's records is one JSON object, and becomes "
                   "a record of the first mapping that takes it and whose match it fulfils."},
    OptionSpec{.name = "missing",
               .type = OptionType::choice,
               .default_value = "reject",
               .help = "With encode, a member that is not there: a dead letter, or the item's "
                       "VALUE, else zero or spaces.",
               .choices = "reject|default"},
    OptionSpec{.name = "unknown",
               .type = OptionType::choice,
               .default_value = "reject",
               .help = "With encode, a member that the copybook does not have.",
               .choices = "reject|ignore"},
    OptionSpec{.name = "rounding",
               .type = OptionType::choice,
               .default_value = "reject",
               .help = "With encode, a number with more decimals than its picture: a dead letter, "
                       "cut off as MOVE does, or rounded as ROUNDED does.",
               .choices = "reject|truncate|nearest"},
    OptionSpec{.name = "trunc",
               .type = OptionType::choice,
               .default_value = "bin",
               .help = "With encode, the largest values of BINARY and COMP: what their bytes hold, "
                       "or their picture.",
               .choices = "bin|std"},
    OptionSpec{.name = "reply",
               .type = OptionType::node,
               .help = "Makes the adapter's records calls that wait for a program's answer; see "
                       "reply."},
};

constexpr std::array kReplyOptions = {
    OptionSpec{.name = "mappings",
               .type = OptionType::node,
               .required = true,
               .help = "Mapping files of the program's answers; the first whose match holds "
                       "makes the response, 200."},
    OptionSpec{.name = "errors",
               .type = OptionType::node,
               .help = "Those of its errors, looked at first; the response is 502."},
    OptionSpec{.name = "deadline_ms",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "How long a caller waits; then it is answered 504, and the request expires "
                       "on its queue.",
               .min = 1,
               .max = 3'600'000},
};

const std::array<OptionSection, 7> kSections = {{{"(top)", kTopOptions},
                                                 {"log", kLogOptions},
                                                 {"delivery", kDeliveryOptions},
                                                 {"route", kRouteOptions},
                                                 {"reply", kReplyOptions},
                                                 {"adapter", spool::spool_options()},
                                                 {"publisher", kPublisherOptions}}};

std::vector<std::string_view> keys_of(std::span<const OptionSpec> table) {
  std::vector<std::string_view> keys{"kind"};
  for (const OptionSpec& option : table) keys.push_back(option.name);
  return keys;
}

}  // namespace

std::span<const OptionSpec> top_options() { return kTopOptions; }
std::span<const OptionSpec> log_options() { return kLogOptions; }
std::span<const OptionSpec> delivery_options() { return kDeliveryOptions; }
std::span<const OptionSpec> route_options() { return kRouteOptions; }
std::span<const OptionSpec> reply_options() { return kReplyOptions; }
std::vector<std::string_view> adapter_keys() { return keys_of(spool::spool_options()); }
std::vector<std::string_view> publisher_keys() { return keys_of(kPublisherOptions); }

std::span<const OptionSection> bridge_sections() { return kSections; }

encode::EncodeOptions read_encode_options(const Options& route) {
  encode::EncodeOptions encode;
  if (route.text("missing") == "default") encode.missing = encode::Missing::initial;
  if (route.text("unknown") == "ignore") encode.unknown = encode::Unknown::ignore;
  if (route.text("rounding") == "truncate") encode.rounding = encode::Rounding::truncate;
  if (route.text("rounding") == "nearest") encode.rounding = encode::Rounding::nearest;
  encode.truncates_binary = route.text("trunc") == "std";
  return encode;
}

TraceRule trace_rule_of(const Options& route) {
  const std::string& word = route.text("trace_context");
  if (word == "start") return TraceRule::start;
  return word == "drop" ? TraceRule::drop : TraceRule::pass;
}

}  // namespace copybridge::bridge
