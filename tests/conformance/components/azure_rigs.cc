// The double of Azure's services as endpoint of their publishers.
#include <cstdlib>

#include "tests/conformance/components/rig.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {
namespace {

class AzureRig final : public Rig {
 public:
  AzureRig(std::string more, std::string path)
      : more_(std::move(more)),
        path_(std::move(path)),
        server_({"python3", support::source_path("tests/support/azure_double.py"), "--log",
                 (folder_.path() / "taken").string()}),
        port_(server_.read_port()) {
    ::setenv("COPYBRIDGE_TEST_AZURE", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
  }
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return lines(); }

 private:
  std::string options_of(int port) const {
    return "{" + more_ + "endpoint: 'http://127.0.0.1:" + std::to_string(port) + path_ +
           "', key: '${env:COPYBRIDGE_TEST_AZURE}'}";
  }

  std::string more_;
  std::string path_;
  testing_support::ChildProcess server_;
  int port_;
};

/// Service Bus and Event Hubs over AMQP.
class AzureAmqpRig final : public Rig {
 public:
  explicit AzureAmqpRig(std::string more)
      : more_(std::move(more)),
        server_({"/usr/bin/python3", support::source_path("tests/support/azure_amqp_double.py"),
                 "--log", (folder_.path() / "taken").string()}),
        port_(server_.read_port()) {
    ::setenv("COPYBRIDGE_TEST_AZURE", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
  }
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return lines(); }

 private:
  std::string options_of(int port) const {
    return "{" + more_ + "namespace: contoso, policy: send, transport: amqp, endpoint: " +
           "'amqp://127.0.0.1:" + std::to_string(port) + "', key: '${env:COPYBRIDGE_TEST_AZURE}'}";
  }

  std::string more_;
  testing_support::ChildProcess server_;
  int port_;
};

/// An HTTP trigger: any web endpoint.
class TriggerRig final : public Rig {
 public:
  explicit TriggerRig(bool is_url_secret)
      : is_url_secret_(is_url_secret),
        server_({support::build_path("copybridge"), "listen", "--port", "0", "--quiet", "--output",
                 (folder_.path() / "events").string()}),
        port_(server_.read_port()) {
    ::setenv("COPYBRIDGE_TEST_AZURE", "a key of the portal", 1);
  }
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return lines(); }

 private:
  std::string options_of(int port) const {
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
    if (!is_url_secret_) {
      return "{url: '" + url + "', key: '${env:COPYBRIDGE_TEST_AZURE}', mode: structured}";
    }
    ::setenv("COPYBRIDGE_TEST_URL", url.c_str(), 1);
    return "{url: '${env:COPYBRIDGE_TEST_URL}', mode: structured}";
  }

  bool is_url_secret_;
  testing_support::ChildProcess server_;
  int port_;
};

const RigRow kRigs[] = {
    {"azure-service-bus", "azure_service_bus",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AzureRig>("namespace: n, entity: e, policy: send, ", "/bus");
     }},
    {"azure-event-hubs", "azure_event_hubs",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AzureRig>("namespace: n, hub: h, policy: send, ", "/hub");
     }},
    {"azure-service-bus", "azure_service_bus_amqp",
     []() -> std::unique_ptr<Rig> { return std::make_unique<AzureAmqpRig>("entity: orders, "); }},
    {"azure-event-hubs", "azure_event_hubs_amqp",
     []() -> std::unique_ptr<Rig> { return std::make_unique<AzureAmqpRig>("hub: hub, "); }},
    {"azure-event-grid", "azure_event_grid",
     []() -> std::unique_ptr<Rig> { return std::make_unique<AzureRig>("", "/grid"); }},
    {"azure-queue", "azure_queue",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AzureRig>("account: a, queue: q, ", "/queue/a");
     }},
    {"azure-cosmos", "azure_cosmos",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AzureRig>("account: a, database: d, container: c, ", "/cosmos");
     }},
    {"azure-function", "azure_function",
     []() -> std::unique_ptr<Rig> { return std::make_unique<TriggerRig>(false); }},
    {"azure-api-management", "azure_api_management",
     []() -> std::unique_ptr<Rig> { return std::make_unique<TriggerRig>(false); }},
    {"azure-logic-app", "azure_logic_app",
     []() -> std::unique_ptr<Rig> { return std::make_unique<TriggerRig>(true); }}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
