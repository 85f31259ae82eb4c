// The ibm-mq adapter against the double of a queue manager: what each reason code makes it do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/ibm_mq/connection.h"
#include "adapters/ibm_mq/headers.h"
#include "adapters/ibm_mq/ibm_mq_adapter.h"
#include "bridge/core/source_attributes.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::adapters {
namespace {

using mq_double::client_library;
using mq_double::MqClient;
using mq_double::MqLibrary;
using mq_double::TestQueueManager;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using tests::memory_parent;
using tests::TemporaryDirectory;

constexpr Milliseconds kReadWait{50};
constexpr int kReadsMax = 200;

struct Message {
  std::string body;
  mqi::MQMD descriptor = {};
};

/// What the calls of this process meet from now on, counted from here.
void script_faults(const std::string& script) {
  ::setenv("COPYBRIDGE_MQ_FAULTS", script.c_str(), 1);
}

std::vector<std::string> some_bodies(int count) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; ++i) bodies.push_back("message " + std::to_string(100 + i));
  return bodies;
}

class MqSource : public ::testing::Test {
 protected:
  MqSource() { script_faults(""); }
  ~MqSource() override { script_faults(""); }

  void make(const std::string& more = {}) {
    Diagnostics diagnostics;
    const std::string text = "{queue: IN, library: '" + client_library() + "'" + more + "}";
    const ConfigNode node = parse_yaml(text, "bridge.yaml", diagnostics);
    const Options options = read_options(node, kIbmMqAdapter.options, {}, diagnostics);
    const AdapterContext context{"mq", folder_.path(), nullptr, log_, system_clock()};
    adapter_ = kIbmMqAdapter.make(context, options, diagnostics);
    ASSERT_NE(adapter_, nullptr) << to_string(diagnostics.first_error(ErrorKind::config));
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  /// The next batch; reads that fail retryably are repeated.
  RecordBatch next() {
    RecordBatch batch;
    for (int i = 0; i < kReadsMax; ++i) {
      const Result<ReadStatus> status = adapter_->read(batch, kReadWait);
      if (!status) errors_.push_back(status.error().message);
      if (status && *status == ReadStatus::batch) return batch;
    }
    ADD_FAILURE() << "no batch came" << (errors_.empty() ? "" : ": " + errors_.back());
    return batch;
  }
  Result<void> settle(const RecordBatch& batch, std::vector<Fate> fates = {}) {
    fates.resize(batch.records.size(), Fate::delivered);
    return adapter_->settle({batch.token, std::move(fates)});
  }
  static std::vector<std::string> bodies_of(const RecordBatch& batch) {
    std::vector<std::string> bodies;
    for (const framing::RecordSpan& span : batch.records) {
      const ByteView bytes = batch.bytes.view(span.offset, span.size);
      bodies.emplace_back(bytes.begin(), bytes.end());
    }
    return bodies;
  }
  /// Reads and settles so many records.
  std::vector<std::string> take(std::size_t count) {
    std::vector<std::string> all;
    while (all.size() < count && !HasFailure()) {
      const RecordBatch batch = next();
      std::ranges::move(bodies_of(batch), std::back_inserter(all));
      EXPECT_TRUE(settle(batch));
    }
    return all;
  }
  void put(const std::vector<Message>& messages, const std::string& queue = "IN") {
    MqClient client(library_);
    const mqi::Hobj handle = client.open(queue, mqi::oo::kOutput);
    for (const Message& message : messages) {
      client.put(handle, message.body, mqi::pmo::kSyncpoint, message.descriptor);
    }
    client.commit();
  }
  void put(const std::vector<std::string>& bodies) {
    std::vector<Message> messages;
    for (const std::string& body : bodies) messages.push_back({body, {}});
    put(messages);
  }
  mqi::Long depth(const std::string& queue) { return MqClient(library_).depth(queue); }
  std::vector<std::string> lines_with(std::string_view text) {
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) found.push_back(line);
    }
    return found;
  }

  TemporaryDirectory folder_{memory_parent()};
  std::vector<std::string> lines_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(),
           [this](std::string_view line) { lines_.emplace_back(line); }};
  TestQueueManager queue_manager_{
      "{name: QM, queues: [{name: IN, backout_queue: BACK, backout_threshold: 3}, {name: BACK},"
      " {name: FULL, max_depth: 1}]}"};
  const MqLibrary library_{client_library()};
  std::unique_ptr<Adapter> adapter_;
  std::vector<std::string> errors_;
};

