// Certificates of the listener and of its clients.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/error.h"
#include "bridge/sockets/listener.h"

namespace copybridge::sockets {

/// The context of new connections; made again when the certificate's file has changed.
class TlsContext {
 public:
  /// `component` begins its messages.
  TlsContext(std::string component, TlsSettings settings)
      : component_(std::move(component)), settings_(std::move(settings)) {}

  /// Reads all files. ErrorKind::config.
  Result<void> load();
  /// load() where the certificate is another one than before. After an error the old one counts.
  Result<void> refresh();
  [[nodiscard]] boost::asio::ssl::context& context() { return *context_; }

 private:
  [[nodiscard]] std::int64_t certificate_time() const;

  [[nodiscard]] Error unusable(const std::string& file,
                               const boost::system::error_code& error) const;

  const std::string component_;
  const TlsSettings settings_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::int64_t loaded_time_ = 0;
};

/// Names in the certificate that the other side has shown: the common name, then DNS names.
[[nodiscard]] std::vector<std::string> peer_names(SSL* connection);

}  // namespace copybridge::sockets
