// Certificates by OpenSSL.
#include "bridge/sockets/client_tls.h"

#include <fmt/format.h>

namespace copybridge::sockets {
namespace {

namespace ssl = boost::asio::ssl;

tl::unexpected<Error> refused(std::string_view component, std::string_view option,
                              const boost::system::error_code& error) {
  return fail(ErrorKind::peer_refused,
              fmt::format("{}: '{}' cannot be used: {}", component, option, error.message()));
}

}  // namespace

Result<void> set_up_context(std::string_view component, const broker::Access& access,
                            ssl::context& context) {
  boost::system::error_code error;
  if (access.ca_bundle.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(access.ca_bundle, error);
  }
  if (error) return refused(component, "ca_bundle", error);
  if (access.client_certificate.empty()) return {};
  const Result<std::string> password =
      access.client_key_password.is_empty() ? std::string() : access.client_key_password.resolve();
  if (!password) return fail(ErrorKind::peer_refused, password.error().message);
  context.set_password_callback([text = *password](std::size_t, auto) { return text; });
  context.use_certificate_chain_file(access.client_certificate, error);
  if (error) return refused(component, "client_certificate", error);
  context.use_private_key_file(access.client_key, ssl::context::pem, error);
  if (error) return refused(component, "client_key", error);
  return {};
}

void set_up_stream(const broker::Access& access, const broker::Server& server, TlsStream& stream) {
  // The macro SSL_set_tlsext_host_name() is a cast in C's way.
  SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(server.host.c_str()));
  boost::system::error_code ignored;
  if (access.is_insecure) {
    stream.set_verify_mode(ssl::verify_none, ignored);
    return;
  }
  stream.set_verify_mode(ssl::verify_peer, ignored);
  stream.set_verify_callback(ssl::host_name_verification(server.host), ignored);
}

}  // namespace copybridge::sockets
