// Azure Service Bus and Event Hubs over AMQP 1.0: tokens, batches, and what outcomes mean.
#include <gmock/gmock.h>

#include <array>

#include "tests/unit/publishers/azure_amqp_support.h"

namespace copybridge::publishers {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kBatch = R"("format": 2147563264, "batch": 3)";

TEST_F(AzureAmqp, BatchOfASessionIsOneTransfer) {
  auto harness = bus(", sessions: yes");
  const Response response = harness->publish_and_wait(of_key(3, "DE 4711"));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
  ASSERT_THAT(taken(), SizeIs(3));
  EXPECT_THAT(taken(), Each(HasSubstr(kBatch)));
  EXPECT_THAT(taken(), Each(HasSubstr(R"("session": "DE 4711", "key": null)")));
  EXPECT_THAT(taken()[1], HasSubstr(R"("id": "id-1")"));
  EXPECT_THAT(taken()[1], HasSubstr(R"("body": "{\"NUMBER\":1}")"));
  EXPECT_THAT(taken()[1], HasSubstr(R"("cloudEvents:type": "com.example.account")"));
  EXPECT_EQ(status("transfers"), 1);
  EXPECT_EQ(status("to contoso.servicebus.windows.net"), 1);
  EXPECT_EQ(status("servicebus.windows.net:sastoken"), 1);
}

TEST_F(AzureAmqp, KeyWithoutSessionsIsThePartition) {
  bus()->publish_and_wait(of_key(3, "k"));
  EXPECT_THAT(taken(), Each(HasSubstr(kBatch)));
  EXPECT_THAT(taken(), Each(HasSubstr(R"("session": null, "key": "k")")));
  make(kAzureEventHubsPublisher, "hub: hub, " + std::string(kWithKey))
      ->publish_and_wait(of_key(3, "k"));
  ASSERT_THAT(taken(), SizeIs(6));
  EXPECT_THAT(taken()[5], HasSubstr(kBatch));
  EXPECT_THAT(taken()[5], HasSubstr(R"("service": "hub")"));
  EXPECT_THAT(taken()[5], HasSubstr(R"("key": "k")"));
  EXPECT_THAT(taken()[5], HasSubstr(R"("cloudEvents:id": "id-2")"));
}

TEST_F(AzureAmqp, EventAloneIsAnOrdinaryMessage) {
  auto harness = bus(", format: cloudevents");
  harness->publish_and_wait({events_.add("accounts/" + std::string(130, '7') + "/1/pay", "k")});
  ASSERT_THAT(taken(), SizeIs(1));
  EXPECT_THAT(taken()[0], HasSubstr(R"("format": 0, "batch": 1)"));
  EXPECT_THAT(taken()[0], HasSubstr(R"("type": "application/cloudevents+json")"));
  EXPECT_THAT(taken()[0], Not(HasSubstr(R"("id": "accounts)")));
}

TEST_F(AzureAmqp, WaitsWhereTheKeyIsWrong) {
  ::setenv("COPYBRIDGE_TEST_AZURE", "another key", 1);
  auto harness = bus();
  const Response refused = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(refused.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(refused.reason, HasSubstr("the token was refused: 401 InvalidSignature"));
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("SharedAccessSignature")));
  EXPECT_FALSE(harness->publisher()->renew_credentials().value_or(true));
  ::setenv("COPYBRIDGE_TEST_AZURE", kKey, 1);
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::accepted});
  EXPECT_THAT(taken(), SizeIs(1));
}

TEST_F(AzureAmqp, TokensOfEntraAreRenewedWhileEventsGoOn) {
  control(R"({"lifetime": 4})");
  auto harness = make(kAzureEventHubsPublisher, "hub: hub, " + entra());
  std::size_t sent = 0;
  const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
  do {
    const Response response =
        harness->publish_and_wait({events_.add("id-" + std::to_string(sent++))});
    ASSERT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
  } while (status("tokens") < 2 && std::chrono::steady_clock::now() < limit);
  EXPECT_GE(status("tokens"), 2);
  EXPECT_EQ(status("jwt"), status("tokens"));
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("hub-token")));
  EXPECT_EQ(status("connections"), 1);
  EXPECT_EQ(status("expired"), 0);
  EXPECT_THAT(taken(), SizeIs(sent));
}

TEST_F(AzureAmqp, IdleConnectionKeepsItsRight) {
  control(R"({"lifetime": 4})");
  auto harness = make(kAzureServiceBusPublisher, "entity: orders, " + entra());
  harness->publish_and_wait({events_.add("one")});
  wait_for("tokens", 2);
  EXPECT_EQ(status("expired"), 0);
  EXPECT_EQ(harness->publish_and_wait({events_.add("two")}).outcomes,
            std::vector{Outcome::accepted});
  EXPECT_EQ(status("connections"), 1);
}

