// Faults by script, in a process of their own: some of them end it.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace rc = mqi::rc;

constexpr mqi::Long kPut = mqi::pmo::kNoSyncpoint | mqi::pmo::kNewMsgId;

class MqFaults : public MqDouble {
 protected:
  /// Does the verbs in a process with a script of faults. What they answer is its exit code less
  /// 2000; 128 and the signal where one ended it.
  template <class Verbs>
  int code_of(const char* faults, const Verbs& verbs) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("COPYBRIDGE_MQ_FAULTS", faults, 1);
      mqi::Long reason = rc::kNone;
      {
        MqClient client(library());
        reason = reason_of([&] { verbs(client); });
      }
      ::_exit(reason == rc::kNone ? 0 : static_cast<int>(reason - 2000));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  static void get_and_commit(MqClient& client) {
    client.get(client.open(kQueue, oo::kInputShared), gmo::kSyncpoint);
    client.commit();
  }

  mqi::Long backout_count() {
    const mqi::Hobj in = client().open(kQueue, oo::kBrowse);
    return client().get(in, gmo::kBrowseFirst, 20'000).value().md.backout_count;
  }
};

TEST_F(MqFaults, a_commit_that_breaks_before_it_is_done_is_backed_out) {
  client().put1(kQueue, "x", kPut);
  EXPECT_EQ(code_of("MQCMIT:2009:1", get_and_commit), 9);
  EXPECT_EQ(backout_count(), 1);
}

TEST_F(MqFaults, a_commit_that_breaks_after_it_was_done_stays) {
  client().put1(kQueue, "x", kPut);
  EXPECT_EQ(code_of("MQCMIT:2009:1:after", get_and_commit), 9);
  EXPECT_EQ(client().depth(kQueue), 0);
}

TEST_F(MqFaults, a_commit_may_answer_that_it_backed_out) {
  client().put1(kQueue, "x", kPut);
  EXPECT_EQ(code_of("MQCMIT:2003:1", get_and_commit), 0);  // a warning
  EXPECT_EQ(backout_count(), 1);
}

TEST_F(MqFaults, happen_to_the_calls_that_are_named) {
  const auto gets = [](MqClient& client) {
    const mqi::Hobj in = client.open(kQueue, oo::kInputShared);
    client.get(in, gmo::kNoSyncpoint);
    client.get(in, gmo::kNoSyncpoint);
  };
  EXPECT_EQ(code_of("MQGET:2016:2", gets), 16);
  EXPECT_EQ(code_of("MQGET:2016:2-4,MQOPEN:2085:1", gets), 85);
  EXPECT_EQ(code_of("MQGET:2016:3+", gets), 0);
}

TEST_F(MqFaults, may_kill_the_process_at_a_verb) {
  client().put1(kQueue, "x", kPut);
  EXPECT_EQ(code_of("MQCMIT:KILL:1", get_and_commit), 128 + SIGKILL);
  EXPECT_EQ(backout_count(), 1);
  EXPECT_EQ(code_of("MQCMIT:KILL:1:after", get_and_commit), 128 + SIGKILL);
  EXPECT_EQ(client().depth(kQueue), 0);
}

}  // namespace
}  // namespace copybridge::mq_double
