// simdjson's on-demand side leaves texts as they are; the other side checks everything.
#include "codecs/json/parts.h"

#include <simdjson.h>

#include <algorithm>

namespace copybridge::json {
namespace {

namespace ondemand = simdjson::ondemand;

template <typename Value, typename Read>
Result<Value> read_checked(std::string_view text, Read read) try {
  if (!is_json(text)) return fail(ErrorKind::bad_record, "json: the text is not JSON");
  // It needs readable bytes behind its input.
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document = parser.iterate(padded);
  return read(document);
} catch (const simdjson::simdjson_error& error) {
  return fail(ErrorKind::bad_record, std::string("json: ") + error.what());
}

}  // namespace

bool is_json(std::string_view text) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(text).error() == simdjson::SUCCESS;
}

Result<std::vector<std::string>> elements_of(std::string_view text) {
  return read_checked<std::vector<std::string>>(text, [&](ondemand::document& document) {
    std::vector<std::string> texts;
    if (document.type() != ondemand::json_type::array) {
      texts.emplace_back(text);
      return texts;
    }
    for (auto element : document.get_array())
      texts.emplace_back(std::string_view(simdjson::to_json_string(element.value())));
    return texts;
  });
}

Result<Members> members_of(std::string_view text) {
  return read_checked<Members>(text, [](ondemand::document& document) {
    Members members;
    if (document.type() != ondemand::json_type::object) return members;
    for (auto field : document.get_object()) {
      std::string key(std::string_view(field.unescaped_key()));
      members[std::move(key)] = std::string_view(simdjson::to_json_string(field.value()));
    }
    return members;
  });
}

std::string text_of(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  std::string_view text = json;
  const auto parsed = parser.parse(json);
  if (parsed.error() != simdjson::SUCCESS || parsed.get_string().get(text) != simdjson::SUCCESS)
    return std::string(json);
  return std::string(text);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace copybridge::json
