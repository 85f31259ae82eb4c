// A tpipe of IMS Connect's double, which the adapter tcp reads as its client.
#include <fstream>
#include <thread>

#include "tests/conformance/components/place.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::tests {
namespace {

class Tpipe final : public Place {
 public:
  explicit Tpipe(const std::filesystem::path& folder)
      : messages_(folder / "messages"),
        server_({"python3", support::source_path("tests/support/ims_connect_double.py"),
                 messages_.string()}),
        port_(server_.read_port()) {}
  std::string options() const override {
    return "{servers: 'tcp://127.0.0.1:" + std::to_string(port_) +
           "', protocol: ims-connect, ims_client_id: BRIDGE, ims_datastore: IMSA, "
           "batch_records_max: 4}";
  }
  /// IMS gives one message at a time: they are all in the spool before anybody reads.
  void feed(const std::vector<std::string>& records) override {
    std::ofstream file(messages_, std::ios::app);
    for (const std::string& record : records) file << record << '\n';
    file.close();
    fed_ += records.size();
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (acknowledged() < fed_ && std::chrono::steady_clock::now() < limit)
      std::this_thread::yield();
  }

 private:
  [[nodiscard]] std::uintmax_t acknowledged() const {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(messages_.string() + ".done", none_yet);
    return none_yet ? 0 : size;
  }

  const std::filesystem::path messages_;
  testing_support::ChildProcess server_;
  const int port_;
  std::uintmax_t fed_ = 0;
};

constexpr AdapterRig kRigs[] = {{"tcp", Behind::spool, make_place<Tpipe>, "ims"}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
