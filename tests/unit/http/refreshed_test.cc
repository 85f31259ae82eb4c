// When a value that ages is fetched, and who waits for it.
#include "bridge/http/refreshed.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/publishers/harness.h"

namespace copybridge::http {
namespace {

using publishers::ManualClock;
using Token = Refreshed<std::string>;

constexpr Milliseconds kLifetime{3'600'000};

/// A source of tokens `1`, `2`, …, whose fetches the test ends.
class Tokens : public ::testing::Test {
 protected:
  /// What one who asks is given; empty: waits.
  std::shared_ptr<std::string> ask() {
    auto answer = std::make_shared<std::string>();
    token_.get([answer](const Result<Token::Value>& value) {
      *answer = value ? **value : value.error().message;
    });
    return answer;
  }
  void bring(Milliseconds lifetime = kLifetime) {
    fetched_ += 1;
    std::exchange(done_, nullptr)(Fetched<std::string>{std::to_string(fetched_), lifetime});
  }
  void fail_fetch() { std::exchange(done_, nullptr)(fail(ErrorKind::peer_away, "away")); }
  [[nodiscard]] bool is_fetching() const { return done_ != nullptr; }

  ManualClock clock_;
  Token::Done done_;
  int fetched_ = 0;
  Token token_{clock_, [this](Token::Done done) { done_ = std::move(done); }};
};

TEST_F(Tokens, AreFetchedOnceForAllWhoAsk) {
  const auto one = ask();
  const auto other = ask();
  EXPECT_EQ(*one, "");
  bring();
  EXPECT_EQ(*one, "1");
  EXPECT_EQ(*other, "1");
  EXPECT_EQ(*ask(), "1");
  EXPECT_FALSE(is_fetching());
}

TEST_F(Tokens, AreFetchedAgainBeforeTheyEndAndNobodyWaits) {
  ask();
  bring();
  clock_.advance(kLifetime * 7 / 10 - Milliseconds(1));
  ask();
  EXPECT_FALSE(is_fetching());
  clock_.advance(kLifetime / 10 + Milliseconds(1));
  EXPECT_EQ(*ask(), "1");
  EXPECT_TRUE(is_fetching());
  bring();
  EXPECT_EQ(*ask(), "2");
}

TEST_F(Tokens, AreUsedOnWhereTheEarlyFetchFailsAndItIsTriedAgain) {
  ask();
  bring();
  clock_.advance(kLifetime * 8 / 10);
  ask();
  fail_fetch();
  EXPECT_EQ(*ask(), "1");
  EXPECT_FALSE(is_fetching());
  clock_.advance(Milliseconds(10'000));
  EXPECT_EQ(*ask(), "1");
  EXPECT_TRUE(is_fetching());
}

TEST_F(Tokens, AreWaitedForByWhoeverKeepsThem) {
  const auto ask_renewed = [this] {
    auto answer = std::make_shared<std::string>();
    token_.get_renewed([answer](const Result<Token::Value>& value) {
      *answer = value ? **value : value.error().message;
    });
    return answer;
  };
  ask();
  bring();
  EXPECT_EQ(*ask_renewed(), "1");
  clock_.advance(kLifetime * 8 / 10);
  const auto next = ask_renewed();
  EXPECT_EQ(*next, "");
  EXPECT_EQ(*ask(), "1");
  bring();
  EXPECT_EQ(*next, "2");
  clock_.advance(kLifetime * 8 / 10);
  const auto failed = ask_renewed();
  fail_fetch();
  EXPECT_EQ(*failed, "2");
  clock_.advance(kLifetime);
  const auto late = ask_renewed();
  fail_fetch();
  EXPECT_EQ(*late, "away");
}

TEST_F(Tokens, AreNotUsedBeyondTheirLifetime) {
  ask();
  bring();
  clock_.advance(kLifetime);
  const auto late = ask();
  EXPECT_EQ(*late, "");
  fail_fetch();
  EXPECT_EQ(*late, "away");
}

TEST_F(Tokens, AreFetchedAgainAfterTheyWereDropped) {
  ask();
  bring();
  token_.drop();
  const auto next = ask();
  EXPECT_EQ(*next, "");
  bring();
  EXPECT_EQ(*next, "2");
}

TEST_F(Tokens, WithoutAnEndAreFetchedOnce) {
  ask();
  bring(Milliseconds::max());
  clock_.advance(kLifetime * 1000);
  EXPECT_EQ(*ask(), "1");
  EXPECT_FALSE(is_fetching());
}

TEST_F(Tokens, SayAtOnceWhatIsWrongOnThisMachine) {
  Token broken(clock_, [](const Token::Done& done) { done(fail(ErrorKind::config, "no secret")); });
  const Result<void> begun = broken.begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().message, "no secret");
  EXPECT_TRUE(token_.begin());
  EXPECT_TRUE(is_fetching());
  fail_fetch();
}

TEST_F(Tokens, OfAnHourMakeNobodyWaitForThirtyDays) {
  ask();
  bring();
  for (int minute = 0; minute < 30 * 24 * 60; ++minute) {
    clock_.advance(Milliseconds(60'000));
    ASSERT_NE(*ask(), "") << "minute " << minute;
    if (is_fetching()) bring();
  }
  EXPECT_GT(fetched_, 30 * 24);
  EXPECT_LT(fetched_, 30 * 24 * 2);
}

}  // namespace
}  // namespace copybridge::http
