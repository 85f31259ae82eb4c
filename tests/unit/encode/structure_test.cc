// Members in any order, tables, counters, alternatives, short records, and the record in _raw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using testing::HasSubstr;

constexpr const char* kOrder = "01 R. 05 A PIC X. 05 G. 10 B PIC 9. 10 C PIC 9. 05 D PIC X.";

TEST(EncodeMembers, ComeInAnyOrder) {
  const std::string wanted = hex_of("x12y");
  EXPECT_EQ(encode(kOrder, R"({"A":"x","G":{"B":1,"C":2},"D":"y"})"), wanted);
  EXPECT_EQ(encode(kOrder, R"({"D":"y","G":{"C":2,"B":1},"A":"x"})"), wanted);
  EXPECT_EQ(encode(kOrder, R"({"\u0044":"y","G":{"C":2,"B":1},"A":"x"})"), wanted);
}

TEST(EncodeMembers, AreAllThereOnceAndKnown) {
  EXPECT_EQ(encode(kOrder, R"({"A":"x","G":{"B":1},"D":"y"})"),
            "refused: /G/C: the member is missing");
  EXPECT_EQ(encode(kOrder, R"({"A":"x","G":{"B":1,"C":2}})"), "refused: /D: the member is missing");
  EXPECT_EQ(encode(kOrder, R"({"A":"x","A":"x","G":{"B":1,"C":2},"D":"y"})"),
            "refused: /A: the member is there twice");
  EXPECT_THAT(encode(kOrder, R"({"A":"x","G":{"B":1,"C":2,"E":3},"D":"y"})"),
              HasSubstr("/G/E: the copybook has no member \"E\" here"));
  EXPECT_THAT(encode(kOrder, R"({"A":"x","G":[1],"D":"y"})"), HasSubstr("/G: the value is no obj"));
}

TEST(EncodeMembers, MayBeMissingOrUnknownByOption) {
  encode::EncodeOptions lenient;
  lenient.missing = encode::Missing::initial;
  lenient.unknown = encode::Unknown::ignore;
  const std::string copybook =
      "01 R. 05 A PIC X(3) VALUE 'abc'. 05 B PIC S9(3) COMP-3 VALUE -5. 05 C PIC 9(3). "
      "05 D PIC X(2). 05 E PIC ZZ9. 05 F COMP-2. 05 G PIC X(4) VALUE ALL 'xy'. 05 FILLER PIC X "
      "VALUE '!'. 05 H PIC N NATIONAL. 05 I PIC X/X. 05 J VALUE 'group'. 10 K PIC X(6).";
  EXPECT_EQ(encode(copybook, R"({"Z":{"deep":[1,2,{"x":null}]}})", options_of(), lenient),
            hex_of("abc") + "005D" + hex_of("000    0") + "0000000000000000" + hex_of("xyxy!") +
                "0020" + hex_of(" / group "));
}

TEST(EncodeMembers, ThatAreIgnoredMustBeJsonAllTheSame) {
  encode::EncodeOptions lenient;
  lenient.unknown = encode::Unknown::ignore;
  const auto encoded = [&](const std::string& text) {
    const std::string json = R"({"A":1,)" + text + "}";
    return encode("01 R. 05 A PIC 9.", json, options_of(), lenient);
  };
  const std::string deep(2000, '[');
  for (const char* const good :
       {R"("X":{"a":[1,-0.5e+3,true,null,{}],"b":"\u00e9\ud83d\ude00\n"})", R"("X":"\"")",
        R"("X":[])", R"("X":[[ ], { } ] )", R"("\u0058":0)", R"("X" : 1 )"})
    EXPECT_EQ(encoded(good), hex_of("1")) << good;
  for (const char* const bad :
       {R"("X":{bad})",   R"("X":{"a"})",    R"("X":{"a":1,})",   R"("X":[1,])",     R"("X":[1 2])",
        R"("X":01)",      R"("X":1.)",       R"("X":+1)",         R"("X":truth)",    R"("X":nul)",
        R"("X":"\x")",    R"("X":"\ud800")", R"("X":{"a":"\q"})", R"("X":{"\q":1})", R"("\q":1)",
        R"("X":["a":1])", R"("X":)",         R"("X":[)",          R"("X":}])",       R"("X":'a')",
        R"("X":NaN)",     R"("X":[,1])"})
    EXPECT_THAT(encoded(bad), HasSubstr("the text is not JSON")) << bad;
  EXPECT_THAT(encoded(R"("X":)" + deep + std::string(2000, ']')), HasSubstr("not JSON"));
}

