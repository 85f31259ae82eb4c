// What the ibm-mq publisher puts, as tshark's own dissector of IBM MQ reads it: each message in a
// packet of the channel protocol (an MQPUT) in a capture file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

#include "bridge/publishers/ibm_mq_message.h"
#include "bridge/publishers/ibm_mq_publisher.h"
#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"
#include "tests/support/mq_double/wire.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using mq_double::append;
using mq_double::MqClient;
using mq_double::MqLibrary;
using mq_double::ReceivedMessage;
using mqi::Long;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr std::uint16_t kPort = 1414;

void append_big_endian(std::string& bytes, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
}

/// A transmission segment header of the channel protocol, and the verb's own in front of its
/// structures.
std::string mqput_segment(const ReceivedMessage& message) {
  constexpr char kLittleEndian = 2;
  constexpr char kMqput = static_cast<char>(0x86);
  constexpr char kFirstAndLast = 0x30;
  constexpr std::uint32_t kHeadsSize = 28 + 16;
  std::string segment;
  append(segment, message.md);
  mqi::MQPMO options;
  segment.append(reinterpret_cast<const char*>(&options), mqi::MQPMO::kLengthV1);
  append(segment, static_cast<std::uint32_t>(message.body.size()));
  segment += message.body;
  const auto size = static_cast<std::uint32_t>(segment.size()) + kHeadsSize;
  std::string heads = "TSH ";
  append_big_endian(heads, size, 4);
  heads += {kLittleEndian, kMqput, kFirstAndLast, 0};
  heads += std::string(8, '\0');
  append(heads, mqi::encoding::kReversed);
  append(heads, static_cast<std::uint16_t>(1208));
  heads += std::string(2, '\0');
  append_big_endian(heads, size, 4);
  heads += std::string(12, '\0');
  return heads + segment;
}

/// A capture file with one TCP segment in an IPv4 packet.
std::string capture_of(const std::string& payload) {
  constexpr std::uint32_t kRawIp = 101;
  std::string packet = "\x45";
  packet += '\0';
  append_big_endian(packet, static_cast<std::uint32_t>(40 + payload.size()), 2);
  packet += std::string("\0\1\0\0\x40\6\0\0\x7F\0\0\1\x7F\0\0\1", 16);
  append_big_endian(packet, 40000, 2);
  append_big_endian(packet, kPort, 2);
  packet += std::string("\0\0\0\1\0\0\0\1\x50\x18\xFF\xFF\0\0\0\0", 16);
  packet += payload;
  std::string file;
  for (const std::uint32_t value : {0xA1B2C3D4U, 0x00040002U, 0U, 0U, 65535U, kRawIp, 0U, 0U})
    append(file, value);
  append(file, static_cast<std::uint32_t>(packet.size()));
  append(file, static_cast<std::uint32_t>(packet.size()));
  return file + packet;
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe))
    output.append(bytes, count);
  ::pclose(pipe);
  return output;
}

std::string hex_of(const mqi::Id& id) {
  std::ostringstream text;
  for (const mqi::Byte byte : id)
    text << std::hex << std::setw(2) << std::setfill('0') << static_cast<int>(byte);
  return text.str();
}

using Fields = std::vector<std::pair<std::string, std::string>>;

class MqTshark : public testing::Test {
 protected:
  MqTshark() { ::setenv("COPYBRIDGE_MQ_FAULTS", "", 1); }

  /// Publishes a record and takes the message off the queue.
  ReceivedMessage published(const std::string& options) {
    Harness harness(kIbmMqPublisher,
                    "{queue: OUT, library: '" + mq_double::client_library() + "'" + options + "}");
    EXPECT_EQ(harness.mistakes(), "");
    EXPECT_TRUE(harness.open());
    EventStore events;
    Event record = *events.add_body("record", "\xC4\xC1");
    record.is_record = true;
    harness.publish_and_wait({&record});
    const MqLibrary library(mq_double::client_library());
    MqClient client(library);
    return client.get(client.open("OUT", mqi::oo::kInputShared), mqi::gmo::kNoSyncpoint).value();
  }

  /// All fields of IBM MQ that tshark finds, by name; their bytes as NAME.hex.
  Fields dissected(const ReceivedMessage& message) {
    const auto path = folder_.write("mq.pcap", capture_of(mqput_segment(message)));
    std::istringstream lines(output_of("tshark -r '" + path.string() + "' -d tcp.port==1414,mq " +
                                       "-T pdml 2>/dev/null"));
    Fields fields;
    for (std::string line; std::getline(lines, line);) {
      const std::string name = attribute(line, "name");
      if (name.rfind("mq.", 0) != 0) continue;
      fields.emplace_back(name, attribute(line, "show"));
      fields.emplace_back(name + ".hex", attribute(line, "value"));
    }
    return fields;
  }

  static std::string attribute(const std::string& line, const std::string& name) {
    const std::size_t start = line.find(" " + name + "=\"");
    if (start == std::string::npos) return "";
    const std::size_t from = start + name.size() + 3;
    return line.substr(from, line.find('"', from) - from);
  }

 private:
  mq_double::TestQueueManager queue_manager_{"{name: QM, queues: [{name: OUT}]}"};
  tests::TemporaryDirectory folder_;
};

std::string number(Long value) { return std::to_string(value); }

