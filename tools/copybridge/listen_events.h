// What an HTTP request brings to `copybridge listen`: its events, as lines to print.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge::cli {

/// Headers of a request by their names in small letters.
using Headers = std::map<std::string, std::string, std::less<>>;

struct ReceivedEvent {
  std::string id;    ///< as JSON text; empty where the sender gave none
  std::string line;  ///< `{"id":…,"type":…,"data":…}`, no line end
};

/// Reads CloudEvents in binary, structured and batch mode, JSON arrays, JSON Lines, and any other
/// JSON as one event; what is not JSON becomes a string. The data's text is not touched. An
/// Idempotency-Key is the id of an event without one. ErrorKind::bad_record: not what the content
/// type says.
[[nodiscard]] Result<std::vector<ReceivedEvent>> read_events(const Headers& headers,
                                                             std::string_view body);

}  // namespace copybridge::cli
