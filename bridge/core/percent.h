// Percent-encoding (RFC 3986, 2.1) as headers and paths have it.
#pragma once

#include <string>
#include <string_view>

namespace copybridge {

/// Percent-encodes everything but the unreserved characters of RFC 3986, and what `also` names.
void append_percent_encoded(std::string& out, std::string_view text, std::string_view also = {});
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view also = {});

/// `%41` is `A`; what is no escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace copybridge
