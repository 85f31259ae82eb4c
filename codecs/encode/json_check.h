// Values that nothing is taken from, read to their end: they must be JSON all the same.
#pragma once

#include <simdjson.h>

namespace copybridge::encode {

/// What RFC 8259 has against a value that has not been read; a string's token may have been.
[[nodiscard]] simdjson::error_code check_json(simdjson::ondemand::value& value);

}  // namespace copybridge::encode
