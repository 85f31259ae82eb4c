// Positions that are stored with the events: what goes out together, when, and what a refusal
// means.
#include <gmock/gmock.h>

#include "tests/unit/bridge/endpoint.h"

namespace copybridge::tests {
namespace {

using bridge::Passage;
using testing::ElementsAre;
using testing::IsEmpty;

/// A destination that stores positions, and batches of one record per event.
class Stored : public testing::Test {
 protected:
  Stored() {
    Limits limits;
    limits.events_per_request = 4;
    limits.keeps_order = true;
    limits.remembers_ids = true;
    delivery_ = std::make_unique<Delivery>(
        "topic", std::make_unique<NotingPublisher>(limits, sent_, renewal_), kPolicy, clock_, log_);
    delivery_->carry_positions({.after =
                                    [](std::uint64_t token, std::size_t records) {
                                      return std::to_string(token) + ":" + std::to_string(records);
                                    },
                                .take_back = [this] { ++taken_back_; }});
  }

  /// A batch whose records have an event each, or none.
  Passage& add(std::size_t records, bool is_filtered = false) {
    Passage& passage = *passages_.emplace_back(std::make_unique<Passage>());
    auto batch = std::make_unique<adapters::RecordBatch>();
    batch->records.resize(records);
    batch->token = passages_.size();
    passage.reset(std::move(batch), 1, clock_.now());
    for (std::uint32_t record = 0; record < records && !is_filtered; ++record) {
      passage.events.emplace_back();
      passage.origins.push_back({.record = record});
      passage.share(record, 0).pending = 1;
      passage.pending += 1;
      delivery_->enqueue(passage, record);
    }
    passage.pending += 1;
    delivery_->enqueue_position(passage);
    return passage;
  }
  void pump() { delivery_->pump(done_); }
  void answer(const std::vector<Outcome>& outcomes) {
    Response response;
    response.number = sent_.back().number;
    response.outcomes = outcomes;
    delivery_->apply(response, done_);
  }
  /// Events and position of the newest request: "2 events, 1:2".
  [[nodiscard]] std::string newest() const {
    const Request& request = sent_.back();
    return std::to_string(request.events.size()) + " events, " + request.position().value_or("-");
  }

  ManualClock clock_;
  KeptLog log_{clock_};
  std::vector<Request> sent_;
  Renewal renewal_;
  int taken_back_ = 0;
  std::vector<Delivered> done_;
  std::vector<std::unique_ptr<Passage>> passages_;
  std::unique_ptr<Delivery> delivery_;
};

TEST_F(Stored, PositionsGoOutWithAllEventsOfTheirBatches) {
  add(2);
  add(1);
  add(3);
  pump();
  EXPECT_EQ(newest(), "3 events, 2:1");
  answer({Outcome::accepted});
  EXPECT_EQ(done_.size(), 5U);
  pump();
  EXPECT_EQ(newest(), "3 events, 3:3");
}

TEST_F(Stored, BatchesAreNotDividedWhereTheyAreLargerThanARequest) {
  add(6);
  pump();
  EXPECT_EQ(newest(), "6 events, 1:6");
}

TEST_F(Stored, PositionsOfBatchesWithoutEventsAreStoredTogether) {
  add(3, true);
  add(2, true);
  pump();
  EXPECT_EQ(newest(), "0 events, 2:2");
  answer({Outcome::accepted});
  EXPECT_EQ(done_.size(), 2U);
}

TEST_F(Stored, PositionsWaitForDeadLettersOfTheirBatch) {
  Passage& passage = add(2);
  passage.pending += 1;
  add(1);
  pump();
  EXPECT_THAT(sent_, IsEmpty());
  passage.pending -= 1;
  pump();
  EXPECT_EQ(newest(), "3 events, 2:1");
}

TEST_F(Stored, PositionsLeaveOutWhatIsHandedBack) {
  Passage& passage = add(3);
  passage.share(2, 0) = {.is_handed_back = true};
  EXPECT_EQ(passage.kept_records(), 2U);
}

TEST_F(Stored, PositionsAreSentAgainWithWhatWasNotRefusedForItself) {
  Passage& passage = add(3);
  pump();
  answer({Outcome::retry, Outcome::permanent, Outcome::retry});
  ASSERT_EQ(done_.size(), 1U);
  EXPECT_FALSE(done_[0].is_accepted);
  clock_.advance(Milliseconds(30'000));
  pump();
  EXPECT_EQ(sent_.size(), 1U) << "the dead letter is not stored yet";
  passage.pending -= 1;
  pump();
  EXPECT_EQ(newest(), "2 events, 1:3");
}

TEST_F(Stored, PositionsOfNothingButDeadLettersAreStored) {
  Passage& passage = add(1);
  pump();
  answer({Outcome::permanent});
  passage.pending -= 1;
  pump();
  EXPECT_EQ(newest(), "0 events, 1:1");
}

TEST_F(Stored, ARequestOfAPositionAloneIsSentAgainWhenItFails) {
  add(1, true);
  pump();
  answer({Outcome::retry});
  EXPECT_THAT(done_, IsEmpty());
  clock_.advance(Milliseconds(30'000));
  pump();
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(Stored, WhatTheSourceTakesBackTakesWhatComesBehindWithIt) {
  add(2);
  add(3);
  pump();
  answer({Outcome::taken_back});
  EXPECT_EQ(taken_back_, 1);
  ASSERT_EQ(done_.size(), 7U);
  for (const Delivered& delivered : done_) EXPECT_TRUE(delivered.is_taken_back);
  pump();
  EXPECT_EQ(sent_.size(), 1U);
  add(1);
  pump();
  EXPECT_EQ(newest(), "1 events, 3:1");
}

TEST_F(Stored, PositionsMakeIdsNeedless) {
  Passage& passage = add(1);
  pump();
  answer({Outcome::accepted});
  delivery_->note_settling(1, passage);
  delivery_->note_settled(1);
  add(1);
  pump();
  EXPECT_THAT(sent_.back().settled_ids, IsEmpty());
}

}  // namespace
}  // namespace copybridge::tests
