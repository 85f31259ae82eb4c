// What queue_manager.yaml says of a queue manager, as its clients see it.
#include "tests/support/mq_double/wire.h"
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

const MqLibrary& double_library() {
  static const MqLibrary library(client_library());
  return library;
}

struct Client {
  std::string connection = "localhost(1414)";
  std::string channel = "APP.SVRCONN";
  std::string user = "bridge";
  std::string password = "secret";
};

/// The reason of a client connection with channel, user and password.
Long reason_of_connecting(const Client& client) {
  mqi::MQCD channel;
  channel.channel_name = padded<20>(client.channel);
  channel.connection_name = padded<264>(client.connection);
  mqi::MQCSP credentials;
  credentials.authentication_type = mqi::csp::kAuthUserIdAndPwd;
  credentials.csp_user_id_ptr = const_cast<char*>(client.user.data());
  credentials.csp_user_id_length = static_cast<Long>(client.user.size());
  credentials.csp_password_ptr = const_cast<char*>(client.password.data());
  credentials.csp_password_length = static_cast<Long>(client.password.size());
  mqi::MQCNO options;
  options.version = 5;
  options.options = mqi::cno::kHandleShareNoBlock;
  options.client_conn_ptr = &channel;
  options.security_parms_ptr = &credentials;
  mqi::Hconn hconn = 0;
  Long comp_code = 0;
  Long reason = 0;
  double_library().connx(padded<48>("QM1").data(), &options, &hconn, &comp_code, &reason);
  const Long connecting = reason;
  if (comp_code != mqi::cc::kFailed) double_library().disc(&hconn, &comp_code, &reason);
  return connecting;
}

TEST(MqDefinition, says_who_may_connect_and_how) {
  const TestQueueManager queue_manager(
      "{name: QM1, listener: localhost(1414), channel: APP.SVRCONN, users: {bridge: secret}}");
  EXPECT_EQ(reason_of_connecting({}), rc::kNone);
  EXPECT_EQ(reason_of_connecting({.connection = "away(1),localhost(1414)"}), rc::kNone);
  EXPECT_EQ(reason_of_connecting({.connection = "away(1)"}), rc::kHostNotAvailable);
  EXPECT_EQ(reason_of_connecting({.channel = "OTHER"}), rc::kUnknownChannelName);
  EXPECT_EQ(reason_of_connecting({.channel = ""}), rc::kUnknownChannelName);
  EXPECT_EQ(reason_of_connecting({.password = "guess"}), rc::kNotAuthorized);
}

TEST(MqDefinition, of_zos_puts_verbs_under_syncpoint_that_do_not_say) {
  const TestQueueManager queue_manager("{name: QM1, platform: zos, queues: [{name: IN}]}");
  MqClient client(double_library(), "", mqi::cno::kHandleShareNoBlock);
  client.put1("IN", "x", 0);
  client.back_out();
  EXPECT_EQ(client.depth("IN"), 0);
  client.put1("IN", "x", pmo::kNoSyncpoint);
  client.get(client.open("IN", oo::kInputShared), 0);
  client.back_out();
  EXPECT_EQ(client.depth("IN"), 1);
}

TEST(MqDefinition, inhibits_queues_and_mqset_changes_that) {
  const TestQueueManager queue_manager(
      "{name: QM1, queues: [{name: IN, get_inhibited: true}, {name: OUT, put_inhibited: true}]}");
  MqClient client(double_library(), "", mqi::cno::kHandleShareNoBlock);
  const auto reason_of = [](const auto& verbs) {
    try {
      verbs();
    } catch (const MqError& error) {
      return error.reason;
    }
    return rc::kNone;
  };
  const mqi::Hobj in = client.open("IN", oo::kInputShared | oo::kSet);
  EXPECT_EQ(reason_of([&] { client.get(in, gmo::kNoSyncpoint); }), rc::kGetInhibited);
  EXPECT_EQ(reason_of([&] { client.put1("OUT", "x", pmo::kNoSyncpoint); }), rc::kPutInhibited);
  const Long selector = mqi::ia::kInhibitGet;
  Long allowed = 0;
  Long comp_code = 0;
  Long reason = 0;
  double_library().set(client.hconn(), in, 1, &selector, 1, &allowed, 0, nullptr, &comp_code,
                       &reason);
  EXPECT_EQ(reason, rc::kNone);
  EXPECT_FALSE(client.get(in, gmo::kNoSyncpoint));
}

TEST(MqDefinition, has_models_that_become_queues_for_as_long_as_they_are_open) {
  const TestQueueManager queue_manager("{name: QM1, queues: [{name: MODEL, model: true}]}");
  MqClient client(double_library(), "", mqi::cno::kHandleShareNoBlock);
  mqi::MQOD od;
  od.object_name = padded<48>("MODEL");
  od.dynamic_q_name = padded<48>("ANSWERS.*");
  mqi::Hobj hobj = 0;
  Long comp_code = 0;
  Long reason = 0;
  double_library().open(client.hconn(), &od, oo::kInputExclusive, &hobj, &comp_code, &reason);
  ASSERT_EQ(reason, rc::kNone);
  const std::string name = text_of(od.object_name);
  EXPECT_EQ(name.rfind("ANSWERS.", 0), 0U);
  client.put1(name, "answer", pmo::kNoSyncpoint);
  EXPECT_EQ(client.get(hobj, gmo::kNoSyncpoint).value().body, "answer");
  client.close(hobj);
  EXPECT_THROW(client.open(name, oo::kOutput), MqError);
}

TEST(MqDefinition, with_a_key_that_is_not_known_is_refused) {
  EXPECT_THROW(TestQueueManager("{name: QM1, qeues: []}"), std::runtime_error);
}

}  // namespace
}  // namespace copybridge::mq_double
