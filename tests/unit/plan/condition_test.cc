// Conditions in COBOL words over records.
#include "codecs/condition/condition.h"

#include <gtest/gtest.h>

#include "codecs/condition/decimal.h"
#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

using condition::Condition;
using condition::Truth;

condition::Reading reading_of(std::string_view code_page = "IBM-1047") {
  condition::Reading reading;
  reading.code_page = options_of(code_page).code_page;
  return reading;
}

struct Compiled {
  Condition condition;
  std::string mistakes;
};

Compiled compile(std::string_view copybook, std::string_view text,
                 const condition::Reading& reading = reading_of()) {
  Diagnostics diagnostics;
  Compiled compiled;
  compiled.condition =
      Condition::compile(text, {"m.yaml", 3, 8}, layout_of(copybook), reading, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    compiled.mistakes += to_string(diagnostic) + "\n";
  EXPECT_EQ(compiled.condition.is_empty(), diagnostics.has_errors()) << text;
  return compiled;
}

// "yes", "no", or "misfit: " and the reason; the mistakes where there are some.
std::string holds(std::string_view copybook, std::string_view hex, std::string_view text,
                  const condition::Reading& reading = reading_of()) {
  const Compiled compiled = compile(copybook, text, reading);
  if (!compiled.mistakes.empty()) return compiled.mistakes;
  const ByteBuffer record = record_of(hex);
  switch (compiled.condition.evaluate(record.view())) {
    case Truth::yes:
      return "yes";
    case Truth::no:
      return "no";
    case Truth::misfit:
      break;
  }
  return "misfit: " + compiled.condition.explain(record.view());
}

constexpr const char* kAccount =
    "01 ACCT. 05 K PIC X(2). 05 S PIC X. 88 ACTIVE VALUE 'A'. 88 KNOWN VALUE 'A' 'C' THRU 'E'. "
    "05 N PIC S9(3)V99. 88 RICH VALUE 100 THRU 999.99. 05 P PIC S9(5) COMP-3. 05 G. 10 X1 PIC X. "
    "10 X2 PIC X.";

std::string account(std::string_view text, std::string_view start = "AB", std::string_view s = "A",
                    std::string_view n = "F1F0F0F5C0", std::string_view p = "00042D",
                    std::string_view g = "xy") {
  return holds(kAccount, hex_of(start) + hex_of(s) + std::string(n) + std::string(p) + hex_of(g),
               text);
}

TEST(Condition, ComparesText) {
  EXPECT_EQ(account("K = 'AB'"), "yes");
  EXPECT_EQ(account("K = 'A'"), "no");
  EXPECT_EQ(account("K = 'A'", "A "), "yes");
  EXPECT_EQ(account("K = 'AB  '"), "yes");
  EXPECT_EQ(account("K NOT = \"AB\""), "no");
  EXPECT_EQ(account("K <> 'AC'"), "yes");
  EXPECT_EQ(account("k = 'AB'"), "yes");
  EXPECT_EQ(account("'AB' = K"), "yes");
  EXPECT_EQ(account("K = X'C1C2'"), "yes");
}

TEST(Condition, TextIsOrderedByItsBytes) {
  EXPECT_EQ(account("K > 'aa'"), "yes") << "EBCDIC: lower case before upper case";
  EXPECT_EQ(account("K < '11'"), "yes") << "EBCDIC: letters before digits";
  EXPECT_EQ(holds("01 R PIC X.", "41", "R > 'a'", reading_of("ASCII")), "no");
}

TEST(Condition, ComparesNumbersByValue) {
  EXPECT_EQ(account("N = 100.50"), "yes");
  EXPECT_EQ(account("N = 100.5"), "yes");
  EXPECT_EQ(account("N > 100.49 AND N < 100.51"), "yes");
  EXPECT_EQ(account("P = -42"), "yes");
  EXPECT_EQ(account("P < N"), "yes");
  EXPECT_EQ(account("-42 = P"), "yes");
  EXPECT_EQ(account("1 > P"), "yes");
  EXPECT_EQ(account("N = ZERO", "AB", "A", "F0F0F0F0D0"), "yes") << "-0 is 0";
}

TEST(Condition, KnowsAllRelations) {
  EXPECT_EQ(account("N IS EQUAL TO 100.50"), "yes");
  EXPECT_EQ(account("N EQUALS 100.50"), "yes");
  EXPECT_EQ(account("N IS NOT EQUAL TO 100.50"), "no");
  EXPECT_EQ(account("N IS GREATER THAN 100"), "yes");
  EXPECT_EQ(account("N GREATER THAN OR EQUAL TO 100.50"), "yes");
  EXPECT_EQ(account("N IS LESS THAN OR EQUAL TO 100.49"), "no");
  EXPECT_EQ(account("N NOT LESS THAN 100.50"), "yes");
  EXPECT_EQ(account("N >= 100.50 AND N <= 100.50"), "yes");
  EXPECT_EQ(account("N NOT > 100.50"), "yes");
  EXPECT_EQ(account("N IS NOT < 100.51"), "no");
}

TEST(Condition, CombinesWithTheUsualPrecedence) {
  EXPECT_EQ(account("K = 'XX' AND K = 'XX' OR K = 'AB'"), "yes");
  EXPECT_EQ(account("K = 'XX' AND (K = 'XX' OR K = 'AB')"), "no");
  EXPECT_EQ(account("NOT K = 'XX' AND NOT (S = 'B' OR S = 'A')"), "no");
  EXPECT_EQ(account("NOT (K = 'XX' AND S = 'A') AND S = 'A'"), "yes");
}

TEST(Condition, AbbreviatedRelationsRepeatTheSubject) {
  EXPECT_EQ(account("K = 'XX' OR 'AB'"), "yes");
  EXPECT_EQ(account("N > 100 AND < 200"), "yes");
  EXPECT_EQ(account("N > 100 AND NOT > 200"), "yes");
  EXPECT_EQ(account("N = 1 OR 2 OR > 99"), "yes");
  EXPECT_EQ(account("K = 'XX' OR NOT 'AB'"), "no");
  EXPECT_EQ(account("S = 'B' OR ACTIVE"), "yes");
  EXPECT_EQ(account("N = 1 OR N"), "yes");
}

TEST(Condition, Level88Names) {
  EXPECT_EQ(account("ACTIVE"), "yes");
  EXPECT_EQ(account("NOT ACTIVE"), "no");
  EXPECT_EQ(account("KNOWN AND NOT RICH", "AB", "D"), "no");
  EXPECT_EQ(account("KNOWN", "AB", "B"), "no");
  EXPECT_EQ(account("RICH"), "yes");
  EXPECT_EQ(account("ACTIVE OF S OF ACCT"), "yes");
  EXPECT_EQ(account("RICH", "AB", "A", "F0F9F9F9C9"), "no");
}

TEST(Condition, FigurativeConstants) {
  const char* copybook = "01 R. 05 A PIC X(3). 05 N PIC 9(3). 05 P PIC S9(3) COMP-3.";
  EXPECT_EQ(holds(copybook, "404040F0F0F0000C", "A = SPACES AND N = ZEROS AND P = ZERO"), "yes");
  EXPECT_EQ(holds(copybook, "000000FFFFFF4040", "A = LOW-VALUES AND N = HIGH-VALUES"), "yes");
  EXPECT_EQ(holds(copybook,
                  "404040404040"
                  "4040",
                  "N = SPACES AND P = SPACE"),
            "yes");
  EXPECT_EQ(holds(copybook, hex_of("ababa1") + "000C", "A = ALL 'ab'"), "yes");
  EXPECT_EQ(holds(copybook, "F0F0F0F0F0F0000C", "A = ZEROS"), "yes");
  EXPECT_EQ(holds(copybook, "7F7F7FF0F0F0000C", "A = QUOTES"), "yes");
}

TEST(Condition, ClassAndSignTests) {
  const char* copybook = "01 R. 05 A PIC X(3). 05 N PIC S9(3).";
  EXPECT_EQ(holds(copybook, hex_of("123") + "F1F2D3", "A NUMERIC AND N IS NUMERIC"), "yes");
  EXPECT_EQ(holds(copybook, hex_of("12a") + "F1F2D3", "A IS NOT NUMERIC"), "yes");
  EXPECT_EQ(holds(copybook, hex_of("aB ") + "F16FD3", "A ALPHABETIC AND N NOT NUMERIC"), "yes");
  EXPECT_EQ(holds(copybook, hex_of("aB ") + "F1F2D3", "A ALPHABETIC-UPPER"), "no");
  EXPECT_EQ(holds(copybook, hex_of("123") + "F1F2D3", "N IS NEGATIVE AND NOT N POSITIVE"), "yes");
  EXPECT_EQ(holds(copybook, hex_of("123") + "F0F0D0", "N IS ZERO AND N NOT NEGATIVE"), "yes");
}

TEST(Condition, GroupsCompareAsText) {
  EXPECT_EQ(account("G = 'xy'"), "yes");
  EXPECT_EQ(account("G > 'xx'"), "yes");
  EXPECT_EQ(account("X1 OF G = 'x' AND G.X2 = 'y'"), "yes");
}

TEST(Condition, NumbersAndTextCompareByDigits) {
  EXPECT_EQ(holds("01 R. 05 A PIC X(3). 05 N PIC 9(3).", hex_of("007007"), "N = '007' AND A = N"),
            "yes");
  EXPECT_EQ(holds("01 R. 05 A PIC X(3). 05 N PIC S9(3) COMP-3.", hex_of("10 ") + "010C",
                  "A = 10 AND N = '010'"),
            "yes");
}

TEST(Condition, NationalText) {
  EXPECT_EQ(holds("01 R. 05 A PIC N(3) NATIONAL.", "004100E40020", "A = 'Aä'"), "yes");
  EXPECT_EQ(holds("01 R. 05 A PIC N(2) NATIONAL.", "00200020", "A = SPACES"), "yes");
}

TEST(Condition, FloatsCompareAsDecimals) {
  EXPECT_EQ(holds("01 R. 05 A COMP-2.", "401999999999999A", "A = 0.1"), "yes");
  EXPECT_EQ(holds("01 R. 05 A COMP-1.", "42640000", "A > 99.9 AND A < 100.1"), "yes");
}

TEST(Condition, NumbersBeyondADoubleAreExact) {
  const char* copybook = "01 R. 05 A PIC S9(31) COMP-3.";
  const std::string hex = "1234567890123456789012345678901C";
  EXPECT_EQ(holds(copybook, hex, "A = 1234567890123456789012345678901"), "yes");
  EXPECT_EQ(holds(copybook, hex, "A > 1234567890123456789012345678900.9"), "yes");
  EXPECT_EQ(holds(copybook, hex, "A < 1234567890123456789012345678901.0000001"), "yes");
}

TEST(Condition, BytesThatDoNotFitAreNeverFalse) {
  EXPECT_EQ(account("N = 1", "AB", "A", "F1F06FF5C0"),
            "misfit: N at offset 3, byte 2: 0x6F is not a digit");
  EXPECT_EQ(account("NOT N = 1", "AB", "A", "F1F06FF5C0").rfind("misfit", 0), 0U);
  EXPECT_EQ(account("RICH", "AB", "A", "F1F06FF5C0").rfind("misfit", 0), 0U);
  EXPECT_EQ(account("N = P", "AB", "A", "F1F0F0F5C0", "0004AD"),
            "misfit: P at offset 8, byte 2: nibble 0xA is not a digit");
}

TEST(Condition, WhatIsDecidedBeforeIsNotLookedAt) {
  EXPECT_EQ(account("K = 'XX' AND N = 1", "AB", "A", "F1F06FF5C0"), "no");
  EXPECT_EQ(account("K = 'AB' OR N = 1", "AB", "A", "F1F06FF5C0"), "yes");
}

TEST(Condition, OperandsBehindTheRecordsEndAreMisfits) {
  EXPECT_EQ(holds("01 R. 05 A PIC X. 05 B PIC X.", hex_of("a"), "B = 'b'"),
            "misfit: B lies outside the record of 1 bytes, or a counter before it does not fit");
  EXPECT_EQ(holds("01 R. 05 A PIC X. 05 B PIC X.", hex_of("a"), "A = 'a'"), "yes");
}

constexpr const char* kTables =
    "01 R. 05 F PIC X OCCURS 3. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 A PIC X. "
    "10 M PIC 9. 10 U PIC X OCCURS 0 TO 2 DEPENDING ON M. 05 E PIC X.";

TEST(Condition, SubscriptsAndMovedItems) {
  const std::string hex = hex_of("abc2x2uvy1wE");
  EXPECT_EQ(holds(kTables, hex, "F(2) = 'b' AND F (3) = 'c'"), "yes");
  EXPECT_EQ(holds(kTables, hex, "A(1) = 'x' AND A(2) = 'y'"), "yes");
  EXPECT_EQ(holds(kTables, hex, "U(1,2) = 'v' AND U(2, 1) = 'w'"), "yes");
  EXPECT_EQ(holds(kTables, hex, "E = 'E'"), "yes");
  EXPECT_EQ(holds(kTables, hex, "A(3) = 'x'").rfind("misfit", 0), 0U);
  EXPECT_EQ(holds(kTables, hex, "U(2,2) = 'x'").rfind("misfit", 0), 0U);
  EXPECT_EQ(holds(kTables, hex_of("abc0E"), "E = 'E'"), "yes");
  EXPECT_EQ(holds(kTables, hex_of("abc?E"), "E = 'E'").rfind("misfit", 0), 0U);
  EXPECT_EQ(holds(kTables, hex_of("abc4E"), "E = 'E'").rfind("misfit", 0), 0U);
}

TEST(Condition, FixedTablesDoNotMoveItems) {
  condition::Reading reading = reading_of();
  reading.fixed_tables = true;
  EXPECT_EQ(holds("01 R. 05 N PIC 9. 05 T PIC X OCCURS 1 TO 3 DEPENDING ON N. 05 E PIC X.",
                  hex_of("1a..E"), "E = 'E'", reading),
            "yes");
}

TEST(Condition, ManyCountersAreReadOnce) {
  std::string copybook = "01 R.";
  std::string record;
  for (int i = 0; i < 30; ++i) {
    const std::string number = std::to_string(i);
    copybook += " 05 N" + number + " PIC 9. 05 T" + number + " PIC X OCCURS 0 TO 2 DEPENDING ON N" +
                number + ".";
    record += i % 2 == 0 ? "1a" : "0";
  }
  copybook += " 05 E PIC X.";
  EXPECT_EQ(holds(copybook, hex_of(record + "E"), "E = 'E'"), "yes");
}

TEST(Condition, MistakesAreReportedAtTheirColumn) {
  const auto mistakes = [](std::string_view text) { return compile(kAccount, text).mistakes; };
  EXPECT_EQ(mistakes("K = 'A' AND NOPE = 1"),
            "m.yaml:3:20: error: condition: there is no item NOPE\n");
  EXPECT_EQ(mistakes("K = 'A' AND\n  NOPE = 1"),
            "m.yaml:4:3: error: condition: there is no item NOPE\n");
  EXPECT_EQ(mistakes(""), "m.yaml:3:8: error: condition: the condition is empty\n");
  EXPECT_EQ(mistakes("K"), "m.yaml:3:8: error: condition: a relation is missing behind the item\n");
  EXPECT_EQ(mistakes("K ="),
            "m.yaml:3:11: error: condition: an item or a literal is expected here\n");
  EXPECT_EQ(mistakes("K = 'A"),
            "m.yaml:3:12: error: condition: the literal has no closing quote\n");
  EXPECT_EQ(mistakes("(K = 'A'"),
            "m.yaml:3:16: error: condition: a closing parenthesis is missing\n");
  EXPECT_EQ(mistakes("K = 'A')"),
            "m.yaml:3:15: error: condition: ')' does not continue the condition\n");
  EXPECT_EQ(mistakes("K = 'A' K"),
            "m.yaml:3:16: error: condition: 'K' does not continue the condition\n");
  EXPECT_EQ(mistakes("1 = 2"), "m.yaml:3:8: error: condition: two literals are compared\n");
  EXPECT_EQ(mistakes("> 5"),
            "m.yaml:3:8: error: condition: a relation needs an item in front of it\n");
  EXPECT_EQ(mistakes("K = 'A' & 1"),
            "m.yaml:3:16: error: condition: '&' has no place in a condition\n");
  EXPECT_EQ(mistakes("K = 1.5"),
            "m.yaml:3:12: error: condition: the literal cannot be compared with K: only a whole "
            "number without a sign can be compared with text\n");
  EXPECT_EQ(mistakes("K = X'C'"),
            "m.yaml:3:12: error: condition: the literal cannot be compared with K: X'C' is not "
            "hexadecimal\n");
  EXPECT_EQ(mistakes("K POSITIVE"),
            "m.yaml:3:10: error: condition: a sign test needs a numeric item\n");
  EXPECT_EQ(mistakes("N ALPHABETIC"),
            "m.yaml:3:10: error: condition: an alphabetic test needs a text item\n");
  EXPECT_EQ(mistakes("K(1) = 'A'"), "m.yaml:3:8: error: condition: K has 0 subscripts\n");
}

TEST(Condition, SubscriptMistakes) {
  const auto mistakes = [](std::string_view text) { return compile(kTables, text).mistakes; };
  EXPECT_EQ(mistakes("F = 'a'"),
            "m.yaml:3:8: error: condition: F is in a table and needs 1 subscripts\n");
  EXPECT_EQ(mistakes("F(4) = 'a'"),
            "m.yaml:3:8: error: condition: subscript 4 of F is not 1 to 3\n");
  EXPECT_EQ(mistakes("F(0) = 'a'"),
            "m.yaml:3:8: error: condition: subscript 0 of F is not 1 to 3\n");
}

TEST(Condition, AmbiguousNamesNeedQualification) {
  const char* copybook =
      "01 R. 05 G. 10 A PIC X. 88 B VALUE 'x'. 05 H. 10 A PIC X. 88 B VALUE 'y'.";
  EXPECT_EQ(compile(copybook, "A = 'x'").mistakes,
            "m.yaml:3:8: error: condition: A is the name of several items; qualify it with OF\n");
  EXPECT_EQ(compile(copybook, "B").mistakes,
            "m.yaml:3:8: error: condition: B is the name of several conditions; qualify it with "
            "OF\n");
  EXPECT_EQ(holds(copybook, hex_of("xy"), "A OF H = 'y' AND B OF G AND B IN H"), "yes");
}

TEST(Condition, HostileTextIsRefusedWithinBounds) {
  std::string nested(5000, '(');
  EXPECT_NE(compile(kAccount, nested + "ACTIVE").mistakes.find("nests too deep"),
            std::string::npos);
  std::string longer = "ACTIVE";
  for (int i = 0; i < 3000; ++i) longer += " OR ACTIVE";
  EXPECT_NE(compile(kAccount, longer).mistakes.find("too many parts"), std::string::npos);
}

TEST(Condition, EmptyOneAlwaysHolds) {
  const Condition condition;
  EXPECT_TRUE(condition.is_empty());
  EXPECT_EQ(condition.evaluate({}), Truth::yes);
}

TEST(Decimal, ComparesAcrossScalesAndSigns) {
  const auto compare = [](std::string_view left, std::string_view right) {
    condition::Decimal a;
    condition::Decimal b;
    EXPECT_TRUE(condition::parse_decimal(left, a) && condition::parse_decimal(right, b));
    const auto order = condition::compare(a, b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  };
  EXPECT_EQ(compare("1.10", "1.1"), 0);
  EXPECT_EQ(compare("-0", "0.000"), 0);
  EXPECT_EQ(compare("-1", "1"), -1);
  EXPECT_EQ(compare("-1", "-2"), 1);
  EXPECT_EQ(compare("0.09", "0.1"), -1);
  EXPECT_EQ(compare("100", "99.999"), 1);
  EXPECT_EQ(compare("000100", "100.0001"), -1);
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  condition::Decimal value;
  for (const std::string& text : {std::string(), std::string("-"), std::string("1.2.3"),
                                  std::string("1e5"), std::string(97, '1')})
    EXPECT_FALSE(condition::parse_decimal(text, value)) << text;
}

}  // namespace
}  // namespace copybridge::test
