// `copybridge listen` as endpoint of the publisher http.
#include "tests/conformance/components/rig.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {
namespace {

class HttpRig final : public Rig {
 public:
  HttpRig()
      : server_({support::build_path("copybridge"), "listen", "--port", "0", "--quiet", "--output",
                 (folder_.path() / "events").string()}),
        port_(server_.read_port()) {}
  std::string options() const override {
    return "{url: 'http://127.0.0.1:" + std::to_string(port_) + "/', mode: structured}";
  }
  std::string options_when_away() const override {
    return "{url: 'http://127.0.0.1:1/', mode: structured}";
  }
  std::size_t received() override { return lines(); }

 private:
  testing_support::ChildProcess server_;
  int port_;
};

const RigRow kRigs[] = {{"http", "http", make_rig<HttpRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
