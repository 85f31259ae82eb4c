// Records of every RECFM as they should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

FramingOptions fixed(std::uint32_t lrecl) { return {.recfm = Recfm::fixed, .lrecl = lrecl}; }

FramingOptions variable(Presence bdw = Presence::automatic) {
  return {.recfm = Recfm::variable, .bdw = bdw};
}

FramingOptions lines(std::vector<std::uint8_t> ends) {
  FramingOptions options{.recfm = Recfm::line};
  options.line_ends = std::move(ends);
  return options;
}

FramingOptions prefixed(std::uint32_t length_bytes) {
  FramingOptions options{.recfm = Recfm::length_prefixed};
  options.length_bytes = length_bytes;
  return options;
}

TEST(FixedFraming, CutsRecordsOfLrecl) {
  const Outcome outcome = frame(fixed(3), "F1F2F3 C1C2C3");
  EXPECT_THAT(outcome.records, ElementsAre("F1F2F3", "C1C2C3"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.state.position, 6U);
}

TEST(FixedFraming, TakesAnEmptyStreamAsNoRecords) {
  const Outcome outcome = frame(fixed(3), "");
  EXPECT_THAT(outcome.records, IsEmpty());
  EXPECT_EQ(outcome.error, "");
}

TEST(FixedFraming, StopsAtTheRecordsAskedFor) {
  auto framer = make_framer(fixed(1));
  ASSERT_TRUE(framer);
  std::vector<RecordSpan> records;
  const auto stream = bytes("F1F2F3F4");
  const auto framed = (*framer)->next(stream, true, 3, records);
  ASSERT_TRUE(framed);
  EXPECT_THAT(records, SizeIs(3));
  EXPECT_EQ(framed->consumed, 3U);
}

TEST(FixedFraming, ReadsBlocksWithBdwsWhereAskedTo) {
  FramingOptions options = fixed(2);
  options.bdw = Presence::yes;
  EXPECT_THAT(frame(options, "00080000 F0F0 F1F1 00060000 F2F2").records,
              ElementsAre("F0F0", "F1F1", "F2F2"));
}

TEST(VariableFraming, TakesOffTheRdw) {
  const Outcome outcome = frame(variable(), "0006 0000 F1F2  0007 0000 C1C2C3");
  EXPECT_THAT(outcome.records, ElementsAre("F1F2", "C1C2C3"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.state.bdw_found, 0);
}

TEST(VariableFraming, DeliversAnEmptyRecord) {
  EXPECT_THAT(frame(variable(), "00040000 00050000 C1").records, ElementsAre("", "C1"));
}

TEST(VariableFraming, TakesOffTheBdwThatItFinds) {
  const Outcome outcome =
      frame(variable(), "0011 0000 0006 0000 F1F2 0007 0000 C1C2C3  000A 0000 0006 0000 F3F4");
  EXPECT_THAT(outcome.records, ElementsAre("F1F2", "C1C2C3", "F3F4"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.state.bdw_found, 1);
}

TEST(VariableFraming, VAndVbAreReadAlike) {
  const char* stream = "0011 0000 0006 0000 F1F2 0007 0000 C1C2C3";
  FramingOptions blocked = variable();
  blocked.recfm = Recfm::variable_blocked;
  EXPECT_EQ(frame(blocked, stream), frame(variable(), stream));
  EXPECT_THAT(frame(blocked, "00050000C1 00050000C2").records, ElementsAre("C1", "C2"));
}

TEST(VariableFraming, ReadsTheBlockAsARecordWhereBdwsAreDenied) {
  EXPECT_THAT(frame(variable(Presence::no), "000A 0000 0006 0000 F1F2").records,
              ElementsAre("00060000F1F2"));
}

TEST(VariableFraming, ReadsExtendedBdws) {
  for (const Presence bdw : {Presence::yes, Presence::automatic}) {
    EXPECT_THAT(frame(variable(bdw), "8000 000A 0006 0000 F1F2 8000 0009 0005 0000 C1").records,
                ElementsAre("F1F2", "C1"));
  }
}

TEST(VariableFraming, ReadsABlockLongerThanTheSightOfTheDecision) {
  std::vector<std::uint8_t> stream = bytes("8001 1140");
  const auto record = bytes("0074 0000");
  const std::size_t count = (0x11140 - 4) / 0x74;
  for (std::size_t i = 0; i < count; ++i) {
    stream.insert(stream.end(), record.begin(), record.end());
    stream.resize(stream.size() + 0x70, 0xC1);
  }
  ASSERT_EQ(stream.size(), 0x11140U);
  const Outcome outcome = frame(variable(), stream);
  EXPECT_EQ(outcome.error, "");
  EXPECT_THAT(outcome.records, SizeIs(count));
}

TEST(VariableFraming, FindsBdwsInABlockThatBreaksBehindItsFirstRecords) {
  const Outcome outcome = frame(variable(), "0013 0000 0005 0000 C1 0005 0000 C2 00FF0000 C3");
  EXPECT_EQ(outcome.state.bdw_found, 1);
  EXPECT_THAT(outcome.records, ElementsAre("C1", "C2"));
  EXPECT_EQ(outcome.error,
            "framing: RDW at byte 14: found 00FF0000, a length of 255, expected at most the 5 "
            "bytes left of its block");
}

TEST(VariableFraming, IsNotMisledByOneRecordThatLooksLikeABlock) {
  // The first record's data begin with 0006 0000, which does not fill it.
  const Outcome outcome = frame(variable(), "000C 0000 0006 0000 C1C2C3C4  0005 0000 C5");
  EXPECT_EQ(outcome.state.bdw_found, 0);
  EXPECT_THAT(outcome.records, ElementsAre("00060000C1C2C3C4", "C5"));
}

TEST(VariableFraming, ReadsLittleEndianRdwsInBothForms) {
  FramingOptions options = variable(Presence::no);
  options.rdw_little_endian = true;
  EXPECT_THAT(frame(options, "0600 0000 F1F2 0000 0500 C1").records, ElementsAre("F1F2", "C1"));
}

TEST(VariableFraming, ReadsLittleEndianExtendedBdws) {
  FramingOptions options = variable(Presence::yes);
  options.bdw_little_endian = true;
  EXPECT_THAT(frame(options, "0A00 0080 0006 0000 F1F2").records, ElementsAre("F1F2"));
}

TEST(VariableFraming, ReadsDescriptorsThatDoNotCountThemselves) {
  FramingOptions options = variable(Presence::yes);
  options.rdw_includes_itself = false;
  options.bdw_includes_itself = false;
  EXPECT_THAT(frame(options, "000C 0000 0002 0000 F0F0 0002 0000 F0F1").records,
              ElementsAre("F0F0", "F0F1"));
}

TEST(VariableFraming, AddsTheAdjustmentsToTheLengths) {
  FramingOptions options = variable(Presence::yes);
  options.rdw_includes_itself = false;
  options.bdw_includes_itself = false;
  options.bdw_adjust = 1;
  options.rdw_adjust = -1;
  EXPECT_THAT(frame(options, "000B 0000 0003 0000 F0F0 0003 0000 F0F1").records,
              ElementsAre("F0F0", "F0F1"));
}

TEST(LineFraming, EndsEbcdicLinesAtNelAndLineFeed) {
  EXPECT_THAT(frame(lines({0x15, 0x25}), "C1C2 15 C3 25 C4 15").records,
              ElementsAre("C1C2", "C3", "C4"));
}

TEST(LineFraming, KeepsACarriageReturnInEbcdic) {
  EXPECT_THAT(frame(lines({0x15, 0x25}), "C10D15").records, ElementsAre("C10D"));
}

TEST(LineFraming, DropsTheCarriageReturnInAscii) {
  EXPECT_THAT(frame(lines({0x0A}), "41420D0A 430A 0D44 0D0A").records,
              ElementsAre("4142", "43", "0D44"));
}

TEST(LineFraming, TakesALastLineWithoutLineEnd) {
  EXPECT_THAT(frame(lines({0x0A}), "41 0A 42").records, ElementsAre("41", "42"));
  EXPECT_THAT(frame(lines({0x0A}), "41 0A 420D").records, ElementsAre("41", "42"));
}

TEST(LineFraming, DeliversEmptyLines) {
  EXPECT_THAT(frame(lines({0x0A}), "0A 0D0A 41 0A").records, ElementsAre("", "", "41"));
}

TEST(LineFraming, WrapsLinesThatAreLongerThanARecord) {
  FramingOptions options = lines({0x0A});
  options.lrecl = 2;
  options.wraps_lines = true;
  EXPECT_THAT(frame(options, "4142 43 0D0A 4445 4647 0A 48 0A 0A 494A4B").records,
              ElementsAre("4142", "43", "4445", "4647", "48", "", "494A", "4B"));
  options.lrecl = 0;
  EXPECT_THAT(frame(options, "41").error, HasSubstr("wrapped lines need"));
}

TEST(LineFraming, FindsLinesAgainAfterARestore) {
  auto framer = make_framer(lines({0x0A}));
  ASSERT_TRUE(framer);
  const auto stream = bytes("41420A43440A");
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*framer)->next(stream, true, 100, records));
  (*framer)->restore({.position = 3});
  records.clear();
  ASSERT_TRUE((*framer)->next(ByteView(stream).subspan(3), true, 100, records));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].size, 2U);
}

