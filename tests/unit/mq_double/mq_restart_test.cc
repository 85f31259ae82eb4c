// A queue manager that is killed: what its clients see, and what it comes back with.
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

TEST_F(MqDouble, a_queue_manager_that_is_gone_breaks_connections_and_takes_no_new_ones) {
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  queue_manager().kill();
  EXPECT_EQ(reason_of([&] { client().put(out, "x", pmo::kNoSyncpoint); }), rc::kConnectionBroken);
  EXPECT_EQ(reason_of([&] { client().commit(); }), rc::kConnectionBroken);
  EXPECT_EQ(reason_of([&] { connect(); }), rc::kQMgrNotAvailable);
}

TEST_F(MqDouble, what_was_persistent_and_committed_is_there_after_a_restart) {
  mqi::MQMD fleeting = MqClient::text_md();
  fleeting.persistence = mqi::persistence::kNotPersistent;
  client().put1(kQueue, "taken", pmo::kNoSyncpoint);
  client().put1(kQueue, "kept", pmo::kNoSyncpoint);
  client().put1(kQueue, "fleeting", pmo::kNoSyncpoint, fleeting);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  client().get(in, gmo::kSyncpoint);
  client().commit();
  client().get(in, gmo::kSyncpoint);
  client().back_out();
  client().put1(kQueue, "uncommitted", pmo::kSyncpoint);
  queue_manager().restart();
  queue_manager().restart();

  const auto again = connect();
  const mqi::Hobj after = again->open(kQueue, oo::kInputShared);
  const auto message = again->get(after, gmo::kNoSyncpoint).value();
  EXPECT_EQ(message.body, "kept");
  EXPECT_EQ(message.md.backout_count, 1);
  EXPECT_FALSE(again->get(after, gmo::kNoSyncpoint));
}

}  // namespace
}  // namespace copybridge::mq_double
