// The publisher around a store: events are collected to objects, each of which is there once.
#pragma once

#include <memory>
#include <optional>

#include "bridge/publishers/body_names.h"
#include "bridge/publishers/objects/encoder.h"
#include "bridge/publishers/objects/names.h"
#include "bridge/publishers/objects/store.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::objects {

inline constexpr OptionSpec kObjectOptions[] = {
    {.name = "path",
     .type = OptionType::text,
     .default_value = "{name}/{date}/{time}-{sequence}",
     .help = "Name of an object, without its extension (.jsonl, .jsonl.gz, .jsonl.zst): {name} is "
             "the publisher, {sequence} a running number, which has to be there, {date}, {time}, "
             "{year}, {month}, {day} and {hour} (UTC) the moment it is finished. Where it keeps "
             "bodies for a claim_check: {name}/{id}.json, {id} has to be there."},
    kLineFormatOption,
    {.name = "compression",
     .type = OptionType::choice,
     .default_value = "none",
     .help = "How objects are compressed.",
     .choices = "none|gzip|zstd"},
    {.name = "compression_level",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Level of the compression, 1 to 9 for gzip, 1 to 19 for zstd; 0: 6 for gzip, 3 for "
             "zstd.",
     .max = 19},
    {.name = "roll_bytes",
     .type = OptionType::integer,
     .default_value = "33554432",
     .help = "Most bytes of an object's lines before compression; a single longer line still makes "
             "one. The source is read on until two of them are under way (docs/object-stores.md).",
     .min = 1024,
     .max = 1'073'741'824},
    {.name = "roll_records",
     .type = OptionType::integer,
     .default_value = "1000000",
     .help = "Most events of an object.",
     .min = 1,
     .max = 1'000'000},
    {.name = "roll_seconds",
     .type = OptionType::integer,
     .default_value = "300",
     .help = "An object is finished when its first event is this old in seconds. It is finished "
             "before where the source can send nothing more until it is.",
     .min = 1,
     .max = 86'400},
    {.name = "manifest",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: NAME.manifest.json follows each object, with its name, number of records, bytes "
             "and SHA-256; its events count as delivered only then."}};

/// Where an object ends.
struct Rolling {
  std::size_t bytes = 0;
  std::size_t events = 0;
  Milliseconds age{0};
};

struct ObjectSettings {
  Encoding encoding;
  Rolling rolling;
  bool has_manifest = false;
  ObjectNames names;
  std::optional<BodyNames> bodies = {};  ///< it keeps bodies alone: nothing else counts
};

/// As kObjectOptions say. Mistakes go to `diagnostics`.
[[nodiscard]] ObjectSettings read_object_settings(const PublisherContext& context,
                                                  const Options& options, Diagnostics& diagnostics);

/// `kind` begins its messages.
[[nodiscard]] std::unique_ptr<Publisher> make_object_publisher(
    std::string_view kind, const PublisherContext& context, ObjectSettings settings,
    http::ClientSettings client, std::unique_ptr<http::Authorizer> authorizer,
    std::unique_ptr<ObjectStore> store);

}  // namespace copybridge::publishers::objects
