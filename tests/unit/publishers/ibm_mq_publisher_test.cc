// The ibm-mq publisher against the double of a queue manager, its headers as the adapter reads
// them.
#include "bridge/publishers/ibm_mq_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/ibm_mq/connection.h"
#include "adapters/ibm_mq/headers.h"
#include "bridge/publishers/ibm_mq_message.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using adapters::ibm_mq::text_of;
using mq_double::MqClient;
using mq_double::MqLibrary;
using mq_double::ReceivedMessage;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class IbmMqPublisher : public testing::Test {
 protected:
  IbmMqPublisher() { script_faults(""); }
  ~IbmMqPublisher() override { script_faults(""); }

  static void script_faults(const char* script) { ::setenv("COPYBRIDGE_MQ_FAULTS", script, 1); }
  static std::string options(const std::string& more, const std::string& queue = "OUT") {
    return "{queue: " + queue + ", library: '" + mq_double::client_library() + "'" + more + "}";
  }
  void make(const std::string& more = {}, const std::string& queue = "OUT") {
    harness_ = std::make_unique<Harness>(kIbmMqPublisher, options(more, queue));
    ASSERT_EQ(harness_->mistakes(), "");
    const Result<void> opened = harness_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  std::vector<ReceivedMessage> take_all(const std::string& queue = "OUT") {
    MqClient client(library_);
    const mqi::Hobj handle = client.open(queue, mqi::oo::kInputShared);
    std::vector<ReceivedMessage> messages;
    while (auto message = client.get(handle, mqi::gmo::kNoSyncpoint)) {
      messages.push_back(std::move(*message));
    }
    return messages;
  }
  const Event* record(const std::string& bytes) {
    record_ = *events_.add_body("record", bytes);
    record_.is_record = true;
    return &record_;
  }
  /// The chain of headers that a message begins with, and what is behind it.
  static adapters::ibm_mq::HeaderChain headers_of(const ReceivedMessage& message) {
    adapters::ibm_mq::CodePages pages;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(message.body.data());
    return parse_headers(
        {bytes, message.body.size()},
        {message.md.encoding, message.md.coded_char_set_id, text_of(message.md.format)}, pages);
  }

  mq_double::TestQueueManager queue_manager_{
      "{name: QM, queues: [{name: OUT, max_message_length: 100000}, {name: FULL, max_depth: 2}]}"};
  const MqLibrary library_{mq_double::client_library()};
  EventStore events_;
  Event record_;
  std::unique_ptr<Harness> harness_;
};

TEST_F(IbmMqPublisher, PutsJsonAsPersistentTextWithIdsOfTheEvent) {
  make();
  harness_->publish_and_wait({events_.add("one")});
  const std::vector<ReceivedMessage> got = take_all();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].body, R"({"NUMBER":0})");
  EXPECT_EQ(text_of(got[0].md.format), "MQSTR");
  EXPECT_EQ(got[0].md.coded_char_set_id, 1208);
  EXPECT_EQ(got[0].md.persistence, mqi::persistence::kPersistent);
  EXPECT_EQ(got[0].md.msg_id, mq_id("one"));
  EXPECT_EQ(got[0].md.correl_id, mq_id("one"));
  EXPECT_NE(mq_id("one"), mq_id("two"));
}

TEST_F(IbmMqPublisher, PutsRecordsAsTheMainframeHasThem) {
  make();
  harness_->publish_and_wait({record("\xC1\x01\x2C")});
  const std::vector<ReceivedMessage> got = take_all();
  EXPECT_EQ(got.at(0).body, "\xC1\x01\x2C");
  EXPECT_EQ(text_of(got[0].md.format), "");
  EXPECT_EQ(got[0].md.coded_char_set_id, 37);
  EXPECT_EQ(got[0].md.encoding, mqi::encoding::kS390);
}