TEST(EncodeMembers, ListedErrorsMustBeJsonAllTheSame) {
  plan::PlanOptions options = options_of();
  options.list_errors = true;
  const char* const copybook = "01 R. 05 A PIC 9.";
  EXPECT_EQ(encode(copybook, R"({"A":1,"_errors":[{"field":"A"}]})", options), hex_of("1"));
  EXPECT_THAT(encode(copybook, R"({"A":1,"_errors":[{bad}]})", options),
              HasSubstr("the text is not JSON"));
}

TEST(EncodeMembers, TextMustBeOneObject) {
  for (const char* const text :
       {"", " ", "[]", "1", "null", "{", "{\"A\":\"x\"", "{\"A\" \"x\"}", "{\"A\":\"x\"} x",
        "{\"A\":\"x\"}{}", "{\"A\":\"x\",}", "{\"A\":x}", "{\"A\":\"x}", "{A:\"x\"}", "\"A\"",
        "{\"A\":\"x\":\"y\"}}", "{\"A\":\"x\":\"y\"{\"\"]}}"}) {
    EXPECT_THAT(encode("01 R. 05 A PIC X.", text), HasSubstr("refused")) << text;
  }
  EXPECT_EQ(encode("01 R PIC X(2).", R"({"R":"ab"})"), "8182");
}

constexpr const char* kTables =
    "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 M PIC 9. 10 U PIC X OCCURS 0 TO 2 "
    "DEPENDING ON M. 10 V PIC 9 OCCURS 2. 05 Z PIC X(2).";

TEST(EncodeTables, MoveUpWhatFollowsThem) {
  EXPECT_EQ(round_trip(kTables, hex_of("0zz")), R"({"N":0,"T":[],"Z":"zz"})");
  EXPECT_EQ(round_trip(kTables, hex_of("22ab34056zz")),
            R"({"N":2,"T":[{"M":2,"U":["a","b"],"V":[3,4]},{"M":0,"U":[],"V":[5,6]}],"Z":"zz"})");
  plan::PlanOptions fixed = options_of();
  fixed.odo = plan::OdoStorage::fixed;
  EXPECT_EQ(encode(kTables, R"({"N":1,"T":[{"M":1,"U":["a"],"V":[3,4]}],"Z":"zz"})", fixed),
            hex_of("11a 340  000  00zz"));
}

TEST(EncodeTables, SetTheirCountersOrAreCheckedAgainstThem) {
  EXPECT_EQ(encode(kTables, R"({"Z":"zz","T":[{"V":[3,4],"U":["a"]}]})"), hex_of("11a34zz"));
  EXPECT_EQ(encode(kTables, R"({"N":2,"T":[{"M":0,"U":[],"V":[3,4]}],"Z":"zz"})"),
            "refused: /T: 1 elements, but N says otherwise");
  EXPECT_EQ(encode("01 R. 05 N PIC 9. 05 G. 10 H. 15 T PIC X OCCURS 0 TO 3 DEPENDING ON N.",
                   R"({"N":2,"G":{"H":{"T":["a"]}}})"),
            "refused: /G/H/T: 1 elements, but N says otherwise");
  EXPECT_THAT(encode(kTables, R"({"T":[{"M":1,"U":[],"V":[3,4]}],"N":1,"Z":"zz"})"),
              HasSubstr("/T/0/U: 0 elements, but M says otherwise"));
  EXPECT_THAT(encode("01 R. 05 N PIC 9. 05 A PIC 9 OCCURS 0 TO 9 DEPENDING ON N. "
                     "05 B PIC 9 OCCURS 0 TO 9 DEPENDING ON N.",
                     R"({"A":[1,2],"B":[1]})"),
              HasSubstr("/B: 1 elements, but N says otherwise"));
}

