// `copybridge test`: runs the examples of mapping files, record bytes against expected event.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/mapping/examples.h"
#include "codecs/mapping/mapping.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/diagnose.h"

namespace copybridge::cli {
namespace {

/// Runs the examples and prints the lines of those that fail; how many did.
std::size_t run_examples(const mapping::Mapping& mapping) {
  std::size_t failures = 0;
  for (std::size_t i = 0; i < mapping.examples.size(); ++i) {
    const mapping::Example& example = mapping.examples[i];
    const std::vector<std::string> lines = mapping::run_example(mapping, example);
    if (lines.empty()) continue;
    ++failures;
    std::fprintf(stderr, "%s: example %zu fails\n", to_string(example.where).c_str(), i + 1);
    for (const std::string& line : lines) std::fprintf(stderr, "    %s\n", line.c_str());
  }
  return failures;
}

/// `3 examples ok`, `1 of 3 examples failed`, `no examples`.
std::string summary(std::size_t count, std::size_t failures) {
  const std::string examples = std::to_string(count) + (count == 1 ? " example" : " examples");
  if (count == 0) return "no examples";
  if (failures == 0) return examples + " ok";
  return std::to_string(failures) + " of " + examples + " failed";
}

/// Loads and runs one mapping file and prints its line; whether all is well.
bool test_file(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  const auto mapping = mapping::load(path, diagnostics);
  if (mapping == nullptr) {
    print_diagnostics(diagnostics);
    std::printf("%s: cannot be loaded\n", path.c_str());
    return false;
  }
  const std::size_t failures = run_examples(*mapping);
  std::printf("%s: %s\n", path.c_str(), summary(mapping->examples.size(), failures).c_str());
  return failures == 0;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
  auto paths = std::make_shared<std::vector<std::filesystem::path>>();
  CLI::App* command = app.add_subcommand("test", "Run the examples of mapping files.");
  command->add_option("MAPPING", *paths, "Mapping files (YAML).")->required();
  command->callback([paths, &exit_code] {
    bool is_right = true;
    // Every file is run, also behind one that fails.
    for (const std::filesystem::path& path : *paths) is_right = test_file(path) && is_right;
    exit_code = is_right ? 0 : copybridge::exit_code(ErrorKind::config);
  });
}

}  // namespace copybridge::cli
