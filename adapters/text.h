// Texts of sources that need not be text.
#pragma once

#include <string>
#include <string_view>

namespace copybridge::adapters {

/// Text as it is where it is UTF-8, else in hexadecimal.
[[nodiscard]] std::string text_or_hex(std::string_view bytes);

}  // namespace copybridge::adapters