TEST(EncodeTables, ThatAreNotGivenHaveWhatTheirCounterSays) {
  encode::EncodeOptions lenient;
  lenient.missing = encode::Missing::initial;
  const char* const copybook = "01 R. 05 N PIC 9. 05 T PIC X OCCURS 2 TO 5 DEPENDING ON N.";
  const auto encoded = [&](std::string_view json, plan::OdoRange range) {
    plan::PlanOptions options = options_of();
    options.odo_range = range;
    return encode(copybook, json, options, lenient);
  };
  EXPECT_EQ(encoded(R"({"N":3})", plan::OdoRange::reject), hex_of("3   "));
  EXPECT_EQ(encoded("{}", plan::OdoRange::reject), hex_of("2  "));
  EXPECT_EQ(encoded(R"({"N":7})", plan::OdoRange::reject),
            "refused: /N: N is 7, but T OCCURS 2 TO 5");
  EXPECT_EQ(encoded(R"({"N":1})", plan::OdoRange::reject),
            "refused: /N: N is 1, but T OCCURS 2 TO 5");
  EXPECT_EQ(encoded(R"({"N":1})", plan::OdoRange::from_zero), hex_of("1 "));
  EXPECT_EQ(encoded(R"({"N":7})", plan::OdoRange::clamp), hex_of("7     "));
  // Where an alternative has the table, another may have any counter.
  EXPECT_EQ(encode("01 R. 05 N PIC 9. 05 A PIC X(2). 05 B REDEFINES A. 10 T PIC X OCCURS 0 TO 2 "
                   "DEPENDING ON N.",
                   R"({"N":7,"A":"xy","B":null})"),
            hex_of("7xy"));
}

TEST(EncodeTables, HaveTheElementsThatDecodingGivesForCountersOutOfRange) {
  const char* const copybook =
      "01 R. 05 N PIC 99. 05 T PIC X OCCURS 2 TO 4 DEPENDING ON N. "
      "05 U PIC X OCCURS 0 TO 9 DEPENDING ON N. 05 L PIC X.";
  plan::PlanOptions options = options_of();
  options.odo_range = plan::OdoRange::clamp;
  for (const bool keeps_raw : {false, true}) {
    options.keep_raw = keeps_raw;
    for (const char* const record : {"01abxL", "00abL", "06abcduvwxyzL", "03abcuvwL"})
      round_trip(copybook, hex_of(record), options);
  }
  options.keep_raw = false;
  EXPECT_EQ(encode(copybook, R"({"N":1,"T":["a","b","c"],"U":["x"],"L":"L"})", options),
            "refused: /U: 1 elements, but N says otherwise");
  EXPECT_THAT(encode(copybook, R"({"N":7,"T":["a","b"],"U":["x"],"L":"L"})", options),
              HasSubstr("1 elements, but N says otherwise"));
  EXPECT_EQ(encode(copybook, R"({"T":["a","b"],"U":["x"],"L":"L"})", options), hex_of("01abxL"));
  options.odo_range = plan::OdoRange::from_zero;
  for (const char* const record : {"01axL", "00L", "03abcuvwL"})
    round_trip(copybook, hex_of(record), options);
}

TEST(EncodeTables, HaveAsManyElementsAsOccurs) {
  EXPECT_EQ(encode("01 R. 05 A PIC 9 OCCURS 3.", R"({"A":[1,2]})"),
            "refused: /A: 2 elements, but OCCURS 3");
  EXPECT_EQ(encode("01 R. 05 A PIC 9 OCCURS 3.", R"({"A":[1,2,3,4]})"),
            "refused: /A: 4 elements, but OCCURS 3");
  EXPECT_EQ(encode("01 R. 05 N PIC 9. 05 A PIC 9 OCCURS 1 TO 3 DEPENDING ON N.", R"({"A":[]})"),
            "refused: /A: 0 elements, but OCCURS 1 TO 3");
  EXPECT_EQ(encode("01 R. 05 A PIC 9 OCCURS 3.", R"({"A":[1,null,3]})"),
            "refused: /A/1: null is no value of PIC 9");
  EXPECT_EQ(encode("01 R. 05 A OCCURS 2. 10 B PIC 9.", R"({"A":[{"B":1},{"B":"x"}]})"),
            "refused: /A/1/B: the value is no number, which PIC 9 holds");
}

