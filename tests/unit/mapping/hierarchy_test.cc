// Documents of several records: how mappings say them, what JSON they become, what is refused.
#include "codecs/mapping/hierarchy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/framing/group_framer.h"
#include "codecs/framing/options.h"
#include "codecs/mapping/examples.h"
#include "codecs/mapping/keys.h"
#include "codecs/mapping/records.h"
#include "tests/support/memory_files.h"

namespace copybridge::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Records of their own 01 each.
constexpr const char* kCopybook =
    "       01  CUSTOMER.\n"
    "           05  C-TYPE    PIC X.\n"
    "           05  C-ID      PIC 9(3).\n"
    "       01  ACCOUNT.\n"
    "           05  A-TYPE    PIC X.\n"
    "           05  A-NO      PIC 9(2).\n"
    "           05  A-BALANCE PIC S9(3)V99 COMP-3.\n"
    "       01  PAYMENT.\n"
    "           05  P-TYPE    PIC X.\n"
    "           05  P-AMOUNT  PIC 9(2).\n"
    "       01  ADDRESS-LINE.\n"
    "           05  L-TYPE    PIC X.\n"
    "           05  L-TEXT    PIC X(4).\n";

/// Uses every key of a child.
constexpr const char* kMapping = R"(name: customer
copybook: tree.cpy
record: CUSTOMER
match: C-TYPE = 'C'
only_if: C-ID > 0
fields: {C-TYPE: {drop: yes}}
children:
  - as: accounts
    record: ACCOUNT
    match: A-TYPE = 'A'
    fields: {A-TYPE: {drop: yes}, A-NO: {as: text}}
    redefines: []
    children:
      - {record: PAYMENT, match: P-TYPE = 'P', fields: {P-TYPE: {drop: yes}}}
  - {record: ADDRESS-LINE, match: L-TYPE = 'L', copybook: tree.cpy}
  - {record: ADDRESS-LINE, as: notes, match: L-TYPE = 'N', drop: yes}
event: {type: t, subject: 'customer/{C-ID}', key: C-ID}
examples:
  - record_text: [C007, L1 st]
    event: {C-ID: 7, accounts: [], ADDRESS-LINE: [{L-TYPE: L, L-TEXT: 1 st}]}
    key: "007"
    subject: customer/007
  - record_hex: ["C3 F0F0F0"]
    event: filtered
)";

std::unique_ptr<const Mapping> load_tree(const std::string& text, Diagnostics& diagnostics,
                                         const char* copybook = kCopybook) {
  support::MemoryFiles files;
  files.add("tree.cpy", copybook);
  return load_text(text, "tree.yaml", files, diagnostics);
}

std::unique_ptr<const Mapping> tree(const std::string& text = kMapping,
                                    const char* copybook = kCopybook) {
  Diagnostics diagnostics;
  auto mapping = load_tree(text, diagnostics, copybook);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return mapping;
}

/// `text` in EBCDIC; `{hex}` as bytes.
ByteBuffer record(const Mapping& mapping, std::string_view text) {
  ByteBuffer bytes;
  while (!text.empty()) {
    if (text[0] == '{') {
      ByteBuffer raw;
      EXPECT_TRUE(from_hex(text.substr(1, text.find('}') - 1), raw));
      bytes.append(raw.view());
      text.remove_prefix(text.find('}') + 1);
      continue;
    }
    const auto character = mapping.options.code_page->from_utf8(text.substr(0, 1));
    bytes.append({reinterpret_cast<const std::uint8_t*>(character->data()), character->size()});
    text.remove_prefix(1);
  }
  return bytes;
}

ByteBuffer document(const Mapping& mapping, const std::vector<std::string>& records) {
  ByteBuffer bytes;
  for (const std::string& text : records) framing::append_part(record(mapping, text).view(), bytes);
  return bytes;
}

/// The JSON, or why there is none.
std::string decode(const Mapping& mapping, const std::vector<std::string>& records) {
  const ByteBuffer bytes = document(mapping, records);
  TextBuffer out;
  out.append("x");
  if (mapping.decode(bytes.view(), out)) return std::string(out.view().substr(1));
  EXPECT_EQ(out.view(), "x");
  return mapping.explain(bytes.view()).message;
}

TEST(Hierarchy, NestsRecordsInArraysOfTheOnesTheyBelongTo) {
  EXPECT_EQ(decode(*tree(), {"C001", "A01{12345C}", "P10", "P20", "A02{00100D}", "LABCD"}),
            R"({"C-ID":1,"accounts":[{"A-NO":"01","A-BALANCE":123.45,"PAYMENT":[{"P-AMOUNT":10},)"
            R"({"P-AMOUNT":20}]},{"A-NO":"02","A-BALANCE":-1.00,"PAYMENT":[]}],)"
            R"("ADDRESS-LINE":[{"L-TYPE":"L","L-TEXT":"ABCD"}]})");
}

