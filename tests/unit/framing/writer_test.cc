// Writers: the bytes of every format, what they refuse, and that framers read them back.
#include "codecs/framing/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::HasSubstr;

/// The stream of the records, in hexadecimal, or the first error.
std::string write(const FramingOptions& options, const std::vector<std::string>& records) {
  const auto writer = make_writer(options);
  if (!writer) return writer.error().message;
  ByteBuffer out;
  for (const std::string& record : records) {
    const Result<void> written = (*writer)->write(bytes(record), out);
    if (!written) return written.error().message;
  }
  if (!(*writer)->finish(out)) return "finish";
  return to_hex(out.view());
}

FramingOptions of(Recfm recfm, std::uint32_t lrecl = 0) { return {.recfm = recfm, .lrecl = lrecl}; }

TEST(FrameWriter, WritesFixedRecordsAsTheyAre) {
  EXPECT_EQ(write(of(Recfm::fixed, 2), {"C1C2", "C3C4"}), "C1C2C3C4");
  EXPECT_EQ(write(of(Recfm::fixed, 2), {"C1C2C3"}),
            "framing: a record of 3 bytes, expected 2 (LRECL)");
}

TEST(FrameWriter, WritesRdwsAndBlocks) {
  EXPECT_EQ(write(of(Recfm::variable), {"C1C2", ""}), "00060000C1C200040000");
  FramingOptions options = of(Recfm::variable_blocked);
  options.block_size = 20;
  EXPECT_EQ(write(options, {"C1C2", "C3C4C5C6", "C7"}),
            "001200000006000"
            "0C1C200080000C3C4C5C6"
            "00090000"
            "00050000C7");
  options.bdw = Presence::no;
  EXPECT_EQ(write(options, {"C1"}), "00050000C1");
}

TEST(FrameWriter, WritesBlocksOfFixedRecords) {
  FramingOptions options = of(Recfm::fixed, 6);
  options.bdw = Presence::yes;
  options.block_size = 16;
  EXPECT_EQ(write(options, {"C1C2C3C4C5C6", "C1C2C3C4C5C6", "D1D2D3D4D5D6"}),
            "00100000C1C2C3C4C5C6C1C2C3C4C5C6000A0000D1D2D3D4D5D6");
}

TEST(FrameWriter, WritesNoBlockWhoseLengthIsNone) {
  FramingOptions options = of(Recfm::fixed, 2);
  options.bdw = Presence::yes;
  options.bdw_includes_itself = false;
  options.bdw_adjust = 1;
  EXPECT_EQ(write(options, {"C1C2"}), "00010000C1C2");
  options.lrecl = 1;
  EXPECT_THAT(write(options, {"C1"}), HasSubstr("leaves no length of a short block"));
}

TEST(FrameWriter, CutsSpannedRecordsIntoTheRoomOfBlocks) {
  FramingOptions options = of(Recfm::spanned_blocked);
  options.block_size = 16;
  EXPECT_EQ(write(options, {"C1C2C3", "D1D2D3D4D5D6D7D8D9DADBDC"}),
            "00100000"
            "00070000C1C2C3"
            "00050100D1"
            "00100000"
            "000C0300D2D3D4D5D6D7D8D9"
            "000B0000"
            "00070200DADBDC");
}

TEST(FrameWriter, WritesLinesAndRefusesLineEndsWithinThem) {
  FramingOptions options = of(Recfm::line);
  options.line_ends = {0x15, 0x25};
  EXPECT_EQ(write(options, {"C1", "", "C2C3"}), "C11515C2C315");
  EXPECT_EQ(write(options, {"C1C225"}), "framing: a line with the line end 25 at its byte 2");
  options.line_ends = {0x0A};
  options.writes_carriage_return = true;
  EXPECT_EQ(write(options, {"41", "42"}), "410D0A420D0A");
  EXPECT_THAT(write(options, {"410D"}), HasSubstr("ends with 0D"));
}

TEST(FrameWriter, WritesLengthsInFrontOfRecords) {
  FramingOptions options = of(Recfm::length_prefixed);
  options.length_bytes = 1;
  EXPECT_EQ(write(options, {"C1C2", ""}), "02C1C200");
  EXPECT_EQ(write(options, {std::string(512, '0')}),
            "framing: a record of 256 bytes, expected at most 255");
  EXPECT_EQ(write(of(Recfm::ims_llzz), {"C1C2"}), "00060000C1C2");
  options = of(Recfm::ims_llzz);
  options.keep_prefix = true;
  EXPECT_EQ(write(options, {"00060300C1C2"}), "00060300C1C2");
  EXPECT_THAT(write(options, {"00070300C1C2"}), HasSubstr("does not begin with its length"));
  options = of(Recfm::gnucobol);
  options.varseq_format = 2;
  EXPECT_EQ(write(options, {"C1"}), "01000000C1");
}

