// JSON text of expected events, by hand: JSON libraries rewrite 1.10 as 1.1. Reading is simdjson's.
#include "codecs/mapping/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>

#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kHexDigits = "0123456789abcdef";
/// Characters with an escape of their own, and the letters of those escapes.
constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
constexpr std::string_view kEscapes = "\"\\bfnrt";

std::size_t count_digits(std::string_view text, std::size_t position) {
  std::size_t end = position;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - position;
}

/// Goes through a JSON text and puts down every value that is no list or object with members.
class Flattener {
 public:
  explicit Flattener(std::vector<std::string>& lines) : lines_(lines) {}

  void add(ondemand::value value, const std::string& path) {
    switch (ondemand::json_type(value.type())) {
      case ondemand::json_type::object:
        return add_object(value.get_object(), path);
      case ondemand::json_type::array:
        return add_array(value.get_array(), path);
      case ondemand::json_type::string:
        return add_string(std::string_view(value.get_string()), path);
      case ondemand::json_type::number:
      case ondemand::json_type::boolean:
      case ondemand::json_type::null:
        return add_word(value.raw_json_token(), path);
    }
  }

  void add_object(ondemand::object object, const std::string& path) {
    bool is_empty = true;
    for (auto field : object) {
      std::string member = path.empty() ? path : path + ".";
      member += key_text(std::string_view(field.unescaped_key()));
      add(field.value(), member);
      is_empty = false;
    }
    if (is_empty) lines_.push_back(path + ": {}");
  }

 private:
  /// The key; in quotes where its characters could be taken for those of a path.
  static std::string key_text(std::string_view key) {
    const bool is_plain = std::all_of(key.begin(), key.end(), [](unsigned char character) {
      return std::isalnum(character) != 0 || character == '-' || character == '_';
    });
    std::string text;
    if (is_plain && !key.empty()) {
      text = key;
    } else {
      append_json_string(key, text);
    }
    return text;
  }

  void add_array(ondemand::array array, const std::string& path) {
    std::size_t number = 0;
    for (auto item : array) {
      // Occurrences count from 1, as in COBOL.
      add(item.value(), path + "[" + std::to_string(++number) + "]");
    }
    if (number == 0) lines_.push_back(path + ": []");
  }

  void add_string(std::string_view text, const std::string& path) {
    std::string line = path + ": ";
    append_json_string(text, line);
    lines_.push_back(std::move(line));
  }

  void add_word(std::string_view token, const std::string& path) {
    // The token reaches up to the next one, blanks included.
    const std::string_view word = token.substr(0, token.find_first_of(" \t\r\n,]}"));
    lines_.push_back(path + ": " + std::string(word));
  }

  std::vector<std::string>& lines_;
};

void append_map(const ConfigNode& node, std::string& json);

void append_node(const ConfigNode& node, std::string& json) {
  switch (node.type) {
    case ConfigNode::Type::null:
      json += "null";
      return;
    case ConfigNode::Type::scalar: {
      const std::string& text = node.scalar;
      const bool is_word = text == "true" || text == "false" || is_json_number(text);
      if (is_word && !node.is_quoted) {
        json += text;
      } else {
        append_json_string(text, json);
      }
      return;
    }
    case ConfigNode::Type::list:
      json += '[';
      for (const ConfigNode& item : node.items) {
        if (&item != node.items.data()) json += ',';
        append_node(item, json);
      }
      json += ']';
      return;
    case ConfigNode::Type::map:
      return append_map(node, json);
  }
}

void append_map(const ConfigNode& node, std::string& json) {
  json += '{';
  for (const ConfigMember& member : node.members) {
    if (&member != node.members.data()) json += ',';
    append_json_string(member.key, json);
    json += ':';
    append_node(member.value, json);
  }
  json += '}';
}

using Lines = std::vector<std::string>;

/// Lines behind the first difference that are compared; nobody reads more of them, and the
/// comparison takes their square in memory.
constexpr std::ptrdiff_t kCompareMax = 200;