TEST_F(MqSource, MakesOneUnitOfWorkOfWhatIsThere) {
  put(some_bodies(10));
  make();
  const RecordBatch batch = next();
  EXPECT_EQ(bodies_of(batch), some_bodies(10));
  EXPECT_TRUE(settle(batch));
  EXPECT_EQ(depth("IN"), 0);
}

TEST_F(MqSource, GetsNothingWhileABatchIsUnsettled) {
  put(some_bodies(2));
  make(", batch_records_max: 1");
  const RecordBatch first = next();
  RecordBatch second;
  EXPECT_EQ(*adapter_->read(second, kReadWait), ReadStatus::idle);
  EXPECT_TRUE(settle(first));
  EXPECT_EQ(bodies_of(next()), (std::vector{some_bodies(2)[1]}));
}

TEST_F(MqSource, TellsWhatTheDescriptorSays) {
  Message message{"x", {}};
  message.descriptor.format = mqi::format::kString;
  message.descriptor.coded_char_set_id = 37;
  message.descriptor.encoding = mqi::encoding::kS390;
  message.descriptor.correl_id[0] = 0xAB;
  ibm_mq::assign(message.descriptor.reply_to_q, "ANSWERS");
  put(std::vector{message});
  make();
  const Attributes attributes = next().record_attributes.at(0);
  EXPECT_THAT(attributes, Contains(Pair("mq-queue", "IN")));
  EXPECT_THAT(attributes, Contains(Pair("mq-queue-manager", "QM")));
  EXPECT_THAT(attributes, Contains(Pair("mq-format", "MQSTR")));
  EXPECT_THAT(attributes, Contains(Pair("mq-ccsid", "37")));
  EXPECT_THAT(attributes, Contains(Pair("mq-encoding", "785")));
  EXPECT_THAT(attributes, Contains(Pair("mq-correl-id", "AB" + std::string(46, '0'))));
  EXPECT_THAT(attributes, Contains(Pair("mq-reply-to-q", "ANSWERS")));
}

TEST_F(MqSource, BacksOutTheWholeUnitAndReadsItAgainOneByOne) {
  put(some_bodies(3));
  make();
  const RecordBatch batch = next();
  EXPECT_TRUE(settle(batch, {Fate::retry, Fate::retry, Fate::retry}));
  for (const std::string& body : some_bodies(3)) {
    const RecordBatch again = next();
    EXPECT_THAT(bodies_of(again), ElementsAre(body));
    EXPECT_THAT(again.record_attributes.at(0), Contains(Pair("mq-backout-count", "1")));
    EXPECT_TRUE(settle(again));
  }
}

TEST_F(MqSource, HandsOutOnlyOnceWhatWasDeliveredBeforeItsUnitWasBackedOut) {
  put(some_bodies(3));
  make();
  EXPECT_TRUE(settle(next(), {Fate::delivered, Fate::retry, Fate::delivered}));
  EXPECT_EQ(take(1), (std::vector{some_bodies(3)[1]}));
  put(std::vector<std::string>{std::string("last")});
  EXPECT_THAT(take(1), ElementsAre("last"));
  EXPECT_EQ(depth("IN"), 0);
}

TEST_F(MqSource, NeverMovesAMessageForItsBackoutCount) {
  put(std::vector<std::string>{std::string("poor")});
  for (int i = 0; i < 5; ++i) {
    make();
    EXPECT_THAT(bodies_of(next()), ElementsAre("poor"));
    adapter_.reset();
  }
  make();
  EXPECT_THAT(take(1), ElementsAre("poor"));
  EXPECT_EQ(depth("BACK"), 0);
}

