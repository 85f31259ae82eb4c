// The publisher http: tokens that are fetched, signatures, rules for answers.
#include <gmock/gmock.h>

#include <cstdlib>

#include "bridge/publishers/http_publisher.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;
using testing::Not;

class HttpRules : public testing::Test {
 protected:
  HttpRules()
      : server_({"python3", support::source_path("tests/support/http_server.py"), "--log",
                 (folder_.path() / "requests").string()}),
        origin_("http://127.0.0.1:" + std::to_string(server_.read_port())) {
    ::setenv("COPYBRIDGE_TEST_SECRET", "open sesame", 1);
  }
  std::unique_ptr<Harness> make(const std::string& path, const std::string& more) const {
    auto harness = std::make_unique<Harness>(
        kHttpPublisher, "{url: '" + origin_ + path + "', " + more + "}", folder_.path(), clock_);
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  std::string token_options(const std::string& scope = "a b") const {
    return "token_url: '" + origin_ +
           "/token', client_id: bridge, client_secret: '${env:COPYBRIDGE_TEST_SECRET}', scope: '" +
           scope + "'";
  }
  std::vector<std::string> requests() const { return lines_of(folder_.read("requests")); }
  std::vector<Outcome> send(const std::string& path, const std::string& more) {
    return make(path, more)->publish_and_wait({events_.add("one")}).outcomes;
  }

  TestFolder folder_;
  ManualClock clock_;
  testing_support::ChildProcess server_;
  std::string origin_;
  EventStore events_;
};

TEST_F(HttpRules, TokenIsFetchedOnceForAllRequests) {
  auto harness = make("/auth", token_options());
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(20)) numbers.push_back(harness->publish({event}));
  for (const std::uint64_t number : numbers) {
    EXPECT_EQ(harness->response_to(number).outcomes, std::vector{Outcome::accepted});
  }
  EXPECT_EQ(requests().size(), 21U);
}

TEST_F(HttpRules, TokenThatIsRefusedIsFetchedAgain) {
  auto harness = make("/auth", token_options());
  harness->publish_and_wait({events_.add("one")});
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  // The endpoint knows the first token only.
  EXPECT_EQ(harness->publish_and_wait({events_.add("two")}).outcomes,
            std::vector{Outcome::refused});
  EXPECT_THAT(requests().back(), HasSubstr("Bearer token-2"));
}

TEST_F(HttpRules, NoEventFailsOverADayOfTokensOfAnHour) {
  auto harness = make("/in", token_options());
  for (int half_hour = 0; half_hour < 48; ++half_hour) {
    const Response response = harness->publish_and_wait({events_.add("one")});
    ASSERT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
    clock_.advance(Milliseconds(1'800'000));
  }
  const std::size_t tokens = requests().size() - 48;
  EXPECT_GE(tokens, 23U);
  EXPECT_LE(tokens, 48U);
}

TEST_F(HttpRules, RefusalOfTheTokenMakesTheRouteWaitAndSaysNoSecret) {
  auto harness = make("/auth", token_options("another"));
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(response.reason, HasSubstr("/token: answered 401 invalid_client"));
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("sesame")));
}

TEST_F(HttpRules, TokenServerThatIsAwayIsARetry) {
  const std::string away =
      "token_url: 'http://127.0.0.1:1/', client_id: bridge, "
      "client_secret: '${env:COPYBRIDGE_TEST_SECRET}'";
  EXPECT_EQ(send("/in", away), std::vector{Outcome::retry});
}

/// Computed by another implementation of HMAC.
TEST_F(HttpRules, SignatureIsThatOfStandardWebhooks) {
  ::setenv("COPYBRIDGE_TEST_HOOK", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
  make("/hook", "mode: body, webhook_secret: '${env:COPYBRIDGE_TEST_HOOK}'")
      ->publish_and_wait({events_.add_body("pays/1/2/pay", "{\"A\":1}")});
  const std::string request = requests().back();
  EXPECT_THAT(request, HasSubstr("\"webhook-id\": \"pays/1/2/pay\""));
  EXPECT_THAT(request, HasSubstr("\"webhook-timestamp\": \"1795406706\""));
  EXPECT_THAT(
      request,
      HasSubstr("\"webhook-signature\": \"v1,ZF+Q2R5/e2DuAwX6ae7RHDc9QQLGmpZrNuctrF/xpOc=\""));
}

TEST_F(HttpRules, StatusMeansWhatTheRuleSays) {
  EXPECT_EQ(send("/status/409", "statuses: {409: accepted}"), std::vector{Outcome::accepted});
  EXPECT_EQ(send("/status/400", "statuses: {400: permanent}"), std::vector{Outcome::permanent});
  EXPECT_EQ(send("/status/200", "statuses: {200: retry}"), std::vector{Outcome::retry});
  EXPECT_EQ(send("/status/401", "statuses: {400: permanent}"), std::vector{Outcome::refused});
}

TEST_F(HttpRules, GoodAnswerHasToHoldItsText) {
  EXPECT_EQ(send("/said", "success_text: SAVED"), std::vector{Outcome::accepted});
  EXPECT_EQ(send("/said", "success_text: DONE"), std::vector{Outcome::doubtful});
}

TEST(HttpRulesMistakes, AreSaid) {
  const auto mistakes = [](const std::string& more) {
    return Harness(kHttpPublisher, "{url: 'http://127.0.0.1:1/', " + more + "}").mistakes();
  };
  EXPECT_THAT(mistakes("statuses: {4xx: retry}"), HasSubstr("'4xx' is not a status"));
  EXPECT_THAT(mistakes("statuses: {400: drop}"), HasSubstr("'drop' is none of accepted"));
  EXPECT_THAT(mistakes("token_url: 'http://127.0.0.1/'"), HasSubstr("needs 'client_secret'"));
  EXPECT_THAT(mistakes("token_url: 'http://far.example/', client_id: a, "
                       "client_secret: '${env:A}'"),
              HasSubstr("in the clear; use https"));
  EXPECT_THAT(mistakes("client_secret: open sesame"), HasSubstr("client_secret"));
  EXPECT_THAT(mistakes("bearer: '${env:A}', token_url: 'http://127.0.0.1/', client_id: a, "
                       "client_secret: '${env:A}'"),
              HasSubstr("'bearer' and 'token_url' exclude each other"));
}

}  // namespace
}  // namespace copybridge::publishers
