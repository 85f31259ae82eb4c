// The subcommands of the command line, one file each. Results go to stdout, everything else to
// stderr; exit codes are those of bridge/core/error.h.
#pragma once

#include <CLI/CLI.hpp>

namespace copybridge::cli {

/// Adds one subcommand to the application. The command runs in CLI11's callback and stores the
/// process's exit code in `exit_code`; no exception leaves the callback.
using AddCommand = void (*)(CLI::App& app, int& exit_code);

void add_bench(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_components(CLI::App& app, int& exit_code);
void add_dead_letters(CLI::App& app, int& exit_code);
void add_decode(CLI::App& app, int& exit_code);
void add_encode(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);
void add_layout(CLI::App& app, int& exit_code);
void add_listen(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
void add_state(CLI::App& app, int& exit_code);
void add_test(CLI::App& app, int& exit_code);

}  // namespace copybridge::cli
