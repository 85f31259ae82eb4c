// The parts of a JSON text as they are written: elements of an array, members of an object.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge::json {

/// Members by their names, each as JSON text.
using Members = std::map<std::string, std::string, std::less<>>;

/// Whether the whole text is one JSON value.
[[nodiscard]] bool is_json(std::string_view text);
/// The elements of an array, or the text itself where it is none. ErrorKind::bad_record: no JSON.
[[nodiscard]] Result<std::vector<std::string>> elements_of(std::string_view text);
/// Those of an object; none where it is no object. ErrorKind::bad_record: no JSON.
[[nodiscard]] Result<Members> members_of(std::string_view text);
/// The characters of a JSON string; of any other value its text.
[[nodiscard]] std::string text_of(std::string_view json);
/// The lines of a text that are not empty, without line ends (JSON Lines).
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

}  // namespace copybridge::json
