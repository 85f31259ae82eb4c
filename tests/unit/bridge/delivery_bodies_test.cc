// Bodies that an endpoint does not take: with the store first, then an event that names them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/publishers/cloudevents.h"
#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kTaken = 100;

/// Names a body by its event's id.
class NotingStore : public NotingPublisher {
 public:
  using NotingPublisher::NotingPublisher;
  [[nodiscard]] std::string reference_of(const publishers::Event& event) const override {
    return "https://store/" + std::string(event.id) + padding_;
  }
  void name_at_length(std::size_t length) { padding_.assign(length, 'n'); }

 private:
  std::string padding_;
};

Limits limited(Limits limits) {
  limits.event_bytes_max = kTaken;
  return limits;
}

/// An endpoint whose second event (and, by `large`, others) is too large for it.
class Checked {
 public:
  explicit Checked(const Limits& limits, const std::vector<std::string>& keys,
                   const std::set<std::uint32_t>& large = {1}, std::size_t name_length = 0)
      : batch_(keys) {
    auto publisher = std::make_unique<NotingStore>(single(), stored_, renewal_);
    publisher->name_at_length(name_length);
    store_ = std::make_unique<Delivery>("store", std::move(publisher), kPolicy, clock_, log_);
    cloud_ = std::make_unique<Delivery>(
        "cloud", std::make_unique<NotingPublisher>(limited(limits), sent_, renewal_), kPolicy,
        clock_, log_);
    cloud_->keep_bodies_in(*store_);
    for (const std::uint32_t event : large) batch_.passage().events[event].body = large_;
    for (std::uint32_t event = 0; event < keys.size(); ++event) {
      cloud_->enqueue(batch_.passage(), event);
    }
    pump();
  }

  void pump() {
    cloud_->pump(done_);
    store_->pump(kept_);
  }
  void answer(const std::vector<Request>& requests, std::size_t index, Outcome outcome,
              Delivery& destination) {
    destination.apply({.number = requests[index].number, .outcomes = {outcome}, .reason = "503"},
                      &destination == cloud_.get() ? done_ : kept_);
    for (const Delivered& kept : std::exchange(kept_, {})) EXPECT_TRUE(cloud_->note_kept(kept));
    pump();
  }
  void keep(std::size_t index, Outcome outcome = Outcome::accepted) {
    answer(stored_, index, outcome, *store_);
  }
  [[nodiscard]] static std::vector<std::string> ids_of(const std::vector<Request>& requests) {
    std::vector<std::string> ids;
    for (const Request& request : requests) {
      std::string text;
      for (const publishers::Event* event : request.events) {
        text += (text.empty() ? "" : " ") + std::string(event->id);
      }
      ids.push_back(text);
    }
    return ids;
  }
  [[nodiscard]] std::vector<std::string> sent() const { return ids_of(sent_); }
  [[nodiscard]] std::vector<std::string> stored() const { return ids_of(stored_); }

  const std::string large_ = "{\"text\":\"" + std::string(kTaken, 'x') + "\"}";
  ManualClock clock_;
  KeptLog log_{clock_};
  std::vector<Request> sent_;
  std::vector<Request> stored_;
  Renewal renewal_;
  std::vector<Delivered> done_;
  std::vector<Delivered> kept_;
  Batch batch_;
  std::unique_ptr<Delivery> store_;
  std::unique_ptr<Delivery> cloud_;
};

TEST(Bodies, GoToTheStoreBeforeTheEndpointHearsOfThem) {
  Checked checked(single(), {"", "", ""});
  EXPECT_THAT(checked.sent(), ElementsAre("1", "3"));
  ASSERT_THAT(checked.stored(), ElementsAre("2"));
  EXPECT_EQ(checked.stored_[0].events[0]->body, checked.large_);
  checked.keep(0);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "3", "2"));
}

