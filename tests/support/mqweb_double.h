// The double of IBM MQ's mqweb server as a process of a test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace copybridge::testing_support {

class MqwebDouble {
 public:
  explicit MqwebDouble(std::filesystem::path folder);
  /// Of adapter and publisher, YAML without braces; the queue is IN or OUT.
  [[nodiscard]] std::string options(const std::string& queue) const {
    return options_at(port_, queue);
  }
  [[nodiscard]] static std::string options_at(int port, const std::string& queue);
  void put(const std::string& queue, const std::vector<std::string>& texts);
  [[nodiscard]] std::size_t depth(const std::string& queue) const;

 private:
  std::filesystem::path folder_;
  ChildProcess process_;
  int port_;
  std::size_t put_ = 0;
};

}  // namespace copybridge::testing_support
