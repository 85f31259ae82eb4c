// What the transports share.
#include "adapters/remote/transport.h"

#include <fnmatch.h>

namespace copybridge::adapters::remote {

tl::unexpected<Error> failed(std::string_view doing, const transfer::Answer& answer) {
  const ErrorKind kind =
      answer.failure == transfer::Failure::refused ? ErrorKind::peer_refused : ErrorKind::source;
  return fail(kind, std::string(doing) + ": " + answer.message);
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace copybridge::adapters::remote
