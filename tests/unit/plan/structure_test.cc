// Groups, names, FILLERs, tables, shared storage, selection, record sizes and bad fields: the
// shape of the object.
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

using plan::PlanOptions;

std::vector<plan::Alternative> alternatives_of(
    const std::shared_ptr<const copybook::Layout>& layout,
    const std::vector<std::pair<std::string, std::string>>& choices) {
  condition::Reading reading;
  reading.code_page = options_of().code_page;
  Diagnostics diagnostics;
  std::vector<plan::Alternative> alternatives;
  for (const auto& [item, text] : choices) {
    const copybook::ItemIndex index = copybook::find_item(*layout, item);
    EXPECT_NE(index, copybook::kNoItem) << item;
    condition::Condition condition;
    if (!text.empty())
      condition =
          condition::Condition::compile(text, {"t", 1, 1}, layout, reading, diagnostics, index);
    alternatives.push_back({index, condition});
  }
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return alternatives;
}

std::string decode_chosen(std::string_view copybook, std::string_view hex,
                          const std::vector<std::pair<std::string, std::string>>& choices,
                          const PlanOptions& options = options_of()) {
  const auto layout = layout_of(copybook);
  const auto plan = plan_of(layout, options, alternatives_of(layout, choices));
  return plan == nullptr ? "no plan" : decode(*plan, hex);
}

TEST(Groups, BecomeObjects) {
  EXPECT_EQ(decode("01 R. 05 A PIC X(3). 05 G. 10 B PIC 9(2). 10 C PIC X. 05 D PIC X.",
                   hex_of("abc07xy")),
            R"({"A":"abc","G":{"B":7,"C":"x"},"D":"y"})");
}

TEST(Groups, ElementaryRecordIsItsOwnMember) {
  EXPECT_EQ(decode("01 R PIC X(3).", hex_of("abc")), R"({"R":"abc"})");
}

TEST(Names, FollowTheStyle) {
  PlanOptions options = options_of();
  const char* copybook = "01 R. 05 ACCT-OPEN-DATE PIC X. 05 A1-B PIC X.";
  EXPECT_EQ(decode(copybook, hex_of("ab"), options), R"({"ACCT-OPEN-DATE":"a","A1-B":"b"})");
  options.names = plan::Names::snake;
  EXPECT_EQ(decode(copybook, hex_of("ab"), options), R"({"acct_open_date":"a","a1_b":"b"})");
  options.names = plan::Names::camel;
  EXPECT_EQ(decode(copybook, hex_of("ab"), options), R"({"acctOpenDate":"a","a1B":"b"})");
}

TEST(Names, ThatOccurTwiceAreNumbered) {
  EXPECT_EQ(decode("01 R. 05 A PIC X. 05 A PIC X. 05 G. 10 A PIC X. 05 A PIC X.", hex_of("abcd")),
            R"({"A":"a","A-2":"b","G":{"A":"c"},"A-3":"d"})");
  EXPECT_EQ(mistakes_of("01 R. 05 A PIC X. 05 A PIC X.", options_of()),
            "test.cpy:1:22: warning: member A occurs twice in one object; it is printed as A-2\n");
}

TEST(Fillers, AreDroppedAndTheirChildrenMoveUp) {
  EXPECT_EQ(decode("01 R. 05 FILLER PIC X. 05 FILLER. 10 A PIC X. 10 FILLER PIC X. 05 B PIC X.",
                   hex_of("1a2b")),
            R"({"A":"a","B":"b"})");
  EXPECT_EQ(decode("01 R. 05 FILLER PIC X.", hex_of("1")), "{}");
}

TEST(Fillers, AreKeptWithNumbers) {
  PlanOptions options = options_of();
  options.keep_fillers = true;
  EXPECT_EQ(decode("01 R. 05 FILLER PIC X. 05 FILLER. 10 A PIC X. 10 FILLER PIC X. 05 B PIC X.",
                   hex_of("1a2b"), options),
            R"({"FILLER-1":"1","FILLER-2":{"A":"a","FILLER-3":"2"},"B":"b"})");
}

