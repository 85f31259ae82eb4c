// simdjson's document model.
#include "bridge/http/json.h"

#include <simdjson.h>

namespace copybridge::http {

std::optional<std::string> json_text(std::string_view document, std::string_view pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(document.data(), document.size()).at_pointer(pointer).get(element) !=
      simdjson::SUCCESS)
    return std::nullopt;
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  if (element.is_number()) return simdjson::minify(element);
  return std::nullopt;
}

}  // namespace copybridge::http
