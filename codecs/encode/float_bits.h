// Decimal text to the bits of floating point, rounded to the nearest value of the format itself
// (ties to even): IBM hexadecimal is never reached through IEEE, which has another precision.
#pragma once

#include <cstdint>
#include <string_view>

#include "codecs/condition/float_text.h"

namespace copybridge::encode {

/// `text` is a JSON number. False where it is beyond the format's range.
[[nodiscard]] bool float_bits(std::string_view text, condition::FloatKind kind,
                              std::uint64_t& bits);

}  // namespace copybridge::encode
