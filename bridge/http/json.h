// Members of small JSON answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace copybridge::http {

/// The string, or the number as text, at a JSON pointer (RFC 6901); nothing where there is none or
/// the document is no JSON.
[[nodiscard]] std::optional<std::string> json_text(std::string_view document,
                                                   std::string_view pointer);

}  // namespace copybridge::http
