// What is shown of bytes.
#include "adapters/text.h"

#include <simdjson.h>

#include "bridge/core/bytes.h"

namespace copybridge::adapters {

std::string text_or_hex(std::string_view bytes) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return std::string(bytes);
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace copybridge::adapters