TEST_F(MqSource, MovesADeadLetterToTheBackoutQueueWithItsContext) {
  Message bad{"bad", {}};
  bad.descriptor.correl_id[5] = 9;
  put(std::vector{Message{"good", {}}, bad});
  make();
  const RecordBatch batch = next();
  Attributes read = batch.attributes;
  std::ranges::copy(batch.record_attributes.at(1), std::back_inserter(read));
  EXPECT_TRUE(settle(batch, {Fate::delivered, Fate::dead_lettered}));
  MqClient client(library_);
  const auto moved = client.get(client.open("BACK", mqi::oo::kInputShared), 0);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->body, "bad");
  const mqi::MQMD& descriptor = moved->md;
  EXPECT_THAT(read, Contains(Pair("mq-msg-id", ibm_mq::hex(descriptor.msg_id))));
  EXPECT_THAT(read, Contains(Pair("mq-put-time", ibm_mq::text_of(descriptor.put_time))));
  EXPECT_EQ(descriptor.correl_id[5], 9);
  EXPECT_EQ(depth("IN"), 0);
}

TEST_F(MqSource, KeepsDeadLettersOffTheQueueManagerWhereItIsTold) {
  put(some_bodies(1));
  make(", backout_queue: none");
  EXPECT_TRUE(settle(next(), {Fate::dead_lettered}));
  EXPECT_EQ(depth("BACK"), 0);
  EXPECT_EQ(depth("IN"), 0);
}

TEST_F(MqSource, SettlesADeadLetterThatTheBackoutQueueRefusesAndSaysSo) {
  put(some_bodies(2));
  make(", backout_queue: FULL");
  EXPECT_TRUE(settle(next(), {Fate::dead_lettered, Fate::dead_lettered}));
  EXPECT_EQ(depth("FULL"), 1);
  EXPECT_EQ(depth("IN"), 0);
  EXPECT_THAT(lines_with("backout_queue_refused"), ElementsAre(HasSubstr("2053 MQRC_Q_FULL")));
}

TEST_F(MqSource, GrowsItsBufferForAMessageThatDoesNotFit) {
  put(std::vector<std::string>{std::string(1'000'000, 'x')});
  make();
  EXPECT_EQ(take(1)[0].size(), 1'000'000U);
}

TEST_F(MqSource, ConnectsAgainAfterABrokenConnectionAndLosesNothing) {
  put(some_bodies(6));
  make();
  script_faults("MQGET:2009:4");
  EXPECT_EQ(take(6), some_bodies(6));
  EXPECT_THAT(errors_, ElementsAre(HasSubstr("MQGET on queue IN")));
  EXPECT_THAT(errors_[0], HasSubstr("2009 MQRC_CONNECTION_BROKEN"));
}

TEST_F(MqSource, WaitsForAQueueManagerThatIsAway) {
  put(some_bodies(1));
  make();
  adapter_->close();
  script_faults("MQCONNX:2059:1-3");
  EXPECT_EQ(take(1), some_bodies(1));
  ASSERT_EQ(errors_.size(), 3U);
  EXPECT_THAT(errors_[0], HasSubstr("2059 MQRC_Q_MGR_NOT_AVAILABLE"));
}

TEST_F(MqSource, KeepsItsConnectionWhileTheQueueIsInhibited) {
  put(some_bodies(2));
  make();
  script_faults("MQGET:2016:1-2,MQCONNX:2059:1+");
  EXPECT_EQ(take(2), some_bodies(2));
  EXPECT_THAT(errors_, ElementsAre(HasSubstr("2016 MQRC_GET_INHIBITED"),
                                   HasSubstr("2016 MQRC_GET_INHIBITED")));
}

TEST_F(MqSource, DeliversWhatItGotBeforeAQueueManagerQuiesces) {
  put(some_bodies(5));
  make();
  script_faults("MQGET:2161:4-5");
  const RecordBatch batch = next();
  EXPECT_EQ(batch.records.size(), 3U);
  EXPECT_TRUE(settle(batch));
  EXPECT_EQ(take(2).size(), 2U);
  EXPECT_THAT(errors_, ElementsAre(HasSubstr("2161 MQRC_Q_MGR_QUIESCING")));
}

TEST_F(MqSource, MakesSmallerUnitsWhereTheQueueManagerTakesNoMore) {
  put(some_bodies(9));
  make();
  script_faults("MQGET:2024:4");
  EXPECT_EQ(next().records.size(), 3U);
  adapter_->close();
  ASSERT_TRUE(adapter_->open());
  EXPECT_EQ(lines_with("syncpoint_limited").size(), 1U);
  EXPECT_EQ(take(9).size(), 9U);
}