/// At most kCompareMax lines from `first` on.
Lines window(const Lines& lines, Lines::const_iterator first) {
  return {first, first + std::min(kCompareMax, lines.end() - first)};
}

/// lengths[i][j]: lines that expected from i on and actual from j on have in common.
std::vector<std::vector<std::size_t>> common_lengths(const Lines& expected, const Lines& actual) {
  std::vector<std::vector<std::size_t>> lengths(expected.size() + 1,
                                                std::vector<std::size_t>(actual.size() + 1));
  for (std::size_t i = expected.size(); i-- > 0;) {
    for (std::size_t j = actual.size(); j-- > 0;) {
      lengths[i][j] = expected[i] == actual[j] ? lengths[i + 1][j + 1] + 1
                                               : std::max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

}  // namespace

void append_json_string(std::string_view text, std::string& json) {
  json += '"';
  for (const char character : text) {
    const std::size_t position = kEscaped.find(character);
    const auto byte = static_cast<unsigned char>(character);
    if (position != std::string_view::npos) {
      json += '\\';
      json += kEscapes[position];
    } else if (byte < 0x20) {
      json += "\\u00";
      json += kHexDigits[byte >> 4U];
      json += kHexDigits[byte & 0x0FU];
    } else {
      json += character;
    }
  }
  json += '"';
}

bool is_json_number(std::string_view text) {
  std::size_t position = text.starts_with("-") ? 1 : 0;
  const std::size_t whole = count_digits(text, position);
  if (whole == 0 || (whole > 1 && text[position] == '0')) return false;
  position += whole;
  if (position < text.size() && text[position] == '.') {
    const std::size_t decimals = count_digits(text, position + 1);
    if (decimals == 0) return false;
    position += 1 + decimals;
  }
  if (position < text.size() && (text[position] == 'e' || text[position] == 'E')) {
    ++position;
    if (position < text.size() && (text[position] == '+' || text[position] == '-')) ++position;
    const std::size_t exponent = count_digits(text, position);
    if (exponent == 0) return false;
    position += exponent;
  }
  return position == text.size();
}

bool is_decimal_number(std::string_view text) {
  const std::size_t sign = text.starts_with("-") || text.starts_with("+") ? 1 : 0;
  const std::size_t whole = count_digits(text, sign);
  if (whole == 0) return false;
  const std::size_t point = sign + whole;
  if (point == text.size()) return true;
  const std::size_t decimals = text[point] == '.' ? count_digits(text, point + 1) : 0;
  return decimals > 0 && point + 1 + decimals == text.size();
}

std::string to_json(const ConfigNode& node) {
  std::string json;
  append_node(node, json);
  return json;
}

std::vector<std::string> flat_values(std::string_view json) {
  std::vector<std::string> lines;
  try {
    ondemand::parser parser;
    const simdjson::padded_string padded(json);
    ondemand::document document = parser.iterate(padded);
    Flattener(lines).add_object(document.get_object(), "");
  } catch (const simdjson::simdjson_error&) {
    return {std::string(json)};
  }
  return lines;
}

std::vector<DifferentLine> difference(const std::vector<std::string>& all_expected,
                                      const std::vector<std::string>& all_actual) {
  const auto [first_expected, first_actual] =
      std::mismatch(all_expected.begin(), all_expected.end(), all_actual.begin(), all_actual.end());
  const Lines expected = window(all_expected, first_expected);
  const Lines actual = window(all_actual, first_actual);
  const auto lengths = common_lengths(expected, actual);
  std::vector<DifferentLine> lines;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < expected.size() || j < actual.size()) {
    if (i < expected.size() && j < actual.size() && expected[i] == actual[j]) {
      ++i;
      ++j;
      continue;
    }
    const bool take_expected =
        j == actual.size() || (i < expected.size() && lengths[i + 1][j] >= lengths[i][j + 1]);
    if (take_expected) {
      lines.push_back({true, expected[i++]});
    } else {
      lines.push_back({false, actual[j++]});
    }
  }
  return lines;
}

}  // namespace copybridge::mapping
