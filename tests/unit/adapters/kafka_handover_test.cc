// What a transaction may commit of a consumer's partitions, and a position's text.
#include "adapters/kafka/kafka_handover.h"

#include <gmock/gmock.h>

namespace copybridge::adapters {
namespace {

using kafka::GroupPosition;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(KafkaHandover, GivesTheOffsetsBehindABatchAndAllBefore) {
  KafkaHandover handover("g", "t");
  handover.add(1, {{0, 10}, {1, 5}, {0, 11}});
  handover.add(2, {{1, 6}, {2, 0}});
  handover.add(3, {{0, 12}});
  EXPECT_THAT(handover.offsets_after(2, 2), ElementsAre(Pair(0, 12), Pair(1, 7), Pair(2, 1)));
}

TEST(KafkaHandover, LeavesOutTheRecordsOfTheBatchThatAreHandedBack) {
  KafkaHandover handover("g", "t");
  handover.add(1, {{0, 10}, {1, 5}, {0, 11}});
  EXPECT_THAT(handover.offsets_after(1, 2), ElementsAre(Pair(0, 11), Pair(1, 6)));
}

TEST(KafkaHandover, ForgetsWhatIsSettled) {
  KafkaHandover handover("g", "t");
  handover.add(1, {{0, 10}});
  handover.add(2, {{1, 3}});
  handover.drop(1);
  EXPECT_THAT(handover.offsets_after(2, 1), ElementsAre(Pair(1, 4)));
}

/// A consumer that never reaches a broker is no member of its group.
TEST(KafkaHandover, GivesNothingOfAConsumerThatIsNotInItsGroup) {
  kafka::ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "group.id", "g", nullptr, 0);
  rd_kafka_conf_set(conf.get(), "log_level", "0", nullptr, 0);
  const kafka::ClientHandle consumer(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), nullptr, 0));
  ASSERT_NE(consumer, nullptr);
  KafkaHandover handover("g", "t");
  handover.set_consumer(consumer.get());
  handover.add(1, {{0, 10}});
  EXPECT_EQ(handover.position_after(1, 1), std::nullopt);
}

TEST(GroupPosition, IsReadAsItWasWritten) {
  const GroupPosition position{.cluster = "c",
                               .group = "g",
                               .topic = "t",
                               .offsets = {{0, 12}, {7, 3}},
                               .metadata = std::string("CG\n\0x", 5)};
  const auto read = GroupPosition::from_text(position.to_text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cluster, "c");
  EXPECT_EQ(read->group, "g");
  EXPECT_EQ(read->topic, "t");
  EXPECT_EQ(read->offsets, position.offsets);
  EXPECT_EQ(read->metadata, position.metadata);
}

TEST(GroupPosition, IsNotAnyText) {
  for (const char* text : {"", "c\n", "c\ng\nt\n1:x\nm", "c\ng\nt\n1\nm", "c\ng\nt\n1:2 1:3\nm",
                           "c\ng\n\n1:2\nm", "c\n\nt\n1:2\nm", "c\ng\nt\n1:2\n"}) {
    EXPECT_FALSE(GroupPosition::from_text(text)) << text;
  }
}

}  // namespace
}  // namespace copybridge::adapters
