// What became of a commit without an answer, asked of librdkafka's mock cluster.
#include <gtest/gtest.h>

#include "bridge/kafka/group_position.h"
// Behind librdkafka's own header.
#include <librdkafka/rdkafka_mock.h>

namespace copybridge::kafka {
namespace {

constexpr std::int16_t kOffsetFetch = 9;  // Kafka protocol guide, API keys
constexpr Milliseconds kLimit{5'000};

class GroupOffsets : public testing::Test {
 protected:
  GroupOffsets() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    for (const auto& [name, value] : {std::pair{"test.mock.num.brokers", "1"},
                                      {"bootstrap.servers", "none"},
                                      {"group.id", "g"},
                                      {"isolation.level", "read_committed"},
                                      {"log_level", "0"}}) {
      rd_kafka_conf_set(conf, name, value, nullptr, 0);
    }
    consumer_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0));
    cluster_ = rd_kafka_handle_mock_cluster(consumer_.get());
    rd_kafka_mock_topic_create(cluster_, "t", 2, 1);
  }
  void commit(const std::map<std::int32_t, std::int64_t>& offsets) {
    const PartitionsHandle list = partitions_of("t", offsets);
    ASSERT_EQ(rd_kafka_commit(consumer_.get(), list.get(), 0), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  tl::expected<bool, rd_kafka_resp_err_t> ask(std::map<std::int32_t, std::int64_t> offsets) {
    GroupPosition position;
    position.group = "g";
    position.topic = "t";
    position.offsets = std::move(offsets);
    return is_committed(consumer_.get(), position, kLimit);
  }

  ClientHandle consumer_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

TEST_F(GroupOffsets, AreThoseOfThePositionOrLaterOnes) {
  EXPECT_EQ(ask({{0, 5}}), false) << "nothing is committed";
  commit({{0, 5}, {1, 7}});
  EXPECT_EQ(ask({{0, 5}, {1, 7}}), true);
  EXPECT_EQ(ask({{0, 4}, {1, 7}}), true);
  EXPECT_EQ(ask({{0, 5}, {1, 8}}), false);
}

/// The coordinator has moved, or is not there yet: by the admin interface that ended the process.
TEST_F(GroupOffsets, AreAskedForAgainWhereTheCoordinatorHasMoved) {
  commit({{0, 5}});
  for (const auto code : {RD_KAFKA_RESP_ERR_NOT_COORDINATOR_FOR_GROUP,
                          RD_KAFKA_RESP_ERR_GROUP_COORDINATOR_NOT_AVAILABLE}) {
    rd_kafka_mock_push_request_errors(cluster_, kOffsetFetch, 1, code);
    auto answer = ask({{0, 5}});
    for (int tries = 0; !answer && tries < 50; ++tries) answer = ask({{0, 5}});
    EXPECT_EQ(answer, true) << rd_kafka_err2name(code);
  }
}

TEST_F(GroupOffsets, AreNotKnownToWhoMayNotRead) {
  rd_kafka_mock_push_request_errors(cluster_, kOffsetFetch, 1,
                                    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  const auto answer = ask({{0, 5}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
}

}  // namespace
}  // namespace copybridge::kafka