TEST(EncodeRedefines, ComparesAlternativesWithinOnesToo) {
  const char* const copybook =
      "01 R. 05 A PIC S9(9). 05 B REDEFINES A. 10 C COMP-5 PIC S9(9). 10 D REDEFINES C. "
      "15 E COMP-5 PIC 9(18). 15 F REDEFINES E PIC +9999.99.";
  const std::string json = R"({"A":null,"B":{"C":0,"D":{"E":4,"F":null}}})";
  EXPECT_EQ(decode(copybook, "000000000000000440"), json);
  // C has not all bytes that D has; the last one is nobody's.
  EXPECT_EQ(encode(copybook, json), "0000000000000004C0");
  EXPECT_EQ(round_trip(copybook, "0000000000000004C0"), json);
  EXPECT_THAT(encode(copybook, R"({"A":null,"B":{"C":1,"D":{"E":4,"F":null}}})"),
              HasSubstr("/D: the record would decode to another value"));
  EXPECT_EQ(encode(copybook, R"({"A":null,"B":{"C":0,"D":{"E":0,"F":null}}})"),
            "0000000000000000C0");
}

TEST(EncodeRedefines, TakesNullForAnAlternativeOfWhichNoneWithinFits) {
  const char* const copybook =
      "01 R. 05 A PIC X(6). 05 REDEFINES A. 10 B PIC S9(6). 10 C REDEFINES B PIC ZZZ.99.";
  EXPECT_EQ(round_trip(copybook, hex_of("ABCDEF")), R"({"A":"ABCDEF","B":null,"C":null})");
  EXPECT_THAT(encode(copybook, R"({"A":"123456","B":null,"C":null})"),
              HasSubstr("/B: is null, but the record would decode to a value"));
}

TEST(EncodeRedefines, TakesNullsWithinAnAlternativeThatHasAValue) {
  const char* const copybook =
      "01 R. 05 A PIC 9(2). 05 REDEFINES A. 10 B PIC S9(2)V9(2). 10 C REDEFINES B PIC X.";
  const char* const json = R"({"A":null,"B":null,"C":"A"})";
  EXPECT_EQ(decode(copybook, hex_of("ABCD")), json);
  EXPECT_EQ(encode(copybook, json), "C1F0F0C0");
}

TEST(EncodeRedefines, TakesTheFirstAlternativeThatIsNotNull) {
  const char* const copybook =
      "01 R. 05 A PIC X(4). 05 B REDEFINES A PIC S9(4). 05 C REDEFINES A. 10 D PIC X. 10 E PIC "
      "9(2). 05 Z PIC X.";
  EXPECT_EQ(round_trip(copybook, hex_of("x12yz")),
            R"({"A":"x12y","B":null,"C":{"D":"x","E":12},"Z":"z"})");
  EXPECT_EQ(round_trip(copybook, hex_of("1234z")),
            R"({"A":"1234","B":1234,"C":{"D":"1","E":23},"Z":"z"})");
  EXPECT_EQ(encode(copybook, R"({"A":null,"B":-1,"C":null,"Z":"z"})"),
            "refused: /A: is null, but the record would decode to a value: A shares its bytes "
            "with another alternative");
  EXPECT_EQ(encode(copybook, R"({"B":-1,"Z":"z"})"), "F0F0F0D1" + hex_of("z"));
  EXPECT_EQ(encode(copybook, R"({"C":{"D":"x","E":12},"Z":"z"})"), hex_of("x12 z"));
  EXPECT_THAT(encode(copybook, R"({"A":"x12y","B":null,"C":{"D":"x","E":13},"Z":"z"})"),
              HasSubstr("/C: the record would decode to another value"));
  EXPECT_THAT(encode(copybook, R"({"A":null,"B":null,"C":null,"Z":"z"})"),
              HasSubstr("all alternatives are null"));
  EXPECT_EQ(encode(copybook, R"({"Z":"z"})"), "refused: /A: the member is missing");
}

