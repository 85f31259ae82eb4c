// Likeness of option names.
#include "tools/copybridge/suggestion.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace copybridge::cli {

namespace {

/// Characters to insert, delete or exchange to make one text the other (Levenshtein).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t exchanged = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({exchanged, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The subcommand that was being read, or the application itself; its words go to `path`.
const CLI::App* innermost(const CLI::App* app, std::string& path) {
  path = app->get_name();
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    path += " " + app->get_name();
  }
  return app;
}

/// The candidate that is fewest steps away; empty where none is near.
std::string nearest(const std::vector<std::string>& candidates, const std::string& unknown) {
  constexpr std::size_t kStepsMax = 3;
  std::string found;
  std::size_t least = std::min(kStepsMax, unknown.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t steps = distance(unknown, candidate);
    if (steps >= least) continue;
    least = steps;
    found = candidate;
  }
  return found;
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> commands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : command.get_subcommands({}))
    names.push_back(subcommand->get_name());
  return names;
}

/// Says what the first argument is that nothing takes; empty where each was taken.
std::string describe_unknown(const CLI::App& command) {
  const std::vector<std::string> remaining = command.remaining();
  if (remaining.empty()) return {};
  // `--recfn=V`: the value is no part of the name.
  const std::string unknown = remaining.front().substr(0, remaining.front().find('='));
  const bool is_option = unknown.rfind('-', 0) == 0;
  const std::vector<std::string> known = is_option ? options_of(command) : commands_of(command);
  if (known.empty()) return "unexpected argument " + unknown;
  const std::string meant = nearest(known, unknown);
  const std::string text = (is_option ? "unknown option " : "unknown command ") + unknown;
  return meant.empty() ? text : text + "; did you mean " + meant + "?";
}

}  // namespace

std::string describe_mistake(const CLI::App* app, const CLI::Error& error) {
  std::string path;
  const CLI::App* command = innermost(app, path);
  const std::string unknown = describe_unknown(*command);
  return (unknown.empty() ? error.what() : unknown) + "\n" + path +
         " --help shows what there is.\n";
}

}  // namespace copybridge::cli
