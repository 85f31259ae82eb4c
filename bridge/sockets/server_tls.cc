// OpenSSL by way of Asio.
#include "bridge/sockets/server_tls.h"

#include <openssl/x509v3.h>

#include <filesystem>
#include <utility>

namespace copybridge::sockets {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string text_of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return {};
  std::string copied(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return copied;
}

}  // namespace

Error TlsContext::unusable(const std::string& file, const error_code& error) const {
  return {ErrorKind::config, component_ + ": " + file + " cannot be used: " + error.message(), {}};
}

std::int64_t TlsContext::certificate_time() const {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(settings_.certificate, error);
  return error ? 0 : time.time_since_epoch().count();
}

Result<void> TlsContext::load() {
  const std::int64_t time = certificate_time();
  auto made = std::make_shared<ssl::context>(ssl::context::tls_server);
  made->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                    ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  std::string password;
  if (!settings_.private_key_password.is_empty()) {
    Result<std::string> resolved = settings_.private_key_password.resolve();
    if (!resolved) return pass_on(resolved);
    password = std::move(*resolved);
  }
  // Always set: OpenSSL would ask the terminal.
  made->set_password_callback(
      [password](std::size_t, ssl::context::password_purpose) { return password; });
  error_code error;
  made->use_certificate_chain_file(settings_.certificate, error);
  if (error) return tl::make_unexpected(unusable(settings_.certificate, error));
  made->use_private_key_file(settings_.private_key, ssl::context::pem, error);
  if (error) return tl::make_unexpected(unusable(settings_.private_key, error));
  if (!settings_.client_ca.empty()) {
    made->load_verify_file(settings_.client_ca, error);
    if (error) return tl::make_unexpected(unusable(settings_.client_ca, error));
    made->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    // Without it a client that resumes a session is refused.
    static constexpr unsigned char kSessions[] = "copybridge";
    SSL_CTX_set_session_id_context(made->native_handle(), kSessions, sizeof kSessions - 1);
  }
  context_ = std::move(made);
  loaded_time_ = time;
  return {};
}

Result<void> TlsContext::refresh() {
  if (certificate_time() == loaded_time_) return {};
  return load();
}

std::vector<std::string> peer_names(SSL* connection) {
  std::vector<std::string> names;
  const std::unique_ptr<X509, CertificateDeleter> certificate(
      SSL_get1_peer_certificate(connection));
  if (certificate == nullptr) return names;
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  const std::unique_ptr<GENERAL_NAMES, NamesDeleter> others(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; others != nullptr && i < sk_GENERAL_NAME_num(others.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(others.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
  }
  return names;
}

}  // namespace copybridge::sockets
