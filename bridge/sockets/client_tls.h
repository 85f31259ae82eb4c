// TLS of connections that the bridge makes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <string_view>

#include "bridge/broker/access.h"
#include "bridge/core/error.h"

namespace copybridge::sockets {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// Files and the key's password are read now. ErrorKind::peer_refused where they cannot be used;
/// `component` begins the message.
[[nodiscard]] Result<void> set_up_context(std::string_view component, const broker::Access& access,
                                          boost::asio::ssl::context& context);
/// The server's name for its certificate's check and for SNI.
void set_up_stream(const broker::Access& access, const broker::Server& server, TlsStream& stream);

}  // namespace copybridge::sockets
