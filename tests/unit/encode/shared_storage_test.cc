// Items that share storage: several of them beside each other come back, and so do records that
// end with one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using testing::HasSubstr;
using ShortEnds = encode::EncodeOptions::ShortEnds;

TEST(EncodeSharedStorage, TakesALargerAlternativeWhereTheFirstHasNotAllBytes) {
  const char* const copybook = "01 R. 05 A PIC X(2). 05 B REDEFINES A PIC X(6). 05 Z PIC X.";
  EXPECT_EQ(round_trip(copybook, hex_of("abcdefz")), R"({"A":"ab","B":"abcdef","Z":"z"})");
  EXPECT_THAT(encode(copybook, R"({"A":"xy","B":"abcdef","Z":"z"})"),
              HasSubstr("/B: the record would decode to another value"));
  EXPECT_EQ(round_trip("01 R. 05 A PIC X(4). 05 B REDEFINES A. 10 B1 PIC X(4). 10 B2 PIC S9(5) "
                       "COMP-3. 05 C REDEFINES A PIC X(3).",
                       hex_of("abcd") + "12345D"),
            R"({"A":"abcd","B":{"B1":"abcd","B2":-12345},"C":"abc"})");
}

TEST(EncodeSharedStorage, PutsTogetherWhatAlternativesHaveBesideEachOther) {
  // None of them has all bytes: each has FILLER where the others have items.
  const char* const copybook =
      "01 R. 05 T OCCURS 2. 10 A. 15 A1 PIC X(2). 15 FILLER PIC X(4). 10 B REDEFINES A. "
      "15 FILLER PIC X(2). 15 B1 PIC 9(2). 15 FILLER PIC X(2). 10 C REDEFINES A. "
      "15 FILLER PIC X(4). 15 C1 PIC X OCCURS 2. 05 Z PIC X.";
  EXPECT_EQ(round_trip(copybook, hex_of("ab12cdgh34ijz")),
            R"({"T":[{"A":{"A1":"ab"},"B":{"B1":12},"C":{"C1":["c","d"]}},)"
            R"({"A":{"A1":"gh"},"B":{"B1":34},"C":{"C1":["i","j"]}}],"Z":"z"})");
}

TEST(EncodeSharedStorage, DoesSoWithinAlternativesAndBesideARecordInRaw) {
  const char* const copybook =
      "01 R. 05 A PIC X(3). 05 B REDEFINES A. 10 C PIC X. 10 D REDEFINES C. 15 FILLER PIC X. "
      "15 E PIC X(3). 10 F PIC 9.";
  EXPECT_EQ(round_trip(copybook, hex_of("abcd5")),
            R"({"A":"abc","B":{"C":"a","D":{"E":"bcd"},"F":5}})");
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  const char* const two = "01 R. 05 A PIC X(2). 05 B REDEFINES A PIC X(6).";
  EXPECT_EQ(encode(two, R"({"A":"xy","B":"xycdeg","_raw":"818283848586"})", options),
            hex_of("xycdeg"));
  EXPECT_THAT(encode(two, R"({"A":"xy","B":"zycdeg","_raw":"818283848586"})", options),
              HasSubstr("/B: "));
}

TEST(EncodeSharedStorage, EndsARecordWithAnAlternativeWhereLongerOnesAreNull) {
  const char* const copybook =
      "01 R. 05 K PIC X. 05 A PIC X(2). 05 B REDEFINES A PIC X(6). 05 C REDEFINES A PIC 9(4).";
  EXPECT_EQ(round_trip(copybook, hex_of("kab")), R"({"K":"k","A":"ab","B":null,"C":null})");
  EXPECT_EQ(round_trip(copybook, hex_of("k1234")), R"({"K":"k","A":"12","B":null,"C":1234})");
  EXPECT_EQ(round_trip(copybook, hex_of("k123456")), R"({"K":"k","A":"12","B":"123456","C":1234})");
  encode::EncodeOptions fixed;
  fixed.short_ends = ShortEnds::none;
  EXPECT_THAT(encode(copybook, R"({"K":"k","A":"ab","B":null,"C":null})", options_of(), fixed),
              HasSubstr("/B: is null, but the record would decode to a value"));
}

