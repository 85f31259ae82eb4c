// What is said about a command line that cannot be read.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace copybridge::cli {

/// For CLI::App::failure_message: the mistake, for an unknown option the one it resembles, and
/// where the help is.
[[nodiscard]] std::string describe_mistake(const CLI::App* app, const CLI::Error& error);

}  // namespace copybridge::cli
