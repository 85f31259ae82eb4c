// Spanned records, lengths in front of records, FTP blocks and Micro Focus files, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FramingOptions of(Recfm recfm) { return {.recfm = recfm}; }

FramingOptions spanned(Presence bdw = Presence::no) {
  FramingOptions options = of(Recfm::spanned);
  options.bdw = bdw;
  return options;
}

TEST(SpannedFraming, PutsFirstMiddleAndLastSegmentsTogether) {
  const Outcome outcome =
      frame(spanned(), "0006 0000 F1F2  0006 0100 C1C2 0005 0300 C3 0006 0200 C4C5  0005 0000 F3");
  EXPECT_THAT(outcome.records, ElementsAre("F1F2", "C1C2C3C4C5", "F3"));
  EXPECT_EQ(outcome.error, "");
}

TEST(SpannedFraming, FollowsARecordFromBlockToBlock) {
  for (const Presence bdw : {Presence::yes, Presence::automatic}) {
    const Outcome outcome = frame(spanned(bdw),
                                  "000F 0000 0006 0000 F1F2 0005 0100 C1  000A 0000 0006 0300 C2C3"
                                  "000E 0000 0005 0200 C4 0005 0000 F3");
    EXPECT_THAT(outcome.records, ElementsAre("F1F2", "C1C2C3C4", "F3"));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.state.bdw_found, 1);
  }
}

TEST(SpannedFraming, NamesTheSegmentThatBreaksTheChain) {
  Outcome outcome = frame(spanned(), "0005 0000 F1 0005 0200 C1");
  EXPECT_THAT(outcome.records, ElementsAre("F1"));
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 5: found 00050200, expected a whole record or the first segment "
            "of one");
  EXPECT_EQ(outcome.kind, ErrorKind::framing);
  outcome = frame(spanned(), "0005 0100 F1 0005 0300 C1 0005 0000 C2");
  EXPECT_THAT(outcome.records, IsEmpty());
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 10: found 00050000, expected a middle or last segment of the "
            "spanned record that begins at byte 0");
  EXPECT_THAT(frame(spanned(), "0005 0100 F1 0005 0100 C1").error, HasSubstr("RDW at byte 5"));
}

TEST(SpannedFraming, SaysWhereAChainHasNoEnd) {
  EXPECT_EQ(frame(spanned(), "0005 0000 F1 0005 0100 C1").error,
            "framing: the stream ends at byte 10, within the spanned record at byte 5, expected "
            "its other segments");
  EXPECT_THAT(frame(spanned(), "0005 0100 F1 0006 0200 C1").error,
              HasSubstr("the stream ends at byte 10, within the spanned record at byte 0"));
}

TEST(SpannedFraming, BoundsWhatItPutsTogether) {
  FramingOptions options = spanned();
  options.lrecl = 7;
  EXPECT_THAT(frame(options, "0006 0100 C1C2 0005 0200 C3").records, ElementsAre("C1C2C3"));
  EXPECT_EQ(frame(options, "0006 0100 C1C2 0006 0200 C3C4").error,
            "framing: spanned record at byte 0: found segments of 4 bytes, expected at most 3");
}

TEST(PrefixedFraming, ReadsLengthsOfLlzzThatCountThemselves) {
  EXPECT_THAT(frame(of(Recfm::ims_llzz), "0006 0000 C1C2 0005 0300 C3").records,
              ElementsAre("C1C2", "C3"));
  FramingOptions options = of(Recfm::ims_llzz);
  options.keep_prefix = true;
  EXPECT_THAT(frame(options, "0006 0000 C1C2 0005 0300 C3").records,
              ElementsAre("00060000C1C2", "00050300C3"));
  EXPECT_EQ(frame(options, "0003 0000").error,
            "framing: LLZZ at byte 0: found 00030000, a length of 3, expected one from 4 to "
            "16777220");
}

TEST(PrefixedFraming, KeepsTheRdwWhereAskedTo) {
  FramingOptions options = of(Recfm::variable_blocked);
  options.keep_prefix = true;
  EXPECT_THAT(frame(options, "0011 0000 0006 0000 F1F2 0007 0000 C1C2C3").records,
              ElementsAre("00060000F1F2", "00070000C1C2C3"));
}

