// The double of Google Cloud's services as endpoint of their publishers.
#include "tests/conformance/components/rig.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {
namespace {

class PubSubRig final : public Rig {
 public:
  PubSubRig()
      : server_({"python3", support::source_path("tests/support/gcp_double.py"), "--folder",
                 folder_.path().string()}),
        port_(server_.read_port()) {}
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return lines_of(folder_.read("taken")).size(); }

 private:
  std::string options_of(int port) const {
    return "{project: contoso, topic: orders, endpoint: 'http://127.0.0.1:" + std::to_string(port) +
           "', credentials_file: '" + (folder_.path() / "account.json").string() + "'}";
  }

  testing_support::ChildProcess server_;
  int port_;
};

const RigRow kRigs[] = {{"gcp-pubsub", "gcp_pubsub", make_rig<PubSubRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
