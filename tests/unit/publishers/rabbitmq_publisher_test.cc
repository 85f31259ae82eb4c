// What ends mean, and mistakes of options; the rest is tests/peers/rabbitmq_test.py.
#include "bridge/publishers/rabbitmq_publisher.h"

#include <gmock/gmock.h>

#include "bridge/publishers/rabbitmq_peer.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;

TEST(RabbitMqEnd, HasItsOutcome) {
  using rabbitmq::outcome_of_end;
  EXPECT_EQ(outcome_of_end(404, 5), Outcome::refused);  // NOT_FOUND: the exchange
  EXPECT_EQ(outcome_of_end(403, 5), Outcome::refused);  // ACCESS_REFUSED
  EXPECT_EQ(outcome_of_end(530, 0), Outcome::refused);  // NOT_ALLOWED: the virtual host
  EXPECT_EQ(outcome_of_end(320, 5), Outcome::retry);    // CONNECTION_FORCED: a shutdown
  EXPECT_EQ(outcome_of_end(541, 1), Outcome::retry);    // INTERNAL_ERROR
}

TEST(RabbitMqEnd, BlamesAMessageOnlyWhereItWasAlone) {
  using rabbitmq::outcome_of_end;
  EXPECT_EQ(outcome_of_end(406, 1), Outcome::doubtful);  // PRECONDITION_FAILED: too large
  EXPECT_EQ(outcome_of_end(406, 2), Outcome::retry);
}

TEST(RabbitMqOptions, MistakesAreSaid) {
  const auto mistakes = [](const std::string& options) {
    return Harness(kRabbitMqPublisher, "{" + options + "}").mistakes();
  };
  EXPECT_EQ(mistakes("servers: 'amqp://a', exchange: bank"), "");
  EXPECT_EQ(mistakes("servers: 'amqp://a', route_by: key"), "");
  EXPECT_THAT(mistakes("servers: 'amqp://a'"), HasSubstr("must name a queue"));
  EXPECT_THAT(mistakes("servers: 'amqp://a', routing_key: q, route_by: key"),
              HasSubstr("are for different messages"));
  EXPECT_THAT(mistakes("servers: 'http://a', routing_key: q"), HasSubstr("a URL is not one"));
  EXPECT_THAT(mistakes("servers: 'amqp://far', routing_key: q, user: u, password: '${env:A}'"),
              HasSubstr("without TLS"));
  EXPECT_THAT(
      mistakes("servers: 'amqp://a', exchange: " + std::string(256, 'x') + ", route_by: type"),
      HasSubstr("at most 255"));
}

}  // namespace
}  // namespace copybridge::publishers