TEST_F(IbmMqPublisher, SetsWhatItsOptionsSay) {
  make(
      ", format: MINE, ccsid: 1047, encoding: normal, persistence: no, expiry_ms: 2000,"
      " priority: 7, reply_to_queue: ANSWERS, reply_to_queue_manager: QM9, correl_id: none");
  harness_->publish_and_wait({record("x")});
  const mqi::MQMD descriptor = take_all().at(0).md;
  EXPECT_EQ(text_of(descriptor.format), "MINE");
  EXPECT_EQ(descriptor.coded_char_set_id, 1047);
  EXPECT_EQ(descriptor.encoding, 273);
  EXPECT_EQ(descriptor.persistence, mqi::persistence::kNotPersistent);
  EXPECT_GT(descriptor.expiry, 0);
  EXPECT_LE(descriptor.expiry, 20);
  EXPECT_EQ(descriptor.priority, 7);
  EXPECT_EQ(descriptor.msg_type, mqi::msg_type::kRequest);
  EXPECT_EQ(text_of(descriptor.reply_to_q), "ANSWERS");
  EXPECT_EQ(text_of(descriptor.reply_to_q_mgr), "QM9");
  EXPECT_EQ(descriptor.correl_id, mqi::Id{});
}

TEST_F(IbmMqPublisher, WritesWhatTheImsBridgeReads) {
  make(", header: ims, transaction: IVTNO, logical_terminal: TERM1, commit_mode: 1");
  harness_->publish_and_wait({record("\xC4\xC1")});
  const ReceivedMessage got = take_all().at(0);
  const auto chain = headers_of(got);
  EXPECT_EQ(chain.fault, "");
  EXPECT_EQ(chain.payload.format, "MQIMSVS");
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-iih-l-term-override", "TERM1")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-iih-commit-mode", "1")));
  EXPECT_EQ(got.body.substr(chain.payload_offset),
            std::string("\x00\x0E\x00\x00", 4) + "\xC9\xE5\xE3\xD5\xD6\x40\x40\x40\xC4\xC1");
}

TEST_F(IbmMqPublisher, WritesWhatTheCicsBridgeReads) {
  make(", header: cics, transaction: PAY1, program: PAYPROG, correl_id: new-session");
  harness_->publish_and_wait({record("\xC4\xC1")});
  const ReceivedMessage got = take_all().at(0);
  const auto chain = headers_of(got);
  EXPECT_EQ(chain.fault, "");
  EXPECT_EQ(got.md.correl_id, mqi::kNewSession);
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-cih-transaction-id", "PAY1")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-cih-uow-control", "273")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-cih-link-type", "1")));
  EXPECT_EQ(got.body.substr(chain.payload_offset), "\xD7\xC1\xE8\xD7\xD9\xD6\xC7\x40\xC4\xC1");
}

TEST_F(IbmMqPublisher, MakesPropertiesOfAnEventsAttributes) {
  make(", header: rfh2");
  const Event* event = events_.add("a<b>&c");
  harness_->publish_and_wait({event});
  const ReceivedMessage got = take_all().at(0);
  const auto chain = headers_of(got);
  EXPECT_EQ(chain.fault, "");
  EXPECT_EQ(chain.payload.format, "MQSTR");
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-rfh2-usr-id", "a<b>&c")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-rfh2-usr-type", "com.example.account")));
  EXPECT_EQ(got.body.substr(chain.payload_offset), event->body);
}

TEST_F(IbmMqPublisher, PutsARequestWhollyOrNotAtAll) {
  make("", "FULL");
  const Response response = harness_->publish_and_wait(events_.add_many(3));
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(response.reason, HasSubstr("2053 MQRC_Q_FULL"));
  EXPECT_EQ(take_all("FULL").size(), 0U);
  EXPECT_THAT(harness_->publish_and_wait(events_.add_many(2)).outcomes, Each(Outcome::accepted));
}