TEST(EncodeRedefines, OfTablesAndWithinTables) {
  const char* const copybook =
      "01 R. 05 T OCCURS 2. 10 A PIC X(2). 10 B REDEFINES A PIC 9(2). 05 X PIC X(4). "
      "05 Y REDEFINES X PIC 9 OCCURS 4.";
  EXPECT_EQ(round_trip(copybook, hex_of("12ab1234")),
            R"({"T":[{"A":"12","B":12},{"A":"ab","B":null}],"X":"1234","Y":[1,2,3,4]})");
  EXPECT_THAT(encode(copybook, R"({"T":[{"A":"12","B":13},{"A":"ab"}],"X":"1234","Y":[1,2,3,4]})"),
              HasSubstr("/T/0/B: "));
  EXPECT_THAT(encode(copybook, R"({"T":[{"A":"12"},{"B":13}],"X":"1234","Y":[1,2,4,4]})"),
              HasSubstr("/Y: "));
}

TEST(EncodeRedefines, TablesThatVaryMoveWithinTheirAlternative) {
  const char* const copybook =
      "01 R. 05 X PIC X(5). 05 Y REDEFINES X. 10 N PIC 9. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON "
      "N. 10 U PIC X. 05 Z PIC X.";
  EXPECT_EQ(round_trip(copybook, hex_of("1ab  z")),
            R"({"X":"1ab","Y":{"N":1,"T":["a"],"U":"b"},"Z":"z"})");
  EXPECT_EQ(encode(copybook, R"({"Y":{"T":["a"],"U":"b"},"Z":"z"})"), hex_of("1ab  z"));
  const char* const last =
      "01 R. 05 Z PIC X. 05 Y. 10 N PIC 9. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON N. 05 X "
      "REDEFINES Y PIC X(2).";
  EXPECT_EQ(round_trip(last, hex_of("z2ab")), R"({"Z":"z","Y":{"N":2,"T":["a","b"]},"X":"2a"})");
}

TEST(EncodeRedefines, ConditionsMustChooseTheAlternativeThatIsGiven) {
  const auto layout = layout_of(
      "01 R. 05 K PIC X. 05 A PIC X(2). 05 B REDEFINES A PIC 9(2). 05 C REDEFINES A. 10 D PIC 9.");
  const plan::PlanOptions options = options_of();
  const std::vector<plan::Alternative> alternatives = {
      alternative(layout, "A", "K = 'a'", options), alternative(layout, "B", "K = 'b'", options),
      alternative(layout, "C", "K = 'c'", options)};
  const auto plan = encode_plan_of(layout, options, alternatives);
  EXPECT_EQ(encode(*plan, R"({"K":"a","A":"xy"})"), hex_of("axy"));
  EXPECT_EQ(encode(*plan, R"({"B":7,"K":"b"})"), hex_of("b07"));
  EXPECT_EQ(encode(*plan, R"({"C":{"D":7},"K":"c"})"), hex_of("c7 "));
  EXPECT_EQ(encode(*plan, R"({"C":{"D":7},"K":"b"})"),
            "refused: /C: the record's fields choose alternative B");
  EXPECT_EQ(encode(*plan, R"({"C":{"D":7},"K":"x"})"),
            "refused: /C: the record's fields choose no alternative by its condition");
  EXPECT_EQ(encode(*plan, R"({"C":{"D":7},"A":"xy","K":"c"})"),
            "refused: /C: a second alternative has a value");
  EXPECT_EQ(encode(*plan, R"({"K":"a"})"), "refused: /A: the member is missing");
}