TEST_F(MqTshark, ReadsTheDescriptorFieldForField) {
  const ReceivedMessage message = published(
      ", format: MINE, priority: 7, expiry_ms: 600000, persistence: no, reply_to_queue: ANSWERS,"
      " reply_to_queue_manager: QM9");
  const mqi::MQMD& md = message.md;
  const Fields fields = dissected(message);
  EXPECT_THAT(fields, Contains(Pair("mq.md.structid", "MD  ")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.msgtype", number(mqi::msg_type::kRequest))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.expiry", number(md.expiry))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.encoding", "785")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.ccsid", "37")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.format", "MINE    ")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.priority", "7")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.persistence", "0")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.msgid.hex", hex_of(md.msg_id))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.correlid.hex", hex_of(md.correl_id))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.replytoq", std::string(md.reply_to_q.data(), 48))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.replytoqmgr", std::string("QM9").append(45, ' '))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.applname", std::string("copybridge").append(18, ' '))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.date", std::string(md.put_date.data(), 8))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.time", std::string(md.put_time.data(), 8))));
  EXPECT_THAT(fields, Contains(Pair("mq.md.msgseqnumber", "1")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.origlength", "-1")));
  EXPECT_THAT(fields, Contains(Pair("mq.pmo.structid", "PMO ")));
}

TEST_F(MqTshark, ReadsTheHeaderOfTheImsBridge) {
  const Fields fields = dissected(
      published(", header: ims, transaction: IVTNO, logical_terminal: TERM1, map_name: MAP1,"
                " commit_mode: 1"));
  EXPECT_THAT(fields, Contains(Pair("mq.md.format", "MQIMS   ")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.structid.hex", "c9c9c840")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.version", "1")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.length", "84")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.format.hex", "d4d8c9d4e2e5e240")));       // MQIMSVS
  EXPECT_THAT(fields, Contains(Pair("mq.iih.ltermoverrid.hex", "e3c5d9d4f1404040")));  // TERM1
  EXPECT_THAT(fields, Contains(Pair("mq.iih.mfsmapname.hex", "d4c1d7f140404040")));    // MAP1
  EXPECT_THAT(fields, Contains(Pair("mq.iih.commimode.hex", "f1")));
  EXPECT_THAT(fields, Contains(Pair("mq.ims.ll", "14")));
  EXPECT_THAT(fields, Contains(Pair("mq.ims.zz", "0")));
  EXPECT_THAT(fields, Contains(Pair("mq.ims.trx.hex", "c9e5e3d5d6404040")));  // IVTNO
  EXPECT_THAT(fields, Contains(Pair("mq.ims.data.hex", "c4c1")));
}

TEST_F(MqTshark, ReadsTheHeaderOfTheCicsBridge) {
  const Fields fields = dissected(
      published(", header: cics, transaction: PAY1, program: PAYPROG, correl_id: new-session"));
  EXPECT_THAT(fields, Contains(Pair("mq.md.format", "MQCICS  ")));
  EXPECT_THAT(fields, Contains(Pair("mq.md.correlid.hex", hex_of(mqi::kNewSession))));
  EXPECT_THAT(fields, Contains(Pair("mq.head.structid.hex", "c3c9c840")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.version", "2")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.length", "180")));
  EXPECT_THAT(fields, Contains(Pair("mq.cih.uowcontrols", "0x00000111")));
  EXPECT_THAT(fields, Contains(Pair("mq.cih.getwaitintv", "-2")));
  EXPECT_THAT(fields, Contains(Pair("mq.cih.linktype", "1")));
  EXPECT_THAT(fields, Contains(Pair("mq.cih.outdatalen", "-1")));
  EXPECT_THAT(fields, Contains(Pair("mq.cih.transactionid.hex", "d7c1e8f1")));  // PAY1
  EXPECT_THAT(fields, Contains(Pair("mq.cih.inputitem", "0")));
}

TEST_F(MqTshark, ReadsPropertiesInTheirHeader) {
  const Fields fields = dissected(published(", header: rfh2"));
  EXPECT_THAT(fields, Contains(Pair("mq.md.format", "MQHRF2  ")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.version", "2")));
  EXPECT_THAT(fields, Contains(Pair("mq.head.encoding", "785")));
  EXPECT_THAT(fields, Contains(Pair("mq.rfh.ccsid", "1208")));
  EXPECT_THAT(fields, Contains(Pair("mq.rfh.string", HasSubstr("&lt;id&gt;record&lt;/id&gt;"))));
}

TEST_F(MqTshark, ReadsADeadLetterHeaderAsItIsDeclared) {
  ReceivedMessage message;
  message.md.version = 2;
  message.md.format = mqi::format::kDeadLetterHeader;
  mqi::MQDLH header;
  header.reason = mqi::rc::kQFull;
  header.dest_q_name = mq_double::padded<48>("WHERE.IT.WENT");
  header.dest_q_mgr_name = mq_double::padded<48>("QM9");
  header.encoding = 785;
  header.coded_char_set_id = 1047;
  header.put_appl_type = mqi::at::kCics;
  header.put_appl_name = mq_double::padded<28>("PAYROLL");
  header.put_date = mq_double::padded<8>("20261127");
  header.put_time = mq_double::padded<8>("01020304");
  append(message.body, header);
  message.body += "body";
  const Fields fields = dissected(message);
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.structid", "DLH ")));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.reason", number(mqi::rc::kQFull))));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.destq", HasSubstr("WHERE.IT.WENT"))));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.destqmgr", HasSubstr("QM9"))));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.encoding", "785")));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.ccsid", "1047")));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.putappltype", "1")));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.putapplname", HasSubstr("PAYROLL"))));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.putdate", "20261127")));
  EXPECT_THAT(fields, Contains(Pair("mq.dlh.puttime", "01020304")));
}

}  // namespace
}  // namespace copybridge::publishers
