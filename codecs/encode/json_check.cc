// simdjson finds out where values end without reading them: a walk over all of them does.
#include "codecs/encode/json_check.h"

#include <string>

#include "codecs/json/token.h"

namespace copybridge::encode {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

constexpr unsigned kDepthMax = 1000;

class Check {
 public:
  error_code value(ondemand::value& json) {
    ondemand::json_type type{};
    if (const error_code error = json.type().get(type)) return error;
    switch (type) {
      case ondemand::json_type::object:
        return nested([&] { return object(json); });
      case ondemand::json_type::array:
        return nested([&] { return array(json); });
      case ondemand::json_type::string:
        return string(json.raw_json_token());
      case ondemand::json_type::number:
      case ondemand::json_type::boolean:
      case ondemand::json_type::null:
        break;
    }
    return scalar(json::without_blanks(json.raw_json_token()));
  }

 private:
  template <typename Walk>
  error_code nested(Walk walk) {
    if (depth_ == kDepthMax) return simdjson::DEPTH_ERROR;
    ++depth_;
    const error_code error = walk();
    --depth_;
    return error;
  }

  error_code object(ondemand::value& json) {
    ondemand::object object;
    if (const error_code error = json.get_object().get(object)) return error;
    for (auto item : object) {
      ondemand::field field;
      if (const error_code error = std::move(item).get(field)) return error;
      if (const error_code error = field.unescaped_key().error()) return error;
      ondemand::value member = field.value();
      if (const error_code error = element(member)) return error;
    }
    return simdjson::SUCCESS;
  }

  error_code array(ondemand::value& json) {
    ondemand::array array;
    if (const error_code error = json.get_array().get(array)) return error;
    for (auto item : array) {
      ondemand::value member;
      // simdjson's get() wants an rvalue.
      auto error = std::move(item).get(member);  // NOLINT(performance-move-const-arg)
      if (error == simdjson::SUCCESS) error = element(member);
      if (error != simdjson::SUCCESS) return error;
    }
    return simdjson::SUCCESS;
  }

  // What is left for simdjson to skip passes for a key where a colon follows it.
  error_code element(ondemand::value& json) {
    const bool is_string = json.raw_json_token().front() == '"';
    return is_string ? json.get_string().error() : value(json);
  }

  error_code string(std::string_view token) {
    const bool is_string = json::unescape(json::without_blanks(token), text_).has_value();
    return is_string ? simdjson::SUCCESS : simdjson::STRING_ERROR;
  }

  static error_code scalar(std::string_view token) {
    const bool is_right =
        token == "true" || token == "false" || token == "null" || json::is_json_number(token);
    return is_right ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }

  unsigned depth_ = 0;
  std::string text_;
};

}  // namespace

error_code check_json(ondemand::value& value) { return Check().value(value); }

}  // namespace copybridge::encode