TEST(Fillers, ThatAreTablesStayArrays) {
  EXPECT_EQ(decode("01 R. 05 FILLER OCCURS 2. 10 A PIC X.", hex_of("xy")),
            R"({"FILLER-1":[{"A":"x"},{"A":"y"}]})");
}

TEST(Tables, OfItemsBecomeArraysOfValues) {
  EXPECT_EQ(decode("01 R. 05 N PIC 9 OCCURS 3. 05 E PIC X.", hex_of("123z")),
            R"({"N":[1,2,3],"E":"z"})");
}

TEST(Tables, OfGroupsBecomeArraysOfObjects) {
  EXPECT_EQ(decode("01 R. 05 T OCCURS 2. 10 A PIC X. 10 B PIC 9 OCCURS 2.", hex_of("x12y34")),
            R"({"T":[{"A":"x","B":[1,2]},{"A":"y","B":[3,4]}]})");
}

TEST(Tables, MessagesNameTheOccurrence) {
  EXPECT_EQ(decode("01 R. 05 T OCCURS 2. 10 A PIC X. 10 B PIC 9 OCCURS 2.", hex_of("x12y3?")),
            "misfit: zoned: T.B(2,2) at offset 5, byte 0: 0x6F is not a digit");
}

constexpr const char* kOdo =
    "01 R. 05 N PIC 9. 05 T PIC X(2) OCCURS 0 TO 5 DEPENDING ON N. 05 E PIC X(3).";

TEST(DependingOn, ItemsBehindTheTableMoveUp) {
  EXPECT_EQ(decode(kOdo, hex_of("2aabbend")), R"({"N":2,"T":["aa","bb"],"E":"end"})");
  EXPECT_EQ(decode(kOdo, hex_of("0end")), R"({"N":0,"T":[],"E":"end"})");
  EXPECT_EQ(decode(kOdo, hex_of("5aabbccddeeend")),
            R"({"N":5,"T":["aa","bb","cc","dd","ee"],"E":"end"})");
}

TEST(DependingOn, FixedStorageKeepsItsSize) {
  PlanOptions options = options_of();
  options.odo = plan::OdoStorage::fixed;
  EXPECT_EQ(decode(kOdo, hex_of("2aabb......end"), options),
            R"({"N":2,"T":["aa","bb"],"E":"end"})");
  EXPECT_EQ(decode(kOdo, hex_of("2aabbend"), options),
            "misfit: record: 8 bytes, but the copybook has at least 14 bytes");
}

TEST(DependingOn, CounterOutsideItsRangeIsBadData) {
  EXPECT_EQ(decode(kOdo, hex_of("6aabbccddeeend")),
            "misfit: occurs: T at offset 1: its counter N is 6, not 0 to 5");
  EXPECT_EQ(decode("01 R. 05 N PIC S9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.", "D1C1"),
            "misfit: occurs: T at offset 1: its counter N is no number of occurrences");
}

TEST(DependingOn, RecordMustHoldWhatTheCounterSays) {
  EXPECT_EQ(decode(kOdo, hex_of("3aabbend")),
            "misfit: record: 8 bytes, but the copybook has at least 10 bytes");
  EXPECT_EQ(decode(kOdo, hex_of("1aabbend")),
            "misfit: record: 8 bytes, but the copybook has at most 6 bytes");
}

TEST(DependingOn, NestsAndShifts) {
  const char* copybook =
      "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 M PIC 9. "
      "10 U PIC X OCCURS 0 TO 4 DEPENDING ON M. 10 V PIC X. 05 E PIC X.";
  EXPECT_EQ(decode(copybook, hex_of("22abV0We")),
            R"({"N":2,"T":[{"M":2,"U":["a","b"],"V":"V"},{"M":0,"U":[],"V":"W"}],"E":"e"})");
  EXPECT_EQ(decode(copybook, hex_of("22abV5We")),
            "misfit: occurs: T.U(2) at offset 6: its counter M is 5, not 0 to 4");
}

TEST(DependingOn, VariableElementsOfAFixedTable) {
  EXPECT_EQ(decode("01 R. 05 T OCCURS 2. 10 M PIC 9. 10 U PIC X OCCURS 0 TO 4 DEPENDING ON M. "
                   "05 E PIC X.",
                   hex_of("1a3bcde")),
            R"({"T":[{"M":1,"U":["a"]},{"M":3,"U":["b","c","d"]}],"E":"e"})");
}

