// Mappings whose code page and byte orders the record's message says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/mapping/examples.h"
#include "codecs/mapping/load.h"
#include "tests/support/memory_files.h"

namespace copybridge::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCopybook =
    "       01  R.\n"
    "           05  NAME     PIC X(2).\n"
    "           05  NUM      PIC 9(2).\n"
    "           05  PACK     PIC S9(3) COMP-3.\n"
    "           05  HALF     PIC S9(4) COMP.\n"
    "           05  FULL     PIC S9(9) COMP-5.\n"
    "           05  REAL     COMP-1.\n";

std::unique_ptr<const Mapping> load_by_message(const std::string& more, Diagnostics& diagnostics) {
  support::MemoryFiles files;
  files.add("r.cpy", kCopybook);
  return load_text(
      "name: r\ncopybook: r.cpy\ncodepage: from-message\nevent: {type: t, key: NAME}\n" + more,
      "r.yaml", files, diagnostics);
}

std::vector<std::string> run(const std::string& example, const std::string& more = {}) {
  Diagnostics diagnostics;
  const auto mapping = load_by_message(more + "examples: [" + example + "]\n", diagnostics);
  if (mapping == nullptr) return {to_string(diagnostics.first_error(ErrorKind::config))};
  return run_example(*mapping, mapping->examples.at(0));
}

constexpr const char* kEvent =
    ", event: {NAME: AB, NUM: 12, PACK: -123, HALF: 258, FULL: 7, REAL: 1}}";

TEST(MessageForm, OfAMainframeReadsEbcdicBigEndianAndHexadecimalFloats) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 37, mq-encoding: 785}, record_hex: "
                              "'C1C2 F1F2 123D 0102 00000007 41100000', key: AB") +
                  kEvent),
              IsEmpty());
}

TEST(MessageForm, OfAnIntelClientReversesIntegersAndFloatsButNeverPackedDigits) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 819, mq-encoding: 546}, record_hex: "
                              "'4142 3132 123D 0201 07000000 0000803F', key: AB") +
                  kEvent),
              IsEmpty());
}

TEST(MessageForm, OfAJavaProgramHasIeeeFloatsBigEndian) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 1208, mq-encoding: 273}, record_hex: "
                              "'4142 3132 123D 0102 00000007 3F800000', key: AB") +
                  kEvent),
              IsEmpty());
}

TEST(MessageForm, MayMixTheOrdersOfIntegersAndFloats) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 37, mq-encoding: 529}, record_hex: "
                              "'C1C2 F1F2 123D 0102 00000007 0000803F', key: AB") +
                  kEvent),
              IsEmpty());
}

TEST(MessageForm, LeavesWhatTheMappingGivesItself) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 37, mq-encoding: 546}, record_hex: "
                              "'C1C2 F1F2 123D 0102 00000007 41100000', key: AB") +
                      kEvent,
                  "endian: big\nfloat: ibm\n"),
              IsEmpty());
}

TEST(MessageForm, KeepsCompBigEndianForCompilersThatAlwaysDo) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 819, mq-encoding: 546}, record_hex: "
                              "'4142 3132 123D 0102 07000000 0000803F', key: AB") +
                      kEvent,
                  "dialect: micro-focus\n"),
              IsEmpty());
}

TEST(MessageForm, WithoutEncodingLeavesTheOrdersToTheDialect) {
  EXPECT_THAT(run(std::string("{source: {mq-ccsid: 37}, record_hex: "
                              "'C1C2 F1F2 123D 0102 00000007 41100000', key: AB") +
                  kEvent),
              IsEmpty());
}

TEST(MessageForm, WritesTheTextOfAnExampleInItsMessagesCodePage) {
  support::MemoryFiles files;
  files.add("t.cpy", "       01  T.\n           05  NAME PIC X(2).\n");
  Diagnostics diagnostics;
  const auto mapping = load_text(
      "name: t\ncopybook: t.cpy\ncodepage: from-message\nevent: {type: t}\nexamples:\n"
      "  - {source: {mq-ccsid: 273}, record_text: 'Ä!', event: {NAME: Ä!}}\n",
      "t.yaml", files, diagnostics);
  ASSERT_NE(mapping, nullptr) << to_string(diagnostics.first_error(ErrorKind::config));
  const Example& example = mapping->examples.at(0);
  EXPECT_EQ(example.record.view()[0], 0x4A);
  EXPECT_THAT(run_example(*mapping, example), IsEmpty());
}

