// The double of Service Bus and Event Hubs over AMQP 1.0, and publishers to it.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bridge/http/json.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {

inline constexpr const char* kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
inline constexpr const char* kWithKey = "policy: send, key: '${env:COPYBRIDGE_TEST_AZURE}'";

class AzureAmqp : public testing::Test {
 protected:
  AzureAmqp()
      : double_({"/usr/bin/python3", support::source_path("tests/support/azure_amqp_double.py"),
                 "--log", (folder_.path() / "taken").string()}),
        port_(double_.read_port()),
        origin_("http://127.0.0.1:" + std::to_string(double_.read_port()) + "/") {
    ::setenv("COPYBRIDGE_TEST_AZURE", kKey, 1);
    ::setenv("COPYBRIDGE_TEST_SECRET", "open sesame", 1);
  }
  std::string entra() const {
    return "credentials: entra, tenant_id: t, client_id: bridge, authority: '" + origin_ +
           "', client_secret: '${env:COPYBRIDGE_TEST_SECRET}'";
  }
  std::unique_ptr<Harness> make(const PublisherKind& kind, const std::string& options,
                                const Clock& clock = system_clock()) const {
    auto harness = std::make_unique<Harness>(
        kind,
        "{namespace: contoso, transport: amqp, endpoint: 'amqp://127.0.0.1:" +
            std::to_string(port_) + "', " + options + "}",
        std::filesystem::path(), clock);
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  std::unique_ptr<Harness> bus(const std::string& more = "") const {
    return make(kAzureServiceBusPublisher, "entity: orders, " + (kWithKey + more));
  }
  void control(const std::string& json) const {
    const std::string command = "curl -sf -d '" + json + "' " + origin_ + "control > /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  /// A number of the double's status.
  int status(const std::string& name) const {
    const auto file = (folder_.path() / "status").string();
    EXPECT_EQ(std::system(("curl -sf " + origin_ + "status > " + file).c_str()), 0);
    return std::stoi(http::json_text(folder_.read("status"), "/" + name).value_or("0"));
  }
  void wait_for(const std::string& name, int count) const {
    const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
    while (status(name) < count && std::chrono::steady_clock::now() < limit)
      std::this_thread::sleep_for(Milliseconds(20));
    ASSERT_GE(status(name), count) << name;
  }
  std::vector<std::string> taken() const { return lines_of(folder_.read("taken")); }
  std::vector<const Event*> of_key(std::size_t count, const std::string& key) {
    std::vector<const Event*> events;
    for (std::size_t i = 0; i < count; ++i)
      events.push_back(events_.add("id-" + std::to_string(i), key));
    return events;
  }

  /// A batch that is larger than frames and buffers are arrives as it is.
  void send_many_frames(Harness& harness) {
    const std::string body(100'000, 'x');
    std::vector<const Event*> events;
    events.reserve(9);
    for (int i = 0; i < 9; ++i)
      events.push_back(events_.add_body("id-" + std::to_string(i), body, "k"));
    const Response response = harness.publish_and_wait(events);
    EXPECT_THAT(response.outcomes, testing::Each(Outcome::accepted)) << response.reason;
    ASSERT_THAT(taken(), testing::SizeIs(9));
    EXPECT_THAT(taken(), testing::Each(testing::HasSubstr(R"("format": 2147563264, "batch": 9)")));
    EXPECT_THAT(taken(), testing::Each(testing::HasSubstr(body)));
  }

  TestFolder folder_;
  testing_support::ChildProcess double_;
  int port_;
  std::string origin_;
  EventStore events_;
};

}  // namespace copybridge::publishers