TEST(PrefixedFraming, ReadsTheFourFormsOfGnucobol) {
  const char* const streams[] = {"0002 0000 C1C2 0001 0000 C3", "00000002 C1C2 00000001 C3",
                                 "02000000 C1C2 01000000 C3", "0002 C1C2 0001 C3"};
  for (std::uint32_t format = 0; format < 4; ++format) {
    FramingOptions options = of(Recfm::gnucobol);
    options.varseq_format = format;
    EXPECT_THAT(frame(options, streams[format]).records, ElementsAre("C1C2", "C3")) << format;
  }
  EXPECT_EQ(frame(of(Recfm::gnucobol), "0001 0000 C1 0001 0100 C2").error,
            "framing: record length at byte 5: found 00010100, expected zeros behind the length");
}

TEST(PrefixedFraming, ReadsLittleEndianAndAdjustedLengths) {
  FramingOptions options = of(Recfm::length_prefixed);
  options.length_bytes = 2;
  options.rdw_little_endian = true;
  options.rdw_adjust = -1;
  EXPECT_THAT(frame(options, "0300 C1C2 0200 C3").records, ElementsAre("C1C2", "C3"));
  EXPECT_THAT(frame(options, "0000").error, HasSubstr("a length of 0, expected one from 1 to"));
}

TEST(FtpBlockFraming, PutsBlocksTogetherUpToTheEndOfARecord) {
  const Outcome outcome =
      frame(of(Recfm::ftp_block), "80 0002 C1C2  00 0001 C3 80 0001 C4  80 0000  40 0000");
  EXPECT_THAT(outcome.records, ElementsAre("C1C2", "C3C4", ""));
  EXPECT_EQ(outcome.error, "");
}

TEST(FtpBlockFraming, EndsTheLastRecordWithTheFile) {
  EXPECT_THAT(frame(of(Recfm::ftp_block), "80 0001 C1 C0 0001 C2").records,
              ElementsAre("C1", "C2"));
  EXPECT_THAT(frame(of(Recfm::ftp_block), "80 0001 C1 40 0001 C2").records,
              ElementsAre("C1", "C2"));
}

TEST(FtpBlockFraming, StepsOverRestartMarkers) {
  EXPECT_THAT(frame(of(Recfm::ftp_block),
                    "10 0002 F0F1 00 0001 C1 10 0002 F0F2 80 0001 C2 10 0001 F3 40 0000")
                  .records,
              ElementsAre("C1C2"));
}

TEST(FtpBlockFraming, ReportsWhatIsNoWholeFile) {
  const FramingOptions options = of(Recfm::ftp_block);
  const Outcome outcome = frame(options, "80 0001 C1");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error, "framing: the stream ends at byte 4, expected a block with EOF");
  EXPECT_EQ(frame(options, "80 0001 C1 00 0002 C2").error,
            "framing: the stream ends at byte 8, within the record at byte 4, expected blocks up "
            "to one with EOR or EOF");
  EXPECT_EQ(frame(options, "40 0000 80 0000").error,
            "framing: block at byte 3: found 800000, expected nothing behind the block with EOF");
  EXPECT_EQ(frame(options, "80 0001 C1 A0 0001 C2 40 0000").error,
            "framing: block at byte 4: found A00001, expected data that the sender does not "
            "suspect of errors");
  EXPECT_EQ(frame(options, "01 0001 C1").error,
            "framing: block at byte 0: found 010001, expected a descriptor of EOR, EOF and restart "
            "marker");
}

TEST(FtpBlockFraming, KnowsAfterARestoreThatTheFileHasEnded) {
  const auto stream = bytes("80 0001 C1 40 0000");
  auto first = make_framer(of(Recfm::ftp_block));
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*first)->next(stream, true, 100, records));
  auto second = make_framer(of(Recfm::ftp_block));
  (*second)->restore((*first)->state());
  EXPECT_TRUE((*second)->next({}, true, 100, records));
}

