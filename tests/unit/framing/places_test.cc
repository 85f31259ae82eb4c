// Bytes cut off records, headers and trailers, short last records, and limits of blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FramingOptions fixed(std::uint32_t lrecl) { return {.recfm = Recfm::fixed, .lrecl = lrecl}; }

TEST(CutOff, TakesPrefixAndSuffixOffRecordsOfEveryFormat) {
  FramingOptions options = fixed(4);
  options.record_prefix = 1;
  options.record_suffix = 2;
  EXPECT_THAT(frame(options, "01C1020301C20203").records, ElementsAre("C1", "C2"));
  options.lrecl = 0;
  options.recfm = Recfm::variable;
  EXPECT_THAT(frame(options, "0009000001C1C20203 0007000001 0203").records,
              ElementsAre("C1C2", ""));
  options.recfm = Recfm::spanned;
  options.bdw = Presence::no;
  EXPECT_THAT(frame(options, "00060100 01C1 00060200 0203").records, ElementsAre("C1"));
  options.recfm = Recfm::line;
  options.line_ends = {0x15};
  EXPECT_THAT(frame(options, "01C1C2020315 01020315").records, ElementsAre("C1C2", ""));
  options.recfm = Recfm::length_prefixed;
  options.length_bytes = 1;
  EXPECT_THAT(frame(options, "0401C10203").records, ElementsAre("C1"));
  options.recfm = Recfm::ftp_block;
  EXPECT_THAT(frame(options, "80000401C10203 400000").records, ElementsAre("C1"));
}

TEST(CutOff, MeasuresARecordBehindItsPrefix) {
  FramingOptions options{.recfm = Recfm::measured};
  options.measure = std::make_shared<FirstByteMeasure>();
  options.record_prefix = 2;
  options.record_suffix = 1;
  for (const std::size_t step : {1U, 2U, 100U}) {
    const Outcome outcome = frame(options, ByteView(bytes("EEEE02C1DD EEEE01DD")), step);
    EXPECT_THAT(outcome.records, ElementsAre("02C1", "01"));
    EXPECT_EQ(outcome.error, "");
  }
  EXPECT_EQ(frame(options, "EEEE02").error,
            "framing: the stream ends at byte 3, within the record at byte 0: found 3 bytes that "
            "begin with EEEE02, expected all of the record");
}

TEST(CutOff, BreaksWhereARecordHasNotSoManyBytes) {
  FramingOptions options{.recfm = Recfm::variable, .bdw = Presence::no};
  options.record_prefix = 2;
  const Outcome outcome = frame(options, "00070000 0102C1 00050000 01 00060000 0102");
  EXPECT_THAT(outcome.records, ElementsAre("C1"));
  EXPECT_EQ(
      outcome.error,
      "framing: record at byte 7: found 1 bytes, expected at least the 2 that are cut off it");
  EXPECT_EQ(outcome.state.position, 7U);
}

TEST(CutOff, MustLeaveSomethingAndNotMeetAKeptPrefix) {
  FramingOptions options = fixed(4);
  options.record_prefix = options.record_suffix = 2;
  EXPECT_EQ(frame(options, "").error,
            "framing: 4 bytes cut off records of at most 4 leave nothing");
  FramingOptions kept{.recfm = Recfm::ims_llzz};
  kept.keep_prefix = true;
  kept.record_prefix = 1;
  EXPECT_THAT(frame(kept, "").error, HasSubstr("exclude each other"));
}

/// The places of a stream's records, one letter each, presented in steps.
std::string places(const FramingOptions& options, const std::string& hex, std::size_t step,
                   std::size_t records_max = 1000) {
  return frame(options, ByteView(bytes(hex)), step, records_max).places;
}

TEST(Places, AreThoseOfTheFirstAndLastRecords) {
  FramingOptions options = fixed(1);
  options.header_records = 1;
  options.trailer_records = 2;
  for (const std::size_t step : {1U, 2U, 3U, 100U}) {
    for (const std::size_t records_max : {1U, 2U, 100U}) {
      EXPECT_EQ(places(options, "C1C2C3C4C5", step, records_max), "hddtt") << step;
      EXPECT_EQ(places(options, "C1C2C3", step, records_max), "htt") << step;
      EXPECT_EQ(places(options, "C1C2", step, records_max), "ht") << step;
      EXPECT_EQ(places(options, "C1", step, records_max), "h") << step;
      EXPECT_EQ(places(options, "", step, records_max), "") << step;
    }
  }
}

TEST(Places, AreKeptWithinBlocksAndBehindEndMarks) {
  FramingOptions blocked{.recfm = Recfm::variable_blocked, .bdw = Presence::yes};
  blocked.header_records = blocked.trailer_records = 1;
  EXPECT_EQ(places(blocked, "000E0000 00050000C1 00050000C2 00090000 00050000C3", 3), "hdt");
  FramingOptions ftp{.recfm = Recfm::ftp_block};
  ftp.trailer_records = 1;
  EXPECT_EQ(places(ftp, "800001C1 800001C2 400000", 1), "dt");
  EXPECT_EQ(places(ftp, "800001C1 C00001C2", 100), "dt");
  FramingOptions skipping = fixed(1);
  skipping.trailer_records = 1;
  skipping.skip_header = 2;
  skipping.skip_trailer = 2;
  EXPECT_EQ(places(skipping, "0000 C1C2 FFFF", 1), "dt");
}

