// Records that belong together, put together into documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/framing/group_framer.h"
#include "tests/unit/framing/framing_support.h"

namespace copybridge::framing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FramingOptions grouped(FramingOptions options) {
  options.grouper = std::make_shared<FirstByteGrouper>();
  return options;
}

FramingOptions fixed() { return grouped({.recfm = Recfm::fixed, .lrecl = 2}); }

std::string part(const std::string& hex) { return "00000002" + hex; }

TEST(GroupFraming, PutsARootAndWhatFollowsItTogether) {
  for (const std::size_t step : {1U, 2U, 5U, 100U}) {
    const Outcome outcome = frame(fixed(), ByteView(bytes("A0F1 B0F2 B0F3 A0F4 A0F5 B0F6")), step);
    EXPECT_THAT(outcome.records, ElementsAre(part("A0F1") + part("B0F2") + part("B0F3"),
                                             part("A0F4"), part("A0F5") + part("B0F6")));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.state.position, 12U);
  }
}

TEST(GroupFraming, HandsOutHeadersAndTrailersAsTheyAre) {
  EXPECT_THAT(frame(fixed(), "C0F0 A0F1 B0F2 C0F3").records,
              ElementsAre("C0F0", part("A0F1") + part("B0F2"), "C0F3"));
}

TEST(GroupFraming, LosesNoRecordThatBelongsToNone) {
  EXPECT_THAT(frame(fixed(), "B0F0 B0F1 A0F2").records,
              ElementsAre(part("B0F0") + part("B0F1"), part("A0F2")));
}

TEST(GroupFraming, HandsOutNoDocumentThatBreaksOff) {
  const Outcome outcome = frame(fixed(), "A0F1 A0F2 B0F3 B0");
  EXPECT_THAT(outcome.records, ElementsAre(part("A0F1")));
  EXPECT_EQ(outcome.error,
            "framing: the stream ends at byte 7, within the record at byte 6: found 1 bytes, "
            "expected 2 (LRECL); short_last (--short-records accept) takes a short last record "
            "(within the document at byte 2)");
  EXPECT_EQ(outcome.state.position, 2U);
}

TEST(GroupFraming, BoundsADocument) {
  FramingOptions options = fixed();
  options.record_bytes_max = 18;
  EXPECT_THAT(frame(options, "A0F1 B0F2 B0F3 A0F4").records.size(), 2U);
  const Outcome outcome = frame(options, "A0F0 A0F1 B0F2 B0F3 B0F4");
  EXPECT_THAT(outcome.records, ElementsAre(part("A0F0")));
  EXPECT_EQ(outcome.error,
            "framing: document at byte 2: found more than 18 bytes up to byte 10, expected the "
            "record that begins the next one");
}

TEST(GroupFraming, GoesOnWithinABlock) {
  FramingOptions options = grouped({.recfm = Recfm::variable_blocked, .bdw = Presence::yes});
  const auto stream = bytes("0016 0000 0006 0000 A0F1 0006 0000 B0F2 0006 0000 A0F3");
  const Outcome whole = frame(options, ByteView(stream));
  EXPECT_THAT(whole.records, ElementsAre(part("A0F1") + part("B0F2"), part("A0F3")));
  auto first = make_framer(options);
  std::vector<RecordSpan> records;
  ASSERT_TRUE((*first)->next(stream, true, 1, records));
  EXPECT_EQ((*first)->state().position, 16U);
  EXPECT_EQ((*first)->state().block_left, 6U);
  auto second = make_framer(options);
  (*second)->restore((*first)->state());
  records.clear();
  ASSERT_TRUE((*second)->next(ByteView(stream).subspan(16), true, 9, records));
  EXPECT_EQ(records.size(), 1U);
}

TEST(GroupFraming, PutsSpannedRecordsTogetherToo) {
  const FramingOptions options = grouped({.recfm = Recfm::spanned, .bdw = Presence::no});
  EXPECT_THAT(frame(options, "0005 0100 A0 0005 0200 F1 0006 0000 B0F2 0006 0000 A0F3").records,
              ElementsAre(part("A0F1") + part("B0F2"), part("A0F3")));
}

TEST(GroupFraming, LeavesHeaderAndTrailerOff) {
  FramingOptions options = fixed();
  options.skip_header = 3;
  options.skip_trailer = 1;
  EXPECT_THAT(frame(options, "000000 A0F1 B0F2 FF").records,
              ElementsAre(part("A0F1") + part("B0F2")));
  EXPECT_THAT(frame(options, "000000 FF").records, IsEmpty());
}

TEST(Documents, AreTakenApartIntoTheirParts) {
  const auto document = bytes("00000002C1C2 00000000");
  EXPECT_TRUE(is_document(document));
  ByteView rest = document;
  ByteView record;
  ASSERT_TRUE(next_part(rest, record));
  EXPECT_EQ(to_hex(record), "C1C2");
  ASSERT_TRUE(next_part(rest, record));
  EXPECT_TRUE(record.empty());
  EXPECT_FALSE(next_part(rest, record));
  EXPECT_FALSE(is_document(bytes("00000002C1")));
  EXPECT_FALSE(is_document(bytes("00000001C1C2")));
  EXPECT_FALSE(is_document({}));
}

}  // namespace
}  // namespace copybridge::framing
