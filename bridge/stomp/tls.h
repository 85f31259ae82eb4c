// TLS of STOMP connections.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "bridge/broker/access.h"
#include "bridge/core/error.h"

namespace copybridge::stomp {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// Files and the key's password are read now. ErrorKind::peer_refused where they cannot be used.
[[nodiscard]] Result<void> set_up_context(const broker::Access& access,
                                          boost::asio::ssl::context& context);
/// The server's name for its certificate's check and for SNI.
void set_up_stream(const broker::Access& access, const broker::Server& server, TlsStream& stream);

}  // namespace copybridge::stomp
