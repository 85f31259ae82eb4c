// Units of work: what others see of them, and how they end.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

constexpr mqi::Long kPut = pmo::kNoSyncpoint | pmo::kNewMsgId;
constexpr mqi::Long kPutInUnit = pmo::kSyncpoint | pmo::kNewMsgId;

TEST_F(MqSemantics, a_put_is_there_for_others_once_it_is_committed) {
  const auto other = connect();
  const mqi::Hobj in = other->open(kQueue, oo::kInputShared);
  client().put1(kQueue, "x", kPutInUnit);
  EXPECT_FALSE(other->get(in, gmo::kNoSyncpoint));
  client().commit();
  EXPECT_EQ(other->get(in, gmo::kNoSyncpoint).value().body, "x");
}

TEST_F(MqSemantics, a_put_that_is_backed_out_never_was) {
  client().put1(kQueue, "x", kPutInUnit);
  client().back_out();
  EXPECT_EQ(client().depth(kQueue), 0);
}

TEST_F(MqSemantics, each_back_out_raises_the_count_of_the_message) {
  client().put1(kQueue, "x", kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  for (mqi::Long count = 0; count < 4; ++count) {
    EXPECT_EQ(client().get(in, gmo::kSyncpoint).value().md.backout_count, count);
    client().back_out();
  }
}

TEST_F(MqSemantics, a_message_goes_to_the_backout_queue_in_the_unit_that_takes_it) {
  client().put1(kQueue, "poison", kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  client().get(in, gmo::kSyncpoint);
  client().put1(kBackoutQueue, "poison", kPutInUnit);
  client().back_out();
  EXPECT_EQ(client().depth(kBackoutQueue), 0);
  client().get(in, gmo::kSyncpoint);
  client().put1(kBackoutQueue, "poison", kPutInUnit);
  client().commit();
  EXPECT_EQ(client().depth(kBackoutQueue), 1);
  EXPECT_EQ(client().depth(kQueue), 0);
}

TEST_F(MqSemantics, what_a_unit_has_taken_is_not_given_to_others) {
  client().put1(kQueue, "x", kPut);
  client().get(client().open(kQueue, oo::kInputShared), gmo::kSyncpoint);
  const auto other = connect();
  EXPECT_FALSE(other->get(other->open(kQueue, oo::kInputShared), gmo::kSyncpoint));
}

TEST_F(MqSemantics, messages_that_are_backed_out_come_in_their_old_order) {
  for (const char* body : {"one", "two", "three"}) client().put1(kQueue, body, kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  client().get(in, gmo::kSyncpoint);
  client().get(in, gmo::kSyncpoint);
  client().back_out();
  for (const char* body : {"one", "two", "three"})
    EXPECT_EQ(client().get(in, gmo::kNoSyncpoint).value().body, body);
}

TEST_F(MqSemantics, a_disconnect_commits_the_open_unit) {
  auto other = connect();
  other->put1(kQueue, "x", kPutInUnit);
  other->disconnect();
  EXPECT_EQ(client().depth(kQueue), 1);
}

/// Gets in a unit of work in a process of its own, and is killed.
void get_and_be_killed(const MqLibrary& library) {
  const pid_t child = ::fork();
  if (child == 0) {
    MqClient client(library, from_environment("COPYBRIDGE_MQ_QUEUE_MANAGER"));
    client.get(client.open(kQueue, oo::kInputShared), gmo::kSyncpoint);
    client.put1(kBackoutQueue, "never", kPutInUnit);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_F(MqSemantics, the_unit_of_a_process_that_is_killed_is_backed_out) {
  client().put1(kQueue, "x", kPut);
  get_and_be_killed(library());
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto message = client().get(in, gmo::kSyncpoint, 20'000).value();
  EXPECT_EQ(message.md.backout_count, 1);
  EXPECT_EQ(client().depth(kBackoutQueue), 0);
}

TEST_F(MqSemantics, a_unit_takes_no_more_messages_than_the_queue_manager_allows) {
  const mqi::Hobj q_mgr = [&] {
    mqi::MQOD od;
    od.object_type = mqi::object_type::kQMgr;
    mqi::Hobj hobj = 0;
    mqi::Long comp_code = 0;
    mqi::Long reason = 0;
    library().open(client().hconn(), &od, oo::kInquire, &hobj, &comp_code, &reason);
    return hobj;
  }();
  const mqi::Long limit = client().attribute(q_mgr, mqi::ia::kMaxUncommittedMsgs);
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  for (mqi::Long i = 0; i < limit; ++i) client().put(out, "x", kPutInUnit);
  EXPECT_EQ(reason_of([&] { client().put(out, "x", kPutInUnit); }), rc::kSyncpointLimitReached);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  EXPECT_EQ(reason_of([&] { client().get(in, gmo::kSyncpoint); }), rc::kSyncpointLimitReached);
  client().back_out();
}

TEST_F(MqSemantics, a_handle_that_is_not_shared_belongs_to_its_thread) {
  const auto bound = connect(mqi::cno::kHandleShareNone);
  const auto in_another_thread =
      std::async(std::launch::async, [&] { return reason_of([&] { bound->commit(); }); });
  EXPECT_EQ(const_cast<std::future<mqi::Long>&>(in_another_thread).get(), rc::kHconnError);
}

/// Gets in another thread; where the connection is busy just then, once more.
std::future<std::string> start_get(MqClient& shared, mqi::Hobj in) {
  return std::async(std::launch::async, [&shared, in] {
    while (true) {
      try {
        return shared.get(in, gmo::kNoSyncpoint, 20'000).value().body;
      } catch (const MqError& error) {
        if (error.reason != rc::kCallInProgress) throw;
      }
    }
  });
}

TEST_F(MqSemantics, a_handle_shared_without_blocking_is_busy_while_a_get_waits) {
  const auto shared = connect(mqi::cno::kHandleShareNoBlock);
  auto waiting = start_get(*shared, shared->open(kQueue, oo::kInputShared));
  while (reason_of([&] { shared->commit(); }) != rc::kCallInProgress) std::this_thread::yield();
  client().put1(kQueue, "x", kPut);
  EXPECT_EQ(waiting.get(), "x");
  EXPECT_EQ(reason_of([&] { shared->commit(); }), rc::kNone);
}

TEST_F(MqSemantics, a_commit_on_a_blocking_handle_waits_for_the_get_that_waits) {
  const auto shared = connect(mqi::cno::kHandleShareBlock);
  const mqi::Hobj in = shared->open(kQueue, oo::kInputShared);
  client().put1(kQueue, "first", kPut);
  shared->get(in, gmo::kSyncpoint);
  auto waiting = start_get(*shared, in);
  auto commit = std::async(std::launch::async, [&] { shared->commit(); });
  // Whichever comes first, the get ends with the message and the commit is done.
  client().put1(kQueue, "second", kPut);
  EXPECT_EQ(waiting.get(), "second");
  commit.get();
  EXPECT_EQ(client().depth(kQueue), 0);
}

}  // namespace
}  // namespace copybridge::mq_double
