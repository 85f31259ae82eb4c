// Percent-encoding (RFC 3986, 2.1) as headers and paths have it.
#pragma once

#include <string>
#include <string_view>

namespace copybridge {

/// `%41` is `A`; what is no escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace copybridge
