// librdkafka's mock of a cluster as endpoint.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "bridge/kafka/handles.h"
#include "tests/conformance/components/rig.h"

namespace copybridge::publishers {
namespace {

class KafkaRig final : public Rig {
 public:
  explicit KafkaRig(std::string more)
      : more_(std::move(more)),
        client_(rd_kafka_new(RD_KAFKA_PRODUCER, quiet(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1)) {
    rd_kafka_mock_topic_create(cluster_.get(), "accounts", 1, 1);
    rd_kafka_mock_topic_create(cluster_.get(), "ledger", 1, 1);
    rd_kafka_brokers_add(client_.get(), rd_kafka_mock_cluster_bootstraps(cluster_.get()));
  }
  std::string options() const override {
    return options_of(rd_kafka_mock_cluster_bootstraps(cluster_.get()), "");
  }
  // Only here may time decide: how long a busy machine needs is not to be judged.
  std::string options_when_away() const override {
    return options_of("127.0.0.1:1", ", delivery_timeout_ms: 500");
  }
  std::size_t received() override {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_query_watermark_offsets(client_.get(), "accounts", 0, &low, &high, 10'000);
    return static_cast<std::size_t>(high);
  }

 private:
  static rd_kafka_conf_t* quiet() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    return conf;
  }
  std::string options_of(const std::string& brokers, const std::string& limits) const {
    return "{brokers: '" + brokers + "', topic: accounts" + limits + more_ + "}";
  }
  struct Destroy {
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };

  std::string more_;
  kafka::ClientHandle client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroy> cluster_;
};

const RigRow kRigs[] = {
    {"kafka", "kafka", []() -> std::unique_ptr<Rig> { return std::make_unique<KafkaRig>(""); }},
    {"kafka", "kafka_exactly_once", []() -> std::unique_ptr<Rig> {
       return std::make_unique<KafkaRig>(", transactional_id: t, state_topic: ledger");
     }}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
