// `copybridge test`: runs the examples of mapping files, record bytes against expected event.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/mapping/examples.h"
#include "codecs/mapping/mapping.h"
#include "tools/copybridge/commands.h"

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
    std::cerr << to_string(example.where) << ": example " << i + 1 << " fails\n";
    for (const std::string& line : lines) std::cerr << "    " << line << '\n';
  }
  return failures;
}

/// Loads and runs one mapping file and prints its line; whether all is well.
bool test_file(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  const auto mapping = mapping::load(path, diagnostics);
  if (mapping == nullptr) {
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      if (diagnostic.severity == Severity::error) std::cerr << to_string(diagnostic) << '\n';
    }
    std::cout << path.string() << ": cannot be loaded" << std::endl;
    return false;
  }
  const std::size_t count = mapping->examples.size();
  const std::size_t failures = run_examples(*mapping);
  const std::string examples = std::to_string(count) + (count == 1 ? " example" : " examples");
  std::cout << path.string() << ": ";
  if (count == 0) {
    std::cout << "no examples" << std::endl;
  } else if (failures == 0) {
    std::cout << examples << " ok" << std::endl;
  } else {
    std::cout << failures << " of " << examples << " failed" << std::endl;
  }
  return failures == 0;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
  auto paths = std::make_shared<std::vector<std::filesystem::path>>();
  CLI::App* command = app.add_subcommand("test", "Runs the examples of mapping files");
  command->add_option("MAPPING", *paths, "Mapping files (YAML)")->required();
  command->callback([paths, &exit_code] {
    bool is_right = true;
    // Every file is run, also behind one that fails.
    for (const std::filesystem::path& path : *paths) is_right = test_file(path) && is_right;
    exit_code = is_right ? 0 : copybridge::exit_code(ErrorKind::config);
  });
}

}  // namespace copybridge::cli
