// A real MQTT broker with a subscriber, for what is published to its topic `accounts`.
#pragma once

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::testing_support {

class MqttTopic {
 public:
  explicit MqttTopic(std::string folder, std::vector<std::string> configuration = {})
      : folder_(std::move(folder)),
        has_users_(!configuration.empty()),
        broker_(command(std::move(configuration))),
        port_(std::to_string(broker_.read_port())) {}

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + port_; }

  /// What the subscriber was given, one line for each message, up to now: a marker is sent behind.
  std::vector<std::string> received() {
    const std::string marker = "marker-" + std::to_string(++markers_);
    std::vector<std::string> publish{"mosquitto_pub", "-V", "mqttv5", "-p", port_, "-q", "1", "-t",
                                     "accounts",      "-m", marker};
    if (has_users_) publish.insert(publish.end(), {"-u", "reader", "-P", "reader"});
    run_program(publish);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::vector<std::string> messages;
    while (std::chrono::steady_clock::now() < limit) {
      messages.clear();
      std::ifstream file(folder_ + "/received");
      for (std::string line; std::getline(file, line);) {
        if (line.starts_with(marker)) return messages;
        if (!line.starts_with("marker-")) messages.push_back(line);
      }
    }
    return messages;
  }

 private:
  std::vector<std::string> command(std::vector<std::string> configuration) const {
    std::vector<std::string> words{"python3", support::source_path("tests/support/mqtt_broker.py"),
                                   folder_};
    for (std::string& line : configuration) words.push_back(std::move(line));
    return words;
  }

  std::string folder_;
  bool has_users_;
  ChildProcess broker_;
  std::string port_;
  int markers_ = 0;
};

}  // namespace copybridge::testing_support
