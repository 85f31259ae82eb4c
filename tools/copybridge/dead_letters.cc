// `copybridge dead-letters`: look at what could not be delivered, send it again, or drop it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bridge/replay.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/diagnose.h"

namespace copybridge::cli {
namespace {

using bridge::DeadLetter;
using bridge::DeadLetterStore;

constexpr std::size_t kPage = 1000;
constexpr std::size_t kHexPerLine = 32;

struct LetterOptions {
  std::string file;
  std::vector<std::string> ids;
  std::string source;
  bool all = false;
  bool json = false;
  std::int64_t give_up_after_s = 60;
};

Result<DeadLetterStore> open_store(const std::filesystem::path& state) {
  Result<Database> database = open_existing_database(state);
  if (!database) return pass_on(database);
  return DeadLetterStore::open(std::move(*database));
}

void show(const DeadLetter& letter) {
  const auto line = [](std::string_view name, std::string_view value) {
    if (!value.empty()) fmt::print("{:14} {}\n", name, value);
  };
  line("id", letter.id);
  line("destination", letter.destination);
  line("source", letter.source);
  line("stored", letter.time);
  line("reason", letter.field.message);
  line("field", letter.field.path);
  if (!letter.field.path.empty()) {
    line("offset",
         fmt::format("{} (byte {} of the field)", letter.field.offset, letter.field.byte + 1));
  }
  line("found", letter.field.found);
  line("expected", letter.field.expected);
  line("position", std::to_string(letter.position));
  line("attributes", letter.attributes);
  line("mapping", fmt::format("{} {}", letter.mapping, letter.mapping_hash));
  line("copybook", fmt::format("{} {}", letter.copybook, letter.copybook_hash));
  line("record", fmt::format("{} bytes", letter.record.size()));
  for (std::size_t offset = 0; offset < letter.record.size(); offset += kHexPerLine) {
    const std::string piece = letter.record.substr(offset, kHexPerLine);
    fmt::print("{:8}  {}\n", offset,
               to_hex({reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()}));
  }
  fmt::print("\n");
}

int list(const LetterOptions& options, const bridge::BridgeConfig& config) {
  Result<DeadLetterStore> store = open_store(config.state);
  if (!store) return report_error(store.error());
  std::int64_t row = 0;
  std::size_t count = 0;
  for (;;) {
    const auto page = store->list(options.source, "", kPage, row);
    if (!page) return report_error(page.error());
    if (page->empty()) break;
    count += page->size();
    for (const DeadLetter& letter : *page) {
      if (options.json) {
        fmt::print("{}\n", bridge::to_json(letter, false));
      } else {
        fmt::print("{}  {}  -> {}  {}\n", letter.time, letter.id, letter.destination,
                   letter.field.message);
      }
    }
  }
  fmt::print(stderr, "{} dead letters\n", count);
  if (!config.dead_letters.empty()) {
    fmt::print(stderr, "only what {} has refused is here; what it has accepted is there\n",
               config.dead_letters);
  }
  return 0;
}

int show_all(const LetterOptions& options, const std::filesystem::path& state) {
  Result<DeadLetterStore> store = open_store(state);
  if (!store) return report_error(store.error());
  for (const std::string& id : options.ids) {
    const auto letters = store->find(id);
    if (!letters) return report_error(letters.error());
    if (letters->empty()) {
      return report_error({ErrorKind::usage, "there is no dead letter " + id, {}});
    }
    for (const DeadLetter& letter : *letters) {
      if (options.json) {
        fmt::print("{}\n", bridge::to_json(letter, true));
      } else {
        show(letter);
      }
    }
  }
  return 0;
}

int drop(const LetterOptions& options, const std::filesystem::path& state) {
  Result<DeadLetterStore> store = open_store(state);
  if (!store) return report_error(store.error());
  std::size_t dropped = 0;
  for (const std::string& id : options.ids) {
    const auto letters = store->find(id);
    if (!letters) return report_error(letters.error());
    if (letters->empty()) {
      return report_error({ErrorKind::usage, "there is no dead letter " + id, {}});
    }
    for (const DeadLetter& letter : *letters) {
      const Result<bool> removed = store->remove(letter.id, letter.destination);
      if (!removed) return report_error(removed.error());
      dropped += *removed ? 1U : 0U;
    }
  }
  fmt::print(stderr, "{} dropped\n", dropped);
  return 0;
}

int replay(const LetterOptions& options, const bridge::BridgeConfig& config) {
  if (options.ids.empty() && !options.all) {
    return report_error({ErrorKind::usage, "name the ids to replay, or --all", {}});
  }
  Log log(config.log_level, config.log_format, system_clock());
  const Result<bridge::ReplayTotals> totals = bridge::replay(
      config, {options.ids}, std::chrono::seconds(options.give_up_after_s), system_clock(), log);
  if (!totals) return report_error(totals.error());
  fmt::print(stderr, "{} delivered, {} filtered, {} still bad, {} kept\n", totals->delivered,
             totals->filtered, totals->still_bad, totals->kept);
  if (totals->kept > 0) return exit_code(ErrorKind::peer_away);
  return totals->still_bad > 0 ? exit_code(ErrorKind::bad_record) : 0;
}

/// Runs an action on the bridge file's state directory; mappings may be in any condition.
template <typename Action>
int with_config(const LetterOptions& options, Action action) {
  Diagnostics diagnostics;
  const auto config = bridge::load_bridge(options.file, diagnostics);
  print_diagnostics(diagnostics);
  return config ? action(*config) : exit_code(ErrorKind::config);
}

}  // namespace

void add_dead_letters(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "dead-letters", "Look at records that could not be delivered, send them again, drop them.");
  command->require_subcommand(1);
  const auto options = std::make_shared<LetterOptions>();
  const auto add = [&](const char* name, const char* help, auto action) {
    CLI::App* verb = command->add_subcommand(name, help);
    verb->add_option("BRIDGE.yaml", options->file, "The bridge file.")->required();
    verb->callback([options, action, &exit_code] {
      exit_code = with_config(
          *options, [&](const bridge::BridgeConfig& config) { return action(*options, config); });
    });
    return verb;
  };
  CLI::App* lister = add("list", "One line per dead letter.",
                         [](const auto& given, const auto& config) { return list(given, config); });
  lister->add_option("--source", options->source, "Only of this adapter.");
  lister->add_flag("--json", options->json, "JSON Lines.");
  CLI::App* shower =
      add("show", "Everything about dead letters, bytes included.",
          [](const auto& given, const auto& config) { return show_all(given, config.state); });
  shower->add_option("ID", options->ids, "Ids, as in list.")->required();
  shower->add_flag("--json", options->json, "JSON Lines.");
  CLI::App* replayer =
      add("replay",
          "Send dead letters again, to the destination they are owed to. "
          "The bridge must not be running.",
          [](const auto& given, const auto& config) { return replay(given, config); });
  replayer->add_option("ID", options->ids, "Ids, as in list.");
  replayer->add_flag("--all", options->all, "All of them.");
  replayer
      ->add_option("--give-up-after", options->give_up_after_s,
                   "End with 4 when an endpoint was away this many seconds; 0: never.")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI::App* dropper =
      add("drop", "Remove dead letters for good.",
          [](const auto& given, const auto& config) { return drop(given, config.state); });
  dropper->add_option("ID", options->ids, "Ids, as in list.")->required();
}

}  // namespace copybridge::cli
