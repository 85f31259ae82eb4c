// on_dead_letter: block-key. Later events of a key wait for its dead letter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BlockingEndpoint : public Endpoint {
 public:
  BlockingEndpoint(const Limits& limits, const std::vector<std::string>& keys)
      : Endpoint(limits, keys, "{}", true) {}
  /// Drops all dead letters.
  void drop_letters() {
    delivery_.release_all_but({});
    delivery_.pump(done_);
  }
};

TEST(DeliveryBlocks, HoldsLaterEventsOfAKeyBehindItsDeadLetter) {
  BlockingEndpoint endpoint(single(), {"a", "a", "b", "a"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3"));
  endpoint.answer(0, {Outcome::permanent});
  endpoint.answer(1, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "3"));
  EXPECT_THAT(endpoint.fates(), ElementsAre("1 refused", "3 accepted"));
  EXPECT_TRUE(endpoint.delivery_.is_only_blocked());
}

TEST(DeliveryBlocks, LetsThemGoOnInOrderWhenTheLetterIsGone) {
  BlockingEndpoint endpoint(single(), {"a", "a", "a"});
  endpoint.answer(0, {Outcome::permanent});
  endpoint.delivery_.release_all_but({{"a", "1"}});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1")) << "the letter is still there";
  endpoint.drop_letters();
  endpoint.answer(1, {Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1", "2", "3"));
}

TEST(DeliveryBlocks, NamesTheLetterOnceAndNeverTheKey) {
  BlockingEndpoint endpoint(single(), {"secret", "secret", "secret"});
  endpoint.answer(0, {Outcome::permanent});
  endpoint.drop_letters();
  EXPECT_THAT(endpoint.log_.lines("key_blocked"), ElementsAre(HasSubstr("endpoint=cloud id=1")));
  EXPECT_THAT(endpoint.log_.lines("key_released"),
              ElementsAre(HasSubstr("endpoint=cloud id=1 waiting=2")));
  EXPECT_EQ(endpoint.log_.last("key_blocked").find("secret"), std::string::npos);
}

TEST(DeliveryBlocks, SaysNothingWhereNoLaterEventComes) {
  BlockingEndpoint endpoint(single(), {"a"});
  endpoint.answer(0, {Outcome::permanent});
  endpoint.drop_letters();
  EXPECT_THAT(endpoint.log_.lines("key_blocked"), IsEmpty());
  EXPECT_THAT(endpoint.log_.lines("key_released"), IsEmpty());
}

TEST(DeliveryBlocks, HoldsFromTheStartWhatAnEarlierRunLeft) {
  ManualClock clock;
  KeptLog log(clock);
  std::vector<Request> sent;
  Renewal renewal;
  Delivery delivery("cloud", std::make_unique<NotingPublisher>(single(), sent, renewal), kPolicy,
                    clock, log);
  delivery.block_keys();
  delivery.block("a", "1");
  Batch batch({"a", "a", "b"});
  for (std::uint32_t event = 0; event < 3; ++event) delivery.enqueue(batch.passage(), event);
  std::vector<Delivered> done;
  delivery.pump(done);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].is_letter) << "the letter itself, read again, is not tried again";
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].events[0]->id, "3");
}

// Otherwise the second event of the key would be taken although the first is refused.
TEST(DeliveryBlocks, PutsAKeyOnceIntoARequestOfWhatKeepsTheOrder) {
  BlockingEndpoint endpoint(ordered(batches(3)), {"a", "a", "b"});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 3"));
  endpoint.answer(0, {Outcome::permanent, Outcome::accepted});
  EXPECT_THAT(endpoint.requests(), ElementsAre("1 3"));
}

TEST(DeliveryBlocks, RefusesATooLargeEventOnlyWhenItsTurnHasCome) {
  Limits limits = single();
  limits.event_bytes_max = 5;
  BlockingEndpoint endpoint(limits, {"a", "a", "b"});
  EXPECT_THAT(endpoint.fates(), IsEmpty());
  BlockingEndpoint large(limits, {"a", "a", "the key makes it large", "a"});
  EXPECT_THAT(large.fates(), ElementsAre("3 refused"));
}

TEST(DeliveryBlocks, ForgetsWhatItHoldsAtTheEnd) {
  BlockingEndpoint endpoint(single(), {"a", "a"});
  endpoint.answer(0, {Outcome::permanent});
  endpoint.delivery_.abandon();
  endpoint.drop_letters();
  EXPECT_THAT(endpoint.requests(), ElementsAre("1"));
}

}  // namespace
}  // namespace copybridge::tests