TEST(Places, KeepHeadersAndTrailersOutOfDocuments) {
  FramingOptions options = fixed(2);
  options.grouper = std::make_shared<FirstByteGrouper>();
  options.header_records = options.trailer_records = 1;
  for (const std::size_t step : {1U, 3U, 100U}) {
    const Outcome outcome = frame(options, ByteView(bytes("A0F0 A0F1 B0F2 A0F3 B0F9")), step);
    EXPECT_THAT(outcome.records,
                ElementsAre("A0F0", "00000002A0F100000002B0F2", "00000002A0F3", "B0F9"));
    EXPECT_EQ(outcome.places, "hddt");
  }
}

TEST(Places, GoOnBehindARestart) {
  FramingOptions options = fixed(1);
  options.header_records = 2;
  options.trailer_records = 1;
  const auto stream = bytes("C1C2C3C4");
  auto first = make_framer(options);
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*first)->next(stream, true, 1, records));
  ASSERT_EQ((*first)->state().position, 1U);
  ASSERT_EQ((*first)->state().records, 1U);
  auto second = make_framer(options);
  (*second)->restore((*first)->state());
  records.clear();
  ASSERT_TRUE((*second)->next(ByteView(stream).subspan(1), true, 9, records));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].place, RecordPlace::header);
  EXPECT_EQ(records[1].place, RecordPlace::detail);
  EXPECT_EQ(records[2].place, RecordPlace::trailer);
}

TEST(Places, OfTrailersAreOpenWhereFramingBreaks) {
  FramingOptions options{.recfm = Recfm::variable, .bdw = Presence::no};
  options.trailer_records = 1;
  for (const std::size_t records_max : {1U, 100U}) {
    const Outcome outcome =
        frame(options, ByteView(bytes("00050000C1 00050000C2 00010000")), SIZE_MAX, records_max);
    EXPECT_THAT(outcome.records, ElementsAre("C1"));
    EXPECT_EQ(outcome.places, "d");
    EXPECT_THAT(outcome.error, HasSubstr("RDW at byte 10: found 00010000"));
    EXPECT_THAT(outcome.error, HasSubstr("(the 1 records before it may be trailers)"));
    EXPECT_EQ(outcome.state.position, 5U);
  }
}

TEST(ShortLast, IsTakenWhereItIsAllowed) {
  FramingOptions options = fixed(3);
  options.accepts_short_last = true;
  for (const std::size_t step : {1U, 2U, 100U}) {
    for (const std::size_t records_max : {1U, 2U, 100U}) {
      const Outcome outcome = frame(options, ByteView(bytes("C1C2C3D1D2")), step, records_max);
      EXPECT_THAT(outcome.records, ElementsAre("C1C2C3", "D1D2"));
      EXPECT_EQ(outcome.error, "");
      EXPECT_EQ(outcome.state.position, 5U);
    }
  }
  EXPECT_THAT(frame(options, "").records, IsEmpty());
}

TEST(ShortLast, IsNamedAsAnotherReadingWhereItIsNot) {
  EXPECT_EQ(frame(fixed(3), "C1C2C3 0A C4C5C6 0A").error,
            "framing: the stream ends at byte 8, within the record at byte 6: found 2 bytes, "
            "expected 3 (LRECL); its 8 bytes are whole records of 4 (LRECL and a line end); "
            "short_last (--short-records accept) takes a short last record");
  EXPECT_THAT(frame(fixed(3), "00070000C1C2C3 00070000C1C2C3").error,
              HasSubstr("its 14 bytes are whole records of 7 (LRECL and an RDW)"));
}

TEST(BlockSize, BoundsTheBlocksThatAreRead) {
  FramingOptions options{.recfm = Recfm::variable_blocked};
  options.block_size = 16;
  EXPECT_THAT(frame(options, "00100000 000C0000 C1C2C3C4C5C6C7C8").records,
              ElementsAre("C1C2C3C4C5C6C7C8"));
  EXPECT_EQ(frame(options, "00110000 000D0000 C1C2C3C4C5C6C7C8C9").error,
            "framing: BDW at byte 0: found 00110000, a length of 17, expected a length from 8 to "
            "16; read without BDWs (V, --bdw no) the bytes in sight fit");
}

TEST(BlockSize, MustHoldTheLargestRecord) {
  FramingOptions options{.recfm = Recfm::variable_blocked, .lrecl = 100};
  options.block_size = 103;
  EXPECT_EQ(frame(options, "").error,
            "framing: LRECL 100 and a BDW do not fit into a block of 103 bytes");
  options.recfm = Recfm::spanned_blocked;
  EXPECT_EQ(frame(options, "").error, "");
  options.block_size = 15;
  EXPECT_EQ(frame(options, "").error, "framing: a block has 16 to 16777216 bytes");
}

}  // namespace
}  // namespace copybridge::framing