TEST(EncodeRedefines, AlternativesMayShareAName) {
  const auto layout = layout_of(
      "01 R. 05 T OCCURS 2. 10 A. 15 P PIC X(2). 10 B REDEFINES A. 15 Q PIC 9(2). 10 C REDEFINES A "
      "PIC 9. 10 K PIC X.");
  plan::PlanOptions options = options_of();
  for (const char* const name : {"A", "B", "C"}) {
    plan::FieldRule rule;
    rule.item = item_of(*layout, name);
    rule.name = "detail";
    options.rules.push_back(rule);
  }
  const std::vector<plan::Alternative> alternatives = {
      alternative(layout, "A", "K = 'a'", options), alternative(layout, "B", "K = 'b'", options),
      alternative(layout, "C", "K = 'c'", options)};
  const auto plan = encode_plan_of(layout, options, alternatives);
  const auto decoding = plan_of(layout, options, alternatives);
  const std::string json = R"({"T":[{"detail":{"Q":12},"K":"b"},{"detail":{"P":"12"},"K":"a"}]})";
  EXPECT_EQ(encode(*plan, json), hex_of("12b12a"));
  EXPECT_EQ(decode(*decoding, hex_of("12b12a")), json);
  EXPECT_EQ(encode(*plan, R"({"T":[{"detail":7,"K":"c"},{"detail":{"P":"12"},"K":"a"}]})"),
            hex_of("7 c12a"));
  EXPECT_THAT(encode(*plan, R"({"T":[{"detail":{"P":"ab"},"K":"b"},{"detail":7,"K":"c"}]})"),
              HasSubstr("/T/0/detail"));
}

TEST(EncodeTables, UnboundedOnesMayLieWithinUnboundedOnes) {
  const char* const copybook =
      "01 R. 05 N PIC 9(4). 05 T OCCURS 1 TO UNBOUNDED DEPENDING ON N. 10 M PIC 9. "
      "10 U OCCURS UNBOUNDED DEPENDING ON M. 15 L PIC 9. "
      "15 V PIC X OCCURS UNBOUNDED DEPENDING ON L. 05 Z PIC X.";
  EXPECT_EQ(round_trip(copybook, hex_of("0002"
                                        "2"
                                        "1a"
                                        "2bc"
                                        "1"
                                        "3def"
                                        "z")),
            R"({"N":2,"T":[{"M":2,"U":[{"L":1,"V":["a"]},{"L":2,"V":["b","c"]}]},)"
            R"({"M":1,"U":[{"L":3,"V":["d","e","f"]}]}],"Z":"z"})");
}

TEST(EncodeConditions, AreCheckedAgainstTheValue) {
  plan::PlanOptions options = options_of();
  options.conditions = true;
  const char* const copybook =
      "01 R. 05 A PIC X. 88 IS-A VALUE 'a'. 88 IS-B VALUE 'b'. 05 B PIC 9. 88 ONE VALUE 1.";
  EXPECT_EQ(round_trip(copybook, hex_of("a1"), options),
            R"({"A":"a","IS-A":true,"B":1,"ONE":true})");
  EXPECT_EQ(encode(copybook, R"({"A":"a","B":2,"ONE":false})", options), hex_of("a2"));
  EXPECT_EQ(encode(copybook, R"({"A":"a","IS-B":true,"B":2})", options),
            "refused: /IS-B: is true, but the value of A says otherwise");
}

TEST(EncodeShort, RecordsEndWhereValuesAreNull) {
  plan::PlanOptions options = options_of();
  options.short_records = plan::Acceptance::accept;
  const char* const copybook = "01 R. 05 A PIC X(2). 05 B PIC 9(2). 05 C PIC X OCCURS 3.";
  EXPECT_EQ(round_trip(copybook, hex_of("ab12"), options), R"({"A":"ab","B":12,"C":[]})");
  EXPECT_EQ(round_trip(copybook, hex_of("ab12xy"), options), R"({"A":"ab","B":12,"C":["x","y"]})");
  EXPECT_EQ(round_trip(copybook, hex_of("ab"), options), R"({"A":"ab","B":null,"C":[]})");
  EXPECT_EQ(encode(copybook, R"({"A":null,"B":1,"C":[]})", options),
            "refused: a value stands behind the first null, where the record ends");
}

