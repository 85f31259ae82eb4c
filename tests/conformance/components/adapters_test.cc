// What adapters/adapter.h promises, held against every registered adapter, alone and behind a
// spool. An adapter that is registered and has no rig here fails.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <future>
#include <set>
#include <system_error>

#include "bridge/components/components.h"
#include "bridge/kafka/handles.h"
#include "bridge/spool/spooled_adapter.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;
using adapters::Adapter;
using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds kPatience{20};
constexpr Milliseconds kReadWait{50};

/// A place that an adapter of one kind reads records of eight bytes from.
class Place {
 public:
  virtual ~Place() = default;
  /// Of the adapter, in YAML; batches of four records.
  [[nodiscard]] virtual std::string options() const = 0;
  /// Lays records there.
  virtual void feed(const std::vector<std::string>& records) = 0;
};

class Folder final : public Place {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) { fs::create_directories(path_ / "in"); }
  std::string options() const override {
    return "{path: 'in/*.dat', recfm: F, lrecl: 8, settle_time_ms: 0, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    std::ofstream file(path_ / "new", std::ios::binary);
    for (const std::string& record : records) file << record;
    file.close();
    fs::rename(path_ / "new", path_ / "in" / (records.front() + ".dat"));
  }

 private:
  fs::path path_;
};

class Queue final : public Place {
 public:
  explicit Queue(const fs::path&) : server_("{name: QM, queues: [{name: IN}]}") {}
  std::string options() const override {
    return "{queue: IN, batch_records_max: 4, library: '" + mq_double::client_library() + "'}";
  }
  void feed(const std::vector<std::string>& records) override {
    const mq_double::MqLibrary library(mq_double::client_library());
    mq_double::MqClient client(library);
    const mqi::Hobj queue = client.open("IN", mqi::oo::kOutput);
    for (const std::string& record : records) client.put(queue, record, mqi::pmo::kSyncpoint);
    client.commit();
  }

 private:
  mq_double::TestQueueManager server_;
};

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

/// Its name tells the test's process.
class PosixQueue final : public Place {
 public:
  explicit PosixQueue(const fs::path& folder) : name_("/copybridge-" + folder.filename().string()) {
    mq_attr attributes{};
    attributes.mq_maxmsg = 10;
    attributes.mq_msgsize = 64;
    queue_ = ::mq_open(name_.c_str(), O_WRONLY | O_CREAT, 0600, &attributes);
    EXPECT_NE(queue_, -1) << std::generic_category().message(errno);
  }
  ~PosixQueue() override {
    ::mq_close(queue_);
    ::mq_unlink(name_.c_str());
  }
  std::string options() const override { return "{queue: " + name_ + ", batch_records_max: 4}"; }
  void feed(const std::vector<std::string>& records) override {
    for (const std::string& record : records)
      EXPECT_EQ(::mq_send(queue_, record.data(), record.size(), 0), 0);
  }

 private:
  std::string name_;
  mqd_t queue_;
};

class SysvQueue final : public Place {
 public:
  explicit SysvQueue(const fs::path& folder)
      : path_(folder / "in"), queue_(::msgget(key_of(path_), IPC_CREAT | 0600)) {
    EXPECT_NE(queue_, -1) << std::generic_category().message(errno);
  }
  ~SysvQueue() override { ::msgctl(queue_, IPC_RMID, nullptr); }
  std::string options() const override {
    return "{key_path: '" + path_.string() + "', key_project: 7, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    for (const std::string& record : records) {
      std::array<char, sizeof(long) + 8> message{};
      const long type = 3;
      std::memcpy(message.data(), &type, sizeof type);
      std::memcpy(message.data() + sizeof type, record.data(), 8);
      EXPECT_EQ(::msgsnd(queue_, message.data(), 8, 0), 0);
    }
  }

 private:
  static key_t key_of(const fs::path& path) {
    fs::create_directories(path);
    return ::ftok(path.c_str(), 7);
  }
  fs::path path_;
  int queue_;
};

template <typename Kind>
std::unique_ptr<Place> make_place(const fs::path& folder) {
  return std::make_unique<Kind>(folder);
}

struct AdapterRig {
  std::string_view kind;
  bool is_spooled = false;
  std::unique_ptr<Place> (*make_place)(const fs::path& folder) = nullptr;
};

constexpr std::array kRigs = {
    AdapterRig{"file", false, make_place<Folder>}, AdapterRig{"file", true, make_place<Folder>},
    AdapterRig{"ibm-mq", false, make_place<Queue>}, AdapterRig{"ibm-mq", true, make_place<Queue>},
    AdapterRig{"kafka", false, make_place<Topic>}, AdapterRig{"kafka", true, make_place<Topic>},
    // What they have sent is nowhere else: there they are read by way of a spool only.
    AdapterRig{"posix-mq", true, make_place<PosixQueue>},
    AdapterRig{"sysv", true, make_place<SysvQueue>}};

