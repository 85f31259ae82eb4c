// Examples of mapping files: when they hold, and what is said when they do not.
#include "codecs/mapping/examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_files.h"

namespace copybridge::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCopybook =
    "       01  R.\n"
    "           05  KIND    PIC X.\n"
    "           05  AMOUNT  PIC 9(3)V99.\n"
    "           05  NAME    PIC X(4).\n";

/// The lines of a mapping's only example.
std::vector<std::string> run_only_example(const std::string& example,
                                          const std::string& more = {}) {
  support::MemoryFiles files;
  files.add("r.cpy", kCopybook);
  const std::string text =
      "name: r\ncopybook: r.cpy\nevent: {type: t, key: KIND, subject: 'r/{NAME}'}\n" + more +
      "examples: [" + example + "]\n";
  Diagnostics diagnostics;
  const auto mapping = load_text(text, "r.yaml", files, diagnostics);
  if (mapping == nullptr) return {to_string(diagnostics.first_error(ErrorKind::config))};
  return run_example(*mapping, mapping->examples.at(0));
}

TEST(MappingExample, HoldsWhereBodyKeyAndSubjectAreEqual) {
  EXPECT_THAT(run_only_example("{record_hex: 'C1 F0F1F2F5F0 C1D5D540', key: A, subject: r/ANN, "
                               "event: {KIND: A, AMOUNT: 12.50, NAME: ANN}}"),
              IsEmpty());
}

TEST(MappingExample, TakesARecordAsText) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', event: {KIND: A, AMOUNT: 12.50, "
                               "NAME: ANN}}"),
              IsEmpty());
}

TEST(MappingExample, ComparesNumbersAsText) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', event: {KIND: A, AMOUNT: 12.5, "
                               "NAME: ANN}}"),
              ElementsAre("expected  AMOUNT: 12.5", "actual    AMOUNT: 12.50"));
}

TEST(MappingExample, TellsNumbersFromStrings) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', event: {KIND: A, AMOUNT: '12.50', "
                               "NAME: ANN}}"),
              ElementsAre("expected  AMOUNT: \"12.50\"", "actual    AMOUNT: 12.50"));
}

TEST(MappingExample, ComparesTheOrderOfMembers) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', event: {AMOUNT: 12.50, KIND: A, "
                               "NAME: ANN}}"),
              ::testing::Not(IsEmpty()));
}

TEST(MappingExample, NamesMissingAndUnexpectedMembers) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', event: {KIND: A, NAME: ANN, X: 1}}"),
              ElementsAre("actual    AMOUNT: 12.50", "expected  X: 1"));
}

TEST(MappingExample, ComparesKeyAndSubject) {
  EXPECT_THAT(run_only_example("{record_text: 'A01250ANN ', key: B, subject: r/BEN, "
                               "event: {KIND: A, AMOUNT: 12.50, NAME: ANN}}"),
              ElementsAre("expected  key B", "actual    key A", "expected  subject r/BEN",
                          "actual    subject r/ANN"));
}

TEST(MappingExample, SaysWhyARecordDoesNotFit) {
  const auto lines =
      run_only_example("{record_text: 'A01X50ANN ', event: {KIND: A, AMOUNT: 12.50, NAME: ANN}}");
  EXPECT_THAT(lines, ElementsAre("expected  a record that fits the copybook",
                                 HasSubstr("AMOUNT at offset 1")));
}

TEST(MappingExample, SaysThatMatchDoesNotHold) {
  EXPECT_THAT(
      run_only_example("{record_text: 'A01250ANN ', event: {KIND: A}}", "match: KIND = 'B'\n"),
      ElementsAre("expected  a record that 'match' holds for", "actual    it does not hold"));
}

TEST(MappingExample, SaysWhichOperandOfMatchDoesNotFit) {
  EXPECT_THAT(
      run_only_example("{record_text: 'A01X50ANN ', event: {KIND: A}}", "match: AMOUNT > 1\n"),
      ElementsAre("expected  a record that 'match' holds for", HasSubstr("AMOUNT")));
}

TEST(MappingExample, HoldsWhereTheRecordIsFilteredAsExpected) {
  EXPECT_THAT(
      run_only_example("{record_text: 'A01250ANN ', event: filtered}", "only_if: KIND = 'B'\n"),
      IsEmpty());
}

TEST(MappingExample, SaysThatARecordIsPublishedOrFiltered) {
  EXPECT_THAT(
      run_only_example("{record_text: 'A01250ANN ', event: filtered}", "only_if: KIND = 'A'\n"),
      ElementsAre("expected  a record that 'only_if' filters", "actual    it is published"));
  EXPECT_THAT(
      run_only_example("{record_text: 'A01250ANN ', event: {KIND: A}}", "only_if: KIND = 'B'\n"),
      ElementsAre("expected  a record that 'only_if' holds for", "actual    it is filtered"));
}

TEST(MappingExample, NeverTakesAMisfitForFiltered) {
  EXPECT_THAT(
      run_only_example("{record_text: 'A01X50ANN ', event: filtered}", "only_if: AMOUNT > 1\n"),
      ElementsAre("expected  a record that 'only_if' filters", HasSubstr("AMOUNT")));
}

TEST(MappingExample, SaysThatTheMappingNamesNoKey) {
  support::MemoryFiles files;
  files.add("r.cpy", kCopybook);
  Diagnostics diagnostics;
  const auto mapping = load_text(
      "name: r\ncopybook: r.cpy\nevent: {type: t}\nexamples:\n"
      "  - {record_text: 'A01250ANN ', key: A, event: {KIND: A, AMOUNT: 12.50, NAME: ANN}}\n",
      "r.yaml", files, diagnostics);
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(to_string(mapping->examples.at(0).where), "r.yaml:5:5");
  EXPECT_THAT(run_example(*mapping, mapping->examples.at(0)),
              ElementsAre("expected  key A", "actual    the mapping names no key"));
}

}  // namespace
}  // namespace copybridge::mapping