TEST(FrameWriter, WritesFtpBlocksUpToTheEndOfTheFile) {
  EXPECT_EQ(write(of(Recfm::ftp_block), {"C1C2", ""}), "800002C1C2800000400000");
  const std::string stream = write(of(Recfm::ftp_block), {std::string(2 * 70000, '0')});
  EXPECT_EQ(stream.substr(0, 6), "00FFFF");
  EXPECT_EQ(stream.substr(2 * (3 + 65535), 6), "801171");
}

TEST(FrameWriter, WritesMicroFocusFiles) {
  const std::string stream = write(of(Recfm::micro_focus, 80), {"414243", "4142434445464748"});
  EXPECT_EQ(stream.substr(0, 8), "307E0000");
  EXPECT_EQ(stream.substr(2 * 36, 8), "003E0001");
  EXPECT_EQ(stream.substr(2 * 48, 2), "01");
  EXPECT_EQ(stream.substr(2 * 54, 16), "0000005000000000");
  EXPECT_EQ(stream.substr(256),
            "4003414243202020"
            "4008414243444546474"
            "82020");
  EXPECT_EQ(write(of(Recfm::micro_focus, 5000), {"41"}).substr(256), "4000000141202020");
  EXPECT_THAT(write(of(Recfm::micro_focus), {}), HasSubstr("LRECL"));
}

TEST(FrameWriter, RefusesMeasuredRecordsThatSayAnotherLength) {
  FramingOptions options = of(Recfm::measured);
  options.measure = std::make_shared<FirstByteMeasure>();
  EXPECT_EQ(write(options, {"02C1", "01"}), "02C101");
  EXPECT_EQ(write(options, {"03C1"}), "framing: a record of 2 bytes that says it has 3");
  EXPECT_EQ(write(options, {"FFC1"}), "framing: found FF, expected a size");
}

TEST(FrameWriter, RefusesOptionsThatCannotBeWritten) {
  FramingOptions options = of(Recfm::fixed, 2);
  options.skip_header = 3;
  EXPECT_THAT(write(options, {}), HasSubstr("cannot be written"));
  options = of(Recfm::variable_blocked);
  options.block_size = 8;
  EXPECT_THAT(write(options, {}), HasSubstr("a block has 16 to 16777216 bytes"));
  options = of(Recfm::fixed, 100);
  options.bdw = Presence::yes;
  options.block_size = 103;
  EXPECT_THAT(write(options, {}), HasSubstr("a block of 103 bytes, expected a record of 100"));
  options = of(Recfm::fixed, 2);
  options.record_suffix = 1;
  EXPECT_THAT(write(options, {}), HasSubstr("bytes that are cut off records are not known"));
}

TEST(FrameWriter, WritesExtendedBdwsOfLargeBlocks) {
  FramingOptions options = of(Recfm::fixed, 20000);
  options.bdw = Presence::yes;
  options.block_size = 65536;
  const std::string record(40000, 'C');
  const std::string stream = write(options, {record, record, record, record});
  EXPECT_EQ(stream.substr(0, 8), "8000EA64");
  // 20,004 bytes: the form of smaller blocks.
  EXPECT_EQ(stream.substr(8 + 120000, 8), "4E240000");
}

TEST(FrameWriter, WritesAShortLastRecordWhereItIsAllowed) {
  FramingOptions options = of(Recfm::fixed, 2);
  options.accepts_short_last = true;
  EXPECT_EQ(write(options, {"C1C2", "C3"}), "C1C2C3");
  EXPECT_EQ(write(options, {"C1C2", "C3", "C4C5"}),
            "framing: a record behind one of less than 2 bytes (LRECL), which only the last may "
            "have");
  EXPECT_EQ(write(options, {""}), "framing: a record of 0 bytes, expected 2 (LRECL)");
}

TEST(FrameWriter, WritesTheRecordsOfADocumentOrNone) {
  FramingOptions options = of(Recfm::variable, 6);
  const auto writer = make_writer(options);
  ByteBuffer out;
  ASSERT_TRUE(write_document(bytes("00000002C1C200000001C3"), **writer, out));
  EXPECT_EQ(to_hex(out.view()), "00060000C1C200050000C3");
  const Result<void> written = write_document(bytes("00000001C100000003C2C3C4"), **writer, out);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "framing: a record of 3 bytes, expected at most 2 (record 2 of the document)");
  EXPECT_EQ(out.size(), 11U);
  FramingOptions fixed = of(Recfm::fixed, 2);
  fixed.accepts_short_last = true;
  const auto of_fixed = make_writer(fixed);
  out.clear();
  EXPECT_FALSE(write_document(bytes("00000001C100000002C2C3"), **of_fixed, out));
  EXPECT_EQ(out.size(), 0U);
  EXPECT_TRUE(write_document(bytes("00000002C2C300000001C1"), **of_fixed, out));
}