TEST_F(IbmMqPublisher, RefusesOnlyTheMessageThatIsTooLarge) {
  make();
  const Response response = harness_->publish_and_wait(
      {events_.add("one"), events_.add_body("big", std::string(200'000, 'x')), events_.add("two")});
  EXPECT_THAT(response.outcomes,
              ElementsAre(Outcome::accepted, Outcome::permanent, Outcome::accepted));
  EXPECT_THAT(response.reason, HasSubstr("2030"));
  EXPECT_EQ(take_all().size(), 2U);
}

TEST_F(IbmMqPublisher, SendsAgainWithTheSameMsgIdWhatMayBeThere) {
  for (const char* script : {"MQCMIT:2009:1", "MQCMIT:2009:1:after", "MQCMIT:2003:1"}) {
    make();
    script_faults(script);
    const Event* event = events_.add("one");
    EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::retry));
    EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::accepted));
    const std::vector<ReceivedMessage> got = take_all();
    EXPECT_EQ(got.size(), std::string_view(script).ends_with("after") ? 2U : 1U) << script;
    for (const ReceivedMessage& message : got) EXPECT_EQ(message.md.msg_id, mq_id("one"));
  }
}

TEST_F(IbmMqPublisher, TellsWhatIsAwayFromWhatRefuses) {
  make();
  script_faults("MQCONNX:2059:1,MQCONNX:2035:2");
  const Event* event = events_.add("one");
  EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::accepted));
  make("", "NOWHERE");
  EXPECT_THAT(harness_->publish_and_wait({event}).outcomes, ElementsAre(Outcome::refused));
}

TEST_F(IbmMqPublisher, SetsTheContextThatItsOptionsSay) {
  make();
  harness_->publish_and_wait({record("x")});
  const mqi::MQMD by_default = take_all().at(0).md;
  make(", context: none");
  harness_->publish_and_wait({record("x")});
  const mqi::MQMD none = take_all().at(0).md;
  EXPECT_EQ(text_of(none.user_identifier), "");
  EXPECT_EQ(text_of(none.put_appl_name), "");
  make(", user_identifier: CICSUSER, application_identity_data: D");
  harness_->publish_and_wait({record("x")});
  const mqi::MQMD identity = take_all().at(0).md;
  EXPECT_EQ(text_of(identity.user_identifier), "CICSUSER");
  EXPECT_EQ(text_of(identity.appl_identity_data), "D");
  EXPECT_EQ(text_of(identity.put_appl_name), text_of(by_default.put_appl_name));
  make(", context: set-all, user_identifier: CICSUSER");
  harness_->publish_and_wait({record("x")});
  const mqi::MQMD all = take_all().at(0).md;
  EXPECT_EQ(text_of(all.user_identifier), "CICSUSER");
  EXPECT_EQ(text_of(all.put_appl_name), "copybridge");
  EXPECT_EQ(text_of(all.put_date).size(), 8U);
  EXPECT_EQ(text_of(all.put_time).size(), 8U);
}

TEST_F(IbmMqPublisher, PassesOnTheContextThatTheMappingNames) {
  make(", context: set-all");
  const std::string token(64, 'A');
  const std::vector<Attribute> attributes = {
      {"mquser", "HOSTUSER"},      {"mqaccountingtoken", token}, {"mqidentitydata", "ID"},
      {"mqputappltype", "2"},      {"mqputapplname", "PAYJOB"},  {"mqputdate", "20261127"},
      {"mqputtime", "10203040"},   {"mqorigindata", "ORIG"},     {"mqpriority", "7"},
      {"mqreplytoqueue", "BACK.Q"}};
  record("x");
  record_.extensions = attributes;
  harness_->publish_and_wait({&record_});
  const mqi::MQMD descriptor = take_all().at(0).md;
  EXPECT_EQ(text_of(descriptor.user_identifier), "HOSTUSER");
  EXPECT_THAT(descriptor.accounting_token, Each(0xAA));
  EXPECT_EQ(text_of(descriptor.appl_identity_data), "ID");
  EXPECT_EQ(descriptor.put_appl_type, 2);
  EXPECT_EQ(text_of(descriptor.put_appl_name), "PAYJOB");
  EXPECT_EQ(text_of(descriptor.put_date), "20261127");
  EXPECT_EQ(text_of(descriptor.put_time), "10203040");
  EXPECT_EQ(text_of(descriptor.appl_origin_data), "ORIG");
  EXPECT_EQ(descriptor.priority, 7);
  EXPECT_EQ(text_of(descriptor.reply_to_q), "BACK.Q");
  EXPECT_EQ(descriptor.msg_type, mqi::msg_type::kRequest);
}

