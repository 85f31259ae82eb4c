// A real Redis as endpoint.
#include "tests/conformance/components/rig.h"
#include "tests/support/redis_stream.h"

namespace copybridge::publishers {
namespace {

class RedisRig final : public Rig {
 public:
  RedisRig() : stream_(folder_.path().string()) { stream_.make(); }
  std::string options() const override { return options_of(stream_.address()); }
  std::string options_when_away() const override { return options_of("127.0.0.1:1"); }
  std::size_t received() override { return stream_.entries(); }

 private:
  static std::string options_of(const std::string& address) {
    return "{servers: 'redis://" + address + "', stream: accounts}";
  }

  testing_support::RedisStream stream_;
};

const RigRow kRigs[] = {{"redis-stream", "redis_stream", make_rig<RedisRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
