// Values that nothing is taken from, read to their end: they must be JSON all the same.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace copybridge::encode {

/// A token without the blanks behind it.
[[nodiscard]] std::string_view without_blanks(std::string_view token);

/// What RFC 8259 has against a value that has not been read; a string's token may have been.
[[nodiscard]] simdjson::error_code check_json(simdjson::ondemand::value& value);

}  // namespace copybridge::encode
