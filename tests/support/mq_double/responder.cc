// A program behind a queue, as COBOL programs under CICS are: it gets a request, answers it to the
// queue that the request names, and commits.
//   mq_responder QUEUE
// A request is ACCT-ID 9(6), COMMAND X(4); a reply RETURN-CODE X(2), ACCT-ID 9(6), BALANCE S9(7)V99
// COMP-3, of IBM-037. Each request's id and command are printed, in hexadecimal and as text.
//   READ  is answered with a balance of ACCT-ID times 1.25
//   FAIL  with return code 08
//   JUNK  with a reply that fits no copybook
//   TWIN  twice
//   HOLD  when the next FREE comes
//   FREE  at once, after those that are held
//   ABND  behind MQCIH: with return code 5, abend code ASRA and a text of 20 characters
// A request behind MQCIH is answered as the CICS bridge does for DPL, with MQCIH and the COMMAREA;
// one behind MQIIH as the IMS bridge does, with MQIIH and a segment with LL and ZZ.
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <utility>
#include <vector>

#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge::mq_double {
namespace {

constexpr std::size_t kAccountDigits = 6;
constexpr std::size_t kCommandSize = 4;
constexpr mqi::Long kWaitMs = 200;

constexpr std::size_t kProgramSize = 8;
constexpr std::size_t kTransactionSize = 8;
constexpr std::size_t kSegmentHead = 4;
constexpr mqi::Long kAbend = 5;

struct Reply {
  std::string queue;
  std::string body;
  mqi::MQMD md;
};

/// Capital letters of IBM-037.
std::string ascii_of(std::string_view ebcdic) {
  std::string text;
  for (const char character : ebcdic) {
    const auto byte = static_cast<unsigned char>(character);
    char letter = '?';
    if (byte >= 0xC1 && byte <= 0xC9) letter = static_cast<char>('A' + byte - 0xC1);
    if (byte >= 0xD1 && byte <= 0xD9) letter = static_cast<char>('J' + byte - 0xD1);
    if (byte >= 0xE2 && byte <= 0xE9) letter = static_cast<char>('S' + byte - 0xE2);
    text += letter;
  }
  return text;
}

std::string packed(long cents) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%09ld", cents);
  std::string bytes;
  for (int i = 0; i < 8; i += 2)
    bytes += static_cast<char>((digits[i] - '0') << 4 | (digits[i + 1] - '0'));
  return bytes + static_cast<char>((digits[8] - '0') << 4 | 0xC);
}

/// A request's parts.
struct Parts {
  std::string header;  ///< MQCIH or MQIIH
  std::string body;
  bool is_cics = false;
};

Parts take_apart(const ReceivedMessage& request) {
  Parts parts;
  parts.is_cics = request.md.format == mqi::format::kCics;
  if (!parts.is_cics && request.md.format != mqi::format::kIms) return {"", request.body, false};
  const std::size_t header = parts.is_cics ? sizeof(mqi::MQCIH) : sizeof(mqi::MQIIH);
  const std::size_t lead = parts.is_cics ? kProgramSize : kSegmentHead + kTransactionSize;
  parts.header = request.body.substr(0, header);
  parts.body = request.body.substr(header + lead);
  return parts;
}

/// What the bridge of CICS or IMS puts before a program's answer. Big-endian, as on z/OS.
std::string with_header(const Parts& parts, const std::string& command, std::string body) {
  if (parts.header.empty()) return body;
  std::string header = parts.header;
  if (!parts.is_cics) {
    const std::size_t size = body.size() + kSegmentHead;
    return header + static_cast<char>(size >> 8U) + static_cast<char>(size) + '\0' + '\0' + body;
  }
  if (command != "ABND") return header + body;
  header[offsetof(mqi::MQCIH, return_code) + 3] = static_cast<char>(kAbend);
  header.replace(offsetof(mqi::MQCIH, abend_code), 4, "\xC1\xE2\xD9\xC1");
  return header + std::string(20, '\xC5');
}

std::string body_of(const std::string& command, const std::string& account) {
  if (command == "JUNK") return "\x01\x02\x03";
  long number = 0;
  for (const char digit : account) number = number * 10 + (static_cast<unsigned char>(digit) & 0xF);
  return (command == "FAIL" ? "\xF0\xF8" : "\xF0\xF0") + account + packed(number * 125);
}

void put(MqClient& client, const Reply& reply) {
  const mqi::Hobj queue = client.open(reply.queue, mqi::oo::kOutput);
  client.put(queue, reply.body, mqi::pmo::kSyncpoint | mqi::pmo::kNewMsgId, reply.md);
  client.close(queue);
}

std::string trimmed(const mqi::ObjectName& name) {
  const std::string text(name.begin(), name.end());
  return text.substr(0, text.find_last_not_of(std::string(" \0", 2)) + 1);
}

Reply reply_to(const ReceivedMessage& request, const Parts& parts, const std::string& command) {
  Reply reply{trimmed(request.md.reply_to_q),
              with_header(parts, command, body_of(command, parts.body.substr(0, kAccountDigits))),
              {}};
  reply.md.format = parts.header.empty() ? mqi::format::kNone : request.md.format;
  reply.md.version = 2;
  reply.md.msg_type = mqi::msg_type::kReply;
  reply.md.coded_char_set_id = 37;
  reply.md.encoding = mqi::encoding::kS390;
  const bool passes = (request.md.report & mqi::report::kPassCorrelId) != 0;
  reply.md.correl_id = passes ? request.md.correl_id : request.md.msg_id;
  return reply;
}

void answer(MqClient& client, const ReceivedMessage& request, std::vector<Reply>& held) {
  const Parts parts = take_apart(request);
  const std::string command = ascii_of(parts.body.substr(kAccountDigits, kCommandSize));
  for (const mqi::Byte byte : request.md.msg_id) std::printf("%02X", byte);
  std::printf(" %s %d\n", command.c_str(), request.md.expiry);
  std::fflush(stdout);
  Reply reply = reply_to(request, parts, command);
  if (command == "HOLD") {
    held.push_back(std::move(reply));
    return client.commit();
  }
  if (command == "FREE") {
    for (const Reply& one : std::exchange(held, {})) put(client, one);
  }
  if (command == "TWIN") put(client, reply);
  put(client, reply);
  client.commit();
}

void serve(const std::string& queue) {
  const MqLibrary library(client_library());
  MqClient client(library);
  const mqi::Hobj requests = client.open(queue, mqi::oo::kInputShared);
  std::vector<Reply> held;
  std::cerr << "started\n";
  for (;;) {
    const auto request = client.get(requests, mqi::gmo::kSyncpoint, kWaitMs);
    if (request) answer(client, *request, held);
  }
}

}  // namespace
}  // namespace copybridge::mq_double

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: mq_responder QUEUE\n";
    return 2;
  }
  try {
    copybridge::mq_double::serve(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "mq_responder: " << error.what() << '\n';
    return 1;
  }
}
