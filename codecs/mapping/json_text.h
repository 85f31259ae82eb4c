// JSON text: of expected events, and the places where two JSON texts differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace copybridge::mapping {

/// Appends `text` (UTF-8) as a JSON string.
void append_json_string(std::string_view text, std::string& json);

/// Whether the text is a number by RFC 8259: no leading zeros, no plus sign, digits on both sides
/// of the point.
[[nodiscard]] bool is_json_number(std::string_view text);

/// Whether the text is a sign, digits and perhaps a point with digits behind it.
[[nodiscard]] bool is_decimal_number(std::string_view text);

/// The values of a JSON text, each with its path, in the order written: `ADDR.CITY: "Bonn"`,
/// `LINES[2].AMOUNT: 12.50`, `LINES: []`. Numbers keep their text. A text that is no JSON gives
/// itself as the only line.
[[nodiscard]] std::vector<std::string> flat_values(std::string_view json);

/// One line of a difference.
struct DifferentLine {
  bool is_expected = false;
  std::string text;
};

/// The lines that stand in only one of two lists, in order; empty where the lists are equal. Of
/// long lists those near the first difference.
[[nodiscard]] std::vector<DifferentLine> difference(const std::vector<std::string>& expected,
                                                    const std::vector<std::string>& actual);

}  // namespace copybridge::mapping