// Header fields from the description of variable structure files in Micro Focus' File Handling.
std::string micro_focus_header(bool has_long_heads, const char* organization = "01") {
  std::string hex = has_long_heads ? "3000007C" : "307E0000";
  hex += std::string(64, '0') + "003E00" + organization;
  return hex + std::string(256 - hex.size(), '0');
}

TEST(MicroFocusFraming, ReadsRecordsOnFourByteBoundaries) {
  const Outcome outcome =
      frame(of(Recfm::micro_focus), micro_focus_header(false) + "4003 414243 202020" +
                                        "4007 41424344454647 202020" + "4001 41 2020202020");
  EXPECT_THAT(outcome.records, ElementsAre("414243", "41424344454647", "41"));
  EXPECT_EQ(outcome.error, "");
}

TEST(MicroFocusFraming, ReadsHeadersOfFourBytes) {
  EXPECT_THAT(frame(of(Recfm::micro_focus),
                    micro_focus_header(true) + "40000005 4142434445 202020 40000001 41 202020")
                  .records,
              ElementsAre("4142434445", "41"));
}

TEST(MicroFocusFraming, LeavesOutDeletedAndSystemRecords) {
  EXPECT_THAT(frame(of(Recfm::micro_focus), micro_focus_header(false) +
                                                "4001 41 2020202020 2002 4242 20202020"
                                                "3001 43 2020202020 7001 44 2020202020")
                  .records,
              ElementsAre("41", "44"));
}

TEST(MicroFocusFraming, TakesALastRecordWithoutPadding) {
  const Outcome outcome = frame(of(Recfm::micro_focus), micro_focus_header(false) + "4001 41");
  EXPECT_THAT(outcome.records, ElementsAre("41"));
  EXPECT_EQ(outcome.error, "");
}

TEST(MicroFocusFraming, RefusesOtherFilesAndRecords) {
  const FramingOptions options = of(Recfm::micro_focus);
  EXPECT_EQ(frame(options, "C1C2C3C4").error,
            "framing: file header at byte 0: found C1C2C3C4, expected 307E0000 or 3000007C");
  EXPECT_EQ(frame(options, "307E").error,
            "framing: the stream ends at byte 2, within the file header at byte 0, expected 128 "
            "bytes of it");
  EXPECT_THAT(frame(options, micro_focus_header(false, "02")).error,
              HasSubstr("organization at byte 39: found 02"));
  EXPECT_EQ(frame(options, micro_focus_header(false) + "4001 41 2020202020 5001 41").error,
            "framing: record header at byte 136: found 5001, expected a data record (type 4)");
  EXPECT_THAT(frame(options, micro_focus_header(false) + "4004 41").error,
              HasSubstr("the stream ends at byte 131, within the record at byte 128"));
}

TEST(MeasuredFraming, CutsWhatTheMeasureSays) {
  FramingOptions options = of(Recfm::measured);
  options.measure = std::make_shared<FirstByteMeasure>();
  EXPECT_THAT(frame(options, "02C1 03C2C3 01").records, ElementsAre("02C1", "03C2C3", "01"));
  options.rdw_adjust = 1;
  EXPECT_THAT(frame(options, "01C1 02C2C3").records, ElementsAre("01C1", "02C2C3"));
}

TEST(MeasuredFraming, ReportsLengthsThatAreNone) {
  FramingOptions options = of(Recfm::measured);
  options.measure = std::make_shared<FirstByteMeasure>();
  options.lrecl = 100;
  const Outcome outcome = frame(options, "02C1 FF");
  EXPECT_THAT(outcome.records, ElementsAre("02C1"));
  EXPECT_EQ(outcome.error, "framing: record at byte 2: found FF, expected a size");
  EXPECT_EQ(frame(options, "02C1 00").error,
            "framing: record at byte 2: found a length of 0, expected one from 1 to 100");
  EXPECT_EQ(frame(options, "65C1").error,
            "framing: record at byte 0: found a length of 101, expected one from 1 to 100");
  EXPECT_THAT(frame(options, "02C1 03C1").error, HasSubstr("the stream ends at byte 4"));
}

}  // namespace
}  // namespace copybridge::framing