TEST(Bodies, AreNamedByTheEventInTheirPlace) {
  Checked checked(single(), {"", "k"});
  checked.keep(0);
  const publishers::Event& event = *checked.sent_.back().events[0];
  EXPECT_EQ(event.key, "k");
  EXPECT_EQ(event.body, R"({"dataref":"https://store/2"})");
  std::string text;
  publishers::append_structured(text, event);
  EXPECT_THAT(text, HasSubstr(R"("dataref":"https://store/2")"));
  EXPECT_THAT(text, Not(HasSubstr(R"("data":)")));
  EXPECT_TRUE(publishers::data_of(event).empty());
}

TEST(Bodies, AreNotOvertakenByLaterEventsOfTheirKey) {
  Checked checked(single(), {"a", "a", "a", "b"});
  EXPECT_THAT(checked.sent(), ElementsAre("1", "4"));
  checked.answer(checked.sent_, 0, Outcome::accepted, *checked.cloud_);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "4"));
  checked.keep(0);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "4", "2"));
  checked.answer(checked.sent_, 2, Outcome::accepted, *checked.cloud_);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "4", "2", "3"));
}

TEST(Bodies, AreNotOvertakenByAnythingWhereTheEndpointKeepsOrder) {
  Checked checked(ordered(batches(10)), {"a", "", "b"});
  EXPECT_THAT(checked.sent(), ElementsAre("1"));
  checked.keep(0);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "2 3"));
}

TEST(Bodies, WaitForAStoreThatIsAwayAndAreNoDeadLetters) {
  Checked checked(single(), {"a", "a"});
  checked.answer(checked.sent_, 0, Outcome::accepted, *checked.cloud_);
  checked.keep(0, Outcome::retry);
  EXPECT_TRUE(checked.store_->is_stuck());
  checked.clock_.advance(kPolicy.max);
  checked.pump();
  EXPECT_THAT(checked.stored(), ElementsAre("2", "2"));
  EXPECT_THAT(checked.sent(), ElementsAre("1"));
  checked.keep(1);
  EXPECT_THAT(checked.sent(), ElementsAre("1", "2"));
  EXPECT_EQ(checked.done_.size(), 1U);
}

TEST(Bodies, AreNotStoredAgainWhenTheEndpointFails) {
  Checked checked(single(), {"", ""});
  checked.keep(0);
  checked.answer(checked.sent_, 1, Outcome::retry, *checked.cloud_);
  checked.clock_.advance(kPolicy.max);
  checked.pump();
  EXPECT_THAT(checked.stored(), ElementsAre("2"));
  EXPECT_EQ(checked.sent().back(), "2");
}

TEST(Bodies, AreDeadLettersWhereEvenTheEventThatNamesThemIsTooLarge) {
  Checked checked(single(), {"", ""}, {1}, 2 * kTaken);
  EXPECT_THAT(checked.stored(), IsEmpty());
  ASSERT_EQ(checked.done_.size(), 1U);
  EXPECT_THAT(checked.done_[0].reason, HasSubstr("the endpoint takes 100"));
}

TEST(Bodies, AreDeadLettersWhereTheStoreRefusesThemForThemselves) {
  Checked checked(single(), {"", ""});
  checked.keep(0, Outcome::permanent);
  ASSERT_EQ(checked.done_.size(), 1U);
  EXPECT_FALSE(checked.done_[0].is_accepted);
  EXPECT_THAT(checked.done_[0].reason, HasSubstr("the endpoint takes 100; 503"));
}

TEST(Bodies, AreForgottenWithTheirEvents) {
  Checked checked(single(), {"", ""});
  checked.cloud_->abandon();
  EXPECT_FALSE(checked.cloud_->note_kept({.destination = checked.store_.get(),
                                          .passage = &checked.batch_.passage(),
                                          .event = 1,
                                          .is_accepted = true}));
}

TEST(Bodies, AreSaidInTheLogOnceAMinute) {
  Checked checked(single(), {"", "", ""}, {1, 2});
  checked.keep(0);
  checked.keep(1);
  EXPECT_EQ(checked.log_.count("body_kept"), 1U);
  EXPECT_THAT(checked.log_.last("body_kept"), HasSubstr("dataref=https://store/2"));
}

}  // namespace
}  // namespace copybridge::tests
