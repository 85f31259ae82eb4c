// Broken streams: what is delivered before the fault, and what is said about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

FramingOptions variable(Presence bdw) { return {.recfm = Recfm::variable, .bdw = bdw}; }

TEST(FramingFaults, FixedStreamThatDoesNotDivide) {
  const Outcome outcome = frame({.recfm = Recfm::fixed, .lrecl = 3}, "C1C2C3 C4C5");
  EXPECT_THAT(outcome.records, ElementsAre("C1C2C3"));
  EXPECT_EQ(outcome.kind, ErrorKind::framing);
  EXPECT_EQ(outcome.error,
            "framing: the stream ends at byte 5, within the record at byte 3: found 2 bytes, "
            "expected 3 (LRECL); short_last (--short-records accept) takes a short last record");
  EXPECT_EQ(outcome.state.position, 3U);
}

TEST(FramingFaults, ZeroRdw) {
  const Outcome outcome = frame(variable(Presence::no), "00050000C1 00000000 00000000");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.kind, ErrorKind::framing);
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 5: found 00000000, a length of 0, expected a length from 4 to "
            "32760");
}

TEST(FramingFaults, RdwBelowItsOwnFourBytes) {
  EXPECT_EQ(frame(variable(Presence::automatic), "00030000C1").error,
            "framing: RDW at byte 0: found 00030000, a length of 3, expected a length from 4 to "
            "32760");
}

TEST(FramingFaults, RdwAboveLrecl) {
  FramingOptions options = variable(Presence::no);
  options.lrecl = 6;
  EXPECT_EQ(frame(options, "00060000C1C2 00070000C1C2C3").error,
            "framing: RDW at byte 6: found 00070000, a length of 7, expected a length from 4 to "
            "6");
}

TEST(FramingFaults, RdwAboveTheLargestOfTheSystem) {
  EXPECT_THAT(frame(variable(Presence::no), "7FF90000").error,
              HasSubstr("found 7FF90000, a length of 32761, expected a length from 4 to 32760"));
}

TEST(FramingFaults, ExpectedLengthsAreThoseThatStandInTheDescriptor) {
  FramingOptions options = variable(Presence::no);
  options.rdw_includes_itself = false;
  options.rdw_adjust = -1;
  options.lrecl = 10;
  EXPECT_THAT(frame(options, "00080000").error, HasSubstr("expected a length from 1 to 7"));
}

TEST(FramingFaults, SegmentOfASpannedRecord) {
  for (const char* rdw : {"00050100C1", "00050200C1", "00050300C1"}) {
    EXPECT_THAT(frame(variable(Presence::no), rdw).error,
                HasSubstr("a segment of a spanned record, expected whole records "
                          "(read VS and VBS with --recfm VBS)"));
  }
}

TEST(FramingFaults, RdwWithItsReservedByteSet) {
  EXPECT_EQ(frame(variable(Presence::no), "00050001C1").error,
            "framing: RDW at byte 0: found 00050001, expected zeros beside the length");
}

TEST(FramingFaults, RecordThatTheStreamCutsShort) {
  const Outcome outcome = frame(variable(Presence::no), "00050000C1 00080000C2C3");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error,
            "framing: the stream ends at byte 11, within the record at byte 5: found 6 bytes that "
            "begin with 00080000, expected all of the record");
}

TEST(FramingFaults, RdwThatTheStreamCutsShort) {
  EXPECT_EQ(frame(variable(Presence::no), "00050000C1 0008").error,
            "framing: the stream ends at byte 7, within the record at byte 5: found 2 bytes that "
            "begin with 0008, expected all of the record");
}

TEST(FramingFaults, RecordAcrossTheEndOfItsBlock) {
  const Outcome outcome =
      frame(variable(Presence::yes), "000F0000 00050000C1 00080000C2C3 00090000 00050000C4");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 9: found 00080000, a length of 8, expected at most the 6 bytes "
            "left of its block");
}

TEST(FramingFaults, BlockWithALeftoverTooShortForARecord) {
  EXPECT_EQ(frame(variable(Presence::yes), "000B0000 00050000C1 FFFF 00090000 00050000C4").error,
            "framing: block ends at byte 11: found 2 bytes behind its last record, expected "
            "records that fill it");
}

TEST(FramingFaults, BdwTooSmallForARecord) {
  EXPECT_EQ(frame(variable(Presence::yes), "00050000 00050000").error,
            "framing: BDW at byte 0: found 00050000, a length of 5, expected a length from 8 to "
            "2147483651");
}

TEST(FramingFaults, BlockThatTheStreamCutsShortBetweenRecords) {
  const Outcome outcome = frame(variable(Presence::yes), "000E0000 00050000C1");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error,
            "framing: the stream ends at byte 9, within a block, expected 5 more bytes of it");
}

