// Options of the command line that take one of a few words.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace copybridge::cli {

template <typename T>
using Choices = std::vector<std::pair<std::string, T>>;

/// An option that takes one of a few words. `target` must outlive the application.
template <typename T>
CLI::Option* add_choice(CLI::App& app, const char* name, T& target, Choices<T> choices,
                        const char* help) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto take = [&target, choices = std::move(choices)](const std::string& word) {
    for (const auto& [name_of_choice, value] : choices) {
      if (name_of_choice == word) target = value;
    }
  };
  std::string shown;
  for (const std::string& word : words) shown += (shown.empty() ? "" : "|") + word;
  return app.add_option_function<std::string>(name, take, help)
      ->check(CLI::IsMember(words).description(""))
      ->type_name(shown);
}

}  // namespace copybridge::cli