TEST(DependingOn, DroppedTablesStillMoveWhatFollows) {
  PlanOptions options = options_of();
  options.select = {"E"};
  EXPECT_EQ(decode(kOdo, hex_of("2aabbend"), options), R"({"E":"end"})");
  const char* nested =
      "01 R. 05 T OCCURS 2. 10 M PIC 9. 10 U PIC X OCCURS 0 TO 4 DEPENDING ON M. 05 E PIC X.";
  EXPECT_EQ(decode(nested, hex_of("1a3bcde"), options), R"({"E":"e"})");
}

TEST(DependingOn, ManyOccurrencesNeedNoRoomBeforehand) {
  const char* copybook =
      "01 R. 05 N PIC 9(7) COMP. 05 T PIC X(10) OCCURS 0 TO 9000000 DEPENDING ON N.";
  EXPECT_EQ(decode(copybook, "00000001" + hex_of("abcdefghij")), R"({"N":1,"T":["abcdefghij"]})");
}

constexpr const char* kShared =
    "01 R. 05 A PIC 9(4). 05 B REDEFINES A PIC S9(5)V99 COMP-3. 05 C PIC X.";

TEST(Redefines, AlternativesStandSideBySide) {
  EXPECT_EQ(decode(kShared, "1234567C" + hex_of("x")), R"({"A":null,"B":12345.67,"C":"x"})");
  EXPECT_EQ(decode("01 R. 05 A PIC X(4). 05 B REDEFINES A PIC 9(4).", hex_of("12ab")),
            R"({"A":"12ab","B":null})");
}

TEST(Redefines, NoAlternativeFittingIsBadData) {
  EXPECT_EQ(decode(kShared, hex_of("12?4") + hex_of("x")),
            "misfit: redefines: no alternative of A fits; zoned: A at offset 0, byte 2: 0x6F is "
            "not a digit");
}

TEST(Redefines, FillerGroupsGiveTheirMembersAsNull) {
  const char* copybook =
      "01 R. 05 A PIC X(4). 05 FILLER REDEFINES A. 10 B PIC 99. 10 C PIC 99. 05 D PIC X.";
  EXPECT_EQ(decode(copybook, hex_of("1234x")), R"({"A":"1234","B":12,"C":34,"D":"x"})");
  EXPECT_EQ(decode(copybook, hex_of("12a4x")), R"({"A":"12a4","B":null,"C":null,"D":"x"})");
}

TEST(Redefines, AlternativesThatAreNotShownStillCount) {
  PlanOptions options = options_of();
  options.select = {"B"};
  EXPECT_EQ(decode("01 R. 05 A PIC X(2). 05 B REDEFINES A PIC 99.", hex_of("ab"), options),
            R"({"B":null})");
  EXPECT_EQ(decode("01 R. 05 A. 10 A1 PIC 9. 10 A2 PIC X. 05 B REDEFINES A PIC 99.", hex_of("ab"),
                   options),
            "misfit: redefines: no alternative of A fits; zoned: B at offset 0, byte 0: 0x81 is "
            "not a digit");
}

TEST(Redefines, GroupAlternativesRewindWholly) {
  const char* copybook =
      "01 R. 05 G. 10 A PIC X. 10 B PIC 9 OCCURS 3. 05 H REDEFINES G. 10 D PIC X(4).";
  EXPECT_EQ(decode(copybook, hex_of("a12?")), R"({"G":null,"H":{"D":"a12?"}})");
}

TEST(Redefines, InsideTables) {
  EXPECT_EQ(decode("01 R. 05 T OCCURS 2. 10 A PIC 9. 10 B REDEFINES A PIC X.", hex_of("1?")),
            R"({"T":[{"A":1,"B":"1"},{"A":null,"B":"?"}]})");
}

TEST(Redefines, LenientOptionsPrintTheFirstAlternative) {
  PlanOptions options = options_of();
  options.on_bad_field = plan::OnBadField::raw;
  EXPECT_EQ(decode(kShared, hex_of("12?4x"), options),
            R"({"A":{"raw":"F1F26FF4"},"B":null,"C":"x"})");
  options.on_bad_field = plan::OnBadField::null;
  EXPECT_EQ(decode(kShared, hex_of("12?4x"), options), R"({"A":null,"B":null,"C":"x"})");
}