std::string name_of(const ::testing::TestParamInfo<AdapterRig>& info) {
  std::string name(info.param.kind);
  std::ranges::replace(name, '-', '_');
  return name + (info.param.is_spooled ? "_spooled" : "");
}

struct GotRecord {
  std::string id;
  std::string bytes;
  bool operator==(const GotRecord&) const = default;
};

std::vector<GotRecord> records_of(const RecordBatch& batch) {
  std::vector<GotRecord> records;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const ByteView bytes = batch.bytes.view(batch.records[i].offset, batch.records[i].size);
    records.push_back({batch.ids.empty() ? batch.id_prefix + std::to_string(batch.first_number + i)
                                         : batch.ids[i],
                       std::string(bytes.begin(), bytes.end())});
  }
  return records;
}

std::vector<std::string> bytes_of(const std::vector<GotRecord>& records) {
  std::vector<std::string> bytes(records.size());
  std::ranges::transform(records, bytes.begin(), &GotRecord::bytes);
  return bytes;
}

std::vector<std::string> some_records(std::size_t count) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back("HIDDEN" + std::to_string(10 + i));
  return records;
}

class AdapterContract : public ::testing::TestWithParam<AdapterRig> {
 protected:
  AdapterContract() : place_(GetParam().make_place(folder_.path())) {}
  void SetUp() override { restart(); }

  /// As a new process that finds what the last one left.
  void restart() {
    adapter_.reset();
    state_.reset();
    auto state = StateDirectory::open(folder_.path() / "state");
    ASSERT_TRUE(state) << state.error().message;
    state_ = std::make_unique<StateDirectory>(std::move(*state));
    make();
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void make() {
    const auto kinds = components::adapter_kinds();
    const auto kind = std::ranges::find(kinds, GetParam().kind, &adapters::AdapterKind::kind);
    ASSERT_NE(kind, kinds.end());
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml(place_->options(), "bridge.yaml", diagnostics);
    const Options options = read_options(node, (*kind)->options, {}, diagnostics);
    const adapters::AdapterContext context{"in", folder_.path(), state_.get(), log_,
                                           system_clock()};
    adapter_ = (*kind)->make(context, options, diagnostics);
    ASSERT_NE(adapter_, nullptr);
    if (GetParam().is_spooled) adapter_ = spool::make_spooled(context, {}, std::move(adapter_));
  }
  void feed(const std::vector<std::string>& records) { place_->feed(records); }

  /// The next batch that is no notice; notices are settled.
  RecordBatch next() {
    RecordBatch batch;
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < limit) {
      const Result<ReadStatus> status = adapter_->read(batch, kReadWait);
      EXPECT_TRUE(status) << status.error().message;
      if (!status) break;
      if (*status != ReadStatus::batch) continue;
      if (!batch.is_notice) return batch;
      settle(batch);
    }
    ADD_FAILURE() << "no batch came";
    return batch;
  }
  void settle(const RecordBatch& batch, std::vector<Fate> fates = {}) {
    fates.resize(batch.records.size(), Fate::delivered);
    const Result<void> settled = adapter_->settle({batch.token, std::move(fates)});
    EXPECT_TRUE(settled) << settled.error().message;
  }
  /// Reads and settles so many records.
  std::vector<GotRecord> take(std::size_t count) {
    std::vector<GotRecord> all;
    while (all.size() < count && !HasFailure()) {
      const RecordBatch batch = next();
      std::ranges::move(records_of(batch), std::back_inserter(all));
      settle(batch);
    }
    return all;
  }

  /// The same without those that came in the last one's batch: what was read one by one may come
  /// together the next time.
  std::vector<GotRecord> take_first(std::size_t count) {
    std::vector<GotRecord> all = take(count);
    all.resize(std::min(all.size(), count));
    return all;
  }

  TemporaryDirectory folder_;
  std::vector<std::string> lines_;
  std::mutex lines_mutex_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(), [this](std::string_view line) {
             const std::scoped_lock lock(lines_mutex_);
             lines_.emplace_back(line);
           }};
  std::unique_ptr<StateDirectory> state_;
  std::unique_ptr<Place> place_;
  std::unique_ptr<Adapter> adapter_;
};

TEST_P(AdapterContract, OpensAndClosesTwice) {
  adapter_->close();
  adapter_->close();
  EXPECT_TRUE(adapter_->open());
  adapter_->close();
}

TEST_P(AdapterContract, HasNoRecordsWhereNothingIsThere) {
  RecordBatch batch;
  const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(0));
  ASSERT_TRUE(status);
  EXPECT_NE(*status, ReadStatus::batch);
  EXPECT_TRUE(batch.records.empty());
}

TEST_P(AdapterContract, HandsOutRecordsInTheirOrderEachWithAnIdOfItsOwn) {
  feed(some_records(10));
  const std::vector<GotRecord> got = take(10);
  std::set<std::string> ids;
  for (const GotRecord& record : got) ids.insert(record.id);
  EXPECT_EQ(bytes_of(got), some_records(10));
  EXPECT_EQ(ids.size(), 10U);
}

