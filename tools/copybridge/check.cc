// `copybridge check`: every mistake of bridge and mapping files, at its line and column, before
// anything is read.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bridge/bridge_config.h"
#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"
#include "bridge/kafka/presets.h"
#include "codecs/mapping/mapping.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/diagnose.h"

namespace copybridge::cli {
namespace {

/// `1 mistake`, `2 mistakes`.
std::string counted(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

/// `account.yaml: ok`, `account.yaml: 2 mistakes, 1 warning`.
std::string summary(const std::filesystem::path& path, const Diagnostics& diagnostics) {
  const std::size_t mistakes = diagnostics.error_count();
  const std::size_t warnings = diagnostics.all().size() - mistakes;
  std::string line = path.string() + ": ";
  line += mistakes == 0 ? "ok" : counted(mistakes, "mistake");
  if (warnings > 0) line += ", " + counted(warnings, "warning");
  return line;
}

/// Whether a file is a bridge file; what is no YAML is not.
bool is_bridge(const std::filesystem::path& path) {
  Diagnostics ignored;  // the file's own loader reports them
  const ConfigNode root = load_yaml(path, ignored);
  return root.find("adapters") != nullptr || root.find("publishers") != nullptr ||
         root.find("routes") != nullptr;
}

/// What a component's preset of Kafka stands for; empty: it has none.
std::string preset_of(const std::string& name, std::string_view kind, const Options& options) {
  if (kind != "kafka") return {};
  const std::string& preset = options.text(kafka::kPresetOption.name);
  std::string line;
  for (const auto& [property, value] : kafka::preset_properties(preset)) {
    line += line.empty() ? fmt::format("{}: preset {} sets ", name, preset) : ", ";
    line.append(property).append("=").append(value);
  }
  return line;
}

/// Says what stands in no file.
void print_presets(const bridge::BridgeConfig& config) {
  const auto print = [](const auto& components) {
    for (const auto& one : components) {
      const std::string line = preset_of(one.name, one.kind->kind, one.options);
      if (!line.empty()) std::printf("%s\n", line.c_str());
    }
  };
  print(config.adapters);
  print(config.publishers);
}

Diagnostics check_file(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  if (is_bridge(path)) {
    const auto config = bridge::load_bridge(path, diagnostics);
    if (config) print_presets(*config);
  } else {
    static_cast<void>(mapping::load(path, diagnostics));
  }
  return diagnostics;
}

/// Prints what was found in each file; whether all of them are free of mistakes.
bool check_files(const std::vector<std::filesystem::path>& paths) {
  bool is_right = true;
  for (const std::filesystem::path& path : paths) {
    const Diagnostics diagnostics = check_file(path);
    print_diagnostics(diagnostics);
    std::printf("%s\n", summary(path, diagnostics).c_str());
    is_right = is_right && !diagnostics.has_errors();
  }
  return is_right;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto paths = std::make_shared<std::vector<std::filesystem::path>>();
  CLI::App* command = app.add_subcommand(
      "check", "Find the mistakes of bridge and mapping files, with file:line:column.");
  command->add_option("FILE", *paths, "Bridge or mapping files (YAML).")->required();
  command->callback([paths, &exit_code] {
    exit_code = check_files(*paths) ? 0 : copybridge::exit_code(ErrorKind::config);
  });
}

}  // namespace copybridge::cli
