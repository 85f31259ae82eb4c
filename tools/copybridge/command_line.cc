// CLI11 over the subcommands.
#include "tools/copybridge/command_line.h"

#include <iostream>

#include "tools/copybridge/suggestion.h"

namespace copybridge::cli {

namespace {
constexpr int kUsageExitCode = 1;
}

int run_commands(std::span<const AddCommand> commands, int count, char** arguments) {
  CLI::App app{"Bridge from EBCDIC/COBOL records to cloud messaging.", "copybridge"};
  app.set_version_flag("--version", COPYBRIDGE_VERSION);
  app.require_subcommand(1);
  app.failure_message(describe_mistake);
  int exit_code = 0;
  for (const AddCommand add : commands) add(app, exit_code);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : kUsageExitCode;
  }
  return exit_code;
}

}  // namespace copybridge::cli
