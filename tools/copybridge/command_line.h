// The command line of a program that has some of the subcommands, or all.
#pragma once

#include <span>

#include "tools/copybridge/commands.h"

namespace copybridge::cli {

/// Reads the arguments and runs the subcommand they name; returns the process's exit code.
int run_commands(std::span<const AddCommand> commands, int count, char** arguments);

}  // namespace copybridge::cli
