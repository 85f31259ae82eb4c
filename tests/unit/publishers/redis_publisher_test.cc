// The publisher redis-stream against a real server: what is accepted is in the stream.
#include "bridge/publishers/redis_publisher.h"

#include <gmock/gmock.h>

#include "bridge/publishers/redis_peer.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/redis_stream.h"
#include "tests/unit/publishers/certificates.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::ConnectProxy;
using testing_support::RedisStream;

class RedisPublisherTest : public testing::Test {
 protected:
  RedisStream& start(std::vector<std::string> options = {}, std::vector<std::string> access = {}) {
    stream_ = std::make_unique<RedisStream>(folder_.path().string(), std::move(options),
                                            std::move(access));
    return *stream_;
  }
  /// A server with the user `bridge`, who may append to `accounts` and nothing else.
  RedisStream& start_with_users() {
    RedisStream& stream =
        start({"--requirepass", "reader-word"}, {"--no-auth-warning", "-a", "reader-word"});
    stream.run({"ACL", "SETUSER", "bridge", "on", ">open-sesame", "~accounts", "+xadd"});
    return stream;
  }
  std::unique_ptr<Harness> make(const std::string& more = "",
                                const std::string& stream = "accounts") {
    return make_at("redis://" + stream_->address(), more, stream);
  }
  std::unique_ptr<Harness> make_at(const std::string& servers, const std::string& more = "",
                                   const std::string& stream = "accounts") {
    auto harness = std::make_unique<Harness>(kRedisStreamPublisher,
                                             "{servers: ['" + servers + "'], stream: " + stream +
                                                 (more.empty() ? "" : ", " + more) + "}");
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  Response send_one(Harness& harness, const std::string& id = "one") {
    return harness.publish_and_wait({events_.add(id)});
  }
  Outcome outcome_of_one(Harness& harness, const std::string& id = "one") {
    return send_one(harness, id).outcomes.at(0);
  }
  Outcome outcome_after_retries(Harness& harness, const std::string& id) {
    Outcome outcome = Outcome::retry;
    for (int i = 0; i < 100 && outcome == Outcome::retry; ++i)
      outcome = outcome_of_one(harness, id);
    return outcome;
  }

  TestFolder folder_;
  std::unique_ptr<RedisStream> stream_;
  EventStore events_;
};

TEST_F(RedisPublisherTest, EntryCarriesIdAttributesAndBody) {
  start().make();
  auto harness = make();
  EXPECT_EQ(outcome_of_one(*harness, "pays/1/2/pay"), Outcome::accepted);
  const std::string entries = stream_->all();
  EXPECT_THAT(entries, HasSubstr("\nid\npays/1/2/pay\n"));
  EXPECT_THAT(entries, HasSubstr("\ntype\ncom.example.account\n"));
  EXPECT_THAT(entries, HasSubstr("\ndata\n{\"NUMBER\":0}"));
}

TEST_F(RedisPublisherTest, GoesThroughTheProxyAndOutFromTheInterface) {
  start().make();
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "shut-sesame\n");
  const ConnectProxy proxy(folder_.path() / "tunnels",
                           {"--login", (folder_.path() / "login").string()});
  auto harness = make("interface: 127.0.0.2, proxy: '" + proxy.url() +
                      "', proxy_user: bridge, proxy_password: '${file:" +
                      (folder_.path() / "password").string() + "}'");
  const Response refused = send_one(*harness);
  EXPECT_EQ(refused.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(refused.reason, HasSubstr("answered 407 to CONNECT"));
  folder_.write("password", "open-sesame\n");
  EXPECT_EQ(outcome_of_one(*harness), Outcome::accepted);
  EXPECT_EQ(stream_->entries(), 1U);
  EXPECT_THAT(proxy.tunnels().back(),
              HasSubstr("\"target\": \"" + stream_->address() +
                        "\", \"login\": \"bridge:open-sesame\", \"status\": 200, "
                        "\"from\": \"127.0.0.2\""));
}

TEST_F(RedisPublisherTest, StructuredEntryHasItsIdBesideTheEvent) {
  start().make();
  auto harness = make("format: cloudevents");
  EXPECT_EQ(outcome_of_one(*harness, "pays/1/2/pay"), Outcome::accepted);
  EXPECT_THAT(stream_->all(), HasSubstr("\nid\npays/1/2/pay\n"));
  EXPECT_THAT(stream_->all(),
              HasSubstr("\ndata\n{\"specversion\":\"1.0\",\"id\":\"pays/1/2/pay\""));
}

TEST_F(RedisPublisherTest, ManyInFlightAreAllAnsweredAndInOrder) {
  start().make();
  auto harness = make();
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(2000)) numbers.push_back(harness->publish({event}));
  for (const std::uint64_t number : numbers) {
    ASSERT_EQ(harness->response_to(number).outcomes.at(0), Outcome::accepted);
  }
  EXPECT_EQ(stream_->entries(), 2000U);
  EXPECT_FALSE(harness->is_answered_twice());
  const std::string entries = stream_->all();
  std::size_t at = 0;
  for (int i = 0; i < 2000; ++i) {
    at = entries.find("\nid\nid-" + std::to_string(i) + "\n", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(RedisPublisherTest, StreamThatIsNotThereIsMadeWhereAskedForOnly) {
  start();
  auto harness = make();
  const Response response = send_one(*harness);
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("there is no such stream"));
  EXPECT_EQ(stream_->run({"EXISTS", "accounts"}), "0");
  auto making = make("create: yes");
  EXPECT_EQ(outcome_of_one(*making), Outcome::accepted);
  EXPECT_EQ(stream_->entries(), 1U);
}

TEST_F(RedisPublisherTest, StreamKeepsAboutAsManyAsItIsTold) {
  start().make();
  auto harness = make("entries_max: 100");
  for (const Event* event : events_.add_many(1000)) {
    ASSERT_EQ(harness->publish_and_wait({event}).outcomes.at(0), Outcome::accepted);
  }
  EXPECT_LT(stream_->entries(), 300U);
  EXPECT_GE(stream_->entries(), 100U);
}

TEST_F(RedisPublisherTest, AnotherDatabaseIsAnother) {
  start();
  auto harness = make("database: 3, create: yes");
  EXPECT_EQ(outcome_of_one(*harness), Outcome::accepted);
  EXPECT_EQ(stream_->entries(), 0U);
  EXPECT_EQ(stream_->run({"-n", "3", "XLEN", "accounts"}), "1");
}

TEST_F(RedisPublisherTest, ServerThatIsFullSlowsDown) {
  start({"--maxmemory", "1"}).make();
  auto harness = make("create: yes");
  const Response response = send_one(*harness);
  EXPECT_EQ(response.outcomes.at(0), Outcome::throttled);
  EXPECT_THAT(response.reason, HasSubstr("OOM"));
}

TEST_F(RedisPublisherTest, KeyThatIsNoStreamIsRefused) {
  start().run({"SET", "accounts", "text"});
  auto harness = make();
  const Response response = send_one(*harness);
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("WRONGTYPE"));
}

TEST_F(RedisPublisherTest, ReplicaSendsToTheNextServer) {
  start().make();
  TestFolder other;
  RedisStream replica(other.path().string(), {"--replicaof", "127.0.0.1 1"});
  auto harness = make_at("redis://" + replica.address() + "', 'redis://" + stream_->address());
  const Response response = send_one(*harness, "a");
  EXPECT_EQ(response.outcomes.at(0), Outcome::retry);
  EXPECT_THAT(response.reason, HasSubstr("READONLY"));
  EXPECT_EQ(outcome_after_retries(*harness, "a"), Outcome::accepted);
  EXPECT_EQ(outcome_of_one(*harness, "b"), Outcome::accepted);
  EXPECT_EQ(stream_->entries(), 2U);
}

TEST_F(RedisPublisherTest, ServerThatHasGoneIsARetryAndIsFoundAgain) {
  start().make();
  TestFolder other;
  auto second = std::make_unique<RedisStream>(other.path().string());
  second->make();
  auto harness = make_at("redis://" + second->address() + "', 'redis://" + stream_->address());
  EXPECT_EQ(outcome_of_one(*harness, "a"), Outcome::accepted);
  second.reset();
  EXPECT_EQ(outcome_after_retries(*harness, "b"), Outcome::accepted);
  EXPECT_THAT(stream_->all(), HasSubstr("\nid\nb\n"));
}

TEST_F(RedisPublisherTest, SilentServerIsARetryAfterTheTimeOut) {
  start().make();
  auto harness = make("answer_timeout_ms: 200");
  EXPECT_EQ(outcome_of_one(*harness, "a"), Outcome::accepted);
  stream_->suspend();
  Response response;
  // The signal may arrive behind an entry or two.
  for (int i = 0; i < 100; ++i) {
    response = send_one(*harness, "b");
    if (response.outcomes.at(0) != Outcome::accepted) break;
  }
  stream_->resume();
  EXPECT_EQ(response.outcomes.at(0), Outcome::retry);
  EXPECT_THAT(response.reason, HasSubstr("no answer within the time-out"));
}

TEST_F(RedisPublisherTest, WrongPasswordIsRefusedAndReadAgain) {
  start_with_users().make();
  ::setenv("COPYBRIDGE_TEST_REDIS", "wrong-word", 1);
  auto harness = make("user: bridge, password: '${env:COPYBRIDGE_TEST_REDIS}'");
  EXPECT_EQ(outcome_of_one(*harness), Outcome::refused);
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("wrong-word")));
  ::setenv("COPYBRIDGE_TEST_REDIS", "open-sesame", 1);
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(outcome_of_one(*harness), Outcome::accepted);
}

