// Looks for secrets where none may be: whatever options refer to as ${env:NAME} or ${file:PATH}, as
// it is, percent-encoded and in Base64. tests/support/secret_hunt.py does the same for processes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

#include "bridge/core/digest.h"
#include "bridge/core/options.h"
#include "bridge/core/percent.h"

namespace copybridge::testing_support {

class SecretHunt {
 public:
  explicit SecretHunt(std::string options) : options_(std::move(options)) { note(); }

  /// Takes what the references stand for now; what they stood for before is looked for, too.
  void note() {
    static const std::regex reference(R"(\$\{(env|file):[^}]+\})");
    for (std::sregex_iterator at(options_.begin(), options_.end(), reference), end; at != end;
         ++at) {
      const auto value = Secret(at->str()).resolve();
      if (!value || value->empty()) continue;
      // It may stand somewhere by chance.
      if (value->size() < kLengthMin)
        throw std::logic_error(at->str() + " is too short to be hunted");
      add(at->str(), *value);
    }
  }

  /// The reference of a secret that the text holds; empty: it holds none.
  [[nodiscard]] std::string found_in(const std::string& text) const {
    for (const auto& [name, forms] : forms_) {
      const bool is_there = std::ranges::any_of(
          forms, [&](const std::string& form) { return text.find(form) != std::string::npos; });
      if (is_there) return name;
    }
    return {};
  }

 private:
  static constexpr std::size_t kLengthMin = 8;

  void add(const std::string& name, const std::string& value) {
    std::set<std::string>& forms = forms_[name];
    forms.insert({value, percent_encoded(value)});
    // Without the edges, which depend on what stands beside it.
    for (std::size_t before = 0; before < 3; ++before) {
      const std::size_t first = (before * 8 + 5) / 6;
      const std::size_t whole = (before + value.size()) * 8 / 6;
      forms.insert(base64(std::string(before, '\0') + value).substr(first, whole - first));
    }
  }

  const std::string options_;
  std::map<std::string, std::set<std::string>> forms_;
};

}  // namespace copybridge::testing_support
