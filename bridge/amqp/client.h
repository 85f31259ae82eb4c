// Settings that the adapter and the publisher of AMQP 1.0 share, and their option rows.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bridge/broker/access.h"
#include "bridge/sockets/egress.h"

namespace copybridge::amqp {

struct ClientSettings {
  broker::Access access;
  sockets::Egress egress;
  std::string mechanism;  ///< of SASL: PLAIN, EXTERNAL or ANONYMOUS
  std::string container_id;
  std::string virtual_host;     ///< empty: the server's host
  std::string web_socket_path;  ///< empty: AMQP as it is, without a WebSocket around it
  Milliseconds heartbeat{0};
  std::string address;                    ///< of the link
  std::vector<std::string> capabilities;  ///< of the link's terminus at the peer
  bool sends_batches = false;             ///< with tags of delivery_tag()
};

/// A name that no other client has, for the component of that name.
[[nodiscard]] std::string made_up_container_id(const std::string& component);

/// A component's own rows and those of the client.
[[nodiscard]] std::vector<OptionSpec> with_client(std::span<const OptionSpec> own);

/// Reads them for the component of that name. Mistakes go to `diagnostics`.
[[nodiscard]] ClientSettings read_client(const std::string& name,
                                         const std::filesystem::path& directory,
                                         const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::amqp