TEST_F(RedisPublisherTest, WithoutALoginOrRightsTheRouteWaits) {
  start_with_users().make();
  auto nobody = make();
  EXPECT_EQ(outcome_of_one(*nobody), Outcome::refused);
  ::setenv("COPYBRIDGE_TEST_REDIS", "open-sesame", 1);
  auto elsewhere = make("user: bridge, password: '${env:COPYBRIDGE_TEST_REDIS}'", "ledger");
  const Response response = send_one(*elsewhere);
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("NOPERM"));
}

TEST_F(RedisPublisherTest, TlsIsVerified) {
  const Certificates certificates(folder_.path());
  certificates.issue("server", "IP:127.0.0.1");
  certificates.issue("client", "DNS:client.example");
  const auto file = [&](const char* name) { return certificates.path(name); };
  start({"--tls-cert-file", file("server.pem"), "--tls-key-file", file("server.key"),
         "--tls-ca-cert-file", file("ca.pem"), "--tls-auth-clients", "yes"},
        {"--tls", "--cacert", file("ca.pem"), "--cert", file("client.pem"), "--key",
         file("client.key")})
      .make();
  const std::string url = "rediss://127.0.0.1:" + stream_->port();
  const std::string client = ", client_certificate: '" + file("client.pem") + "', client_key: '" +
                             file("client.key") + "'";
  auto harness = make_at(url, "ca_bundle: '" + file("ca.pem") + "'" + client);
  EXPECT_EQ(outcome_of_one(*harness), Outcome::accepted);
  EXPECT_EQ(stream_->entries(), 1U);
  auto unknown = make_at(url, client.substr(2));
  const Response response = send_one(*unknown);
  EXPECT_EQ(response.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(response.reason, HasSubstr("certificate verify failed"));
}

TEST(RedisReply, MeansWhatItSays) {
  const auto outcome = [](std::string words) {
    redisReply reply{};
    reply.type = REDIS_REPLY_ERROR;
    reply.str = words.data();
    reply.len = words.size();
    return redis::read_reply(reply).outcomes.at(0);
  };
  EXPECT_EQ(outcome("MOVED 3999 127.0.0.1:6381"), Outcome::refused);
  EXPECT_EQ(outcome("LOADING Redis is loading the dataset in memory"), Outcome::retry);
  EXPECT_EQ(outcome("MISCONF Redis is configured to save RDB snapshots"), Outcome::retry);
  EXPECT_EQ(outcome("ERR unknown command"), Outcome::doubtful);
}

TEST(RedisOptions, MistakesAreSaid) {
  const auto mistakes = [](const std::string& options) {
    return Harness(kRedisStreamPublisher, "{" + options + "}").mistakes();
  };
  EXPECT_THAT(mistakes("servers: 'redis://u:p@a', stream: x"), HasSubstr("redis://host:port"));
  EXPECT_THAT(mistakes("servers: 'redis://far', stream: x, user: a, password: '${env:A}'"),
              HasSubstr("'password' would be sent without TLS"));
  EXPECT_THAT(mistakes("servers: 'redis://far'"), HasSubstr("stream"));
}

}  // namespace
}  // namespace copybridge::publishers
