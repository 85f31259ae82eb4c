// Puts and gets outside units of work: order, matching, browsing, waiting, truncation, context,
// groups and segments.
#include <chrono>
#include <future>

#include "tests/support/mq_double/wire.h"
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace flags = mqi::msg_flags;
namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

constexpr Long kPut = pmo::kNoSyncpoint | pmo::kNewMsgId;
constexpr Long kGet = gmo::kNoSyncpoint;

TEST_F(MqSemantics, messages_come_by_priority_and_then_in_the_order_of_their_puts) {
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  mqi::MQMD urgent = MqClient::text_md();
  urgent.priority = 7;
  client().put(out, "first", kPut);
  client().put(out, "second", kPut);
  client().put(out, "urgent", kPut, urgent);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  for (const char* body : {"urgent", "first", "second"})
    EXPECT_EQ(client().get(in, kGet).value().body, body);
  EXPECT_FALSE(client().get(in, kGet));
}

TEST_F(MqSemantics, a_put_gives_an_identifier_and_a_get_finds_it) {
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  client().put(out, "one", kPut);
  const mqi::MQMD second = client().put(out, "two", kPut);
  EXPECT_FALSE(is_none(second.msg_id));
  mqi::MQMD wanted;
  wanted.msg_id = second.msg_id;
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  EXPECT_EQ(client().get(in, kGet, 0, wanted).value().body, "two");
  EXPECT_FALSE(client().get(in, kGet, 0, wanted));
  EXPECT_EQ(client().get(in, kGet).value().body, "one");
}

TEST_F(MqSemantics, a_reply_is_found_by_its_correlation) {
  mqi::MQMD reply = MqClient::text_md();
  reply.correl_id.fill(7);
  client().put1(kQueue, "other", kPut);
  client().put1(kQueue, "reply", kPut, reply);
  mqi::MQMD wanted;
  wanted.correl_id.fill(7);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  EXPECT_EQ(client().get(in, kGet, 0, wanted).value().body, "reply");
}

TEST_F(MqSemantics, browsing_leaves_messages_and_takes_the_one_under_the_cursor) {
  for (const char* body : {"one", "two", "three"}) client().put1(kQueue, body, kPut);
  const mqi::Hobj hobj = client().open(kQueue, oo::kBrowse | oo::kInputShared);
  EXPECT_EQ(client().get(hobj, gmo::kBrowseFirst).value().body, "one");
  EXPECT_EQ(client().get(hobj, gmo::kBrowseNext).value().body, "two");
  EXPECT_EQ(client().get(hobj, gmo::kBrowseMsgUnderCursor).value().body, "two");
  EXPECT_EQ(client().get(hobj, kGet | gmo::kMsgUnderCursor).value().body, "two");
  EXPECT_EQ(reason_of([&] { client().get(hobj, kGet | gmo::kMsgUnderCursor); }),
            rc::kNoMsgUnderCursor);
  EXPECT_EQ(client().get(hobj, gmo::kBrowseNext).value().body, "three");
  EXPECT_FALSE(client().get(hobj, gmo::kBrowseNext));
  EXPECT_EQ(client().depth(kQueue), 2);
}

