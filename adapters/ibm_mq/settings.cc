// The adapter's options and the checks that a table cannot make.
#include "adapters/ibm_mq/settings.h"

#include <array>
#include <string_view>
#include <vector>

#include "adapters/described_by.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters::ibm_mq {
namespace {

constexpr std::size_t kQueueBytes = 48;

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "queue",
               .required = true,
               .help = "The queue to read: a local queue or an alias of one."},
    OptionSpec{.name = "open",
               .type = OptionType::choice,
               .default_value = "shared",
               .help = "Whether others may read the queue too; exclusive keeps its order.",
               .choices = "shared|exclusive"},
    OptionSpec{.name = "instances",
               .type = OptionType::integer,
               .default_value = "1",
               .help = "How many connections read the queue side by side, each with units of work "
                       "and publishers of its own; for mappings without a key, whose order they "
                       "would not keep.",
               .min = 1,
               .max = 64},
    OptionSpec{.name = "backout_queue",
               .default_value = "of-queue",
               .help = "Where dead letters are moved, in the unit of work that read them: "
                       "of-queue is the queue's BOQNAME, none leaves them in the state directory "
                       "alone, anything else is a queue's name."},
    OptionSpec{.name = "properties",
               .type = OptionType::choice,
               .default_value = "rfh2",
               .help = "Message properties become attributes: rfh2 has the queue manager send "
                       "them whatever PROPCTL says, as-queue leaves it to PROPCTL, none leaves "
                       "them out.",
               .choices = "rfh2|as-queue|none"},
    OptionSpec{.name = "groups",
               .type = OptionType::choice,
               .default_value = "single",
               .help = "single reads the messages of a group as they come; whole waits until all "
                       "are there and reads them in their order, as one unit.",
               .choices = "single|whole"},
    OptionSpec{.name = "segments",
               .type = OptionType::choice,
               .default_value = "single",
               .help = "single reads each segment as a message; complete has the queue manager "
                       "put them together (not on z/OS).",
               .choices = "single|complete"},
    OptionSpec{.name = "records_in_message",
               .type = OptionType::choice,
               .default_value = "one",
               .help = "one: a message, without its headers, is a record; framed: recfm and its "
                       "options say how records lie in it.",
               .choices = "one|framed"},
    OptionSpec{.name = "described_by",
               .type = OptionType::text_list,
               .help = "Mapping files, from the bridge file's folder, that tell how records lie in "
                       "a message; with records_in_message framed."},
    OptionSpec{.name = "batch_records_max",
               .type = OptionType::integer,
               .default_value = "500",
               .help = "Most records of a unit of work; below MAXUMSGS of the queue manager.",
               .min = 1,
               .max = 1'000'000},
    OptionSpec{.name = "batch_bytes_max",
               .type = OptionType::integer,
               .default_value = "1048576",
               .help = "Bytes a unit of work aims at; a single larger message still makes one.",
               .min = 1,
               .max = 256 << 20},
    OptionSpec{.name = "unit_age_max_ms",
               .type = OptionType::integer,
               .default_value = "60000",
               .help = "How long a unit of work is held while an endpoint is away; then it is "
                       "backed out once, and the queue is not read until the endpoint works. 0: "
                       "for ever.",
               .max = 86'400'000},
};

BackoutQueue read_backout_queue(const std::string& text) {
  if (text == "of-queue") return {};
  if (text == "none") return {BackoutQueue::Kind::none, {}};
  return {BackoutQueue::Kind::named, text};
}

Properties properties_of(std::string_view word) {
  if (word == "rfh2") return Properties::rfh2;
  return word == "none" ? Properties::none : Properties::as_queue;
}

}  // namespace

std::span<const OptionSpec> source_options() {
  static const std::vector<OptionSpec> options =
      with_connection(framing::with_framing(kOwnOptions));
  return options;
}

SourceSettings read_source(const AdapterContext& context, const Options& options,
                           Diagnostics& diagnostics) {
  SourceSettings settings;
  settings.connection = read_connection(context.directory, options, diagnostics);
  settings.queue = options.text("queue");
  check_length(options, "queue", kQueueBytes, diagnostics);
  check_length(options, "backout_queue", kQueueBytes, diagnostics);
  settings.is_exclusive = options.text("open") == "exclusive";
  if (settings.is_exclusive && options.integer("instances") > 1) {
    diagnostics.error(options.where("instances"),
                      "'instances' and 'open: exclusive' exclude each other");
  }
  settings.backout_queue = read_backout_queue(options.text("backout_queue"));
  settings.properties = properties_of(options.text("properties"));
  settings.keeps_groups = options.text("groups") == "whole";
  settings.completes_segments = options.text("segments") == "complete";
  settings.framing =
      read_message_framing(context.directory, options, "records_in_message", diagnostics);
  settings.batch_records_max = static_cast<std::size_t>(options.integer("batch_records_max"));
  settings.batch_bytes_max = static_cast<std::size_t>(options.integer("batch_bytes_max"));
  settings.unit_age_max = Milliseconds(options.integer("unit_age_max_ms"));
  return settings;
}

}  // namespace copybridge::adapters::ibm_mq