TEST(Hierarchy, PrintsEmptyArraysWhereNothingBelongsToARecord) {
  EXPECT_EQ(decode(*tree(), {"C001"}), R"({"C-ID":1,"accounts":[],"ADDRESS-LINE":[]})");
}

TEST(Hierarchy, SortsRecordsOfSeveralTypesIntoTheirArrays) {
  EXPECT_EQ(decode(*tree(), {"C001", "LAAAA", "A01{00000C}", "LBBBB", "P10"}),
            R"({"C-ID":1,"accounts":[{"A-NO":"01","A-BALANCE":0.00,"PAYMENT":[{"P-AMOUNT":10}]}],)"
            R"("ADDRESS-LINE":[{"L-TYPE":"L","L-TEXT":"AAAA"},{"L-TYPE":"L","L-TEXT":"BBBB"}]})");
}

TEST(Hierarchy, LeavesDroppedTypesOut) {
  EXPECT_EQ(decode(*tree(), {"C001", "NABCD"}), R"({"C-ID":1,"accounts":[],"ADDRESS-LINE":[]})");
}

TEST(Hierarchy, RefusesADocumentWithARecordThatBelongsToNone) {
  EXPECT_EQ(decode(*tree(), {"C001", "P10"}),
            "hierarchy: record 2 of the document: a record of PAYMENT without one of accounts "
            "before it");
  EXPECT_EQ(decode(*tree(), {"LABCD"}),
            "hierarchy: record 1 of the document: a record of ADDRESS-LINE without one of customer "
            "before it");
  EXPECT_EQ(decode(*tree(), {"C001", "X10"}),
            "hierarchy: record 2 of the document: is of no type of the hierarchy");
}

TEST(Hierarchy, RefusesADocumentWithABadRecord) {
  const auto mapping = tree();
  EXPECT_THAT(decode(*mapping, {"C001", "A01{1234AF}"}),
              HasSubstr("record 2 of the document, accounts: packed: A-BALANCE"));
  const ByteBuffer bytes = document(*mapping, {"C001", "A01{1234AF}"});
  // Two lengths, the customer and the account's first three bytes stand before the field.
  EXPECT_EQ(mapping->explain(bytes.view()).offset, 4U + 4 + 4 + 3);
}

TEST(Hierarchy, RefusesBytesThatAreNoDocument) {
  const auto mapping = tree();
  const ByteBuffer bytes = record(*mapping, "C001");
  TextBuffer out;
  EXPECT_EQ(mapping->matches(bytes.view(), framing::RecordPlace::detail), condition::Truth::no);
  EXPECT_FALSE(mapping->decode(bytes.view(), out));
  EXPECT_THAT(mapping->explain(bytes.view()).message, HasSubstr("no document"));
}

TEST(Hierarchy, MatchesDocumentsOfItsTypesOnly) {
  const auto mapping = tree();
  EXPECT_EQ(mapping->matches(document(*mapping, {"C001"}).view(), framing::RecordPlace::detail),
            condition::Truth::yes);
  EXPECT_EQ(mapping->matches(document(*mapping, {"P10"}).view(), framing::RecordPlace::detail),
            condition::Truth::yes);
  EXPECT_EQ(mapping->matches(document(*mapping, {"H10"}).view(), framing::RecordPlace::detail),
            condition::Truth::no);
}

TEST(Hierarchy, TellsFramingWhatEachRecordIs) {
  using Role = framing::RecordGrouper::Role;
  const auto mapping = tree();
  const Hierarchy& hierarchy = *mapping->hierarchy;
  EXPECT_EQ(hierarchy.role(record(*mapping, "C001").view()), Role::begins);
  EXPECT_EQ(hierarchy.role(record(*mapping, "P10").view()), Role::continues);
  EXPECT_EQ(hierarchy.role(record(*mapping, "H99").view()), Role::alone);
  EXPECT_EQ(hierarchy.role({}), Role::continues);
}

TEST(Hierarchy, HoldsItsExamples) {
  const auto mapping = tree();
  ASSERT_EQ(mapping->examples.size(), 2U);
  for (const Example& example : mapping->examples)
    EXPECT_THAT(run_example(*mapping, example), IsEmpty());
}

TEST(Hierarchy, NamesEveryKeyOfAChildInThisTest) {
  for (const OptionSpec& spec : child_keys()) {
    EXPECT_THAT(std::string(kMapping) + "item:", HasSubstr(std::string(spec.name) + ":"));
  }
}

/// One 01 whose segments share their storage.
constexpr const char* kSegments =
    "       01  ENTITY.\n"
    "           05  SEG        PIC 9.\n"
    "           05  COMPANY.\n"
    "               10  NAME   PIC X(6).\n"
    "           05  DEPT REDEFINES COMPANY.\n"
    "               10  TITLE  PIC X(3).\n"
    "           05  EMPLOYEE REDEFINES COMPANY.\n"
    "               10  ROLE   PIC X(2).\n"
    "               10  PAY    PIC 9(2).\n";
