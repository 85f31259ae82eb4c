// The command line: finds the subcommand and runs it.
#include <iostream>
#include <vector>

#include "tools/copybridge/commands.h"
#include "tools/copybridge/suggestion.h"

namespace {

// One line per subcommand, in the order of --help.
const std::vector<copybridge::cli::AddCommand> kCommands = {
    copybridge::cli::add_decode,       copybridge::cli::add_encode,     copybridge::cli::add_layout,
    copybridge::cli::add_schema,       copybridge::cli::add_inspect,    copybridge::cli::add_bench,
    copybridge::cli::add_check,        copybridge::cli::add_test,       copybridge::cli::add_run,
    copybridge::cli::add_dead_letters, copybridge::cli::add_components, copybridge::cli::add_listen,
};

constexpr int kUsageExitCode = 1;

}  // namespace

int main(int count, char** arguments) {
  CLI::App app{"Bridge from EBCDIC/COBOL records to cloud messaging.", "copybridge"};
  app.set_version_flag("--version", COPYBRIDGE_VERSION);
  app.require_subcommand(1);
  app.failure_message(copybridge::cli::describe_mistake);
  int exit_code = 0;
  for (const copybridge::cli::AddCommand add : kCommands) add(app, exit_code);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : kUsageExitCode;
  }
  return exit_code;
}