TEST_F(MqSemantics, a_waiting_get_takes_what_another_connection_puts) {
  auto waiting = std::async(std::launch::async, [&] {
    const auto other = connect();
    return other->get(other->open(kQueue, oo::kInputShared), kGet, 20'000).value().body;
  });
  client().put1(kQueue, "late", kPut);
  EXPECT_EQ(waiting.get(), "late");
}

TEST_F(MqSemantics, a_wait_ends_when_its_interval_does) {
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(client().get(in, kGet, 50));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
}

TEST_F(MqSemantics, a_message_that_does_not_fit_stays_and_its_length_is_told) {
  client().put1(kQueue, "0123456789", kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto cut = client().get(in, kGet, 0, {}, 4).value();
  EXPECT_EQ(cut.reason, rc::kTruncatedMsgFailed);
  EXPECT_EQ(cut.length, 10);
  EXPECT_EQ(client().get(in, kGet, 0, {}, 10).value().body, "0123456789");
}

TEST_F(MqSemantics, a_cut_message_that_is_accepted_is_gone) {
  client().put1(kQueue, "0123456789", kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto cut = client().get(in, kGet | gmo::kAcceptTruncatedMsg, 0, {}, 4).value();
  EXPECT_EQ(cut.reason, rc::kTruncatedMsgAccepted);
  EXPECT_EQ(cut.body, "0123");
  EXPECT_FALSE(client().get(in, kGet));
}

TEST_F(MqSemantics, what_was_not_opened_for_a_verb_refuses_it) {
  const mqi::Hobj out = client().open(kQueue, oo::kOutput);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  EXPECT_EQ(reason_of([&] { client().get(out, kGet); }), rc::kNotOpenForInput);
  EXPECT_EQ(reason_of([&] { client().put(in, "x", kPut); }), rc::kNotOpenForOutput);
  EXPECT_EQ(reason_of([&] { client().get(in, gmo::kBrowseFirst); }), rc::kNotOpenForBrowse);
  EXPECT_EQ(reason_of([&] { client().attribute(in, mqi::ia::kCurrentQDepth); }),
            rc::kNotOpenForInquire);
  EXPECT_EQ(reason_of([&] { client().open("NO.SUCH.QUEUE", oo::kOutput); }),
            rc::kUnknownObjectName);
  EXPECT_EQ(reason_of([&] { client().put(4711, "x", kPut); }), rc::kHobjError);
}

TEST_F(MqSemantics, an_exclusive_opening_is_the_only_one_for_input) {
  const mqi::Hobj in = client().open(kQueue, oo::kInputExclusive);
  const auto other = connect();
  EXPECT_EQ(reason_of([&] { other->open(kQueue, oo::kInputShared); }), rc::kObjectInUse);
  client().close(in);
  EXPECT_EQ(reason_of([&] { other->open(kQueue, oo::kInputShared); }), rc::kNone);
}

TEST_F(MqSemantics, a_full_queue_and_a_message_too_long_are_refused) {
  client().put1(kSmallQueue, "one", kPut);
  client().put1(kSmallQueue, "two", kPut);
  EXPECT_EQ(reason_of([&] { client().put1(kSmallQueue, "three", kPut); }), rc::kQFull);
  EXPECT_EQ(reason_of([&] { client().put1(kSmallQueue, std::string(101, 'x'), kPut); }),
            rc::kMsgTooBigForQ);
}

TEST_F(MqSemantics, context_is_passed_from_the_message_that_was_taken) {
  mqi::MQMD foreign = MqClient::text_md();
  foreign.user_identifier = padded<12>("ALICE");
  foreign.put_appl_name = padded<28>("PAYROLL");
  foreign.put_date = padded<8>("20010203");
  foreign.put_time = padded<8>("04050607");
  client().put(client().open(kQueue, oo::kOutput | oo::kSetAllContext), "x",
               kPut | pmo::kSetAllContext, foreign);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared | oo::kSaveAllContext);
  client().get(in, kGet);
  const mqi::Hobj moved = client().open(kBackoutQueue, oo::kOutput | oo::kPassAllContext);
  client().put(moved, "x", kPut | pmo::kPassAllContext, MqClient::text_md(), in);
  const mqi::Hobj backout = client().open(kBackoutQueue, oo::kInputShared);
  const mqi::MQMD md = client().get(backout, kGet).value().md;
  EXPECT_EQ(text_of(md.user_identifier), "ALICE");
  EXPECT_EQ(text_of(md.put_appl_name), "PAYROLL");
  EXPECT_EQ(text_of(md.put_date), "20010203");
}

TEST_F(MqSemantics, context_is_the_queue_managers_where_none_is_given) {
  client().put1(kQueue, "x", kPut);
  const mqi::MQMD md = client().get(client().open(kQueue, oo::kInputShared), kGet).value().md;
  EXPECT_EQ(text_of(md.put_date).size(), 8U);
  EXPECT_EQ(text_of(md.put_time).size(), 8U);
  EXPECT_FALSE(text_of(md.user_identifier).empty());
  EXPECT_FALSE(text_of(md.put_appl_name).empty());
}

TEST_F(MqSemantics, passing_context_needs_the_options_on_both_sides) {
  client().put1(kQueue, "x", kPut);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  client().get(in, kGet);
  const mqi::Hobj plain = client().open(kBackoutQueue, oo::kOutput);
  const mqi::Hobj passing = client().open(kBackoutQueue, oo::kOutput | oo::kPassAllContext);
  const auto pass = [&](mqi::Hobj to) {
    return reason_of([&] { client().put(to, "x", kPut | pmo::kPassAllContext, {}, in); });
  };
  EXPECT_EQ(pass(plain), rc::kNotOpenForPassAll);
  EXPECT_EQ(pass(passing), rc::kContextHandleError);
}

TEST_F(MqSemantics, a_group_comes_in_order_and_only_when_it_is_whole) {
  mqi::MQMD md = MqClient::text_md();
  md.group_id.fill(5);
  const auto put_member = [&](const char* body, Long number, Long flag) {
    md.msg_seq_number = number;
    md.msg_flags = flag;
    client().put1(kQueue, body, kPut, md);
  };
  constexpr Long kInOrder = kGet | gmo::kLogicalOrder | gmo::kAllMsgsAvailable;
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  put_member("third", 3, flags::kMsgInGroup | flags::kLastMsgInGroup);
  put_member("first", 1, flags::kMsgInGroup);
  EXPECT_FALSE(client().get(in, kInOrder));
  put_member("second", 2, flags::kMsgInGroup);
  for (const char* body : {"first", "second", "third"})
    EXPECT_EQ(client().get(in, kInOrder).value().body, body);
}

TEST_F(MqSemantics, segments_are_put_together_where_all_are_there) {
  mqi::MQMD md = MqClient::text_md();
  md.group_id.fill(6);
  const auto put_segment = [&](const char* body, Long offset, Long flag) {
    md.offset = offset;
    md.msg_flags = flag;
    client().put1(kQueue, body, kPut, md);
  };
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  put_segment("World", 6, flags::kSegment | flags::kLastSegment);
  EXPECT_FALSE(client().get(in, kGet | gmo::kCompleteMsg));
  put_segment("Hello ", 0, flags::kSegment);
  EXPECT_EQ(client().get(in, kGet | gmo::kCompleteMsg).value().body, "Hello World");
  EXPECT_EQ(client().depth(kQueue), 0);
}

TEST_F(MqSemantics, a_descriptor_of_version_1_gets_the_group_as_a_header) {
  mqi::MQMD member = MqClient::text_md();
  member.group_id.fill(5);
  member.msg_flags = flags::kMsgInGroup;
  client().put1(kQueue, "body", kPut, member);
  mqi::MQMD md;
  mqi::MQGMO options;
  options.options = kGet;
  char buffer[200];
  Long length = 0;
  Long comp_code = 0;
  Long reason = 0;
  library().get(client().hconn(), client().open(kQueue, oo::kInputShared), &md, &options,
                sizeof buffer, buffer, &length, &comp_code, &reason);
  ASSERT_EQ(reason, rc::kNone);
  EXPECT_EQ(md.format, mqi::format::kMdExtension);
  mqi::MQMDE extension;
  ASSERT_EQ(length, static_cast<Long>(sizeof extension) + 4);
  std::memcpy(&extension, buffer, sizeof extension);
  EXPECT_EQ(extension.struc_id, mqi::MQMDE().struc_id);
  EXPECT_EQ(extension.format, mqi::format::kString);
  EXPECT_EQ(extension.group_id, member.group_id);
  EXPECT_EQ(extension.msg_flags, flags::kMsgInGroup);
  EXPECT_EQ(std::string(buffer + sizeof extension, 4), "body");
}

TEST_F(MqSemantics, a_message_longer_than_the_queue_takes_is_segmented_where_it_may_be) {
  mqi::MQMD md = MqClient::text_md();
  md.msg_flags = flags::kSegmentationAllowed;
  client().put1(kSmallQueue, std::string(150, 'x'), kPut, md);
  EXPECT_EQ(client().depth(kSmallQueue), 2);
  const mqi::Hobj in = client().open(kSmallQueue, oo::kInputShared);
  EXPECT_EQ(client().get(in, kGet | gmo::kCompleteMsg).value().body, std::string(150, 'x'));
}

TEST_F(MqSemantics, a_message_whose_time_is_over_is_not_found) {
  mqi::MQMD md = MqClient::text_md();
  md.expiry = 1;
  client().put1(kQueue, "short-lived", kPut, md);
  md.expiry = 6000;
  client().put1(kQueue, "long-lived", kPut, md);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared | oo::kBrowse);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  auto first = client().get(in, gmo::kBrowseFirst).value();
  while (first.body == "short-lived" && std::chrono::steady_clock::now() < deadline)
    first = client().get(in, gmo::kBrowseFirst).value();
  EXPECT_EQ(first.body, "long-lived");
  EXPECT_GT(first.md.expiry, 0);
  EXPECT_LT(first.md.expiry, 6000);
}

TEST_F(MqSemantics, text_is_converted_when_it_is_asked_for_and_else_left) {
  mqi::MQMD md = MqClient::text_md();
  md.coded_char_set_id = 37;
  client().put1(kQueue, "\xC8\xC5\xD3\xD3\xD6", kPut, md);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared | oo::kBrowse);
  EXPECT_EQ(client().get(in, gmo::kBrowseFirst).value().body, "\xC8\xC5\xD3\xD3\xD6");
  mqi::MQMD wanted;
  wanted.coded_char_set_id = 1208;
  const auto converted = client().get(in, kGet | gmo::kConvert, 0, wanted).value();
  EXPECT_EQ(converted.body, "HELLO");
  EXPECT_EQ(converted.md.coded_char_set_id, 1208);
}

TEST_F(MqSemantics, the_backout_queue_and_its_threshold_can_be_inquired) {
  const mqi::Hobj hobj = client().open(kQueue, oo::kInquire);
  const Long selectors[] = {mqi::ca::kBackoutReqQName, mqi::ia::kBackoutThreshold};
  Long threshold = 0;
  mqi::ObjectName name{};
  Long comp_code = 0;
  Long reason = 0;
  library().inq(client().hconn(), hobj, 2, selectors, 1, &threshold, 48, name.data(), &comp_code,
                &reason);
  EXPECT_EQ(reason, rc::kNone);
  EXPECT_EQ(threshold, 3);
  EXPECT_EQ(text_of(name), kBackoutQueue);
}

}  // namespace
}  // namespace copybridge::mq_double
