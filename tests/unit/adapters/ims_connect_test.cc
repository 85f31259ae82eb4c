// Conversations with IMS Connect, message by message, and with a server on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>

#include "adapters/tcp/ims_conversation.h"
#include "adapters/tcp/tcp_adapter.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::adapters::tcp {
namespace {

namespace asio = boost::asio;
using copybridge::tests::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::string_literals;

constexpr std::chrono::seconds kPatience{20};

std::string length(std::size_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i > 0; --i) text += static_cast<char>(value >> (8 * (i - 1)));
  return text;
}
std::string framed(const std::string& body) { return length(body.size() + 4, 4) + body; }
std::string segment(const std::string& data) { return length(data.size() + 4, 2) + "\0\0"s + data; }
const std::string kCsm = "\0\x0c\x20\0*CSMOKY*"s;
std::string output(const std::string& data) { return framed(segment(data) + kCsm); }
std::string status(std::uint32_t return_code, std::uint32_t reason) {
  return framed("\0\x14\0\0*REQSTS*"s + length(return_code, 4) + length(reason, 4));
}

ImsSettings settings() {
  ImsSettings ims;
  ims.code_page = "ISO-8859-1";
  ims.exit_id = "*SAMPL1*";
  ims.client_id = "CLIENT";
  ims.datastore = "IMSA";
  ims.timer = Milliseconds(60'000);
  ims.message_bytes_max = 1000;
  return ims;
}

/// What is said, by the letter of each message: R, A, N.
std::string letters(std::string_view out) {
  constexpr std::size_t kF4At = 35;
  std::string said;
  for (std::size_t at = 0; at + kF4At < out.size();) {
    said += out[at + kF4At];
    at += static_cast<unsigned char>(out[at + 3]);
  }
  return said;
}

class ImsConversationTest : public ::testing::Test {
 protected:
  void begin(const ImsSettings& ims) {
    auto made = make_ims_conversation(ims);
    ASSERT_TRUE(made) << made.error().message;
    conversation_ = std::move(*made);
  }
  /// The records that came, one behind the other.
  std::string take(std::string_view bytes, bool is_end = false) {
    input_.append({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    Cut cut;
    taken_ = conversation_->take(input_, is_end, cut, out_);
    std::string records;
    for (const framing::RecordSpan& span : cut.records) {
      const ByteView record = cut.bytes.view(span.offset, span.size);
      records.append(record.begin(), record.end());
      records += '|';
    }
    return records;
  }
  std::string said() { return letters(std::exchange(out_, {})); }

  std::unique_ptr<Conversation> conversation_;
  ByteBuffer input_;
  std::string out_;
  Result<void> taken_;
};

TEST_F(ImsConversationTest, SendsAnIrmOfLevelZeroFieldByField) {
  begin(settings());
  const std::string expected =
      "\0\0\0\x58"  // LLLL
      "\0\x50\0\0"  // IRM_LEN, IRM_ARCH, IRM_F0
      "*SAMPL1*"
      "\0\0\0\0"
      "\x10\x63\x10\0"  // IRM_F5, IRM_TIMER, IRM_SOCT, IRM_ES
      "CLIENT  "
      "\0\x40\x81R"  // IRM_F1 to IRM_F4
      "        IMSA    "
      "                                "
      "\0\4\0\0"s;
  EXPECT_EQ(conversation_->greeting(), expected);
}

TEST_F(ImsConversationTest, JoinsTheSegmentsOfAMessage) {
  begin(settings());
  EXPECT_EQ(take(framed(segment("one") + segment("") + segment("two") + kCsm)), "onetwo|");
  ImsSettings ims = settings();
  ims.keeps_prefix = true;
  begin(ims);
  EXPECT_EQ(take(framed(segment("one") + segment("two") + kCsm)),
            segment("one") + segment("two") + "|");
}

TEST_F(ImsConversationTest, TakesSegmentsThatLookLikeStatusesAsTheyAre) {
  begin(settings());
  EXPECT_EQ(take(framed(segment("*CSMOKY*") + segment("*REQMOD*MODNAME ") + kCsm)),
            "*CSMOKY**REQMOD*MODNAME |");
}

TEST_F(ImsConversationTest, WaitsForTheRestOfAMessage) {
  begin(settings());
  const std::string bytes = output("whole") + output("next");
  std::string records;
  for (const char byte : bytes) records += take({&byte, 1});
  EXPECT_EQ(records, "whole|next|");
}

TEST_F(ImsConversationTest, AnswersWhatIsSafeAndAsksForTheNextOne) {
  begin(settings());
  take(output("one"));
  EXPECT_THAT(said(), IsEmpty());
  conversation_->acknowledge(1, out_);
  EXPECT_EQ(said(), "AR");
}

TEST_F(ImsConversationTest, LeavesItToImsToGoOnWhereItGivesAll) {
  ImsSettings ims = settings();
  ims.retrieval = ImsRetrieval::automatic;
  begin(ims);
  take(output("one"));
  conversation_->acknowledge(1, out_);
  EXPECT_EQ(said(), "A");
}

TEST_F(ImsConversationTest, GivesBackWhatIsNotKept) {
  begin(settings());
  take(output("one"));
  conversation_->refuse(out_);
  EXPECT_EQ(said(), "N");
  conversation_->refuse(out_);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ImsConversationTest, DoesNotAnswerWhatImsHasTakenBack) {
  begin(settings());
  take(output("one"));
  take(status(40, 60));
  EXPECT_TRUE(taken_);
  EXPECT_EQ(said(), "R");
  conversation_->acknowledge(1, out_);
  conversation_->refuse(out_);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ImsConversationTest, DoesNotAnswerWhereNoAnswerIsWanted) {
  begin(settings());
  EXPECT_EQ(take(framed(segment("one") + "\0\x0c\0\0*CSMOKY*"s)), "one|");
  EXPECT_EQ(said(), "R");
  conversation_->acknowledge(1, out_);
  EXPECT_THAT(said(), IsEmpty());
  EXPECT_EQ(take(framed("\0\x0c\0\0*CSMOKY*"s)), "");
  EXPECT_TRUE(taken_);
}

TEST_F(ImsConversationTest, SaysWhyImsConnectDoesNotGoOn) {
  begin(settings());
  EXPECT_EQ(take(output("one") + status(8, 56)), "one|");
  ASSERT_FALSE(taken_);
  EXPECT_EQ(taken_.error().kind, ErrorKind::source);
  EXPECT_THAT(taken_.error().message,
              HasSubstr("return code 8, reason code 56 (the client id is in use)"));
}

TEST_F(ImsConversationTest, SaysWhatIsNotFramedAsItShouldBe) {
  struct Case {
    std::string bytes;
    bool is_end;
    std::string_view mistake;
  };
  for (const Case& one : {
           Case{"\0\0\0\7"s, false, "LLLL is 7, and a message has 8 to 1000 bytes"},
           Case{"\0\0\3\xe9"s, false, "LLLL is 1001"},
           Case{framed("\0\3\0\0"s), false, "LL is 3, and 4 bytes are left"},
           Case{framed("\0\x09\0\0ab"s + kCsm.substr(0, 2)), false, "byte 4 of a message of 12"},
           Case{framed(segment("one")), false, "does not end with *CSMOKY*"},
           Case{output("one").substr(0, 9), true, "ended within a message"},
       }) {
    begin(settings());
    input_.clear();
    take(one.bytes, one.is_end);
    ASSERT_FALSE(taken_) << one.mistake;
    EXPECT_EQ(taken_.error().kind, ErrorKind::framing);
    EXPECT_THAT(taken_.error().message, HasSubstr(one.mistake));
  }
}

TEST(ImsTimer, IsRoundedUpToWhatThereIs) {
  for (const auto& [ms, code] : std::initializer_list<std::pair<int, int>>{{0, 0xFF},
                                                                           {1, 0x01},
                                                                           {10, 0x01},
                                                                           {250, 0x19},
                                                                           {251, 0x1A},
                                                                           {300, 0x1A},
                                                                           {950, 0x27},
                                                                           {951, 0x28},
                                                                           {1000, 0x28},
                                                                           {1001, 0x29},
                                                                           {60'000, 0x63},
                                                                           {60'001, 0x64},
                                                                           {3'600'000, 0x9E}}) {
    EXPECT_EQ(irm_timer(Milliseconds(ms)), code) << ms;
  }
}

/// The adapter, connected to a server that says what the test wants.
class ImsSourceTest : public ::testing::Test {
 protected:
  ImsSourceTest() : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}), server_(context_) {}
  std::unique_ptr<Adapter> make(const std::string& options) {
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml("{" + options + "}", "b.yaml", diagnostics);
    const Options read = read_options(node, kTcpAdapter.options, {}, diagnostics);
    const AdapterContext context{"tpipe", folder_.path(), nullptr, log_, system_clock()};
    auto made = kTcpAdapter.make(context, read, diagnostics);
    mistakes_.clear();
    for (const Diagnostic& diagnostic : diagnostics.all()) mistakes_ += to_string(diagnostic);
    return made;
  }
  [[nodiscard]] std::string servers() const {
    return "servers: 'tcp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
           "', protocol: ims-connect, ims_client_id: C, ims_datastore: D, "
           "ims_codepage: ISO-8859-1";
  }
  /// Reads until a batch is there.
  RecordBatch read() {
    RecordBatch batch;
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < limit) {
      const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(10));
      if (status && *status == ReadStatus::batch) return batch;
    }
    ADD_FAILURE() << "no batch came";
    return batch;
  }
  std::string hear(std::size_t messages) {
    std::string bytes(messages * 88, ' ');
    boost::system::error_code error;
    bytes.resize(asio::read(server_, asio::buffer(bytes), error));
    return letters(bytes);
  }
  void begin() {
    adapter_ = make(servers());
    ASSERT_NE(adapter_, nullptr) << mistakes_;
    ASSERT_TRUE(adapter_->open());
    RecordBatch batch;
    ASSERT_TRUE(adapter_->read(batch, Milliseconds(0)));
    acceptor_.accept(server_);
    EXPECT_EQ(hear(1), "R");
    asio::write(server_, asio::buffer(output("one")));
    batch_ = read();
    ASSERT_EQ(batch_.records.size(), 1U);
  }

  TemporaryDirectory folder_;
  std::string mistakes_;
  Log log_{LogLevel::info, LogFormat::json, system_clock(), [](std::string_view) {}};
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket server_;
  std::unique_ptr<Adapter> adapter_;
  RecordBatch batch_;
};

TEST_F(ImsSourceTest, AnswersAMessageWhenItIsSettled) {
  begin();
  ASSERT_TRUE(adapter_->settle({batch_.token, {Fate::delivered}}));
  EXPECT_EQ(hear(2), "AR");
}

TEST_F(ImsSourceTest, GivesAMessageBackThatTheBridgeCannotKeep) {
  begin();
  ASSERT_TRUE(adapter_->settle({batch_.token, {Fate::retry}}));
  EXPECT_EQ(hear(2), "N");  // and the connection ends
}

TEST_F(ImsSourceTest, GivesAMessageBackThatIsNotSettledWhenTheBridgeStops) {
  begin();
  adapter_->close();
  EXPECT_EQ(hear(2), "N");
}

TEST_F(ImsSourceTest, RefusesOptionsThatCannotWork) {
  struct Case {
    std::string options;
    std::string_view mistake;
  };
  const std::string server = "servers: 'tcp://127.0.0.1:1', ";
  for (const Case& one : {
           Case{servers() + ", recfm: V", "'recfm' has no meaning with 'protocol: ims-connect'"},
           Case{servers() + ", acknowledgement_hex: '06'", "'acknowledgement_hex' has no meaning"},
           Case{server + "protocol: ims-connect, ims_client_id: A", "needs 'ims_datastore'"},
           Case{server + "protocol: ims-connect, ims_datastore: A", "needs 'ims_client_id'"},
           Case{server + "ims_client_id: A, recfm: F, lrecl: 4", "needs 'protocol: ims-connect'"},
           Case{servers() + ", ims_tpipe: NINECHARS", "ims_tpipe has at most 8 characters"},
           Case{servers() + ", ims_tpipe: 'Ω'", "ims_tpipe has at most 8 characters"},
           Case{servers() + ", ims_password: '${env:HOME}'", "'ims_password' needs 'ims_user'"},
           Case{"servers: 'tcp://example.com:1', protocol: ims-connect, ims_client_id: A, "
                "ims_datastore: B, ims_user: C, ims_password: '${env:HOME}'",
                "'ims_password' would be sent without TLS to another machine"},
           Case{"listen: '127.0.0.1:1', protocol: ims-connect, ims_client_id: A, ims_datastore: B",
                "'listen' has no meaning"},
       }) {
    EXPECT_EQ(make(one.options), nullptr) << one.options;
    EXPECT_THAT(mistakes_, HasSubstr(one.mistake));
  }
}

TEST_F(ImsSourceTest, DoesNotStartWithoutItsPassword) {
  ::unsetenv("COPYBRIDGE_NO_SUCH_PASSWORD");
  adapter_ = make(servers() + ", ims_user: U, ims_password: '${env:COPYBRIDGE_NO_SUCH_PASSWORD}'");
  ASSERT_NE(adapter_, nullptr) << mistakes_;
  const Result<void> opened = adapter_->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, HasSubstr("COPYBRIDGE_NO_SUCH_PASSWORD"));
}

}  // namespace
}  // namespace copybridge::adapters::tcp