/// Records of a type whose alternatives conditions choose.
class Chosen {
 public:
  Chosen(const char* copybook, const std::vector<std::pair<const char*, const char*>>& choices,
         plan::RecordEnd end = plan::RecordEnd::automatic, ShortEnds ends = ShortEnds::all)
      : layout_(layout_of(copybook)) {
    plan::PlanOptions options = options_of();
    options.record_end = end;
    for (const auto& [item, when] : choices)
      alternatives_.push_back(alternative(layout_, item, when, options));
    encode::EncodeOptions encode;
    encode.short_ends = ends;
    decoding_ = plan_of(layout_, options, alternatives_);
    encoding_ = encode_plan_of(layout_, options, alternatives_, encode);
  }

  [[nodiscard]] std::string decode(const std::string& hex) const {
    return test::decode(*decoding_, hex);
  }
  [[nodiscard]] std::string back(const std::string& hex) const {
    return test::encode(*encoding_, decode(hex));
  }

 private:
  std::shared_ptr<const copybook::Layout> layout_;
  std::vector<plan::Alternative> alternatives_;
  std::unique_ptr<const plan::Plan> decoding_;
  std::unique_ptr<const encode::EncodePlan> encoding_;
};

constexpr const char* kKinds =
    "01 R. 05 K PIC X. 05 A PIC X(6). 05 B REDEFINES A PIC X(2). 05 C REDEFINES A. 10 N PIC 9. "
    "10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.";
const std::vector<std::pair<const char*, const char*>> kChoices = {
    {"A", "K = 'a'"}, {"B", "K = 'b'"}, {"C", "K = 'c'"}};

TEST(EncodeSharedStorage, IsAsLargeAsTheLargestAlternativeWhicheverIsThere) {
  const Chosen kinds(kKinds, kChoices);
  EXPECT_EQ(kinds.decode(hex_of("bxy    ")), R"({"K":"b","B":"xy"})");
  EXPECT_EQ(kinds.back(hex_of("bxy    ")), hex_of("bxy    "));
  // Read all the same, and written whole.
  EXPECT_EQ(kinds.back(hex_of("bxy")), hex_of("bxy    "));
}

TEST(EncodeSharedStorage, EndsWithTheAlternativeByOption) {
  const Chosen kinds(kKinds, kChoices, plan::RecordEnd::alternative);
  for (const char* const record : {"bxy", "auvwxyz", "c1x", "c0", "c3xyz"})
    EXPECT_EQ(kinds.back(hex_of(record)), hex_of(record)) << kinds.decode(hex_of(record));
  EXPECT_THAT(kinds.decode(hex_of("bxy ")), HasSubstr("misfit: record"));
}

TEST(EncodeSharedStorage, OfARecordOfFixedSizeIsFilledBehindTablesThatVary) {
  const Chosen fixed(kKinds, kChoices, plan::RecordEnd::automatic, ShortEnds::none);
  EXPECT_EQ(fixed.decode(hex_of("c2xy   ")), R"({"K":"c","C":{"N":2,"T":["x","y"]}})");
  EXPECT_EQ(fixed.back(hex_of("c2xy   ")), hex_of("c2xy   "));
  const Chosen variable(kKinds, kChoices);
  EXPECT_EQ(variable.back(hex_of("c2xy")), hex_of("c2xy"));
  const Chosen whole(kKinds, kChoices, plan::RecordEnd::storage);
  EXPECT_EQ(whole.back(hex_of("c2xy")), hex_of("c2xy   "));
}

TEST(EncodeSharedStorage, KeepsTheLengthOfARecordInRaw) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  const auto layout = layout_of(kKinds);
  std::vector<plan::Alternative> alternatives;
  for (const auto& [item, when] : kChoices)
    alternatives.push_back(alternative(layout, item, when, options));
  const auto decoding = plan_of(layout, options, alternatives);
  const auto encoding = encode_plan_of(layout, options, alternatives);
  for (const char* const record : {"bxy", "bxyp", "bxy    ", "c2xy", "c2xypqr"}) {
    const std::string json = decode(*decoding, hex_of(record));
    EXPECT_EQ(encode(*encoding, json), hex_of(record)) << json;
  }
}

}  // namespace
}  // namespace copybridge::test