/// The bridge's clock and the service's, both moved by the test.
class AzureAmqpDay : public AzureAmqp {
 protected:
  AzureAmqpDay() { advance(std::chrono::minutes(0)); }
  void advance(Milliseconds by) {
    clock_.advance(by);
    control(R"({"clock": )" +
            std::to_string(std::chrono::system_clock::to_time_t(clock_.wall_now())) + "}");
  }
  /// One event is taken, and so many tokens by now.
  void expect_taken(Harness& harness, int tokens) {
    const Response response = harness.publish_and_wait({events_.add("one")});
    ASSERT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
    wait_for("tokens", tokens);
  }

  ManualClock clock_;
};

TEST_F(AzureAmqpDay, PassesWithoutAnEventFailing) {
  auto harness =
      make(kAzureServiceBusPublisher, "entity: orders, " + std::string(kWithKey), clock_);
  for (int tokens = 1; tokens <= 29; ++tokens) {
    expect_taken(*harness, tokens);
    advance(std::chrono::minutes(50));
  }
  EXPECT_EQ(status("connections"), 1);
  EXPECT_EQ(status("expired"), 0);
}

TEST_F(AzureAmqpDay, HasRefusedRenewalsTriedAgainWhileTheOldTokenHolds) {
  auto harness =
      make(kAzureServiceBusPublisher, "entity: orders, " + std::string(kWithKey), clock_);
  expect_taken(*harness, 1);
  control(R"({"token_answers": [401, 500]})");
  advance(std::chrono::minutes(50));
  expect_taken(*harness, 2);
  advance(std::chrono::minutes(8));
  expect_taken(*harness, 3);
  advance(std::chrono::seconds(100));
  expect_taken(*harness, 4);
  // Past the end of the first.
  advance(std::chrono::minutes(30));
  expect_taken(*harness, 4);
  EXPECT_EQ(status("connections"), 1);
}

TEST_F(AzureAmqp, LinkThatIsDetachedForItsTokenIsOpenedAgain) {
  auto harness = bus();
  harness->publish_and_wait({events_.add("one")});
  control(R"({"answers": [["detach", "amqp:unauthorized-access"]]})");
  const Response response = harness->publish_and_wait({events_.add("two")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::retry}) << response.reason;
  EXPECT_EQ(harness->publish_and_wait({events_.add("two")}).outcomes,
            std::vector{Outcome::accepted});
  EXPECT_EQ(status("tokens"), 2);
}

TEST_F(AzureAmqp, ClockOfTheServiceThatIsAheadIsARefusal) {
  auto harness = bus();
  control(R"({"clock": 4102444800})");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("ExpiredToken"));
}

struct Refusal {
  const char* state;
  const char* condition;
  Outcome outcome;
};

constexpr std::array kRefusals = {
    Refusal{"rejected", "com.microsoft:server-busy", Outcome::throttled},
    Refusal{"rejected", "amqp:resource-limit-exceeded", Outcome::throttled},
    Refusal{"rejected", "com.microsoft:timeout", Outcome::retry},
    Refusal{"rejected", "amqp:internal-error", Outcome::retry},
    Refusal{"rejected", "amqp:unauthorized-access", Outcome::refused},
    Refusal{"rejected", "com.microsoft:entity-disabled", Outcome::refused},
    Refusal{"rejected", "amqp:not-allowed", Outcome::doubtful},
    Refusal{"rejected", "com.microsoft:argument-error", Outcome::doubtful},
    Refusal{"rejected", "amqp:link:message-size-exceeded", Outcome::permanent},
    Refusal{"released", "", Outcome::retry},
    Refusal{"modified", "", Outcome::retry},
    Refusal{"detach", "com.microsoft:server-busy", Outcome::retry},
    Refusal{"detach", "amqp:link:detach-forced", Outcome::retry},
    Refusal{"lost", "", Outcome::retry}};

TEST_F(AzureAmqp, RefusalsMeanWhatTheirConditionsSay) {
  auto harness = bus();
  for (const Refusal& refusal : kRefusals) {
    control(R"({"answers": [[")" + std::string(refusal.state) + R"(", ")" + refusal.condition +
            R"("]]})");
    // One answer for all: who of them it was meant for is the pipeline's to find out.
    const Response response = harness->publish_and_wait(of_key(2, "k"));
    EXPECT_THAT(response.outcomes, Each(refusal.outcome))
        << refusal.state << " " << refusal.condition << ": " << response.reason;
    const bool is_for_all =
        refusal.outcome == Outcome::permanent || refusal.outcome == Outcome::doubtful;
    EXPECT_THAT(response.outcomes, SizeIs(is_for_all ? 1 : 2)) << refusal.condition;
    EXPECT_NE(response.reason, "");
  }
  const Response response = harness->publish_and_wait(of_key(2, "k"));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
}

