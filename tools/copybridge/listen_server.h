// The endpoint behind `copybridge listen`: takes HTTP requests on one thread, stores their events,
// and answers as it is told to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bridge/core/error.h"

namespace copybridge::cli {

struct ListenSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;        ///< 0: any free one
  std::uint64_t fail_every = 0;  ///< every nth request is answered with fail_status; 0: none
  unsigned fail_status = 500;
  std::uint64_t retry_after_s = 0;  ///< Retry-After of failed requests; 0: no header
  std::uint64_t reset_every = 0;    ///< every nth connection is reset instead of answered
  std::uint64_t delay_ms = 0;       ///< before every answer
  unsigned respond = 200;           ///< the usual answer; events are stored for 2xx only
  std::uint64_t count = 0;          ///< end after so many different events; 0: never
};

struct ListenTotals {
  std::uint64_t requests = 0;
  std::uint64_t events = 0;  ///< stored, duplicates too
  std::uint64_t failed = 0;  ///< requests not answered with 2xx
  std::uint64_t reset = 0;   ///< requests answered with a connection reset
};

/// Makes events durable; lines with their line ends. An error stops the endpoint.
using StoreLines = std::function<Result<void>(std::string_view lines)>;

/// Serves until SIGTERM, SIGINT or `count`. `listening` is called once with the port. The calling
/// thread does everything. ErrorKind::peer_refused: the address cannot be bound; otherwise what
/// `store` failed with.
[[nodiscard]] Result<ListenTotals> serve(const ListenSettings& settings, const StoreLines& store,
                                         const std::function<void(std::uint16_t port)>& listening);

}  // namespace copybridge::cli
