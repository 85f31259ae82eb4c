// copybridge-full: every command, in the order of --help.
#include <array>

#include "tools/copybridge/command_line.h"

namespace {

using namespace copybridge::cli;

constexpr std::array<AddCommand, 13> kCommands = {
    add_decode, add_encode, add_layout,       add_schema, add_inspect,    add_bench,  add_check,
    add_test,   add_run,    add_dead_letters, add_state,  add_components, add_listen,
};

}  // namespace

int main(int count, char** arguments) { return run_commands(kCommands, count, arguments); }
