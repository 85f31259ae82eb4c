// A certificate authority and certificates for a test, made by the openssl program.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {

/// Files in a folder: ca.pem, ca.key, and NAME.pem, NAME.key for every issued certificate.
class Certificates {
 public:
  explicit Certificates(std::filesystem::path folder) : folder_(std::move(folder)) {
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=test authority", "-days", "2", "-keyout", path("ca.key"), "-out",
             path("ca.pem")});
  }

  /// `alternative`: a subjectAltName, `IP:127.0.0.1`.
  void issue(const std::string& name, const std::string& alternative) const {
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             "/CN=" + name, "-addext", "subjectAltName=" + alternative, "-keyout",
             path(name + ".key"), "-out", path(name + ".csr")});
    openssl({"x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey",
             path("ca.key"), "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out",
             path(name + ".pem")});
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// An HTTPS server with the named certificate, which logs to `requests`; `more` are further
  /// arguments.
  [[nodiscard]] std::unique_ptr<testing_support::ChildProcess> serve(
      const std::string& name, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {
        "python3",       support::source_path("tests/support/http_server.py"),
        "--log",         path("requests"),
        "--certificate", path(name + ".pem"),
        "--key",         path(name + ".key")};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<testing_support::ChildProcess>(std::move(command));
  }

 private:
  static void openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    ASSERT_EQ(testing_support::run_program(std::move(arguments)), 0);
  }

  std::filesystem::path folder_;
};

}  // namespace copybridge::publishers
