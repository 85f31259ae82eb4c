// STOMP frames: framing, escapes of each version, limits.
#include "bridge/stomp/frame.h"

#include <gtest/gtest.h>

namespace copybridge::stomp {
namespace {

constexpr FrameLimits kLimits{.header_bytes_max = 200, .body_bytes_max = 100};

constexpr std::string_view operator""_bytes(const char* text, std::size_t size) {
  return {text, size};
}

std::vector<Frame> parse(std::string_view bytes, Version version = Version::v1_2) {
  FrameParser parser(kLimits);
  parser.set_version(version);
  parser.feed(bytes);
  std::vector<Frame> frames;
  for (;;) {
    Result<std::optional<Frame>> frame = parser.next();
    if (!frame || !*frame) return frames;
    frames.push_back(std::move(**frame));
  }
}

std::string error_of(std::string_view bytes, Version version = Version::v1_2) {
  FrameParser parser(kLimits);
  parser.set_version(version);
  parser.feed(bytes);
  const Result<std::optional<Frame>> frame = parser.next();
  return frame ? std::string() : frame.error().message;
}

TEST(StompFrame, EndsAtItsNulOrAfterItsContentLength) {
  const auto frames =
      parse("MESSAGE\na:b\n\nbody\0\n\nMESSAGE\ncontent-length:3\n\n\0\n\0\0"_bytes);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].command, "MESSAGE");
  EXPECT_EQ(frames[0].header("a"), "b");
  EXPECT_EQ(frames[0].body, "body");
  EXPECT_EQ(frames[1].body, "\0\n\0"_bytes);
}

TEST(StompFrame, MayHaveCarriageReturnsAtItsLinesEnds) {
  const auto frames = parse("\r\n\nCONNECTED\r\nversion:1.2\r\n\r\n\0"_bytes);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].header("version"), "1.2");
}

TEST(StompFrame, CountsTheFirstOfEqualHeaders) {
  EXPECT_EQ(parse("M\nfoo:1\nfoo:2\n\n\0"_bytes).at(0).header("foo"), "1");
}

TEST(StompFrame, UnescapesAsItsVersionHasIt) {
  constexpr auto kFrame = "M\na\\cb:x\\ny\\\\z\n\n\0"_bytes;
  EXPECT_EQ(parse(kFrame, Version::v1_1).at(0).header("a:b"), "x\ny\\z");
  EXPECT_EQ(parse(kFrame, Version::v1_0).at(0).header("a\\cb"), "x\\ny\\\\z");
  EXPECT_EQ(parse("M\na:\\r\n\n\0"_bytes).at(0).header("a"), "\r");
  EXPECT_NE(error_of("M\na:\\r\n\n\0"_bytes, Version::v1_1), "");
  EXPECT_NE(error_of("M\na:\\t\n\n\0"_bytes), "");
  EXPECT_NE(error_of("M\na:\\\n\n\0"_bytes), "");
  EXPECT_EQ(parse("CONNECTED\nserver:a\\b\n\n\0"_bytes).at(0).header("server"), "a\\b");
}

TEST(StompFrame, IsRefusedWhereItCannotBeRead) {
  EXPECT_NE(error_of("M\nno colon\n\n\0"_bytes), "");
  EXPECT_NE(error_of("M\ncontent-length:x\n\n\0"_bytes), "");
  EXPECT_NE(error_of("M\ncontent-length:1\n\nab\0"_bytes), "");
  EXPECT_NE(error_of("M\n" + std::string(300, 'h')), "");
  EXPECT_NE(error_of("M\n\n" + std::string(101, 'b')), "");
  EXPECT_NE(error_of("M\ncontent-length:99999999999\n\n"), "");
}

TEST(StompFrame, IsTheSameInPiecesOfAnySize) {
  constexpr auto kBytes = "\nMESSAGE\na:b\ncontent-length:4\n\nx\0yz\0\nRECEIPT\nid:1\n\n\0"_bytes;
  for (std::size_t size = 1; size < kBytes.size(); ++size) {
    FrameParser parser(kLimits);
    std::vector<std::string> bodies;
    for (std::size_t at = 0; at < kBytes.size(); at += size) {
      parser.feed(kBytes.substr(at, size));
      for (auto frame = parser.next(); frame && *frame; frame = parser.next())
        bodies.push_back((*frame)->command + (*frame)->body);
    }
    EXPECT_EQ(bodies, (std::vector<std::string>{std::string("MESSAGEx\0yz", 11), "RECEIPT"}));
  }
}

TEST(StompFrame, ReadsWhatIsWrittenWhateverIsInIt) {
  const std::pair<std::string_view, std::string_view> headers[] = {{"na:me", "a\r\nb\\c:d"}};
  std::string bytes;
  append_frame(bytes, "SEND", headers, "bo\0dy"_bytes, Version::v1_2);
  const auto frames = parse(bytes);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].header("na:me"), "a\r\nb\\c:d");
  EXPECT_EQ(frames[0].body, "bo\0dy"_bytes);
}

TEST(StompFrame, NeverWritesALineEndThatHasNoEscape) {
  const std::pair<std::string_view, std::string_view> headers[] = {
      {"a", "x\r\n\0destination:y"_bytes}};
  for (const Version version : {Version::v1_0, Version::v1_1, Version::v1_2}) {
    std::string bytes;
    append_frame(bytes, "SEND", headers, std::nullopt, version);
    const auto frames = parse(bytes, version);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].headers.size(), 1U);
  }
}

}  // namespace
}  // namespace copybridge::stomp