TEST(EncodeBadFields, RawBytesComeBack) {
  plan::PlanOptions options = options_of();
  options.on_bad_field = plan::OnBadField::raw;
  options.list_errors = true;
  EXPECT_EQ(round_trip("01 R. 05 A PIC 9(2). 05 B PIC X.", "4040C1", options),
            R"({"A":{"raw":"4040"},"B":"A","_errors":["A"]})");
  EXPECT_THAT(encode("01 R. 05 A PIC 9(2).", R"({"A":{"raw":"40"}})", options), HasSubstr("hexa"));
  EXPECT_THAT(encode("01 R. 05 A PIC 9(2).", R"({"A":{"raw":"4040"}})"), HasSubstr("no number"));
}

TEST(EncodeRaw, KeepsWhatJsonCannotCarry) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  const char* const copybook =
      "01 R. 05 A PIC S9(3) COMP-3. 05 FILLER PIC X(2). 05 B PIC X(3). 05 C PIC S9(2).";
  const std::string dirty =
      "123F"
      "0001" +
      hex_of("ab ") + "F1F2";
  const std::string json = round_trip(copybook, dirty, options);
  EXPECT_THAT(json, HasSubstr("\"_raw\":\"" + dirty + "\""));
  std::string changed = json;
  changed.replace(changed.find("\"ab\""), 4, "\"xy\"");
  EXPECT_EQ(encode(copybook, changed, options),
            "123F"
            "0001" +
                hex_of("xy ") + "F1F2");
  changed = json;
  changed.replace(changed.find(":123,"), 5, ":-9,");
  EXPECT_EQ(encode(copybook, changed, options),
            "009D"
            "0001" +
                hex_of("ab ") + "F1F2");
  // Another spelling of the same value changes nothing.
  changed = json;
  changed.replace(changed.find(":123,"), 5, ":\"0123.0\",");
  EXPECT_EQ(encode(copybook, changed, options), dirty);
  EXPECT_EQ(encode(copybook, R"({"A":1,"B":"b","C":2})", options),
            "001C4040" + hex_of("b  0") + "C2");
  EXPECT_EQ(encode(copybook, R"({"_raw":"12"})", options),
            "refused: the record in _raw does not fit the copybook");
  EXPECT_THAT(encode(copybook, R"({"_raw":"1x"})", options), HasSubstr("/_raw: "));
  EXPECT_THAT(encode(copybook, R"({"A":1,"B":"b","C":2,"_raw":""})"), HasSubstr("no member"));
}

TEST(EncodeRaw, FollowsTablesAndAlternatives) {
  plan::PlanOptions options = options_of();
  options.keep_raw = true;
  const std::string json = round_trip(kTables, hex_of("22ab34056") + "5A5A", options);
  std::string changed = json;
  changed.replace(changed.find("[\"a\",\"b\"]"), 9, "[\"a\"]");
  changed.replace(changed.find("\"M\":2"), 5, "\"M\":1");
  EXPECT_EQ(encode(kTables, changed, options), hex_of("21a34056") + "5A5A");
  const char* const shared =
      "01 R. 05 A PIC X(4). 05 B REDEFINES A. 10 C PIC 9(2). 10 FILLER PIC X. 10 D PIC X. ";
  const std::string both = round_trip(shared, hex_of("12xy"), options);
  changed = both;
  changed.replace(changed.find("\"C\":12"), 6, "\"C\":34");
  EXPECT_EQ(encode(shared, changed, options), hex_of("34xy"));
  changed.replace(changed.find("\"A\":\"12xy\""), 10, "\"A\":\"12zz\"");
  EXPECT_THAT(encode(shared, changed, options), HasSubstr("/B: "));
}

}  // namespace
}  // namespace copybridge::test