TEST(Redefines, ShortAlternativesMayEndTheRecord) {
  const char* copybook = "01 R. 05 K PIC X. 05 A PIC X(6). 05 B REDEFINES A PIC X(2).";
  EXPECT_EQ(decode(copybook, hex_of("kab")), R"({"K":"k","A":null,"B":"ab"})");
  EXPECT_EQ(decode(copybook, hex_of("ka")),
            "misfit: record: 2 bytes, but the copybook has at least 3 bytes");
}

constexpr const char* kChoice =
    "01 R. 05 K PIC X. 05 A. 10 A1 PIC 9(3). 10 A2 PIC X. 05 B REDEFINES A. 10 B1 PIC X(2). "
    "05 C REDEFINES A PIC S9(7) COMP-3.";

TEST(Choice, FirstMatchIsDecodedAlone) {
  const std::vector<std::pair<std::string, std::string>> choices = {{"A", "K = 'A'"},
                                                                    {"B", "K = 'B' OR 'A'"}};
  EXPECT_EQ(decode_chosen(kChoice, hex_of("A123x"), choices),
            R"({"K":"A","A":{"A1":123,"A2":"x"}})");
  EXPECT_EQ(decode_chosen(kChoice, hex_of("Bxy"), choices), R"({"K":"B","B":{"B1":"xy"}})");
  EXPECT_EQ(decode_chosen(kChoice, hex_of("Bxy.."), choices), R"({"K":"B","B":{"B1":"xy"}})");
}

TEST(Choice, BadBytesOfTheChosenAreBadData) {
  EXPECT_EQ(decode_chosen(kChoice, hex_of("A?23x"), {{"A", "K = 'A'"}, {"B", "K = 'B'"}}),
            "misfit: zoned: A.A1 at offset 1, byte 0: 0x6F is not a digit");
}

TEST(Choice, NoMatchIsBadDataUnlessThereIsADefault) {
  EXPECT_EQ(decode_chosen(kChoice, hex_of("Z123x"), {{"A", "K = 'A'"}}),
            "misfit: redefines: A at offset 1: no alternative's condition holds");
  EXPECT_EQ(decode_chosen(kChoice, hex_of("Zxy.."), {{"A", "K = 'A'"}, {"B", ""}}),
            R"({"K":"Z","B":{"B1":"xy"}})");
}

TEST(Choice, ConditionThatDoesNotFitIsBadData) {
  PlanOptions options = options_of();
  options.select = {"A", "B"};
  EXPECT_EQ(decode_chosen("01 R. 05 K PIC 9. 05 A PIC X. 05 B REDEFINES A PIC 9.", hex_of("?x"),
                          {{"A", "K = 1"}, {"B", "K = 2"}}, options),
            "misfit: redefines: A at offset 1: K at offset 0, byte 0: 0x6F is not a digit");
}

TEST(Choice, FirstAndOnlyMembersKeepTheirCommas) {
  const char* copybook = "01 R. 05 A PIC X. 05 B REDEFINES A PIC 9. 05 C PIC X.";
  EXPECT_EQ(decode_chosen(copybook, hex_of("7c"), {{"A", "C = 'a'"}, {"B", "C = 'c'"}}),
            R"({"B":7,"C":"c"})");
  const char* last = "01 R. 05 C PIC X. 05 A PIC X. 05 B REDEFINES A PIC 9.";
  EXPECT_EQ(decode_chosen(last, hex_of("c7"), {{"A", "C = 'a'"}, {"B", "C = 'c'"}}),
            R"({"C":"c","B":7})");
}

TEST(Choice, InTablesFollowsEachOccurrence) {
  EXPECT_EQ(decode_chosen("01 R. 05 T OCCURS 2. 10 K PIC X. 10 A PIC X. 10 B REDEFINES A PIC 9.",
                          hex_of("axb7"), {{"A", "K = 'a'"}, {"B", "K = 'b'"}}),
            R"({"T":[{"K":"a","A":"x"},{"K":"b","B":7}]})");
}

