// The publisher mqtt against a real broker: what is accepted reaches a subscriber.
#include "bridge/publishers/mqtt_publisher.h"

#include <gmock/gmock.h>

#include "bridge/publishers/mqtt_peer.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/http_post.h"
#include "tests/support/mqtt_topic.h"
#include "tests/unit/publishers/certificates.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing_support::ConnectProxy;
using testing_support::MqttTopic;

class MqttPublisherTest : public testing::Test {
 protected:
  MqttTopic& start(std::vector<std::string> configuration = {}) {
    topic_ = std::make_unique<MqttTopic>(folder_.path().string(), std::move(configuration));
    return *topic_;
  }
  /// A broker whose users are `bridge`, who may write to `accounts`, and `reader`.
  MqttTopic& start_with_users() {
    const std::string passwords = (folder_.path() / "passwords").string();
    testing_support::run_program(
        {"mosquitto_passwd", "-c", "-b", passwords, "bridge", "open-sesame"});
    testing_support::run_program({"mosquitto_passwd", "-b", passwords, "reader", "reader"});
    folder_.write("rights", "user bridge\ntopic write accounts\nuser reader\ntopic accounts\n");
    return start({"allow_anonymous false", "password_file " + passwords,
                  "acl_file " + (folder_.path() / "rights").string()});
  }
  std::unique_ptr<Harness> make(const std::string& more = "",
                                const std::string& topic = "accounts") {
    auto harness = std::make_unique<Harness>(
        kMqttPublisher, "{servers: 'mqtt://" + topic_->address() + "', topic: " + topic +
                            (more.empty() ? "" : ", " + more) + "}");
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  Outcome send_one(Harness& harness, const std::string& id = "one") {
    const Response response = harness.publish_and_wait({events_.add(id)});
    return response.outcomes.at(0);
  }

  TestFolder folder_;
  std::unique_ptr<MqttTopic> topic_;
  EventStore events_;
};

TEST_F(MqttPublisherTest, MessageCarriesIdAndAttributes) {
  start();
  auto harness = make();
  EXPECT_EQ(send_one(*harness, "pays/1/2/pay"), Outcome::accepted);
  const std::string message = topic_->received().at(0);
  EXPECT_THAT(message, HasSubstr(R"({"NUMBER":0} application/json)"));
  EXPECT_THAT(message, HasSubstr("id:pays/1/2/pay"));
  EXPECT_THAT(message, HasSubstr("type:com.example.account"));
}

TEST_F(MqttPublisherTest, MessageCarriesTheTraceInItsProperties) {
  start();
  auto harness = make();
  Event event = *events_.add("one");
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.tracestate = "vendor=1,other=x";
  EXPECT_EQ(harness->publish_and_wait({&event}).outcomes.at(0), Outcome::accepted);
  const std::string message = topic_->received().at(0);
  EXPECT_THAT(message, HasSubstr("traceparent:" + std::string(event.traceparent)));
  EXPECT_THAT(message, HasSubstr("tracestate:" + std::string(event.tracestate)));
}

TEST_F(MqttPublisherTest, AsManyInFlightAsItSaysAreAllAnswered) {
  start();
  auto harness = make();
  const std::vector<const Event*> events = events_.add_many(500);
  const std::size_t in_flight = harness->publisher()->limits().requests_in_flight;
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events) {
    if (numbers.size() >= in_flight) {
      const Response response = harness->response_to(numbers[numbers.size() - in_flight]);
      ASSERT_EQ(response.outcomes.at(0), Outcome::accepted) << response.reason;
    }
    numbers.push_back(harness->publish({event}));
  }
  for (const std::uint64_t number : numbers) {
    ASSERT_EQ(harness->response_to(number).outcomes.at(0), Outcome::accepted);
  }
  EXPECT_THAT(topic_->received(), SizeIs(500));
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_F(MqttPublisherTest, BrokerThatHasGoneIsARetry) {
  start();
  auto harness = make("answer_timeout_ms: 2000");
  EXPECT_EQ(send_one(*harness, "a"), Outcome::accepted);
  topic_.reset();
  // It has been told to end, and may take one more.
  Outcome outcome = Outcome::accepted;
  for (int i = 0; i < 100 && outcome == Outcome::accepted; ++i) outcome = send_one(*harness, "b");
  EXPECT_EQ(outcome, Outcome::retry);
  EXPECT_EQ(send_one(*harness, "b"), Outcome::retry);
}

TEST_F(MqttPublisherTest, GoesThroughTheProxyAndOutFromTheInterface) {
  start();
  folder_.write("login", "bridge:open-sesame\n");
  folder_.write("password", "shut-sesame\n");
  // Its answer comes in many pieces.
  const ConnectProxy proxy(folder_.path() / "tunnels",
                           {"--login", (folder_.path() / "login").string(), "--lead", "20000"});
  auto harness = make("interface: 127.0.0.2, proxy: '" + proxy.url() +
                      "', proxy_user: bridge, proxy_password: '${file:" +
                      (folder_.path() / "password").string() + "}'");
  const Response refused = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(refused.outcomes.at(0), Outcome::refused);
  EXPECT_THAT(refused.reason, HasSubstr("answered 407 to CONNECT"));
  folder_.write("password", "open-sesame\n");
  EXPECT_EQ(send_one(*harness), Outcome::accepted);
  EXPECT_THAT(topic_->received(), SizeIs(1));
  EXPECT_THAT(proxy.tunnels().back(),
              HasSubstr("\"target\": \"" + topic_->address() +
                        "\", \"login\": \"bridge:open-sesame\", \"status\": 200, "
                        "\"from\": \"127.0.0.2\""));
}

TEST_F(MqttPublisherTest, VerifiesTheBrokerThroughTheProxy) {
  const Certificates certificates(folder_.path());
  certificates.issue("broker", "DNS:localhost");
  const std::string port = std::to_string(support::free_port());
  start({"allow_anonymous true", "listener " + port + " 127.0.0.1",
         "certfile " + certificates.path("broker.pem"),
         "keyfile " + certificates.path("broker.key")});
  const ConnectProxy proxy(folder_.path() / "tunnels");
  const auto through = [&](const std::string& host) {
    Harness harness(kMqttPublisher,
                    "{servers: 'mqtts://" + host + ":" + port + "', topic: accounts, ca_bundle: '" +
                        certificates.path("ca.pem") + "', proxy: '" + proxy.url() + "'}");
    EXPECT_TRUE(harness.open());
    return harness.publish_and_wait({events_.add(host)});
  };
  const Response accepted = through("localhost");
  EXPECT_EQ(accepted.outcomes.at(0), Outcome::accepted) << accepted.reason;
  EXPECT_THAT(proxy.tunnels(), ElementsAre(HasSubstr("\"target\": \"localhost:" + port)));
  EXPECT_THAT(topic_->received(), SizeIs(1));
  // The certificate is another host's.
  EXPECT_NE(through("127.0.0.1").outcomes.at(0), Outcome::accepted);
  EXPECT_THAT(topic_->received(), SizeIs(1));
}

TEST_F(MqttPublisherTest, ProxiesOfTheEnvironmentDoNotLeadItAstray) {
  start();
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(send_one(*make()), Outcome::accepted);
  ::unsetenv("http_proxy");
}

TEST_F(MqttPublisherTest, BrokerThatTheProxyDoesNotReachIsARetry) {
  start();
  auto harness = make("proxy: 'http://127.0.0.1:1'");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes.at(0), Outcome::retry);
  EXPECT_THAT(response.reason, HasSubstr("the proxy 127.0.0.1:1: Connection refused"));
}

