// Mistakes of a caller that the double answers with the reason a client library answers.
#include "tests/support/mq_double/wire.h"
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

class MqStrictness : public MqDouble {
 protected:
  Long reason_of_get(mqi::MQMD md, mqi::MQGMO options, Long buffer_length = 10) {
    const mqi::Hobj in = client().open(kQueue, oo::kInputShared | oo::kBrowse);
    char buffer[10];
    Long length = 0;
    library().get(client().hconn(), in, &md, &options, buffer_length, buffer, &length, &comp_code_,
                  &reason_);
    client().close(in);
    return reason_;
  }
  Long reason_of_put(mqi::MQMD md, mqi::MQPMO options) {
    mqi::MQOD od;
    od.object_name = padded<48>(kQueue);
    library().put1(client().hconn(), &od, &md, &options, 1, "x", &comp_code_, &reason_);
    return reason_;
  }
  static mqi::MQGMO get_options(Long options) {
    mqi::MQGMO gmo;
    gmo.options = options;
    return gmo;
  }
  static mqi::MQPMO put_options(Long options) {
    mqi::MQPMO pmo;
    pmo.options = options;
    return pmo;
  }
  template <class Structure>
  static Structure with_version(Long version) {
    Structure structure;
    structure.version = version;
    return structure;
  }
  template <class Structure>
  static Structure with_wrong_eye_catcher() {
    Structure structure;
    structure.struc_id = {'X', 'X', 'X', 'X'};
    return structure;
  }

  Long comp_code_ = 0;
  Long reason_ = 0;
};

TEST_F(MqStrictness, a_wrong_eye_catcher_or_version_is_refused) {
  const mqi::MQGMO get = get_options(gmo::kNoSyncpoint);
  EXPECT_EQ(reason_of_get(with_wrong_eye_catcher<mqi::MQMD>(), get), rc::kMdError);
  EXPECT_EQ(reason_of_get(with_version<mqi::MQMD>(3), get), rc::kMdError);
  EXPECT_EQ(reason_of_get({}, with_wrong_eye_catcher<mqi::MQGMO>()), rc::kGmoError);
  EXPECT_EQ(reason_of_get({}, with_version<mqi::MQGMO>(5)), rc::kGmoError);
  EXPECT_EQ(reason_of_put({}, with_version<mqi::MQPMO>(0)), rc::kPmoError);
  mqi::MQCNO options = with_wrong_eye_catcher<mqi::MQCNO>();
  mqi::Hconn hconn = 0;
  library().connx(padded<48>("").data(), &options, &hconn, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kCnoError);
}

TEST_F(MqStrictness, options_that_exclude_each_other_are_refused) {
  for (const Long options :
       {gmo::kSyncpoint | gmo::kNoSyncpoint, gmo::kBrowseFirst | gmo::kSyncpoint,
        gmo::kBrowseFirst | gmo::kBrowseNext, gmo::kNoProperties | gmo::kPropertiesInHandle,
        Long{0x40000000}})
    EXPECT_EQ(reason_of_get({}, get_options(options)), rc::kOptionsError) << options;
  for (const Long options : {pmo::kSyncpoint | pmo::kNoSyncpoint,
                             pmo::kSetAllContext | pmo::kPassAllContext, Long{0x40000000}})
    EXPECT_EQ(reason_of_put({}, put_options(options)), rc::kOptionsError) << options;
  EXPECT_EQ(reason_of([&] { client().open(kQueue, oo::kInputShared | oo::kInputExclusive); }),
            rc::kOptionsError);
  EXPECT_EQ(reason_of([&] { client().open(kQueue, oo::kFailIfQuiescing); }), rc::kOptionsError);
}

TEST_F(MqStrictness, options_of_later_versions_need_the_version) {
  EXPECT_EQ(reason_of_get({}, get_options(gmo::kNoSyncpoint | gmo::kLogicalOrder)),
            rc::kWrongGmoVersion);
  EXPECT_EQ(reason_of_get({}, get_options(gmo::kNoSyncpoint | gmo::kPropertiesInHandle)),
            rc::kHmsgError);
}

TEST_F(MqStrictness, values_out_of_range_are_refused) {
  EXPECT_EQ(reason_of_get({}, get_options(gmo::kNoSyncpoint), -1), rc::kBufferLengthError);
  mqi::MQGMO wait = get_options(gmo::kNoSyncpoint | gmo::kWait);
  wait.wait_interval = -2;
  EXPECT_EQ(reason_of_get({}, wait), rc::kWaitIntervalError);
  mqi::MQMD md;
  md.expiry = 0;
  EXPECT_EQ(reason_of_put(md, put_options(pmo::kNoSyncpoint)), rc::kExpiryError);
  md = {};
  md.persistence = 3;
  EXPECT_EQ(reason_of_put(md, put_options(pmo::kNoSyncpoint)), rc::kPersistenceError);
}

TEST_F(MqStrictness, handles_that_are_none_are_refused) {
  library().cmit(4711, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kHconnError);
  EXPECT_EQ(reason_of([&] { client().close(4711); }), rc::kHobjError);
}

TEST_F(MqStrictness, delivery_to_callbacks_is_not_suspended_before_it_has_started) {
  mqi::MQCTLO options;
  for (const Long operation : {mqi::op::kSuspend, mqi::op::kResume}) {
    library().ctl(client().hconn(), operation, &options, &comp_code_, &reason_);
    EXPECT_EQ(reason_, rc::kOperationNotAllowed);
  }
}

TEST_F(MqStrictness, a_second_connection_of_a_thread_is_the_first_one) {
  const auto first = connect(mqi::cno::kHandleShareNone);
  mqi::MQCNO options;
  mqi::Hconn hconn = 0;
  library().connx(padded<48>("QM1").data(), &options, &hconn, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kAlreadyConnected);
  EXPECT_EQ(hconn, first->hconn());
}

TEST_F(MqStrictness, the_name_of_another_queue_manager_is_refused) {
  mqi::Hconn hconn = 0;
  library().connx(padded<48>("QM2").data(), nullptr, &hconn, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kQMgrNameError);
}

}  // namespace
}  // namespace copybridge::mq_double