TEST(LengthPrefixedFraming, ReadsPrefixesOfOneTwoAndFourBytes) {
  EXPECT_THAT(frame(prefixed(1), "02 C1C2 01 C3").records, ElementsAre("C1C2", "C3"));
  EXPECT_THAT(frame(prefixed(2), "0002 C1C2 0001 C3").records, ElementsAre("C1C2", "C3"));
  EXPECT_THAT(frame(prefixed(4), "00000002 C1C2 00000000 00000001 C3").records,
              ElementsAre("C1C2", "", "C3"));
}

TEST(Framing, SkipsHeaderAndTrailer) {
  FramingOptions options = fixed(2);
  options.skip_header = 3;
  options.skip_trailer = 5;
  const Outcome outcome = frame(options, "000000 C1C2 C3C4 FFFFFFFFFF");
  EXPECT_THAT(outcome.records, ElementsAre("C1C2", "C3C4"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.state.position, 12U);
}

TEST(Framing, TakesHeaderAndTrailerAloneAsNoRecords) {
  FramingOptions options = fixed(2);
  options.skip_header = 3;
  options.skip_trailer = 2;
  const Outcome outcome = frame(options, "000000 FFFF");
  EXPECT_THAT(outcome.records, IsEmpty());
  EXPECT_EQ(outcome.error, "");
}

TEST(Framing, GoesOnFromASavedStateWithinABlock) {
  const auto stream = bytes("0013 0000 0005 0000 C1 0005 0000 C2 0005 0000 C3");
  auto first = make_framer(variable());
  ASSERT_TRUE(first);
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*first)->next(stream, true, 1, records));
  const Framer::State state = (*first)->state();
  EXPECT_EQ(state.position, 9U);
  EXPECT_EQ(state.block_left, 10U);
  auto second = make_framer(variable());
  ASSERT_TRUE(second);
  (*second)->restore(state);
  records.clear();
  ASSERT_TRUE((*second)->next(ByteView(stream).subspan(state.position), true, 100, records));
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].offset, 4U);
}

TEST(Framing, KeepsTheAskedForBdwsInARestoredState) {
  const auto stream = bytes("0009 0000 0005 0000 C1");
  auto framer = make_framer(variable(Presence::yes));
  ASSERT_TRUE(framer);
  (*framer)->restore({.position = 100});
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*framer)->next(stream, true, 100, records));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].size, 1U);
}

TEST(Framing, RefusesOptionsThatCannotWork) {
  EXPECT_EQ(frame(fixed(0), "").error, "framing: RECFM F needs the record's size (LRECL)");
  EXPECT_EQ(frame(prefixed(3), "").error, "framing: a length prefix has 1, 2 or 4 bytes, not 3");
  EXPECT_EQ(frame(lines({}), "").error, "framing: lines need 1 to 4 line-end bytes");
  FramingOptions options = variable();
  options.lrecl = 4;
  EXPECT_EQ(frame(options, "").error,
            "framing: LRECL 4 of RECFM V must lie from 5 to 65535, the RDW's 4 bytes counted");
  EXPECT_EQ(frame(fixed(1U << 25), "").error,
            "framing: LRECL 33554432 is more than the largest record of 16777216 bytes");
}

}  // namespace
}  // namespace copybridge::framing