TEST_F(MqttPublisherTest, WrongPasswordIsRefusedAndReadAgain) {
  start_with_users();
  ::setenv("COPYBRIDGE_TEST_MQTT", "wrong-word", 1);
  auto harness = make("user: bridge, password: '${env:COPYBRIDGE_TEST_MQTT}'");
  EXPECT_EQ(send_one(*harness), Outcome::refused);
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("wrong-word")));
  ::setenv("COPYBRIDGE_TEST_MQTT", "open-sesame", 1);
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(send_one(*harness), Outcome::accepted);
}

TEST_F(MqttPublisherTest, TopicThatIsNotPermittedIsRefused) {
  start_with_users();
  ::setenv("COPYBRIDGE_TEST_MQTT", "open-sesame", 1);
  auto harness = make("user: bridge, password: '${env:COPYBRIDGE_TEST_MQTT}'", "others");
  EXPECT_EQ(send_one(*harness), Outcome::refused);
}

TEST(MqttReasonCode, HasItsOutcome) {
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_SUCCESS), Outcome::accepted);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_NO_MATCHING_SUBSCRIBERS), Outcome::accepted);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_QUOTA_EXCEEDED), Outcome::throttled);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_PAYLOAD_FORMAT_INVALID), Outcome::permanent);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_NOT_AUTHORIZED), Outcome::refused);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_UNSPECIFIED_ERROR), Outcome::doubtful);
  EXPECT_EQ(mqtt::outcome_of(MQTTREASONCODE_PACKET_IDENTIFIER_IN_USE), Outcome::retry);
}

TEST(MqttOptions, MistakesAreSaid) {
  const auto mistakes = [](const std::string& options) {
    return Harness(kMqttPublisher, "{" + options + "}").mistakes();
  };
  EXPECT_THAT(mistakes("servers: 'mqtt://a:1', topic: 'x/#'"), HasSubstr("wildcards"));
  EXPECT_THAT(mistakes("servers: 'http://a', topic: x"), HasSubstr("mqtt://host:port"));
  EXPECT_THAT(mistakes("servers: 'mqtt://far:1883', topic: x, user: u, password: '${env:A}'"),
              HasSubstr("would be sent without TLS"));
}

}  // namespace
}  // namespace copybridge::publishers
