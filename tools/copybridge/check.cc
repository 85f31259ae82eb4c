// `copybridge check`: every mistake of bridge and mapping files, at its line and column, before
// anything is read.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"
#include "codecs/mapping/mapping.h"
#include "tools/copybridge/commands.h"

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

/// Prints what was found in each file; whether all of them are free of mistakes.
bool check_files(const std::vector<std::filesystem::path>& paths) {
  bool is_right = true;
  for (const std::filesystem::path& path : paths) {
    Diagnostics diagnostics;
    const auto mapping = mapping::load(path, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      std::cerr << to_string(diagnostic) << '\n';
    }
    std::cout << summary(path, diagnostics) << std::endl;
    is_right = is_right && !diagnostics.has_errors();
  }
  return is_right;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto paths = std::make_shared<std::vector<std::filesystem::path>>();
  CLI::App* command = app.add_subcommand(
      "check", "Finds the mistakes of bridge and mapping files, with file:line:column");
  command->add_option("FILE", *paths, "Bridge or mapping files (YAML)")->required();
  command->callback([paths, &exit_code] {
    exit_code = check_files(*paths) ? 0 : copybridge::exit_code(ErrorKind::config);
  });
}

}  // namespace copybridge::cli
