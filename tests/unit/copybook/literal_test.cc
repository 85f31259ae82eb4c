// Literals of VALUE clauses.
#include "tests/unit/copybook/support.h"

namespace copybridge::copybook {
namespace {

Literal value_of(const std::string& clauses) { return *item_with(clauses).value; }

TEST(Literals, OfNumbersInOtherBasesAreNumbers) {
  EXPECT_EQ(value_of("PIC 9(4) VALUE H'1f'").kind, Literal::Kind::number);
  EXPECT_EQ(value_of("PIC 9(4) VALUE H'1f'").text, "31");
  EXPECT_EQ(value_of("PIC 9(18) COMP-5 VALUE H\"FFFFFFFFFFFFFFFF\"").text, "18446744073709551615");
  EXPECT_EQ(value_of("PIC 9(4) VALUE B\"101\"").text, "5");
  EXPECT_EQ(item_of(free_layout("78 N VALUE H'10'. 01 R. 05 A PIC X OCCURS N."), "A").occurs_max,
            16U);
}

TEST(Literals, ThatEndWithANullHaveIt) {
  EXPECT_EQ(value_of("PIC X(4) VALUE Z'AB'").kind, Literal::Kind::text);
  EXPECT_EQ(value_of("PIC X(4) VALUE Z'AB'").text, std::string("AB\0", 3));
}

TEST(Literals, ThatNoCompilerStoresAreExplained) {
  const ParseOutcome outcome = parse_free("01 R. 05 A PIC 1(8) USAGE BIT.");
  ASSERT_EQ(outcome.diagnostics.all().size(), 1U);
  EXPECT_THAT(outcome.diagnostics.all()[0].hint, testing::HasSubstr("PIC X"));
}

}  // namespace
}  // namespace copybridge::copybook