TEST_F(MqSource, HandsNothingOutTwiceThoughACommitsOutcomeIsUnknown) {
  for (const bool is_applied : {false, true}) {
    put(some_bodies(3));
    make();
    script_faults(is_applied ? "MQCMIT:2009:1:after" : "MQCMIT:2009:1");
    const RecordBatch batch = next();
    const Result<void> settled = settle(batch);
    ASSERT_FALSE(settled);
    EXPECT_THAT(settled.error().message, HasSubstr("MQCMIT on queue IN"));
    // The pipeline asks again; the messages are back on the queue, or they are not.
    EXPECT_TRUE(settle(batch));
    put(std::vector<std::string>{std::string("next")});
    EXPECT_THAT(take(1), ElementsAre("next"));
    adapter_->close();
    EXPECT_EQ(depth("IN"), 0);
  }
}

/// Of reasons that say nothing of the connection, too.
TEST_F(MqSource, SettlementIsInDoubtWhereverItsCommitFailed) {
  for (const char* fault : {"MQCMIT:2101:1", "MQCMIT:2101:1:after", "MQCMIT:2374:1:after"}) {
    put(some_bodies(3));
    make();
    script_faults(fault);
    const RecordBatch batch = next();
    ASSERT_FALSE(settle(batch)) << fault;
    EXPECT_TRUE(settle(batch));
    EXPECT_EQ(adapter_->status().settlements_in_doubt, 1U) << fault;
    put(std::vector<std::string>{std::string("next")});
    EXPECT_THAT(take(1), ElementsAre("next")) << fault;
    adapter_->close();
    EXPECT_EQ(depth("IN"), 0);
  }
}

TEST_F(MqSource, GivesTheSameIdsToWhatComesAgain) {
  put(some_bodies(3));
  make();
  const std::vector<std::string> ids = next().ids;
  make();
  EXPECT_EQ(next().ids.at(0), ids.at(0));
}

TEST_F(MqSource, TellsMessagesWithOneMsgIdFromEachOther) {
  Message first{"first", {}};
  first.descriptor.msg_id[0] = 1;
  Message second = first;
  second.body = "second";
  put(std::vector{first, second});
  make();
  const RecordBatch batch = next();
  EXPECT_NE(batch.ids.at(0), batch.ids.at(1));
}

TEST_F(MqSource, MakesRecordsOfAMessageThatHoldsSeveral) {
  put(std::vector<std::string>{std::string("AAAABBBBCCCC"), std::string("DDDD")});
  make(", records_in_message: framed, recfm: F, lrecl: 4");
  const RecordBatch batch = next();
  EXPECT_THAT(bodies_of(batch), ElementsAre("AAAA", "BBBB", "CCCC", "DDDD"));
  EXPECT_THAT(batch.ids.at(1), ::testing::EndsWith("/2"));
}

TEST_F(MqSource, MarksTheRestOfAMessageWhoseFramingIsBroken) {
  put(std::vector<std::string>{std::string("AAAABBBBCC"), std::string("DDDD")});
  make(", records_in_message: framed, recfm: F, lrecl: 4");
  const RecordBatch batch = next();
  EXPECT_THAT(bodies_of(batch), ElementsAre("AAAA", "BBBB", "CC", "DDDD"));
  EXPECT_THAT(batch.fault_of(1), IsEmpty());
  EXPECT_THAT(std::string(batch.fault_of(2)), Not(IsEmpty()));
  EXPECT_THAT(batch.fault_of(3), IsEmpty());
}

TEST_F(MqSource, MarksAMessageWhoseHeadersAreBroken) {
  Message message{"RFH too short", {}};
  message.descriptor.format = mqi::format::kRfHeader2;
  put(std::vector{message});
  make(", properties: none");
  const RecordBatch batch = next();
  EXPECT_THAT(std::string(batch.fault_of(0)), HasSubstr("MQRFH2 at offset 0"));
  EXPECT_THAT(bodies_of(batch), ElementsAre("RFH too short"));
}

TEST_F(MqSource, SaysHowManyMessagesWait) {
  put(some_bodies(7));
  make();
  next();
  EXPECT_EQ(adapter_->status().lag, "7 messages");
}

