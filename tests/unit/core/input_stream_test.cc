// Reading of plain and compressed files in pieces.
#include "bridge/core/input_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/compressed.h"

namespace copybridge {
namespace {

using tests::gzip;
using tests::zstd;

/// Text that compresses, but not to nothing, and is longer than the internal pieces.
std::string long_text() {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < 3'000'000) {
    state = state * 1664525U + 1013904223U;
    text += std::to_string(state % 1000) + (state % 7 == 0 ? "aaaaaaaaaaaaaaaaaaaa" : " ");
  }
  return text;
}

class InputStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("copybridge-input-" + std::to_string(::getpid()) + "-" + info->name());
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write(const std::string& bytes) {
    std::ofstream file(path_, std::ios::binary | std::ios::trunc);
    file << bytes;
  }

  /// Reads to the end in pieces of one size; an error's message ends the text.
  static std::string drain(InputStream& stream, std::size_t piece_bytes) {
    std::string text;
    std::vector<std::uint8_t> piece(piece_bytes);
    while (true) {
      const Result<std::size_t> count = stream.read(piece);
      if (!count) return text + "!" + count.error().message;
      if (*count == 0) return text;
      text.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    }
  }

  std::string read_all(std::size_t piece_bytes = 65536) {
    Result<InputStream> stream = InputStream::open(path_);
    return stream ? drain(*stream, piece_bytes) : "!" + stream.error().message;
  }

  std::filesystem::path path_;
};

TEST_F(InputStreamTest, ReadsPlainBytesInPiecesOfAnySize) {
  write("abcdefghij");
  for (const std::size_t piece : {1U, 3U, 4U, 100U}) EXPECT_EQ(read_all(piece), "abcdefghij");
}

TEST_F(InputStreamTest, ReadsFilesShorterThanAMagicNumber) {
  write("ab");
  EXPECT_EQ(read_all(), "ab");
  write("");
  EXPECT_EQ(read_all(), "");
}

TEST_F(InputStreamTest, ReadsPlainFilesAtAnyPosition) {
  write("abcdefghij");
  Result<InputStream> stream = InputStream::open(path_);
  ASSERT_TRUE(stream && stream->can_read_at());
  std::vector<std::uint8_t> piece(4);
  ASSERT_EQ(stream->read_at(3, piece).value(), 4U);
  EXPECT_EQ(std::string(piece.begin(), piece.end()), "defg");
  ASSERT_EQ(stream->read_at(8, piece).value(), 2U);
  EXPECT_EQ(std::string(piece.begin(), piece.begin() + 2), "ij");
  EXPECT_EQ(stream->read_at(10, piece).value(), 0U);
  EXPECT_EQ(drain(*stream, 4), "abcdefghij");
}

TEST_F(InputStreamTest, UndoesGzipByItsMagicBytes) {
  const std::string text = long_text();
  write(gzip(text));
  for (const std::size_t piece : {1000U, 4U << 20}) EXPECT_EQ(read_all(piece), text);
}

TEST_F(InputStreamTest, UndoesZstdByItsMagicBytes) {
  const std::string text = long_text();
  write(zstd(text));
  for (const std::size_t piece : {1000U, 4U << 20}) EXPECT_EQ(read_all(piece), text);
}

TEST_F(InputStreamTest, HandsOutPendingOutputOfSmallCompressedFiles) {
  const std::string text(100'000, 'x');
  write(gzip(text));
  EXPECT_EQ(read_all(7), text);
  write(zstd(text));
  EXPECT_EQ(read_all(7), text);
}

TEST_F(InputStreamTest, JoinsGzipMembersAndIgnoresZeroPadding) {
  write(gzip("first ") + gzip("second") + std::string(512, '\0'));
  EXPECT_EQ(read_all(), "first second");
}

TEST_F(InputStreamTest, JoinsZstdFrames) {
  write(zstd("first ") + zstd("second"));
  EXPECT_EQ(read_all(), "first second");
}

TEST_F(InputStreamTest, DeliversWhatPrecedesATruncationAndThenFails) {
  const std::string text = long_text();
  for (const std::string& compressed : {gzip(text), zstd(text)}) {
    write(compressed.substr(0, compressed.size() - 9));
    const std::string read = read_all();
    const std::size_t fault = read.find('!');
    ASSERT_NE(fault, std::string::npos);
    EXPECT_GT(fault, text.size() / 2);
    EXPECT_EQ(read.substr(0, fault), text.substr(0, fault));
    EXPECT_NE(read.find("ends early, at byte " + std::to_string(compressed.size() - 9)),
              std::string::npos)
        << read.substr(fault);
  }
}

TEST_F(InputStreamTest, ReportsBrokenCompressedDataAsBrokenFraming) {
  for (std::string bytes : {gzip(long_text()), zstd(long_text())}) {
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; ++i) bytes[i] = '\x7F';
    write(bytes);
    Result<InputStream> stream = InputStream::open(path_);
    ASSERT_TRUE(stream);
    const std::string read = drain(*stream, 65536);
    EXPECT_NE(read.find("data is broken"), std::string::npos);
    std::array<std::uint8_t, 16> piece{};
    const Result<std::size_t> again = stream->read(piece);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::framing);
  }
}