std::string refusal(const std::string& source) {
  const auto lines = run("{source: {" + source + "}, record_hex: '00'" + kEvent);
  return lines.empty() ? "" : lines.back();
}

TEST(MessageForm, IsRefusedWhereItCannotBeRead) {
  EXPECT_THAT(refusal(""), HasSubstr("says no CCSID"));
  EXPECT_THAT(refusal("mq-ccsid: 4711"), HasSubstr("CCSID 4711"));
  EXPECT_THAT(refusal("mq-ccsid: 1200"), HasSubstr("CCSID 1200"));
  EXPECT_THAT(refusal("mq-ccsid: -3"), HasSubstr("CCSID -3"));
  EXPECT_THAT(refusal("mq-ccsid: 37, mq-encoding: 1041"), HasSubstr("floating point of kind 4"));
  EXPECT_THAT(refusal("mq-ccsid: 37, mq-encoding: 787"), HasSubstr("integers of kind 3"));
}

Result<std::shared_ptr<const Mapping>> reading(const Mapping& mapping, const std::string& ccsid,
                                               const std::string& encoding) {
  const std::vector<SourceAttributes::Pair> pairs = {{"mq-ccsid", ccsid},
                                                     {"mq-encoding", encoding}};
  return mapping.readings->of(SourceAttributes(pairs));
}

TEST(MessageReadings, AreCompiledOncePerCodePageAndByteOrder) {
  Diagnostics diagnostics;
  const auto mapping = load_by_message("", diagnostics);
  const auto first = reading(*mapping, "37", "785");
  ASSERT_TRUE(first);
  // Another order of packed digits is none.
  EXPECT_EQ(*reading(*mapping, "37", "801"), *first);
  EXPECT_EQ(mapping->readings->compiled(), 1U);
  EXPECT_NE(*reading(*mapping, "37", "546"), *first);
  EXPECT_NE(*reading(*mapping, "273", "785"), *first);
  EXPECT_EQ(mapping->readings->compiled(), 3U);
}

TEST(MessageReadings, AreBoundedWhateverMessagesSay) {
  Diagnostics diagnostics;
  const auto mapping = load_by_message("", diagnostics);
  const auto first = reading(*mapping, "37", "785");
  for (std::size_t i = 0; i <= MessageReadings::kKept; ++i) {
    EXPECT_FALSE(reading(*mapping, std::to_string(70'000 + i), "785"));
    EXPECT_EQ(*reading(*mapping, "37", "785"), *first) << "it is asked for again and again";
  }
  const std::size_t compiled = mapping->readings->compiled();
  EXPECT_FALSE(reading(*mapping, "70000", "785"));
  EXPECT_EQ(mapping->readings->compiled(), compiled + 1) << "it was kept";
}

std::string difference_from(const std::string& more, const std::string& ccsid,
                            const std::string& encoding) {
  support::MemoryFiles files;
  files.add("r.cpy", kCopybook);
  Diagnostics diagnostics;
  const auto mapping = load_text("name: r\ncopybook: r.cpy\nevent: {type: t}\n" + more, "r.yaml",
                                 files, diagnostics);
  const std::vector<SourceAttributes::Pair> pairs = {
      {"mq-queue", "IN"}, {"mq-ccsid", ccsid}, {"mq-encoding", encoding}};
  std::string told = mapping->readings->new_difference(*mapping, SourceAttributes(pairs));
  if (!told.empty()) {
    EXPECT_EQ(mapping->readings->new_difference(*mapping, SourceAttributes(pairs)), "");
  }
  return told;
}

TEST(MessageReadings, TellWhatMessagesSayOtherwiseOnce) {
  EXPECT_EQ(difference_from("", "37", "785"), "");
  EXPECT_EQ(difference_from("codepage: cp037\nnewline: lf\n", "37", "785"), "");
  EXPECT_EQ(difference_from("codepage: IBM-1140\n", "37", "785"),
            "its CCSID is 37, the mapping's code page IBM-1140");
  EXPECT_THAT(difference_from("", "1208", "546"),
              HasSubstr("integers are little-endian by its Encoding, big-endian by the mapping; "
                        "floating point is IEEE, little-endian by its Encoding, hexadecimal by "
                        "the mapping"));
  EXPECT_EQ(difference_from("float: ieee\n", "37", "273"), "");
  EXPECT_EQ(difference_from("", "4711", "785"), "its CCSID 4711 is no code page that is known");
}

}  // namespace
}  // namespace copybridge::mapping
