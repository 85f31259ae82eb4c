// What bridge/publishers/publisher.h promises, held against every registered publisher. One that
// is registered and has no rig here fails.
#include <gmock/gmock.h>

#include "bridge/components/components.h"
#include "tests/conformance/components/rig.h"

namespace copybridge::publishers {

std::vector<RigRow>& publisher_rigs() {
  static std::vector<RigRow> rigs;
  return rigs;
}

namespace {

using testing::HasSubstr;
using testing::Not;

class PublisherContract : public testing::TestWithParam<RigRow> {
 protected:
  PublisherContract() : rig_(GetParam().make()) {}

  std::unique_ptr<Harness> make(const std::string& options) {
    const auto kinds = components::publisher_kinds();
    const auto kind = std::ranges::find(kinds, GetParam().kind, &PublisherKind::kind);
    auto harness = std::make_unique<Harness>(**kind, options);
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  std::unique_ptr<Harness> make() { return make(rig_->options()); }
  bool has_peer() const { return !rig_->options_when_away().empty(); }

  EventStore events_;
  std::unique_ptr<Rig> rig_;
};

TEST_P(PublisherContract, ReportsAcceptedWhatIsAtTheEndpoint) {
  auto harness = make();
  for (std::size_t i = 1; i <= 10; ++i) {
    const Response response = harness->publish_and_wait({events_.add("id-" + std::to_string(i))});
    ASSERT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
    ASSERT_GE(rig_->received(), i) << "accepted, and not there";
  }
  harness->take();
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_P(PublisherContract, TakesAsManyEventsAndRequestsAsItSays) {
  auto harness = make();
  const Limits limits = harness->publisher()->limits();
  std::vector<std::uint64_t> numbers;
  std::size_t sent = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(limits.requests_in_flight, 4); ++i) {
    const std::size_t count = std::min<std::size_t>(limits.events_per_request, 50);
    numbers.push_back(harness->publish(events_.add_many(count, std::to_string(i) + "-")));
    sent += count;
  }
  for (const std::uint64_t number : numbers) {
    const Response response = harness->response_to(number);
    for (const Outcome outcome : response.outcomes)
      EXPECT_EQ(outcome, Outcome::accepted) << response.reason;
  }
  EXPECT_EQ(rig_->received(), sent);
}

TEST_P(PublisherContract, ClosesTwice) {
  auto harness = make();
  harness->publish_and_wait({events_.add("one")});
  harness->publisher()->close(kPatience);
  harness->publisher()->close(kPatience);
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_P(PublisherContract, ClosesWithoutHavingBeenOpened) {
  const auto kinds = components::publisher_kinds();
  const auto kind = std::ranges::find(kinds, GetParam().kind, &PublisherKind::kind);
  Harness harness(**kind, rig_->options());
  harness.publisher()->close(Milliseconds{0});
}

TEST_P(PublisherContract, OpensAndAnswersRetryWhileTheEndpointIsAway) {
  if (!has_peer()) return;  // Nothing to be away.
  auto harness = make(rig_->options_when_away());
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes.at(0), Outcome::retry);
  EXPECT_NE(response.reason, "");
}

TEST_P(PublisherContract, AnswersEverythingBeforeCloseReturns) {
  auto harness = has_peer() ? make(rig_->options_when_away()) : make();
  const std::uint64_t number = harness->publish({events_.add("one")});
  harness->publisher()->close(Milliseconds{0});
  EXPECT_TRUE(harness->take().contains(number)) << "a request without an answer";
}

TEST_P(PublisherContract, KeepsBodiesOutOfReasonsAndLog) {
  auto harness = has_peer() ? make(rig_->options_when_away()) : make();
  harness->publish_and_wait({events_.add_body("one", R"({"NAME":"HIDDEN"})", "HIDDEN-KEY")});
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("HIDDEN")));
}

INSTANTIATE_TEST_SUITE_P(Registered, PublisherContract, testing::ValuesIn(publisher_rigs()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PublisherRegistry, HasARigForEveryKind) {
  for (const PublisherKind* kind : components::publisher_kinds()) {
    EXPECT_TRUE(std::ranges::any_of(publisher_rigs(),
                                    [&](const RigRow& rig) { return rig.kind == kind->kind; }))
        << kind->kind << " is registered and not held to the contract";
  }
}

}  // namespace
}  // namespace copybridge::publishers