TEST(FrameWriter, WritesNothingOfARecordThatItRefuses) {
  const auto writer = make_writer(of(Recfm::variable, 6));
  ByteBuffer out;
  const Result<void> written = (*writer)->write(bytes("C1C2C3"), out);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::bad_record);
  EXPECT_EQ(out.size(), 0U);
  EXPECT_TRUE((*writer)->write(bytes("C1C2"), out));
  EXPECT_EQ(to_hex(out.view()), "00060000C1C2");
}

TEST(FrameWriter, WritesFixedRecordsSideBySideAsOneByOne) {
  FramingOptions options = of(Recfm::fixed, 2);
  options.accepts_short_last = true;
  const auto writer = make_writer(options);
  ByteBuffer out;
  EXPECT_TRUE((*writer)->write_side_by_side(bytes("C1C2C3C4"), 2, out));
  EXPECT_TRUE((*writer)->write_side_by_side(bytes("C5C6"), 2, out));
  EXPECT_EQ(to_hex(out.view()), "C1C2C3C4C5C6");
  EXPECT_FALSE((*writer)->write_side_by_side(bytes("C1C2C3"), 3, out)) << "is not the LRECL";
  EXPECT_FALSE((*writer)->write_side_by_side(bytes("C1C2"), 1, out));
  EXPECT_TRUE((*writer)->write(bytes("C7"), out));
  EXPECT_FALSE((*writer)->write_side_by_side(bytes("C1C2"), 2, out)) << "follows a short one";
  EXPECT_EQ(to_hex(out.view()), "C1C2C3C4C5C6C7");
  for (const Recfm recfm :
       {Recfm::variable, Recfm::variable_blocked, Recfm::length_prefixed, Recfm::ftp_block}) {
    ByteBuffer nothing;
    EXPECT_FALSE((*make_writer(of(recfm)))->write_side_by_side(bytes("C1C2"), 2, nothing));
    EXPECT_EQ(nothing.size(), 0U);
  }
}

FramingOptions random_options(std::mt19937& random, Recfm recfm) {
  FramingOptions options = of(recfm);
  const bool is_spanned = recfm == Recfm::spanned || recfm == Recfm::spanned_blocked;
  options.bdw = random() % 2 == 0 ? Presence::yes : Presence::no;
  options.rdw_little_endian = random() % 2 == 0 && !is_spanned;
  options.bdw_little_endian = random() % 2 == 0;
  options.rdw_includes_itself = random() % 2 == 0;
  options.bdw_includes_itself = random() % 2 == 0;
  options.bdw_adjust = static_cast<std::int32_t>(random() % 3) - 1;
  if (!is_spanned) options.rdw_adjust = static_cast<std::int32_t>(random() % 3) - 1;
  options.block_size = static_cast<std::uint32_t>(32 + random() % 100);
  options.length_bytes = 1U << (random() % 3);
  options.varseq_format = static_cast<std::uint32_t>(random() % 4);
  options.line_ends = {0x15};
  if (recfm == Recfm::micro_focus) options.lrecl = random() % 2 == 0 ? 100 : 5000;
  if (recfm == Recfm::fixed) options.lrecl = 7;
  return options;
}

TEST(FrameWriter, IsReadBackByTheFramerOfTheSameOptions) {
  std::size_t count = 0;
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    std::mt19937 random(seed);
    const auto recfm = static_cast<Recfm>(seed % 11);
    const FramingOptions options = random_options(random, recfm);
    const auto writer = make_writer(options);
    ASSERT_TRUE(writer) << seed << ": " << writer.error().message;
    std::vector<std::string> accepted;
    ByteBuffer out;
    for (std::size_t i = random() % 12; i > 0; --i) {
      std::vector<std::uint8_t> record(recfm == Recfm::fixed ? 7 : random() % 90);
      for (std::uint8_t& byte : record) byte = static_cast<std::uint8_t>(0x40 + random() % 9);
      if ((*writer)->write(record, out)) accepted.push_back(to_hex(record));
    }
    ASSERT_TRUE((*writer)->finish(out));
    const Outcome outcome = frame(options, out.view());
    EXPECT_EQ(outcome.error, "") << seed;
    EXPECT_EQ(outcome.records, accepted) << seed;
    count += accepted.size();
  }
  EXPECT_GT(count, 1000U);
}

}  // namespace
}  // namespace copybridge::framing
