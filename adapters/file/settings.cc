// The option table and the checks that a table cannot make.
#include "adapters/file/settings.h"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "adapters/described_by.h"
#include "codecs/framing/options.h"

namespace copybridge::adapters::file {
namespace {

constexpr std::string_view kMove = "move ";
constexpr std::string_view kRename = "rename ";

constexpr std::array kOwnOptions = {
    OptionSpec{.name = "path",
               .type = OptionType::text_list,
               .required = true,
               .help = "Files to read: a path or list of paths from the bridge file's folder, with "
                       "*, ? and [] in any part; hidden files and symbolic links are left out."},
    OptionSpec{.name = "follow",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether a file that grows is read on from where it ended; otherwise a "
                       "changed file is read whole as a new arrival."},
    OptionSpec{.name = "after",
               .type = OptionType::text,
               .default_value = "keep",
               .help = "What becomes of a file whose records are all settled: keep, delete or move "
                       "DIR."},
    OptionSpec{.name = "on_error",
               .type = OptionType::text,
               .default_value = "keep",
               .help = "What becomes of a file whose framing is broken or whose trailer does not "
                       "match: keep or move DIR."},
};

constexpr std::array kArrivalOptions = {
    OptionSpec{.name = "described_by",
               .type = OptionType::text_list,
               .help = "Mapping files, from the bridge file's folder, that tell what lies in the "
                       "files: recfm copybook takes a record's length from the first that "
                       "matches, length_field is an item of the first, and one with children puts "
                       "records together into documents."},
    OptionSpec{.name = "watch",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether to wait for more files, or to read only those that are there."},
    OptionSpec{.name = "rescan_interval_ms",
               .type = OptionType::integer,
               .default_value = "5000",
               .help = "How often watched folders are listed where the system reports no change "
                       "(network file systems).",
               .min = 10},
    OptionSpec{.name = "settle_time_ms",
               .type = OptionType::integer,
               .default_value = "2000",
               .help = "A file is read when its size and time have stood still this long."},
    OptionSpec{.name = "trigger",
               .type = OptionType::text,
               .help = "Suffix such as .done: a file is read when a file of its name and this "
                       "suffix is there, which is deleted or moved with it."},
    OptionSpec{.name = "order",
               .type = OptionType::choice,
               .default_value = "name",
               .help = "Which of several files is read first.",
               .choices = "name|mtime"},
    OptionSpec{.name = "batch_records_max",
               .type = OptionType::integer,
               .default_value = "5000",
               .help = "Most records of a batch.",
               .min = 1,
               .max = 1'000'000},
    OptionSpec{.name = "batch_bytes_max",
               .type = OptionType::integer,
               .default_value = "1048576",
               .help = "Bytes a batch aims at; a single larger record still makes one.",
               .min = 1,
               .max = 256 << 20},
    OptionSpec{.name = "batches_in_flight_max",
               .type = OptionType::integer,
               .default_value = "4",
               .help = "Most batches that are read and not settled.",
               .min = 1,
               .max = 1000},
    OptionSpec{.name = "end_event",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether the end of each file is published as an event with its counts."},
    OptionSpec{.name = "trailer",
               .type = OptionType::node,
               .help = "What the last record must agree with: {copybook, record, codepage, match: "
                       "CONDITION, count: FIELD, totals: {TRAILER-FIELD: DETAIL-FIELD}, "
                       "detail_copybook, detail_record, detail_match: CONDITION, verify: before or "
                       "after}."},
};

/// Absolute, so that stored paths mean the same wherever a run is started from.
std::filesystem::path base_of(const AdapterContext& context) {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::absolute(context.directory, error);
  return (error ? context.directory : base).lexically_normal();
}

/// Of a move on this machine.
Disposal placed(const AdapterContext& context, Disposal disposal) {
  if (disposal.kind == Disposal::Kind::move) {
    disposal.directory = (base_of(context) / disposal.directory).lexically_normal();
  }
  return disposal;
}

/// The bridge file's folder is taken literally, whatever characters are in its name.
std::string escaped(std::string_view folder) {
  std::string text;
  for (const char character : folder) {
    if (std::string_view("*?[]\\").find(character) != std::string_view::npos) text += '\\';
    text += character;
  }
  return text;
}

std::vector<std::string> read_patterns(const AdapterContext& context, const Options& options,
                                       Diagnostics& diagnostics) {
  const std::string base = escaped((base_of(context) / "").native());
  std::vector<std::string> patterns;
  for (const std::string& path : options.list("path")) {
    patterns.push_back(path.starts_with('/') ? path : base + path);
    if (path.empty() || path.ends_with('/')) {
      diagnostics.error(options.where("path"), "'path' names no file: '" + path + "'");
    }
  }
  if (patterns.empty()) diagnostics.error(options.where("path"), "'path' is empty");
  return patterns;
}

void check_target(const AdapterContext& context, const Disposal& disposal, const Options& options,
                  std::string_view name, Diagnostics& diagnostics) {
  if (disposal.kind != Disposal::Kind::move) return;
  for (const std::string& path : options.list("path")) {
    const auto folder = (base_of(context) / path).parent_path().lexically_normal();
    if (folder / "" != disposal.directory / "") continue;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) + "' moves files into the folder they are read from",
                      "name another folder");
  }
}

void check_together(const AdapterContext& context, const Settings& settings, const Options& options,
                    Diagnostics& diagnostics) {
  check_target(context, settings.after, options, "after", diagnostics);
  check_target(context, settings.on_error, options, "on_error", diagnostics);
  if (settings.follow && settings.after.kind != Disposal::Kind::keep) {
    diagnostics.error(options.where("after"), "'follow: yes' needs 'after: keep'",
                      "a file that is followed never ends");
  }
  if (settings.follow && !settings.trigger.empty()) {
    diagnostics.error(options.where("trigger"), "'follow: yes' and 'trigger' exclude each other");
  }
  if (settings.follow && settings.trailer != nullptr) {
    diagnostics.error(options.where("trailer"), "'follow: yes' and 'trailer' exclude each other",
                      "a file that is followed never ends");
  }
  if (settings.follow && settings.framing.trailer_records > 0) {
    diagnostics.error(options.where("follow"),
                      "'follow: yes' and trailer records exclude each other",
                      "a file that is followed never ends");
  }
}

}  // namespace

std::span<const OptionSpec> file_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> own(kOwnOptions.begin(), kOwnOptions.end());
    own.insert(own.end(), kArrivalOptions.begin(), kArrivalOptions.end());
    return framing::with_framing(own);
  }();
  return options;
}

