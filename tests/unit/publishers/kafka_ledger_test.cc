// What the ledger of exactly-once delivery knows, forgets, and reads back.
#include "bridge/publishers/kafka_ledger.h"

#include <gmock/gmock.h>

#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Ledger : public testing::Test {
 protected:
  /// Commits events as one transaction; its message.
  std::pair<std::string, std::string> commit(const std::vector<std::string>& ids) {
    std::vector<const Event*> events;
    for (const std::string& id : ids) events.push_back(events_.add(id));
    IdLedger::Entry entry = ledger_.next(events);
    std::pair message(ledger_.key_of(entry.sequence), IdLedger::value_of(entry.hashes));
    ledger_.add(std::move(entry));
    return message;
  }

  EventStore events_;
  IdLedger ledger_{"pay-topic"};
};

TEST_F(Ledger, KnowsWhatWasCommittedUntilItIsForgotten) {
  commit({"a", "b"});
  EXPECT_TRUE(ledger_.knows("a"));
  ledger_.forget({"a"});
  EXPECT_FALSE(ledger_.knows("a"));
  EXPECT_TRUE(ledger_.knows("b"));
}

TEST_F(Ledger, KeepsATransactionUntilAllOfItIsForgotten) {
  commit({"a", "b"});
  commit({"c"});
  ledger_.forget({"c", "a"});
  EXPECT_THAT(ledger_.obsolete(), ElementsAre(2));
  ledger_.remove_obsolete(1);
  ledger_.forget({"b"});
  EXPECT_THAT(ledger_.obsolete(), ElementsAre(1));
}

TEST_F(Ledger, ForgetsNothingOfWhatItNeverHad) {
  commit({"a"});
  ledger_.forget({"x"});
  EXPECT_THAT(ledger_.obsolete(), IsEmpty());
}

TEST_F(Ledger, CountsAnIdOnceThatATransactionHoldsTwice) {
  commit({"a", "a"});
  ledger_.forget({"a"});
  EXPECT_THAT(ledger_.obsolete(), ElementsAre(1));
}

TEST_F(Ledger, ReadsBackWhatItWroteAndGoesOnCounting) {
  const auto [first_key, first] = commit({"a", "b"});
  const auto [second_key, second] = commit({"c"});
  IdLedger read("pay-topic");
  EXPECT_TRUE(read.take(first_key, first, false, false));
  EXPECT_TRUE(read.take(second_key, second, false, false));
  EXPECT_TRUE(read.take(first_key, "", true, false));
  EXPECT_FALSE(read.knows("a"));
  EXPECT_TRUE(read.knows("c"));
  EXPECT_EQ(read.next({}).sequence, 3U);
}

TEST_F(Ledger, RemovesWhatIsTooOldToComeAgain) {
  const auto [key, value] = commit({"a"});
  IdLedger read("pay-topic");
  EXPECT_TRUE(read.take(key, value, false, true));
  EXPECT_FALSE(read.knows("a"));
  EXPECT_THAT(read.obsolete(), ElementsAre(1));
}

TEST_F(Ledger, TakesNoMessagesOfOthers) {
  const auto [key, value] = commit({"a"});
  IdLedger other("pay-other");
  EXPECT_FALSE(other.take(key, value, false, false));
  EXPECT_FALSE(ledger_.take("pay-topic/x", value, false, false));
  EXPECT_FALSE(ledger_.take("pay-topic/7", "short", false, false));
}

}  // namespace
}  // namespace copybridge::publishers