TEST(FramingFaults, NamesTheReadingWithBdwsWhereItFits) {
  // Without BDWs the block is taken for a record that is longer than LRECL.
  FramingOptions options = variable(Presence::no);
  options.lrecl = 8;
  const char* blocks = "000E0000 00050000C1 00050000C2";
  EXPECT_THAT(frame(options, blocks).error,
              HasSubstr("; read with BDWs (VB, --bdw yes) the bytes in sight fit"));
  options.bdw = Presence::yes;
  EXPECT_THAT(frame(options, blocks).records, ElementsAre("C1", "C2"));
}

TEST(FramingFaults, NamesTheReadingWithBdwsForExtendedBlocks) {
  EXPECT_THAT(frame(variable(Presence::no), "80000009 00050000C1").error,
              HasSubstr("read with BDWs (VB, --bdw yes)"));
}

TEST(FramingFaults, NamesTheReadingWithoutBdwsWhereItFits) {
  const char* records = "000A0000C1C2C3C4C5C6 00060000C1C2 00050000C3";
  EXPECT_EQ(frame(variable(Presence::yes), records).error,
            "framing: RDW at byte 4: found C1C2C3C4, expected zeros beside the length; read "
            "without BDWs (V, --bdw no) the bytes in sight fit");
  EXPECT_EQ(frame(variable(Presence::no), records).error, "");
}

TEST(FramingFaults, NamesNoOtherReadingWhereNoneFits) {
  for (const Presence bdw : {Presence::yes, Presence::no}) {
    const Outcome outcome = frame(variable(bdw), "C1C2C3C4 C1C2C3C4 C1C2C3C4");
    EXPECT_THAT(outcome.records, IsEmpty());
    EXPECT_NE(outcome.error, "");
    EXPECT_THAT(outcome.error, Not(HasSubstr("read with")));
  }
}

TEST(FramingFaults, NamesNoOtherReadingBehindBlocksThatFitted) {
  const Outcome outcome =
      frame(variable(Presence::yes), "00090000 00050000C1 00090000 C2C2C2C2C2 00090000 00050000C3");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 13: found C2C2C2C2, expected zeros beside the length");
}

TEST(FramingFaults, FixedBlockThatRecordsDoNotFill) {
  FramingOptions options{.recfm = Recfm::fixed, .lrecl = 2, .bdw = Presence::yes};
  const Outcome outcome = frame(options, "00070000 C1C2 C3");
  EXPECT_THAT(outcome.records, ElementsAre("C1C2"));
  EXPECT_EQ(outcome.error,
            "framing: block ends at byte 7: found 1 bytes behind its last record, expected "
            "records of 2 bytes");
}

TEST(FramingFaults, LineWithoutAnEnd) {
  FramingOptions options{.recfm = Recfm::line, .lrecl = 3};
  options.line_ends = {0x0A};
  const Outcome outcome = frame(options, "414243 0A 41424344 0A");
  EXPECT_THAT(outcome.records, ElementsAre("414243"));
  EXPECT_EQ(outcome.error,
            "framing: line at byte 4: found no line end in 4 bytes, expected one after at most 3");
}

TEST(FramingFaults, LengthPrefixAboveTheLargestRecord) {
  const Outcome outcome = frame({.recfm = Recfm::length_prefixed}, "00000001C1 FFFFFFFF");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(outcome.error,
            "framing: length prefix at byte 5: found FFFFFFFF, a length of 4294967295, expected "
            "at most 16777216");
}

TEST(FramingFaults, LengthPrefixedRecordThatTheStreamCutsShort) {
  EXPECT_EQ(frame({.recfm = Recfm::length_prefixed}, "00000002C1").error,
            "framing: the stream ends at byte 5, within the record at byte 0: found 5 bytes that "
            "begin with 00000002, expected all of the record");
  EXPECT_THAT(frame({.recfm = Recfm::length_prefixed}, "000000").error,
              HasSubstr("the stream ends at byte 3"));
}

TEST(FramingFaults, StreamThatEndsWithinItsHeaderOrTrailer) {
  FramingOptions options{.recfm = Recfm::fixed, .lrecl = 1};
  options.skip_header = 4;
  options.skip_trailer = 2;
  EXPECT_EQ(frame(options, "000000").error,
            "framing: the stream ends at byte 3, expected a header of 4 bytes");
  EXPECT_EQ(frame(options, "00000000FF").error,
            "framing: the stream ends at byte 5, 1 bytes behind the last record, expected a "
            "trailer of 2 bytes");
}

}  // namespace
}  // namespace copybridge::framing