TEST_P(AdapterContract, ReadsUnitsOfOneForAsLongAsItIsTold) {
  feed(some_records(10));
  adapter_->limit_batches(1);
  std::vector<GotRecord> got;
  while (got.size() < 5 && !HasFailure()) {
    const RecordBatch batch = next();
    ASSERT_EQ(batch.records.size(), 1U);
    got.push_back(records_of(batch).front());
    settle(batch);
  }
  adapter_->limit_batches(0);
  bool was_larger = false;
  while (got.size() < 10 && !HasFailure()) {
    const RecordBatch batch = next();
    was_larger = was_larger || batch.records.size() > 1;
    std::ranges::move(records_of(batch), std::back_inserter(got));
    settle(batch);
  }
  EXPECT_TRUE(was_larger);
  EXPECT_EQ(bytes_of(got), some_records(10));
}

TEST_P(AdapterContract, KeepsBytesReadableBehindABatch) {
  feed(some_records(3));
  const RecordBatch batch = next();
  const framing::RecordSpan& last = batch.records.back();
  ASSERT_LE(last.offset + last.size, batch.bytes.size());
  unsigned sum = 0;
  for (std::size_t i = 0; i < kReadableTail; ++i) sum += batch.bytes.data()[batch.bytes.size() + i];
  EXPECT_LT(sum, 256U * kReadableTail);
}

TEST_P(AdapterContract, HandsOutAgainWithTheSameIdsWhatWasNotSettled) {
  feed(some_records(3));
  const std::vector<GotRecord> first = records_of(next());
  restart();
  // In the same batch, or one by one.
  EXPECT_EQ(take_first(first.size()), first);
}

TEST_P(AdapterContract, HandsOutAgainAfterCloseAndOpen) {
  feed(some_records(3));
  const std::vector<GotRecord> first = records_of(next());
  adapter_->close();
  ASSERT_TRUE(adapter_->open());
  EXPECT_EQ(take_first(first.size()), first);
}

TEST_P(AdapterContract, DoesNotHandOutAgainWhatWasSettled) {
  feed(some_records(3));
  take(3);
  restart();
  feed({"HIDDEN99"});
  EXPECT_EQ(take(1).at(0).bytes, "HIDDEN99");
}

TEST_P(AdapterContract, HandsOutAgainWhatCameBack) {
  feed(some_records(12));
  RecordBatch batch = next();
  // A topic gives the first record as soon as it is there.
  for (int i = 0; i < 11 && batch.records.size() < 2; ++i) {
    settle(batch);
    batch = next();
  }
  const GotRecord second = records_of(batch).at(1);
  settle(batch, {Fate::delivered, Fate::retry});
  restart();
  // A unit of work comes back whole.
  EXPECT_THAT(take(2), ::testing::Contains(second));
}

TEST_P(AdapterContract, TakesSettlementsAfterLaterReads) {
  feed(some_records(12));
  std::vector<RecordBatch> batches;
  std::size_t records = 0;
  while (records < 12 && batches.size() < adapter_->batches_in_flight_max() && !HasFailure()) {
    batches.push_back(next());
    records += batches.back().records.size();
  }
  for (const RecordBatch& batch : batches) settle(batch);
  restart();
  feed({"HIDDEN99"});
  EXPECT_EQ(records_of(next()).at(0).bytes, records == 12 ? "HIDDEN99" : some_records(12)[records]);
}

TEST_P(AdapterContract, EndsAReadThatWaitsWhenItIsInterrupted) {
  RecordBatch batch;
  auto waiting =
      std::async(std::launch::async, [&] { return adapter_->read(batch, Milliseconds(600'000)); });
  adapter_->interrupt();
  if (waiting.wait_for(kPatience) == std::future_status::ready) {
    EXPECT_TRUE(waiting.get());
    return;
  }
  ADD_FAILURE() << "interrupt() is not heard";
  feed(some_records(1));
}

TEST_P(AdapterContract, KeepsRecordsOutOfTheLog) {
  feed(some_records(5));
  take(5);
  restart();
  const std::scoped_lock lock(lines_mutex_);
  for (std::size_t i = 1; i < 5; ++i) {  // The first one is the file's name here.
    EXPECT_THAT(lines_, Each(Not(HasSubstr(some_records(5)[i]))));
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, AdapterContract, ::testing::ValuesIn(kRigs), name_of);

TEST(AdapterRegistry, HasARigForEveryKindAloneAndBehindASpool) {
  for (const adapters::AdapterKind* kind : components::adapter_kinds()) {
    for (const bool is_spooled : {false, true}) {
      if (!kind->holds_records && !is_spooled) continue;
      EXPECT_TRUE(std::ranges::any_of(kRigs,
                                      [&](const AdapterRig& rig) {
                                        return rig.kind == kind->kind &&
                                               rig.is_spooled == is_spooled;
                                      }))
          << kind->kind << " is registered and not held to the contract";
    }
  }
}

}  // namespace
}  // namespace copybridge::tests
