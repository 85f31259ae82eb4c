// What the options of a connection put into the structures of MQCONNX, as the double reads them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "adapters/ibm_mq/connection.h"
#include "bridge/core/config.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/support/secret_hunt.h"

namespace copybridge::adapters::ibm_mq {
namespace {

using mq_double::client_library;
using mq_double::TestQueueManager;
using ::testing::HasSubstr;

constexpr const char* kClient = "connection: 'localhost(1414)', channel: APP.SVRCONN, ";

/// Empty where it connects; else the error. `secret`: what ${env:MQ_TEST_SECRET} stands for.
std::string refusal(const std::string& options, const char* secret = "") {
  ::setenv("MQ_TEST_SECRET", secret, 1);
  Diagnostics diagnostics;
  const std::string text =
      "{queue_manager: QM1, library: '" + client_library() + "', " + options + "}";
  const std::vector<OptionSpec> table = with_connection({});
  const Options read =
      read_options(parse_yaml(text, "bridge.yaml", diagnostics), table, {}, diagnostics);
  Connection connection(read_connection("/", read, diagnostics));
  if (diagnostics.has_errors()) return diagnostics.first_error(ErrorKind::config).message;
  const Result<void> connected = connection.connect();
  std::string said = connected ? "" : connected.error().message;
  EXPECT_EQ(testing_support::SecretHunt(options).found_in(said), "") << "is in " << said;
  return said;
}

TEST(MqConnection, SendsUserAndPassword) {
  const TestQueueManager queue_manager("{name: QM1, users: {bridge: open-sesame}}");
  const std::string options =
      std::string(kClient) + "user: bridge, password: '${env:MQ_TEST_SECRET}'";
  EXPECT_EQ(refusal(options, "open-sesame"), "");
  EXPECT_THAT(refusal(options, "another-one"), HasSubstr("2035"));
  EXPECT_THAT(refusal(std::string(kClient) + "heartbeat_s: 1"), HasSubstr("2035"));
}

TEST(MqConnection, SendsATokenInPlaceOfThem) {
  const TestQueueManager queue_manager("{name: QM1, requires: {token: eyJhbGciOi.J9.x}}");
  const std::string options = std::string(kClient) + "token: '${env:MQ_TEST_SECRET}'";
  EXPECT_EQ(refusal(options, "eyJhbGciOi.J9.x"), "");
  EXPECT_THAT(refusal(options, "eyJhbGciOi.J9.y"), HasSubstr("2035"));
  EXPECT_THAT(refusal(std::string(kClient) + "heartbeat_s: 1"), HasSubstr("2035"));
}

TEST(MqConnection, NamesKeyRepositoryCipherAndPeer) {
  const TestQueueManager queue_manager(
      "{name: QM1, requires: {cipher: ANY_TLS12_OR_HIGHER, peer_name: 'CN=QM1,O=ACME',"
      " key_repository: /keys/client, certificate_label: bridge, key_repository_password: "
      "repository-pw}}");
  const std::string whole = std::string(kClient) +
                            "tls_key_repository: /keys/client, tls_certificate_label: bridge, "
                            "tls_key_repository_password: '${env:MQ_TEST_SECRET}', ";
  EXPECT_EQ(refusal(whole + "tls_cipher: ANY_TLS12_OR_HIGHER, tls_peer_name: 'CN=QM1,O=ACME'",
                    "repository-pw"),
            "");
  EXPECT_THAT(
      refusal(whole + "tls_cipher: ANY_TLS13, tls_peer_name: 'CN=QM1,O=ACME'", "repository-pw"),
      HasSubstr("2393"));
  EXPECT_THAT(
      refusal(whole + "tls_cipher: ANY_TLS12_OR_HIGHER, tls_peer_name: 'CN=QM2'", "repository-pw"),
      HasSubstr("2398"));
  EXPECT_THAT(refusal(std::string(kClient) + "tls_cipher: ANY_TLS12_OR_HIGHER"), HasSubstr("2381"));
}

TEST(MqConnection, WithAKeyRepositoryAloneTakesAnOlderStructure) {
  const TestQueueManager queue_manager("{name: QM1, requires: {key_repository: /keys/client}}");
  EXPECT_EQ(refusal(std::string(kClient) +
                    "tls_key_repository: /keys/client, tls_cipher: ANY_TLS12_OR_HIGHER"),
            "");
}

TEST(MqConnection, NamesATableOfChannels) {
  const TestQueueManager queue_manager(
      "{name: QM1, requires: {ccdt: 'https://mq.example.com/ccdt.json'}}");
  EXPECT_EQ(refusal("ccdt: 'https://mq.example.com/ccdt.json'"), "");
  EXPECT_THAT(refusal("ccdt: 'file:///etc/ccdt.json'"), HasSubstr("2058"));
  EXPECT_THAT(refusal(std::string(kClient) + "heartbeat_s: 1"), HasSubstr("2058"));
}

}  // namespace
}  // namespace copybridge::adapters::ibm_mq
