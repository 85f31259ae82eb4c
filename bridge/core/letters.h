// Letters of protocols, which are ASCII whatever the locale.
#pragma once

#include <algorithm>
#include <string>

namespace copybridge {

/// A to Z as a to z; everything else as it is.
[[nodiscard]] inline std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return text;
}

}  // namespace copybridge
