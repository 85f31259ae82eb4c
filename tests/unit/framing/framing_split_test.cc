// Property: however a stream is split into pieces, and however many records are asked for at a
// time, the same records and the same error come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "codecs/framing/writer.h"
#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int kStreams = 150;

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  // Few values, so that line ends, lengths and zeros turn up where they are not meant.
  static constexpr std::uint8_t kValues[] = {0x00, 0x00, 0x04, 0x05, 0x08, 0x0A, 0x0D, 0x15, 0xC1};
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = kValues[random() % std::size(kValues)];
  return bytes;
}

void append_descriptor(Bytes& stream, std::size_t size) {
  const auto length = static_cast<std::uint16_t>(size + 4);
  stream.push_back(static_cast<std::uint8_t>(length >> 8));
  stream.push_back(static_cast<std::uint8_t>(length & 0xFF));
  stream.insert(stream.end(), {0, 0});
}

Bytes variable_records(std::mt19937& random, std::size_t count) {
  Bytes stream;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes data = random_bytes(random, random() % 40);
    append_descriptor(stream, data.size());
    stream.insert(stream.end(), data.begin(), data.end());
  }
  return stream;
}

Bytes blocks(std::mt19937& random) {
  Bytes stream;
  for (std::size_t i = 0; i < 1 + random() % 5; ++i) {
    const Bytes block = variable_records(random, 1 + random() % 4);
    append_descriptor(stream, block.size());
    stream.insert(stream.end(), block.begin(), block.end());
  }
  return stream;
}

/// A sound stream two times out of three, else one that is cut or has bytes changed.
Bytes disturbed(std::mt19937& random, Bytes stream) {
  if (stream.empty()) return stream;
  if (random() % 6 == 0) stream.resize(random() % stream.size());
  if (random() % 6 == 0 && !stream.empty())
    stream[random() % stream.size()] = static_cast<std::uint8_t>(random());
  return stream;
}

/// What a writer of the same options makes of random records.
Bytes written(std::mt19937& random, const FramingOptions& given) {
  FramingOptions options = given;
  options.skip_header = options.skip_trailer = 0;
  options.block_size = static_cast<std::uint32_t>(16 + random() % 40);
  options.lrecl = options.recfm == Recfm::micro_focus ? 50 : options.lrecl;
  const auto writer = make_writer(options);
  ByteBuffer out;
  for (std::size_t i = random() % 20; writer && i > 0; --i) {
    Bytes record = random_bytes(random, random() % 46);
    if (options.recfm == Recfm::measured && !record.empty())
      record[0] = static_cast<std::uint8_t>(record.size());
    if (options.keep_prefix && record.size() >= 4)
      record = {0, static_cast<std::uint8_t>(record.size()), 0x80, 0};
    (void)(*writer)->write(record, out);
  }
  if (writer) (void)(*writer)->finish(out);
  Bytes stream(given.skip_header, 0);
  stream.insert(stream.end(), out.view().begin(), out.view().end());
  stream.resize(stream.size() + given.skip_trailer);
  return stream;
}

/// Every role turns up, whatever the format.
class AnyGrouper final : public RecordGrouper {
 public:
  [[nodiscard]] Role role(ByteView record) const override {
    return static_cast<Role>(record.empty() ? 1 : record.back() % 3);
  }
};

FramingOptions random_options(std::mt19937& random, Recfm recfm) {
  FramingOptions options{.recfm = recfm};
  options.lrecl = recfm == Recfm::fixed ? static_cast<std::uint32_t>(1 + random() % 30) : 0;
  options.bdw = static_cast<Presence>(random() % 3);
  options.wraps_lines = recfm == Recfm::line && random() % 2 == 0;
  if (options.wraps_lines) options.lrecl = static_cast<std::uint32_t>(1 + random() % 30);
  options.line_ends = random() % 2 == 0 ? Bytes{0x0A} : Bytes{0x15, 0x25};
  options.length_bytes = 1U << (random() % 3);
  options.record_bytes_max = 50;
  options.varseq_format = static_cast<std::uint32_t>(random() % 4);
  options.keep_prefix = recfm == Recfm::ims_llzz && random() % 2 == 0;
  options.measure = std::make_shared<FirstByteMeasure>();
  options.skip_header = random() % 3;
  options.skip_trailer = random() % 3;
  options.accepts_short_last = random() % 2 == 0;
  options.header_records = static_cast<std::uint32_t>(random() % 3);
  options.trailer_records = static_cast<std::uint32_t>(random() % 3);
  return options;
}

/// Only the length in "found N bytes" may depend on how much of a too long line was in sight, and
/// whether a broken document, or what may be trailers, begins before or behind a file header or
/// mark.
void expect_same(const Outcome& whole, const Outcome& split, std::uint32_t seed) {
  ASSERT_EQ(whole.records, split.records) << "seed " << seed;
  ASSERT_EQ(whole.places, split.places) << "seed " << seed;
  ASSERT_EQ(whole.error.empty(), split.error.empty())
      << "seed " << seed << ": " << whole.error << " / " << split.error;
  if (whole.error.find("document") != std::string::npos) return;
  if (whole.error.find("may be trailers") != std::string::npos) return;
  ASSERT_EQ(whole.state.position, split.state.position)
      << "seed " << seed << ": " << whole.error << " / " << split.error;
}

void check(Recfm recfm, Bytes (*make)(std::mt19937&) = nullptr) {
  int broken = 0;
  for (std::uint32_t seed = 1; seed <= kStreams; ++seed) {
    std::mt19937 random(seed);
    FramingOptions options = random_options(random, recfm);
    const Bytes stream =
        disturbed(random, make == nullptr ? written(random, options) : make(random));
    if (seed % 3 == 0) options.grouper = std::make_shared<AnyGrouper>();
    const Outcome whole = frame(options, stream);
    broken += whole.error.empty() ? 0 : 1;
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
      expect_same(whole, frame(options, stream, step), seed);
      expect_same(whole, frame(options, stream, step, 1), seed);
    }
    expect_same(whole, frame(options, stream, SIZE_MAX, 2), seed);
  }
  // Both kinds of streams must have been tried.
  EXPECT_GT(broken, 0);
  EXPECT_LT(broken, kStreams);
}

TEST(FramingSplits, FixedRecords) {
  check(Recfm::fixed, [](std::mt19937& random) { return random_bytes(random, random() % 300); });
}

TEST(FramingSplits, VariableRecords) {
  check(Recfm::variable,
        [](std::mt19937& random) { return variable_records(random, random() % 20); });
}

TEST(FramingSplits, BlocksOfVariableRecords) { check(Recfm::variable_blocked, blocks); }

TEST(FramingSplits, Lines) {
  check(Recfm::line, [](std::mt19937& random) { return random_bytes(random, random() % 500); });
}

TEST(FramingSplits, LengthPrefixedRecords) { check(Recfm::length_prefixed); }

TEST(FramingSplits, SpannedRecords) { check(Recfm::spanned); }
TEST(FramingSplits, SpannedRecordsInBlocks) { check(Recfm::spanned_blocked); }
TEST(FramingSplits, LlzzRecords) { check(Recfm::ims_llzz); }
TEST(FramingSplits, GnucobolFiles) { check(Recfm::gnucobol); }
TEST(FramingSplits, MicroFocusFiles) { check(Recfm::micro_focus); }
TEST(FramingSplits, FtpBlocks) { check(Recfm::ftp_block); }
TEST(FramingSplits, MeasuredRecords) { check(Recfm::measured); }

}  // namespace
}  // namespace copybridge::framing