TEST_F(AzureAmqp, TokenThatIsNotTakenNowIsTriedAgain) {
  auto harness = bus();
  control(R"({"token_answers": [500, 503, 404]})");
  for (const Outcome outcome : {Outcome::retry, Outcome::retry, Outcome::refused})
    EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes, std::vector{outcome});
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::accepted});
}

TEST_F(AzureAmqp, EntryThatSpoilsABatchIsRefusedAlone) {
  auto harness = bus();
  control(R"({"bad_id": "id-1"})");
  EXPECT_EQ(harness->publish_and_wait(of_key(3, "k")).outcomes, std::vector{Outcome::permanent});
  EXPECT_THAT(taken(), SizeIs(0));
  EXPECT_EQ(harness->publish_and_wait({events_.add("id-0", "k")}).outcomes,
            std::vector{Outcome::accepted});
  const Response response = harness->publish_and_wait({events_.add("id-1", "k")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::permanent});
  EXPECT_THAT(response.reason, HasSubstr("amqp:decode-error"));
}

TEST_F(AzureAmqp, LinkOfSmallMessagesGetsSmallBatchesInTurn) {
  control(R"({"message_bytes_max": 1500})");
  auto harness = bus(", sessions: yes");
  const Response response = harness->publish_and_wait(of_key(20, "k"));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
  ASSERT_THAT(taken(), SizeIs(20));
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_THAT(taken()[i], HasSubstr("\"id\": \"id-" + std::to_string(i) + "\""));
  EXPECT_GT(status("transfers"), 3);
  EXPECT_LT(status("transfers"), 20);
  // What follows one that fails does not overtake it.
  control(R"({"answers": [["accepted", ""], ["released", ""]]})");
  const Response partly = harness->publish_and_wait(of_key(20, "k"));
  ASSERT_THAT(partly.outcomes, SizeIs(20));
  EXPECT_EQ(partly.outcomes.front(), Outcome::accepted);
  EXPECT_EQ(partly.outcomes.back(), Outcome::retry);
  EXPECT_TRUE(std::ranges::is_sorted(partly.outcomes));
}

TEST_F(AzureAmqp, EventThatTheLinkDoesNotTakeIsADeadLetter) {
  control(R"({"message_bytes_max": 3000})");
  auto harness = bus();
  const Response response =
      harness->publish_and_wait({events_.add_body("big", std::string(4000, ' '), "k")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::permanent});
  EXPECT_THAT(response.reason, HasSubstr("the link takes 3000"));
}

TEST_F(AzureAmqp, BatchOfManyFramesArrivesWhole) {
  control(R"({"message_bytes_max": 1048576})");
  auto harness = bus(", message_bytes_max: 1048576");
  send_many_frames(*harness);
}

TEST_F(AzureAmqp, SilenceIsNotWaitedForForEver) {
  auto harness = bus(", total_timeout_ms: 300");
  control(R"({"answers": [["silent", ""]]})");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::retry});
  EXPECT_THAT(response.reason, HasSubstr("no disposition within 300 ms"));
}

TEST(AzureAmqpOptions, MistakesAreSaid) {
  const auto mistakes = [](const std::string& options) {
    return Harness(kAzureServiceBusPublisher,
                   "{namespace: n, entity: e, key: '${env:COPYBRIDGE_TEST_AZURE}', " +
                       std::string(options.starts_with("transport") ? "" : "transport: amqp, ") +
                       options + "}")
        .mistakes();
  };
  EXPECT_EQ(mistakes("policy: send"), "");
  EXPECT_THAT(mistakes("endpoint: 'https://far.example'"), HasSubstr("amqps://host:port"));
  EXPECT_THAT(mistakes("endpoint: 'amqp://far.example'"), HasSubstr("in the clear"));
  EXPECT_THAT(mistakes("transport: amqp-websockets, endpoint: 'amqps://far.example'"),
              HasSubstr("wss://host:port"));
  EXPECT_EQ(mistakes("proxy: 'http://p:3128'"), "");
  EXPECT_THAT(mistakes("proxy: 'https://p:3128'"), HasSubstr("the proxy cannot be used"));
  EXPECT_THAT(mistakes("http2: no"), HasSubstr("'http2' says nothing"));
}

}  // namespace
}  // namespace copybridge::publishers
