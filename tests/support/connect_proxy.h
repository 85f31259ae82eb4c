// The HTTP proxy of the tests (connect_proxy.py), which asks for tunnels.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::testing_support {

class ConnectProxy {
 public:
  /// Writes what it is asked for to `log`; `more` as the program's usage says.
  explicit ConnectProxy(std::filesystem::path log, std::vector<std::string> more = {})
      : log_(std::move(log)),
        process_(command(log_, std::move(more))),
        port_(process_.read_port()) {}

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// What it was asked for, a line of JSON each.
  [[nodiscard]] std::vector<std::string> tunnels() const {
    std::vector<std::string> lines;
    std::ifstream file(log_);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  static std::vector<std::string> command(const std::filesystem::path& log,
                                          std::vector<std::string> more) {
    std::vector<std::string> words = {
        "python3", support::source_path("tests/support/connect_proxy.py"), "--log", log.string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::filesystem::path log_;
  ChildProcess process_;
  int port_ = 0;
};

}  // namespace copybridge::testing_support
