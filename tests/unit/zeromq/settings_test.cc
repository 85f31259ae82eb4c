// Where sockets that connect go out from.
#include "bridge/zeromq/settings.h"

#include <gmock/gmock.h>

#include "bridge/core/config.h"

namespace copybridge::zeromq {
namespace {

using testing::HasSubstr;

class ZeromqSocket : public testing::Test {
 protected:
  Result<zmq::socket_t> open(zmq::socket_type type, const std::string& yaml) {
    Diagnostics diagnostics;
    const SocketSettings settings = read(yaml, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << mistakes(yaml);
    return open_socket(context_, type, settings);
  }
  /// The address that a message to `host` comes from; or why none comes.
  std::string sender(const std::string& host, const std::string& interface) {
    zmq::socket_t taking = *open(zmq::socket_type::pull, "{bind: 'tcp://" + host + ":*'}");
    taking.set(zmq::sockopt::rcvtimeo, 5'000);
    const std::string end_point = taking.get(zmq::sockopt::last_endpoint);
    const std::string port = end_point.substr(end_point.rfind(':'));
    auto giving = open(zmq::socket_type::push,
                       "{connect: 'tcp://" + host + port + "', interface: '" + interface + "'}");
    if (!giving) return giving.error().message;
    giving->set(zmq::sockopt::sndtimeo, 5'000);
    if (!giving->send(zmq::str_buffer("one"))) return "nobody is there";
    zmq::message_t message;
    return taking.recv(message) ? message.gets("Peer-Address") : "nothing came";
  }
  static SocketSettings read(const std::string& yaml, Diagnostics& diagnostics) {
    std::vector<OptionSpec> table(std::begin(kSocketOptions), std::end(kSocketOptions));
    table.push_back(
        {.name = "message_bytes_max", .type = OptionType::integer, .default_value = "1000"});
    const ConfigNode node = parse_yaml(yaml, "bridge.yaml", diagnostics);
    return read_socket("z", read_options(node, table, {}, diagnostics), diagnostics);
  }
  static std::string mistakes(const std::string& yaml) {
    Diagnostics diagnostics;
    static_cast<void>(read(yaml, diagnostics));
    std::string all;
    for (const Diagnostic& diagnostic : diagnostics.all()) all += to_string(diagnostic);
    return all;
  }

  zmq::context_t context_;
};

TEST_F(ZeromqSocket, GoesOutFromTheInterface) {
  EXPECT_EQ(sender("127.0.0.1", "127.0.0.2"), "::ffff:127.0.0.2");
  EXPECT_EQ(sender("127.0.0.1", "lo"), "::ffff:127.0.0.1");
  EXPECT_THAT(sender("127.0.0.1", "none0"), HasSubstr("'none0' is no interface or address"));
}

TEST_F(ZeromqSocket, OnlyWhatConnectsGoesOut) {
  EXPECT_EQ(mistakes("{connect: 'tcp://127.0.0.1:5555', interface: lo}"), "");
  EXPECT_THAT(mistakes("{bind: 'tcp://127.0.0.1:5555', interface: lo}"),
              HasSubstr("'interface' needs 'connect'"));
}

}  // namespace
}  // namespace copybridge::zeromq