TEST_F(InputStreamTest, RefusesGarbageBehindGzipMembers) {
  write(gzip("data") + "garbage");
  EXPECT_NE(read_all().find("data!input: "), std::string::npos);
}

TEST_F(InputStreamTest, TakesGzipMagicAsDataWhereAskedTo) {
  const std::string bytes = gzip("data");
  write(bytes);
  Result<InputStream> stream = InputStream::open(path_, Compression::none);
  ASSERT_TRUE(stream);
  EXPECT_EQ(drain(*stream, 64), bytes);
}

TEST_F(InputStreamTest, TakesVariableRecordsThatLookAlmostLikeGzipAsPlain) {
  const std::string bytes("\x1F\x8B\x00\x00 data", 9);
  write(bytes);
  EXPECT_EQ(read_all(), bytes);
}

TEST_F(InputStreamTest, SkipsToAPositionInPlainAndCompressedFiles) {
  const std::string text = long_text();
  for (const std::string& bytes : {text, gzip(text), zstd(text)}) {
    write(bytes);
    Result<InputStream> stream = InputStream::open(path_);
    ASSERT_TRUE(stream);
    ASSERT_TRUE(stream->skip_to(2'000'001));
    EXPECT_EQ(stream->position(), 2'000'001U);
    EXPECT_EQ(drain(*stream, 65536), text.substr(2'000'001));
    EXPECT_EQ(stream->position(), text.size());
    EXPECT_EQ(stream->raw_position(), bytes.size());
    EXPECT_EQ(stream->raw_size(), bytes.size());
  }
}

TEST_F(InputStreamTest, SkipsFromWithinTheFile) {
  write("0123456789");
  Result<InputStream> stream = InputStream::open(path_);
  ASSERT_TRUE(stream);
  std::array<std::uint8_t, 2> piece{};
  ASSERT_TRUE(stream->read(piece));
  ASSERT_TRUE(stream->skip_to(3));
  EXPECT_EQ(drain(*stream, 100), "3456789");
  EXPECT_FALSE(stream->skip_to(2));
}

TEST_F(InputStreamTest, RefusesToSkipBehindTheEnd) {
  for (const std::string& bytes : {std::string("0123456789"), gzip("0123456789")}) {
    write(bytes);
    Result<InputStream> stream = InputStream::open(path_);
    ASSERT_TRUE(stream);
    const Result<void> skipped = stream->skip_to(11);
    ASSERT_FALSE(skipped);
    EXPECT_EQ(skipped.error().kind, ErrorKind::source);
  }
}

TEST_F(InputStreamTest, ReadsWhatAPlainFileHasGrownByAfterItsEnd) {
  write("first");
  Result<InputStream> stream = InputStream::open(path_);
  ASSERT_TRUE(stream);
  EXPECT_EQ(drain(*stream, 100), "first");
  std::ofstream(path_, std::ios::app) << " second";
  EXPECT_EQ(drain(*stream, 100), " second");
}

TEST_F(InputStreamTest, NamesTheFileThatCannotBeOpened) {
  const Result<InputStream> stream = InputStream::open(path_);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind, ErrorKind::source);
  EXPECT_EQ(stream.error().message,
            "input: " + path_.string() + ": cannot be opened: No such file or directory");
}

TEST_F(InputStreamTest, RefusesADirectory) {
  const Result<InputStream> stream = InputStream::open(std::filesystem::temp_directory_path());
  ASSERT_FALSE(stream);
  EXPECT_NE(stream.error().message.find("Is a directory"), std::string::npos);
}

TEST_F(InputStreamTest, ReadsCompressedBytesFromAPipe) {
  const std::string text = long_text();
  const std::string compressed = zstd(text);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::thread writer([&] {
    std::size_t written = 0;
    while (written < compressed.size()) {
      const ssize_t count =
          ::write(ends[1], compressed.data() + written, compressed.size() - written);
      ASSERT_GT(count, 0);
      written += static_cast<std::size_t>(count);
    }
    ::close(ends[1]);
  });
  Result<InputStream> stream = InputStream::adopt(ends[0], "pipe");
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->raw_size(), std::nullopt);
  EXPECT_EQ(drain(*stream, 65536), text);
  writer.join();
}

}  // namespace
}  // namespace copybridge
