// What bridge/publishers/publisher.h promises, held against every registered publisher. One that
// is registered and has no rig here fails.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <iostream>

#include "bridge/components/components.h"
#include "bridge/kafka/handles.h"
#include "tests/support/child_process.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An endpoint for publishers of one kind.
class Rig {
 public:
  virtual ~Rig() = default;
  /// Options of a publisher to this endpoint.
  [[nodiscard]] virtual std::string options() const = 0;
  /// How many events the endpoint has.
  [[nodiscard]] virtual std::size_t received() = 0;
  /// Options of a publisher to an endpoint that is away; empty: the kind has no peer.
  [[nodiscard]] virtual std::string options_when_away() const { return ""; }

 protected:
  std::size_t lines() const {
    std::size_t count = 0;
    for (const auto& name : folder_.files()) {
      for (const std::string& line : lines_of(folder_.read(name))) count += line.starts_with('{');
    }
    return count;
  }
  TestFolder folder_;
};

class FileRig final : public Rig {
 public:
  std::string options() const override {
    return "{path: '" + (folder_.path() / "{name}.jsonl").string() + "'}";
  }
  std::size_t received() override { return lines(); }
};

/// Standard output goes to a file meanwhile.
class StdoutRig final : public Rig {
 public:
  StdoutRig() : saved_(::dup(STDOUT_FILENO)) {
    std::cout.flush();
    const int file = ::open((folder_.path() / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
  }
  ~StdoutRig() override {
    std::cout.flush();
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }
  std::string options() const override { return "{}"; }
  std::size_t received() override { return lines(); }

 private:
  int saved_;
};

class HttpRig final : public Rig {
 public:
  HttpRig()
      : server_({support::build_path("copybridge"), "listen", "--port", "0", "--quiet", "--output",
                 (folder_.path() / "events").string()}),
        port_(server_.read_port()) {}
  std::string options() const override {
    return "{url: 'http://127.0.0.1:" + std::to_string(port_) + "/', mode: structured}";
  }
  std::string options_when_away() const override {
    return "{url: 'http://127.0.0.1:1/', mode: structured}";
  }
  std::size_t received() override { return lines(); }

 private:
  testing_support::ChildProcess server_;
  int port_;
};

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

class MqRig final : public Rig {
 public:
  std::string options() const override { return options_of("qm(1414)"); }
  std::string options_when_away() const override { return options_of("nowhere(1414)"); }
  std::size_t received() override {
    return static_cast<std::size_t>(mq_double::MqClient(library_).depth("OUT"));
  }

 private:
  static std::string options_of(const std::string& connection) {
    return "{queue: OUT, channel: C, connection: '" + connection + "', library: '" +
           mq_double::client_library() + "'}";
  }
  mq_double::TestQueueManager queue_manager_{
      "{name: QM, listener: 'qm(1414)', channel: C, queues: [{name: OUT}]}"};
  const mq_double::MqLibrary library_{mq_double::client_library()};
};

struct RigRow {
  std::string_view kind;
  std::string_view name;
  std::unique_ptr<Rig> (*make)();
};

constexpr std::array kRigs = {
    RigRow{"file", "file", []() -> std::unique_ptr<Rig> { return std::make_unique<FileRig>(); }},
    RigRow{"stdout", "stdout",
           []() -> std::unique_ptr<Rig> { return std::make_unique<StdoutRig>(); }},
    RigRow{"http", "http", []() -> std::unique_ptr<Rig> { return std::make_unique<HttpRig>(); }},
    RigRow{"ibm-mq", "ibm_mq", []() -> std::unique_ptr<Rig> { return std::make_unique<MqRig>(); }},
    RigRow{"kafka", "kafka",
           []() -> std::unique_ptr<Rig> { return std::make_unique<KafkaRig>(""); }},
    RigRow{"kafka", "kafka_exactly_once", []() -> std::unique_ptr<Rig> {
             return std::make_unique<KafkaRig>(", transactional_id: t, state_topic: ledger");
           }}};

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

INSTANTIATE_TEST_SUITE_P(Registered, PublisherContract, testing::ValuesIn(kRigs),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PublisherRegistry, HasARigForEveryKind) {
  for (const PublisherKind* kind : components::publisher_kinds()) {
    EXPECT_TRUE(
        std::ranges::any_of(kRigs, [&](const RigRow& rig) { return rig.kind == kind->kind; }))
        << kind->kind << " is registered and not held to the contract";
  }
}

}  // namespace
}  // namespace copybridge::publishers
