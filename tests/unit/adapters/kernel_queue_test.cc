// The adapters posix-mq and sysv against the kernel's own queues.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "adapters/kernel_queue/kernel_queue_adapters.h"

namespace copybridge::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Got {
  std::string bytes;
  std::string mark;
  bool operator==(const Got&) const = default;
};

class KernelQueues : public ::testing::Test {
 protected:
  KernelQueues() {
    mq_attr attributes{};
    attributes.mq_maxmsg = 3;
    attributes.mq_msgsize = 32;
    posix_ = ::mq_open(name_.c_str(), O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);
    sysv_ = ::msgget(key_, IPC_CREAT | 0600);
  }
  ~KernelQueues() override {
    ::mq_close(posix_);
    ::mq_unlink(name_.c_str());
    ::msgctl(sysv_, IPC_RMID, nullptr);
  }
  KernelQueues(const KernelQueues&) = delete;
  KernelQueues& operator=(const KernelQueues&) = delete;

  std::unique_ptr<Adapter> make(const AdapterKind& kind, const std::string& yaml) {
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml(yaml, "b.yaml", diagnostics);
    const Options options = read_options(node, kind.options, {}, diagnostics);
    const AdapterContext context{"gate", ".", nullptr, log_, system_clock()};
    auto made = kind.make(context, options, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) mistakes_ += to_string(diagnostic);
    return made;
  }
  std::unique_ptr<Adapter> posix() { return make(kPosixMqAdapter, "{queue: " + name_ + "}"); }
  std::unique_ptr<Adapter> sysv(const std::string& more = "") {
    return make(kSysvAdapter, "{key: " + std::to_string(key_) + more + "}");
  }
  void send(const std::string& bytes, unsigned priority) {
    EXPECT_EQ(::mq_send(posix_, bytes.data(), bytes.size(), priority), 0);
  }
  void send_sysv(const std::string& bytes, long type) {
    std::string message(sizeof type, '\0');
    std::memcpy(message.data(), &type, sizeof type);
    message += bytes;
    EXPECT_EQ(::msgsnd(sysv_, message.data(), bytes.size(), IPC_NOWAIT), 0);
  }
  /// One batch; `token` is for its settlement.
  std::vector<Got> read(Adapter& adapter, std::uint64_t* token = nullptr) {
    RecordBatch batch;
    const Result<ReadStatus> status = adapter.read(batch, Milliseconds(0));
    EXPECT_TRUE(status) << status.error().message;
    std::vector<Got> all;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      const ByteView bytes = batch.bytes.view(batch.records[i].offset, batch.records[i].size);
      all.push_back({{bytes.begin(), bytes.end()}, batch.record_attributes[i].at(0).second});
    }
    if (token != nullptr) *token = batch.token;
    return all;
  }

  const std::string name_ = "/copybridge-test-" + std::to_string(::getpid());
  const key_t key_ = 0x43420000 | (::getpid() & 0xFFFF);
  mqd_t posix_;
  int sysv_;
  std::string mistakes_;
  std::string log_text_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(),
           [this](std::string_view line) { log_text_ += line; }};
};

TEST_F(KernelQueues, GiveMessagesWithWhatTheySayOfThem) {
  send("low", 1);
  send("high", 9);
  const auto adapter = posix();
  ASSERT_TRUE(adapter->open());
  EXPECT_EQ(adapter->status().lag, "2 messages");
  EXPECT_THAT(read(*adapter), ElementsAre(Got{"high", "9"}, Got{"low", "1"}));
  send_sysv("first", 5);
  send_sysv("second", 2);
  const auto other = sysv();
  ASSERT_TRUE(other->open());
  EXPECT_THAT(read(*other), ElementsAre(Got{"first", "5"}, Got{"second", "2"}));
}

TEST_F(KernelQueues, TakeMessagesOfOneTypeAndOfAnySize) {
  const std::string large(8000, 'x');
  send_sysv("other", 1);
  send_sysv(large, 2);
  const auto adapter = sysv(", type: 2");
  ASSERT_TRUE(adapter->open());
  EXPECT_THAT(read(*adapter), ElementsAre(Got{large, "2"}));
}

TEST_F(KernelQueues, HaveBackWhatIsNotSettled) {
  for (const auto& kind : {"posix", "sysv"}) {
    const bool is_posix = kind == std::string("posix");
    is_posix ? send("a", 3) : send_sysv("a", 3);
    is_posix ? send("b", 3) : send_sysv("b", 3);
    auto adapter = is_posix ? posix() : sysv();
    ASSERT_TRUE(adapter->open());
    std::uint64_t token = 0;
    EXPECT_THAT(read(*adapter, &token), ElementsAre(Got{"a", "3"}, Got{"b", "3"}));
    ASSERT_TRUE(adapter->settle({token, {Fate::delivered, Fate::retry}}));
    EXPECT_THAT(read(*adapter), ElementsAre(Got{"b", "3"}));
    adapter->close();  // unsettled
    ASSERT_TRUE(adapter->open());
    EXPECT_THAT(read(*adapter), ElementsAre(Got{"b", "3"}));
    adapter.reset();
  }
  EXPECT_EQ(log_text_, "");
}

TEST_F(KernelQueues, SayWhereTheQueueHasNoRoomForWhatComesBack) {
  const auto adapter = posix();
  ASSERT_TRUE(adapter->open());
  send("a", 0);
  send("b", 0);
  EXPECT_EQ(read(*adapter).size(), 2U);
  for (int i = 0; i < 2; ++i) send("new", 0);
  adapter->close();
  EXPECT_THAT(log_text_, HasSubstr(R"("event":"records_gone","source":"gate")"));
  EXPECT_THAT(log_text_, HasSubstr(R"("from":0,"to":1)"));
}

TEST_F(KernelQueues, ThatAreNotThereAreTriedAgain) {
  const auto adapter = make(kPosixMqAdapter, "{queue: /copybridge-not-there}");
  const Result<void> opened = adapter->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::source);
  EXPECT_THAT(opened.error().message,
              HasSubstr("posix-mq: mq_open of /copybridge-not-there: No such"));
  RecordBatch batch;
  EXPECT_FALSE(adapter->read(batch, Milliseconds(0)));
}

TEST_F(KernelQueues, AreToldByANameOrAKey) {
  EXPECT_EQ(make(kPosixMqAdapter, "{queue: a}"), nullptr);
  EXPECT_THAT(mistakes_, HasSubstr("b.yaml:1:9: error: 'queue' must be a slash and up to 254"));
  EXPECT_EQ(make(kSysvAdapter, "{key: 1, key_path: /x}"), nullptr);
  EXPECT_THAT(mistakes_, HasSubstr("either 'key' or 'key_path' tells the queue"));
}

}  // namespace
}  // namespace copybridge::adapters