TEST_F(MqSource, DoesNotStartOnAQueueThatIsNotThere) {
  Diagnostics diagnostics;
  const std::string text = "{queue: NOWHERE, library: '" + client_library() + "'}";
  const ConfigNode node = parse_yaml(text, "bridge.yaml", diagnostics);
  const Options options = read_options(node, kIbmMqAdapter.options, {}, diagnostics);
  adapter_ = kIbmMqAdapter.make({"mq", folder_.path(), nullptr, log_, system_clock()}, options,
                                diagnostics);
  const Result<void> opened = adapter_->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, HasSubstr("2085 MQRC_UNKNOWN_OBJECT_NAME"));
}

TEST_F(MqSource, SaysWhereItLookedForALibraryThatIsMissing) {
  Diagnostics diagnostics;
  const ConfigNode node =
      parse_yaml("{queue: IN, library: /nowhere/libmqm_r.so}", "bridge.yaml", diagnostics);
  const Options options = read_options(node, kIbmMqAdapter.options, {}, diagnostics);
  adapter_ = kIbmMqAdapter.make({"mq", folder_.path(), nullptr, log_, system_clock()}, options,
                                diagnostics);
  ASSERT_NE(adapter_, nullptr) << "checking needs no library";
  const Result<void> opened = adapter_->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, HasSubstr("/nowhere/libmqm_r.so"));
  EXPECT_THAT(opened.error().message, HasSubstr("'library'"));
}

TEST_F(MqSource, TellsOnceWhatAllMessagesOfAUnitSay) {
  Message one{"1", {}};
  one.descriptor.priority = 5;
  Message other = one;
  other.descriptor.priority = 6;
  put(std::vector{one, one});
  make();
  const RecordBatch alike = next();
  EXPECT_THAT(alike.attributes, Contains(Pair("mq-priority", "5")));
  EXPECT_THAT(alike.attributes, Contains(Pair("mq-queue", "IN")));
  EXPECT_THAT(alike.record_attributes.at(1), Not(Contains(Pair("mq-priority", "5"))));
  EXPECT_TRUE(settle(alike));
  put(std::vector{one, other});
  // The one of higher priority comes first.
  const RecordBatch different = next();
  EXPECT_EQ(
      SourceAttributes(different.attributes, different.record_attributes.at(0)).find("mq-priority"),
      "6");
  EXPECT_EQ(
      SourceAttributes(different.attributes, different.record_attributes.at(1)).find("mq-priority"),
      "5");
}

/// A message of a group or a segment of one.
Message part_of(const std::string& body, mqi::Long sequence, mqi::Long offset, mqi::Long flags) {
  Message message{body, {}};
  message.descriptor.version = 2;
  message.descriptor.group_id.fill(5);
  message.descriptor.msg_seq_number = sequence;
  message.descriptor.offset = offset;
  message.descriptor.msg_flags = flags;
  return message;
}

TEST_F(MqSource, ReadsAGroupInItsOrderAsOneUnitOnceAllOfItIsThere) {
  namespace flags = mqi::msg_flags;
  make(", groups: whole, batch_records_max: 2");
  put(std::vector{part_of("third", 3, 0, flags::kMsgInGroup | flags::kLastMsgInGroup),
                  part_of("first", 1, 0, flags::kMsgInGroup)});
  RecordBatch batch;
  EXPECT_EQ(*adapter_->read(batch, kReadWait), ReadStatus::dry) << "the second is not there";
  put(std::vector{part_of("second", 2, 0, flags::kMsgInGroup)});
  batch = next();
  EXPECT_THAT(bodies_of(batch), ElementsAre("first", "second", "third"));
  EXPECT_THAT(batch.record_attributes.at(2), Contains(Pair("mq-msg-seq-number", "3")));
  EXPECT_TRUE(settle(batch));
  EXPECT_EQ(depth("IN"), 0);
}

TEST_F(MqSource, HasSegmentsPutTogetherWhereTheQueueManagerCan) {
  namespace flags = mqi::msg_flags;
  const std::vector segments = {part_of("World", 1, 6, flags::kSegment | flags::kLastSegment),
                                part_of("Hello ", 1, 0, flags::kSegment)};
  put(segments);
  make(", segments: complete");
  EXPECT_THAT(take(1), ElementsAre("Hello World"));
  adapter_.reset();
  put(segments);
  make();
  EXPECT_THAT(take(2), ElementsAre("World", "Hello ")) << "each is a message";
}

}  // namespace
}  // namespace copybridge::adapters