TEST(Choice, VariableAlternativesEndTheRecord) {
  const char* copybook =
      "01 R. 05 K PIC X. 05 A PIC X(9). 05 B REDEFINES A. 10 N PIC 9. "
      "10 T PIC X OCCURS 0 TO 8 DEPENDING ON N.";
  const std::vector<std::pair<std::string, std::string>> choices = {{"A", "K = 'A'"},
                                                                    {"B", "K = 'B'"}};
  EXPECT_EQ(decode_chosen(copybook, hex_of("B2xy"), choices),
            R"({"K":"B","B":{"N":2,"T":["x","y"]}})");
  EXPECT_EQ(decode_chosen(copybook, hex_of("B2xyz"), choices),
            "misfit: record: 5 bytes, but the copybook has at most 4 bytes");
  EXPECT_EQ(decode_chosen(copybook, hex_of("B3xy"), choices),
            "misfit: record: 4 bytes, but the copybook has at least 5 bytes");
}

constexpr const char* kLevel88 =
    "01 R. 05 S PIC X. 88 OPEN-ACCT VALUE 'O'. 88 ANY-ACCT VALUE 'A' THRU 'Z'. 05 N PIC 9(2). "
    "88 SMALL VALUE 0 THRU 9. 88 NONE VALUE ZERO.";

TEST(ConditionNames, ThatHoldBecomeMembers) {
  PlanOptions options = options_of();
  options.conditions = true;
  EXPECT_EQ(decode(kLevel88, hex_of("O05"), options),
            R"({"S":"O","OPEN-ACCT":true,"ANY-ACCT":true,"N":5,"SMALL":true})");
  EXPECT_EQ(decode(kLevel88, hex_of("o50"), options), R"({"S":"o","N":50})");
  EXPECT_EQ(decode(kLevel88, hex_of("O05")), R"({"S":"O","N":5})");
}

TEST(ConditionNames, OfDroppedFillersAreShownAlone) {
  PlanOptions options = options_of();
  options.conditions = true;
  const char* copybook = "01 R. 05 FILLER PIC X. 88 IS-A VALUE 'A'.";
  EXPECT_EQ(decode(copybook, hex_of("A"), options), R"({"IS-A":true})");
  EXPECT_EQ(decode(copybook, hex_of("B"), options), "{}");
}

TEST(Select, KeepsNamedItemsAndGroupsAroundThem) {
  PlanOptions options = options_of();
  options.select = {"B", "H"};
  const char* copybook =
      "01 R. 05 A PIC 9. 05 G. 10 B PIC X. 10 C PIC 9. 05 H. 10 D PIC X. 10 E PIC X.";
  EXPECT_EQ(decode(copybook, hex_of("?b?de"), options), R"({"G":{"B":"b"},"H":{"D":"d","E":"e"}})");
  options.select = {"G.B", "NOPE"};
  EXPECT_EQ(mistakes_of(copybook, options), "error: select: there is no item NOPE\n");
}

TEST(RecordSize, ShortAndLongAreRefused) {
  const char* copybook = "01 R. 05 A PIC X(3). 05 F PIC X(2).";
  EXPECT_EQ(decode(copybook, hex_of("abc")),
            "misfit: record: 3 bytes, but the copybook has at least 5 bytes");
  EXPECT_EQ(decode(copybook, hex_of("abcdef")),
            "misfit: record: 6 bytes, but the copybook has at most 5 bytes");
  EXPECT_EQ(decode(copybook, ""), "misfit: record: 0 bytes, but the copybook has at least 5 bytes");
}

TEST(RecordSize, AcceptedShortRecordsHaveNullsBehindTheirEnd) {
  PlanOptions options = options_of();
  options.short_records = plan::Acceptance::accept;
  EXPECT_EQ(
      decode("01 R. 05 A PIC X(3). 05 B PIC 9(2). 05 G. 10 C PIC X.", hex_of("abc1"), options),
      R"({"A":"abc","B":null,"G":{"C":null}})");
  EXPECT_EQ(decode("01 R. 05 T OCCURS 3. 10 A PIC X. 10 B PIC X.", hex_of("abc"), options),
            R"({"T":[{"A":"a","B":"b"},{"A":"c","B":null}]})");
  EXPECT_EQ(decode(kOdo, hex_of("3aabb"), options), R"({"N":3,"T":["aa","bb"],"E":null})");
  EXPECT_EQ(decode(kOdo, "", options), R"({"N":null,"T":[],"E":null})");
  EXPECT_EQ(decode(kShared, hex_of("12"), options), R"({"A":null,"B":null,"C":null})");
}