constexpr const char* kSegmentMapping = R"(name: company
copybook: tree.cpy
match: SEG = 1
item: COMPANY
names: snake
children:
  - item: DEPT
    match: SEG = 2
    children:
      - {item: EMPLOYEE, as: people, match: SEG = 3, fields: {SEG: {drop: yes}}}
event: {type: t, key: NAME}
)";

TEST(Hierarchy, TakesAlternativesOfOneRecordAsTypes) {
  EXPECT_EQ(decode(*tree(kSegmentMapping, kSegments), {"1ACME  ", "2IT ", "3QA12", "3PM34"}),
            R"({"seg":1,"name":"ACME","dept":[{"seg":2,"title":"IT","people":[)"
            R"({"role":"QA","pay":12},{"role":"PM","pay":34}]}]})");
}

TEST(Hierarchy, GivesTheLengthsOfItsRecordsByTheirTypes) {
  std::vector<std::shared_ptr<const Mapping>> mappings = {tree(kSegmentMapping, kSegments)};
  Diagnostics diagnostics;
  const ConfigNode node = parse_yaml("recfm: copybook", "x.yaml", diagnostics);
  const Options given = read_options(node, framing::framing_options(), {}, diagnostics);
  framing::FramingOptions options =
      framing::read_framing(given, framing::LineEnds::ebcdic, diagnostics);
  describe_records(mappings, given, options, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors());
  const auto framer = framing::make_framer(options);
  ASSERT_TRUE(framer);
  ByteBuffer stream;
  for (const char* text : {"1ACME  ", "2IT ", "3QA12", "1OTHER ", "2HR "})
    stream.append(record(*mappings[0], text).view());
  std::vector<framing::RecordSpan> records;
  ASSERT_TRUE((*framer)->next(stream.view(), true, 100, records));
  ByteBuffer documents;
  ASSERT_TRUE((*framer)->take_assembled(documents));
  TextBuffer out;
  for (const framing::RecordSpan& span : records)
    ASSERT_TRUE(mappings[0]->decode(documents.view(span.offset, span.size), out));
  EXPECT_EQ(out.view(),
            R"({"seg":1,"name":"ACME","dept":[{"seg":2,"title":"IT","people":[)"
            R"({"role":"QA","pay":12}]}]}{"seg":1,"name":"OTHER","dept":[{"seg":2,"title":"HR",)"
            R"("people":[]}]})");
}

std::string mistake(const std::string& children, const std::string& match = "C-TYPE = 'C'") {
  Diagnostics diagnostics;
  const std::string head = match.empty() ? "" : "match: " + match + "\n";
  EXPECT_EQ(load_tree("name: a\ncopybook: tree.cpy\nrecord: CUSTOMER\nevent: {type: t}\n" + head +
                          "children: " + children + "\n",
                      diagnostics),
            nullptr);
  return diagnostics.all().empty() ? "" : to_string(diagnostics.all().front());
}

TEST(HierarchyMistakes, AreReportedWhereTheyStand) {
  EXPECT_EQ(mistake("[]"),
            "tree.yaml:6:11: error: 'children' must be a list with at least one entry");
  EXPECT_THAT(mistake("[{record: ACCOUNT}]"), HasSubstr("the key 'match' is missing"));
  EXPECT_THAT(mistake("[{match: A-TYPE = 'A'}]"), HasSubstr("has several records"));
  EXPECT_EQ(
      mistake("[{record: NO-SUCH, match: A-TYPE = 'A'}]"),
      "tree.yaml:6:21: error: the copybook has no record 'NO-SUCH' (it has CUSTOMER, ACCOUNT, "
      "PAYMENT, ADDRESS-LINE)");
  EXPECT_THAT(mistake("[{record: ACCOUNT, match: C-TYPE = 'A'}]"), HasSubstr("C-TYPE"));
  EXPECT_THAT(mistake("[{record: ACCOUNT, match: A-TYPE = 'A', as: C-ID}]"),
              HasSubstr("has a member 'C-ID' already"));
  EXPECT_THAT(mistake("[{record: ACCOUNT, match: A-TYPE = 'A', item: A-NO}]"),
              HasSubstr("neither redefines an item nor is redefined"));
  EXPECT_THAT(mistake("[{record: ACCOUNT, match: A-TYPE = 'A', copybook: none.cpy}]"),
              HasSubstr("the copybook none.cpy cannot be read"));
  EXPECT_THAT(mistake("[{record: ACCOUNT, match: A-TYPE = 'A'}]", ""),
              HasSubstr("'children' need a 'match'"));
}

TEST(HierarchyMistakes, IncludeListsOfRecordsWithoutChildren) {
  Diagnostics diagnostics;
  EXPECT_EQ(load_tree("name: a\ncopybook: tree.cpy\nrecord: CUSTOMER\nevent: {type: t}\n"
                      "examples: [{record_text: [C001], event: filtered}]\n",
                      diagnostics),
            nullptr);
  EXPECT_THAT(to_string(diagnostics.all().front()),
              HasSubstr("a list of records needs 'children'"));
}

}  // namespace
}  // namespace copybridge::mapping
