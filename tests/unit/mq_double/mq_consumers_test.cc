// Several readers of a queue: processes beside each other, and callbacks.
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

/// Takes messages in units of work until there are none, and writes down what it has committed.
/// Every seventh unit is backed out.
void read_all(const MqLibrary& library, const std::filesystem::path& report) {
  MqClient reader(library, from_environment("COPYBRIDGE_MQ_QUEUE_MANAGER"));
  const mqi::Hobj in = reader.open(kQueue, oo::kInputShared);
  std::ofstream file(report);
  int unit = 0;
  while (const auto message = reader.get(in, gmo::kSyncpoint, 500)) {
    if (++unit % 7 == 0) {
      reader.back_out();
      continue;
    }
    reader.commit();
    file << message->body << '\n';
  }
}

TEST_F(MqSemantics, processes_at_one_queue_share_its_messages_out) {
  constexpr int kMessages = 400;
  constexpr int kReaders = 3;
  const tests::TemporaryDirectory folder;
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  for (int i = 0; i < kMessages; ++i)
    client().put(out, std::to_string(i), pmo::kNoSyncpoint | pmo::kNewMsgId);
  std::vector<pid_t> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(::fork());
    if (readers.back() != 0) continue;
    read_all(library(), folder.path() / std::to_string(i));
    ::_exit(0);
  }
  std::multiset<std::string> read;
  for (int i = 0; i < kReaders; ++i) {
    int status = 0;
    ::waitpid(readers[static_cast<std::size_t>(i)], &status, 0);
    ASSERT_EQ(status, 0);
    std::ifstream file(folder.path() / std::to_string(i));
    for (std::string line; std::getline(file, line);) read.insert(line);
  }
  EXPECT_EQ(read.size(), static_cast<std::size_t>(kMessages));
  EXPECT_EQ(std::set<std::string>(read.begin(), read.end()).size(), read.size());
}

/// What callbacks have been given.
struct Given {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> bodies;

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return bodies.size() >= count; }));
  }
};

void take(mqi::Hconn /*hconn*/, mqi::MQMD* /*md*/, mqi::MQGMO* /*options*/, void* buffer,
          mqi::MQCBC* context) {
  auto& given = *static_cast<Given*>(context->callback_area);
  if (context->call_type != mqi::cbct::kMsgRemoved) return;
  const std::lock_guard lock(given.mutex);
  given.bodies.emplace_back(static_cast<const char*>(buffer),
                            static_cast<std::size_t>(context->data_length));
  given.changed.notify_all();
}

class MqCallbacks : public MqSemantics {
 protected:
  mqi::Long control(mqi::Long operation) {
    mqi::MQCTLO options;
    mqi::Long comp_code = 0;
    mqi::Long reason = 0;
    library().ctl(client().hconn(), operation, &options, &comp_code, &reason);
    return reason;
  }

  void consume() {
    mqi::MQCBD descriptor;
    descriptor.callback_area = &given_;
    descriptor.callback_function = reinterpret_cast<void*>(&take);
    mqi::MQMD md;
    mqi::MQGMO options;
    options.options = gmo::kNoSyncpoint;
    mqi::Long comp_code = 0;
    mqi::Long reason = 0;
    library().cb(client().hconn(), mqi::op::kRegister, &descriptor,
                 client().open(kQueue, oo::kInputShared), &md, &options, &comp_code, &reason);
    ASSERT_EQ(reason, rc::kNone);
  }

  Given given_;
};

TEST_F(MqCallbacks, are_given_messages_from_start_to_stop) {
  consume();
  const auto other = connect();
  other->put1(kQueue, "one", pmo::kNoSyncpoint);
  EXPECT_EQ(control(mqi::op::kStart), rc::kNone);
  given_.wait_for(1);
  other->put1(kQueue, "two", pmo::kNoSyncpoint);
  given_.wait_for(2);
  EXPECT_EQ(reason_of([&] { client().commit(); }), rc::kHconnAsyncActive);
  EXPECT_EQ(control(mqi::op::kStop), rc::kNone);
  other->put1(kQueue, "three", pmo::kNoSyncpoint);
  EXPECT_EQ(other->depth(kQueue), 1);
  EXPECT_EQ(given_.bodies, (std::vector<std::string>{"one", "two"}));
}

TEST_F(MqCallbacks, rest_while_they_are_suspended) {
  consume();
  EXPECT_EQ(control(mqi::op::kStart), rc::kNone);
  EXPECT_EQ(control(mqi::op::kSuspend), rc::kNone);
  EXPECT_EQ(reason_of([&] { client().put1(kQueue, "one", pmo::kNoSyncpoint); }), rc::kNone);
  EXPECT_EQ(client().depth(kQueue), 1);
  EXPECT_EQ(control(mqi::op::kResume), rc::kNone);
  given_.wait_for(1);
  EXPECT_EQ(control(mqi::op::kStop), rc::kNone);
}

}  // namespace
}  // namespace copybridge::mq_double
