// A real Redis, read by redis-cli.
#pragma once

#include <signal.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::testing_support {

class RedisStream {
 public:
  explicit RedisStream(const std::string& folder, std::vector<std::string> options = {},
                       std::vector<std::string> access = {})
      : server_(command(folder, std::move(options))),
        port_(std::to_string(server_.read_port())),
        access_(std::move(access)) {}

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + port_; }
  [[nodiscard]] const std::string& port() const { return port_; }

  /// What redis-cli prints for a command, without the last line end.
  std::string run(std::vector<std::string> words) const {
    std::vector<std::string> all{"redis-cli", "-p", port_};
    all.insert(all.end(), access_.begin(), access_.end());
    all.insert(all.end(), words.begin(), words.end());
    ChildProcess client(std::move(all));
    client.wait();
    std::string output = client.output();
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
  }
  /// The stream `accounts`.
  void make() const { run({"XGROUP", "CREATE", "accounts", "readers", "$", "MKSTREAM"}); }
  [[nodiscard]] std::size_t entries() const {
    return std::strtoull(run({"XLEN", "accounts"}).c_str(), nullptr, 10);
  }
  /// Id, fields and values of all entries, a line each.
  [[nodiscard]] std::string all() const { return run({"XRANGE", "accounts", "-", "+"}); }
  void suspend() const { server_.send(SIGUSR1); }
  void resume() const { server_.send(SIGUSR2); }

 private:
  static std::vector<std::string> command(const std::string& folder,
                                          std::vector<std::string> options) {
    std::vector<std::string> words{"python3", support::source_path("tests/support/redis_server.py"),
                                   folder};
    for (std::string& option : options) words.push_back(std::move(option));
    return words;
  }

  ChildProcess server_;
  std::string port_;
  std::vector<std::string> access_;
};

}  // namespace copybridge::testing_support