TEST_F(IbmMqPublisher, WritesTheHeaderThatTheMappingChooses) {
  make();
  const std::vector<Attribute> ims = {{"mqheader", "ims"}, {"mqtransaction", "PAYTRN"}};
  const std::vector<Attribute> cics = {{"mqheader", "cics"}, {"mqprogram", "PAYPROG"}};
  const std::vector<Attribute> rfh2 = {{"mqheader", "rfh2"}, {"colour", "red"}};
  Event events[4] = {*record("x"), *record("x"), *record("x"), *record("x")};
  events[0].extensions = ims;
  events[1].extensions = cics;
  events[2].extensions = rfh2;
  EXPECT_THAT(harness_->publish_and_wait({&events[0], &events[1], &events[2], &events[3]}).outcomes,
              Each(Outcome::accepted));
  const std::vector<ReceivedMessage> got = take_all();
  EXPECT_EQ(got.at(0).md.format, mqi::format::kIms);
  EXPECT_EQ(headers_of(got[0]).fault, "");
  EXPECT_EQ(got.at(1).md.format, mqi::format::kCics);
  EXPECT_EQ(headers_of(got[1]).fault, "");
  EXPECT_THAT(headers_of(got.at(2)).attributes, Contains(Pair("mq-rfh2-usr-colour", "red")));
  EXPECT_THAT(headers_of(got[2]).attributes, Not(Contains(Pair("mq-rfh2-usr-mqheader", "rfh2"))));
  EXPECT_EQ(got.at(3).body, "x");
}

TEST_F(IbmMqPublisher, RefusesAnEventWhoseAttributesNoMessageCanHave) {
  make();
  for (const auto& [name, value] :
       {std::pair{"mqheader", "xml"}, std::pair{"mqheader", "ims"}, std::pair{"mqheader", "cics"},
        std::pair{"mqpriority", "10"}, std::pair{"mqexpiryms", "-1"},
        std::pair{"mqtransaction", "TOOLONGNAME"}, std::pair{"mqaccountingtoken", "AB"},
        std::pair{"mqputdate", "2026"}}) {
    const std::vector<Attribute> attributes = {{name, value}};
    record("x");
    record_.extensions = attributes;
    const Response response = harness_->publish_and_wait({&record_});
    EXPECT_THAT(response.outcomes, ElementsAre(Outcome::permanent)) << name << " " << value;
    EXPECT_THAT(response.reason, HasSubstr(name));
  }
  EXPECT_TRUE(take_all().empty());
}

TEST_F(IbmMqPublisher, RefusesOptionsThatDoNotFitEachOther) {
  for (const auto& [more, mistake] :
       {std::pair{", header: ims", "needs 'transaction'"},
        std::pair{", header: cics", "needs 'transaction' or 'program'"},
        std::pair{", program: X", "'program' is not for this 'header'"},
        std::pair{", header: ims, transaction: \"\xC5\xA0\"", "has no such characters"},
        std::pair{", context: none, user_identifier: A", "needs 'context:"},
        std::pair{", ccsid: 99", "99"}}) {
    EXPECT_THAT(Harness(kIbmMqPublisher, options(more)).mistakes(), HasSubstr(mistake));
  }
}

}  // namespace
}  // namespace copybridge::publishers
