// Settings that the adapter and the publisher of STOMP share, and their option rows.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bridge/broker/access.h"
#include "bridge/sockets/egress.h"

namespace copybridge::stomp {

struct ClientSettings {
  broker::Access access;
  sockets::Egress egress;
  std::string virtual_host;
  Milliseconds send_every{0};
  Milliseconds hear_every{0};
  std::string destination;
  std::size_t message_bytes_max = 0;
};

/// A component's own rows and those of the client.
[[nodiscard]] std::vector<OptionSpec> with_client(std::span<const OptionSpec> own);

/// Reads them. Mistakes go to `diagnostics`.
[[nodiscard]] ClientSettings read_client(const std::filesystem::path& directory,
                                         const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::stomp
