// The bookkeeping of the adapter kafka, and what its options refuse.
#include "adapters/kafka/kafka_positions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/kafka_adapter.h"

namespace copybridge::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class KafkaPositionsTest : public ::testing::Test {
 protected:
  KafkaPositionsTest() {
    positions_.assign(0);
    positions_.assign(1);
  }
  void read(std::uint64_t token, const std::vector<KafkaPlace>& places) {
    positions_.begin_batch(token);
    for (const KafkaPlace place : places) positions_.note_record(place);
  }
  void settle(std::uint64_t token, std::vector<Fate> fates) {
    ASSERT_TRUE(positions_.has_batch(token));
    positions_.settle({token, std::move(fates)});
    positions_.drop_batch();
  }

  KafkaPositions positions_;
};

TEST_F(KafkaPositionsTest, CommitsBehindWhatIsSettledInEveryPartition) {
  read(1, {{0, 10}, {1, 4}, {0, 12}});
  EXPECT_THAT(positions_.to_commit(), IsEmpty());
  settle(1, {Fate::delivered, Fate::dead_lettered, Fate::filtered});
  EXPECT_THAT(positions_.to_commit(), ElementsAre(Pair(0, 13), Pair(1, 5)));
  positions_.mark_committed();
  EXPECT_THAT(positions_.to_commit(), IsEmpty());
}

TEST_F(KafkaPositionsTest, CommitsNothingBehindARecordThatCameBack) {
  read(1, {{0, 10}, {0, 11}, {1, 7}});
  read(2, {{0, 12}, {1, 8}});
  settle(1, {Fate::delivered, Fate::retry, Fate::delivered});
  settle(2, {Fate::delivered, Fate::delivered});
  EXPECT_THAT(positions_.to_commit(), ElementsAre(Pair(0, 11), Pair(1, 9)));
  EXPECT_THAT(positions_.to_rewind(), ElementsAre(Pair(0, 11)));
  positions_.mark_rewound(0);
  EXPECT_THAT(positions_.to_rewind(), IsEmpty());
  read(3, {{0, 11}, {0, 12}});
  settle(3, {Fate::delivered, Fate::delivered});
  EXPECT_THAT(positions_.to_commit(), ElementsAre(Pair(0, 13), Pair(1, 9)));
}

TEST_F(KafkaPositionsTest, SaysNothingOfAPartitionThatWentAndCameBack) {
  read(1, {{0, 10}, {1, 4}});
  positions_.revoke(0);
  positions_.assign(0);
  settle(1, {Fate::delivered, Fate::retry});
  EXPECT_THAT(positions_.to_commit(), IsEmpty());
  EXPECT_THAT(positions_.to_rewind(), ElementsAre(Pair(1, 4)));
}

TEST_F(KafkaPositionsTest, IsDryOnceAllIsReadAndSettled) {
  EXPECT_FALSE(positions_.is_dry());
  read(1, {{0, 10}});
  positions_.note_end(0);
  positions_.note_end(1);
  EXPECT_FALSE(positions_.is_dry()) << "a batch is under way";
  settle(1, {Fate::retry});
  EXPECT_FALSE(positions_.is_dry()) << "a record came back";
  positions_.mark_rewound(0);
  EXPECT_FALSE(positions_.is_dry()) << "it has to be read again";
  read(2, {{0, 10}});
  settle(2, {Fate::delivered});
  positions_.note_end(0);
  EXPECT_TRUE(positions_.is_dry());
  EXPECT_THAT(positions_.read_to(), ElementsAre(Pair(0, 11)));
}

TEST_F(KafkaPositionsTest, KnowsOfRecordsThatMayComeAgain) {
  read(1, {{0, 10}, {1, 5}});
  read(2, {{0, 11}});
  EXPECT_FALSE(positions_.has_gone_records());
  positions_.revoke(1);
  positions_.assign(1);
  EXPECT_TRUE(positions_.has_gone_records()) << "it is read from where the group has committed";
  settle(1, {Fate::delivered, Fate::delivered});
  EXPECT_FALSE(positions_.has_gone_records());
}

std::string mistakes_of(std::string_view yaml) {
  Diagnostics diagnostics;
  const ConfigNode node = parse_yaml(yaml, "b.yaml", diagnostics);
  const Options options = read_options(node, kKafkaAdapter.options, {}, diagnostics);
  Log log(LogLevel::error, LogFormat::text, system_clock(), [](std::string_view) {});
  const AdapterContext context{"a", ".", nullptr, log, system_clock()};
  if (!diagnostics.has_errors()) {
    const auto made = kKafkaAdapter.make(context, options, diagnostics);
    EXPECT_EQ(made == nullptr, diagnostics.has_errors());
  }
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics.all()) all += to_string(diagnostic) + "\n";
  return all;
}

TEST(KafkaAdapterOptions, RefuseWhatTheBrokersWould) {
  using ::testing::HasSubstr;
  EXPECT_EQ(mistakes_of("{brokers: b, topic: t, group: g}"), "");
  EXPECT_THAT(mistakes_of("{brokers: b, topic: t}"), HasSubstr("the key 'group' is missing"));
  EXPECT_THAT(mistakes_of("{brokers: b, topic: a/b, group: g}"),
              HasSubstr("b.yaml:1:21: error: 'topic' is not a name that Kafka takes"));
  EXPECT_THAT(mistakes_of("{brokers: b, topic: t, group: g, properties: {group.id: x}}"),
              HasSubstr("'group.id' is set by the component itself"));
  EXPECT_THAT(mistakes_of("{brokers: b, topic: t, group: g, properties: {sasl.password: x}}"),
              HasSubstr("holds a secret in plain text"));
}

}  // namespace
}  // namespace copybridge::adapters