std::span<const OptionSpec> arrival_options() { return kArrivalOptions; }

Disposal read_disposal(const Options& options, std::string_view name, bool can_rename,
                       Diagnostics& diagnostics) {
  const std::string_view text = options.text(name);
  const bool can_delete = name == "after";
  if (text == "keep") return {};
  if (text == "delete" && can_delete) return {Disposal::Kind::remove, {}};
  const bool is_rename = can_rename && text.starts_with(kRename);
  const std::size_t word = is_rename ? kRename.size() : kMove.size();
  const std::size_t begin = is_rename || text.starts_with(kMove) ? text.find_first_not_of(' ', word)
                                                                 : std::string_view::npos;
  if (begin == std::string_view::npos) {
    diagnostics.error(options.where(name), "'" + std::string(name) + "' must be keep" +
                                               (can_delete ? ", delete" : "") +
                                               (can_rename ? ", rename SUFFIX" : "") +
                                               " or move DIR, not '" + std::string(text) + "'");
    return {};
  }
  return {is_rename ? Disposal::Kind::rename : Disposal::Kind::move,
          std::string(text.substr(begin))};
}

Settings read_arrival_settings(const AdapterContext& context, const Options& options,
                               Diagnostics& diagnostics) {
  Settings settings;
  settings.framing = framing::read_framing(options, framing::LineEnds::ebcdic, diagnostics);
  const std::size_t errors = diagnostics.error_count();
  describe(context.directory, options, settings.framing, diagnostics);
  if (diagnostics.error_count() == errors) check_framing(settings.framing, options, diagnostics);
  settings.watch = options.boolean("watch");
  settings.settle_time = Milliseconds(options.integer("settle_time_ms"));
  settings.rescan_interval = Milliseconds(options.integer("rescan_interval_ms"));
  settings.trigger = options.text("trigger");
  settings.order = options.text("order") == "mtime" ? Order::mtime : Order::name;
  settings.batch_records_max = static_cast<std::size_t>(options.integer("batch_records_max"));
  settings.batch_bytes_max = static_cast<std::size_t>(options.integer("batch_bytes_max"));
  settings.batches_in_flight_max =
      static_cast<std::size_t>(options.integer("batches_in_flight_max"));
  settings.end_event = options.boolean("end_event");
  if (options.is_given("trailer")) {
    settings.trailer = TrailerCheck::compile(options.node("trailer"), context,
                                             settings.framing.trailer_records > 0, diagnostics);
  }
  if (settings.framing.grouper != nullptr && settings.trailer != nullptr) {
    diagnostics.error(options.where("trailer"),
                      "'trailer' and documents of several records exclude each other");
  }
  if (settings.trigger.find('/') != std::string::npos) {
    diagnostics.error(options.where("trigger"),
                      "'trigger' is a suffix of a file name, without '/'");
  }
  return settings;
}

Settings read_settings(const AdapterContext& context, const Options& options,
                       Diagnostics& diagnostics) {
  Settings settings = read_arrival_settings(context, options, diagnostics);
  settings.patterns = read_patterns(context, options, diagnostics);
  settings.follow = options.boolean("follow");
  settings.after = placed(context, read_disposal(options, "after", false, diagnostics));
  settings.on_error = placed(context, read_disposal(options, "on_error", false, diagnostics));
  check_together(context, settings, options, diagnostics);
  return settings;
}

}  // namespace copybridge::adapters::file
