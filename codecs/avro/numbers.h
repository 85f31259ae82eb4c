// Numbers in Avro's binary encoding, from their own characters: no decimal goes through a double.
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/core/bytes.h"

namespace copybridge::avro {

/// Why a value has no encoding by its type.
enum class Fault : std::uint8_t {
  none,
  no_json,     ///< the text is not JSON
  kind,        ///< a kind of value that the type has not
  whole,       ///< decimals, where whole numbers are
  range,       ///< beyond what int, long, float or double hold
  decimals,    ///< more of them than the scale
  digits,      ///< more of them than the precision
  string,      ///< an escape that is none
  missing,     ///< no member for a field that needs one
  unknown,     ///< a member that is no field
  twice,       ///< a member that was there before
  alternative  ///< fields of several alternatives
};

/// Appends a zig-zag varint, as int and long are (specification, Binary Encoding).
void append_long(std::int64_t value, TextBuffer& out);
/// The same in front of what begins at `at`, whose size or count it is.
void insert_long(std::int64_t value, std::size_t at, TextBuffer& out);

/// Each appends the value of a number as JSON (RFC 8259) writes it, or nothing and says why not.
[[nodiscard]] Fault append_integer(std::string_view number, std::int64_t least, std::int64_t most,
                                   TextBuffer& out);
[[nodiscard]] Fault append_float(std::string_view number, TextBuffer& out);
[[nodiscard]] Fault append_double(std::string_view number, TextBuffer& out);
/// As bytes: the unscaled value, big-endian two's complement, as short as may be.
[[nodiscard]] Fault append_decimal(std::string_view number, std::size_t precision,
                                   std::size_t scale, TextBuffer& out);
/// As bytes that hold the unscaled value, encoded as bytes, and the scale, encoded as int
/// (specification 1.12). 1.10 has two decimals. Digits up to kBigDigitsMax.
[[nodiscard]] Fault append_big_decimal(std::string_view number, TextBuffer& out);

/// Those of FLOAT-DECIMAL-34 written out, and more.
inline constexpr std::size_t kBigDigitsMax = 10'000;

}  // namespace copybridge::avro
