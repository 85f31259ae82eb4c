// The format of batches in outgoing transfers, on frames as Qpid Proton writes them.
#include <gtest/gtest.h>

#include "bridge/amqp/batch_format.h"

namespace copybridge::amqp {
namespace {

using namespace std::string_literals;

const std::string kHeader = "AMQP\x00\x01\x00\x00"s;
constexpr std::uint64_t kNumber = 0x1122334455667788;

std::string frame(const std::string& body, char type = 0) {
  const std::size_t size = body.size() + 8;
  return "\0\0"s + static_cast<char>(size >> 8) + static_cast<char>(size & 0xFF) + "\x02"s + type +
         "\0\0"s + body;
}

std::string tag_text(bool is_batch) {
  const auto tag = delivery_tag(kNumber, is_batch);
  return {tag.data(), tag.size()};
}
std::string batch_tag_text() { return tag_text(true); }

/// A transfer up to its payload: handle 2, delivery `number`, the tag, what stands for the format.
std::string transfer(const std::string& number, const std::string& tag, const std::string& format) {
  return "\x00\x53\x14\xc0\x20\x06\x52\x02"s + number + "\xa0"s + static_cast<char>(tag.size()) +
         tag + format + "\x40\x42"s;
}

/// What comes out where `bytes` go in, so many at a time.
std::string passed(const std::string& bytes, std::size_t step) {
  BatchFormat format;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    EXPECT_TRUE(format.pass(std::string_view(bytes).substr(at, step), out));
  return out;
}

TEST(BatchFormat, StandsWhereTheEndOfTheTagWas) {
  const std::string tag = batch_tag_text();
  const std::string payload(100, 'x');
  const std::string before = frame(transfer("\x52\x05"s, tag, "\x43"s) + payload);
  const std::string after =
      frame(transfer("\x52\x05"s, tag.substr(0, 8), "\x70\x80\x01\x37\x00"s) + payload);
  EXPECT_EQ(before.size(), after.size());
  EXPECT_EQ(passed(before, before.size()), after);
}

TEST(BatchFormat, IsPutInHoweverTheBytesCome) {
  std::string bytes = kHeader;
  for (const std::string& number : {"\x43"s, "\x52\x05"s, "\x70\x01\x02\x03\x04"s})
    bytes += frame(transfer(number, batch_tag_text(), "\x43"s) + std::string(500, '\0'));
  // A heartbeat, and one that ends with the tag's last field.
  bytes += frame("") + frame(transfer("\x43"s, batch_tag_text(), "\x43"s));
  const std::string whole = passed(bytes, bytes.size());
  EXPECT_EQ(whole.size(), bytes.size());
  std::size_t count = 0;
  for (std::size_t at = 0; (at = whole.find("\x70\x80\x01\x37\x00"s, at)) != std::string::npos;
       ++at)
    ++count;
  EXPECT_EQ(count, 4U);
  for (const std::size_t step : {1U, 7U, 63U, 64U, 65U}) EXPECT_EQ(passed(bytes, step), whole);
}

TEST(BatchFormat, LeavesEverythingElseAsItIs) {
  const std::string bytes =
      "AMQP\x03\x01\x00\x00"s + frame("\x00\x53\x41\xc0\x0d\x01\xa3\x09"s + "ANONYMOUS", 1) +
      kHeader + frame("\x00\x53\x10\xc0\x04\x01\xa1\x01x"s) +
      // A tag of another kind, and one that only looks like a batch's, in a payload.
      frame(transfer("\x52\x05"s, "12345678", "\x43"s) +
            transfer("\x43"s, batch_tag_text(), "\x43"s));
  EXPECT_EQ(passed(bytes, bytes.size()), bytes);
}

TEST(BatchFormat, SaysWhereATransferIsNotAsItIsKnown) {
  BatchFormat format;
  std::string out;
  EXPECT_FALSE(format.pass(frame(transfer("\x43"s, batch_tag_text(), "\x40"s)), out));
}

TEST(BatchFormat, SaysWhatHasGoneOutWithoutBeingSeen) {
  BatchFormat format;
  std::string out;
  format.expect();
  format.expect();
  EXPECT_FALSE(format.is_missing(2));
  ASSERT_TRUE(format.pass(frame(transfer("\x43"s, tag_text(false), "\x43"s)), out));
  EXPECT_FALSE(format.is_missing(1));
  // The same with its descriptor as another form of ulong: no peer would mind.
  const std::string whole = transfer("\x43"s, batch_tag_text(), "\x43"s);
  const std::string other = "\x00\x80\0\0\0\0\0\0\0\x14"s + whole.substr(3);
  ASSERT_TRUE(format.pass(frame(other), out));
  EXPECT_TRUE(format.is_missing(0));
}

TEST(BatchFormat, ExpectsNothingOfLaterTransfersOfAMessage) {
  BatchFormat format;
  std::string out;
  format.expect();
  // The second frame of the message has no tag.
  ASSERT_TRUE(format.pass(frame(transfer("\x43"s, batch_tag_text(), "\x43"s)) +
                              frame("\x00\x53\x14\xc0\x06\x06\x43\x43\x40\x40\x40\x42"s),
                          out));
  EXPECT_FALSE(format.is_missing(0));
}

}  // namespace
}  // namespace copybridge::amqp
