// Where the adapter kafka reads.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <fstream>

#include "bridge/kafka/handles.h"
#include "tests/conformance/components/place.h"
#include "tests/support/paths.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

/// Of the broker that the fixture of these tests has started: librdkafka's mock answers no member
/// that joins a group again.
class Topic final : public Place {
 public:
  explicit Topic(const fs::path& folder)
      : brokers_(read_address()),
        topic_("accounts-" + folder.filename().string()),
        client_(rd_kafka_new(RD_KAFKA_PRODUCER, nullptr, nullptr, 0)) {
    rd_kafka_brokers_add(client_.get(), brokers_.c_str());
    handle_.reset(rd_kafka_topic_new(client_.get(), topic_.c_str(), nullptr));
    // The broker makes it when it is first asked for.
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!is_there() && std::chrono::steady_clock::now() < limit) {
    }
  }
  std::string options() const override {
    return "{brokers: '" + brokers_ + "', topic: " + topic_ + ", group: " + topic_ +
           ", batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    for (const std::string& record : records) {
      EXPECT_EQ(
          rd_kafka_produce(handle_.get(), 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(record.data()),
                           record.size(), nullptr, 0, nullptr),
          0);
    }
    EXPECT_EQ(rd_kafka_flush(client_.get(), 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  static std::string read_address() {
    std::string address;
    std::getline(std::ifstream(support::build_path("kafka_fixture") + "/address"), address);
    return address;
  }
  [[nodiscard]] bool is_there() const {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client_.get(), 0, handle_.get(), &metadata, 1000) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
      return false;
    const kafka::MetadataHandle owner(metadata);
    return metadata->topic_cnt == 1 && metadata->topics[0].partition_cnt > 0;
  }

  std::string brokers_;
  std::string topic_;
  kafka::ClientHandle client_;
  kafka::TopicHandle handle_;
};

const AdapterRig kRigs[] = {{"kafka", Behind::nothing, make_place<Topic>},
                            {"kafka", Behind::spool, make_place<Topic>}};
const RegisteredRigs kRegistered{kRigs};
}  // namespace
}  // namespace copybridge::tests