TEST(RecordSize, AcceptedLongRecordsLoseNothingTheyKnow) {
  PlanOptions options = options_of();
  options.long_records = plan::Acceptance::accept;
  EXPECT_EQ(decode("01 R. 05 A PIC X(3).", hex_of("abcdef"), options), R"({"A":"abc"})");
}

TEST(BadFields, BecomeNullOrRaw) {
  PlanOptions options = options_of();
  const char* copybook = "01 R. 05 A PIC 9(2). 05 B PIC X. 05 C PIC S9(3) COMP-3.";
  options.on_bad_field = plan::OnBadField::null;
  EXPECT_EQ(decode(copybook, hex_of("1?b") + "1234", options), R"({"A":null,"B":"b","C":null})");
  options.on_bad_field = plan::OnBadField::raw;
  EXPECT_EQ(decode(copybook, hex_of("1?b") + "1234", options),
            R"({"A":{"raw":"F16F"},"B":"b","C":{"raw":"1234"}})");
}

TEST(BadFields, RuleOfAFieldOutranksTheOption) {
  const auto layout = layout_of("01 R. 05 A PIC 9(2). 05 B PIC 9.");
  PlanOptions options = options_of();
  plan::FieldRule rule;
  rule.item = 1;
  rule.on_bad_field = plan::OnBadField::null;
  options.rules = {rule};
  EXPECT_EQ(decode(*plan_of(layout, options), hex_of("1?1")), R"({"A":null,"B":1})");
  EXPECT_EQ(decode(*plan_of(layout, options), hex_of("11?")),
            "misfit: zoned: B at offset 2, byte 0: 0x6F is not a digit");
}

TEST(Errors, AreListedByPath) {
  PlanOptions options = options_of();
  options.list_errors = true;
  options.on_bad_field = plan::OnBadField::null;
  const char* copybook = "01 R. 05 A PIC 9. 05 T OCCURS 2. 10 B PIC 9. 10 C REDEFINES B PIC X.";
  EXPECT_EQ(decode(copybook, hex_of("?1?"), options),
            R"j({"A":null,"T":[{"B":1,"C":"1"},{"B":null,"C":"?"}],"_errors":["A","T.B(2)"]})j");
  EXPECT_EQ(decode(copybook, hex_of("112"), options),
            R"({"A":1,"T":[{"B":1,"C":"1"},{"B":2,"C":"2"}]})");
}

TEST(Errors, BeyondTheirRoomAreLeftOut) {
  PlanOptions options = options_of();
  options.list_errors = true;
  options.on_bad_field = plan::OnBadField::null;
  const std::string json =
      decode("01 R. 05 T PIC 9 OCCURS 5000.", hex_of(std::string(5000, '?')), options);
  EXPECT_EQ(json.substr(0, 11), R"({"T":[null,)");
  EXPECT_LT(json.size(), 5000 * 5 + 4200U);
  EXPECT_EQ(json.substr(json.size() - 3), "\"]}");
}

TEST(Raw, HoldsTheWholeRecord) {
  PlanOptions options = options_of();
  options.keep_raw = true;
  options.list_errors = true;
  options.long_records = plan::Acceptance::accept;
  EXPECT_EQ(decode("01 R. 05 A PIC X.", hex_of("ab"), options), R"({"A":"a","_raw":"8182"})");
}

TEST(Plans, NeedACodePage) {
  EXPECT_EQ(mistakes_of("01 R. 05 A PIC X.", PlanOptions()),
            "error: plan: a layout and a code page are needed\n");
}

TEST(Plans, RefuseRecordsThatNoMemoryHolds) {
  EXPECT_NE(mistakes_of("01 R. 05 T PIC 9 OCCURS 20000000.", options_of())
                .find("could take more than 2 GiB"),
            std::string::npos);
}

}  // namespace
}  // namespace copybridge::test
