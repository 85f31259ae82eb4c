// Commas, line ends and indentation.
#include "codecs/json/writer.h"

#include <utility>

namespace copybridge::json {

std::string quoted(std::string_view text) {
  static constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string json = "\"";
  for (const char character : text) {
    const auto code = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') json += '\\';
    if (code < 0x20) {
      json += "\\u00";
      json += kHexDigits[code >> 4U];
      json += kHexDigits[code & 0x0FU];
    } else {
      json += character;
    }
  }
  return json + '"';
}

void Writer::separate() {
  if (has_key_ || is_empty_.empty()) {
    has_key_ = false;
    return;
  }
  if (!is_empty_.back()) text_ += ',';
  is_empty_.back() = false;
  text_ += '\n';
  text_.append(2 * is_empty_.size(), ' ');
}

void Writer::key(std::string_view name) {
  separate();
  text_ += quoted(name);
  text_ += ": ";
  has_key_ = true;
}

void Writer::raw(std::string_view json) {
  separate();
  text_ += json;
}

void Writer::begin(char bracket) {
  separate();
  text_ += bracket;
  is_empty_.push_back(true);
}

void Writer::end(char bracket) {
  const bool was_empty = is_empty_.back();
  is_empty_.pop_back();
  if (!was_empty) {
    text_ += '\n';
    text_.append(2 * is_empty_.size(), ' ');
  }
  text_ += bracket;
}

std::string Writer::take() {
  text_ += '\n';
  return std::exchange(text_, {});
}

}  // namespace copybridge::json
