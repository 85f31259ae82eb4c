// JSON text for people and tools: members in the order they are written, indented.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::json {

/// A JSON string with its quotes; control characters are escaped.
[[nodiscard]] std::string quoted(std::string_view text);

/// Appends values one after the other. Objects and arrays that were begun must be ended.
class Writer {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  /// The name of the member that the next value belongs to.
  void key(std::string_view name);
  void text(std::string_view value) { raw(quoted(value)); }
  /// A value that is JSON already: a number, true, null.
  void raw(std::string_view json);
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void raw_member(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }
  void number(std::string_view name, std::uint64_t value) {
    raw_member(name, std::to_string(value));
  }

  /// What has been written, with a line end.
  [[nodiscard]] std::string take();

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();

  std::string text_;
  std::vector<bool> is_empty_;  ///< of the objects and arrays that are open
  bool has_key_ = false;
};

}  // namespace copybridge::json
