// Groups, tables and the shape of the object.
#include <gtest/gtest.h>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

TEST(Groups, BecomeObjects) {
  EXPECT_EQ(decode("01 R. 05 A PIC X(3). 05 G. 10 B PIC 9(2). 10 C PIC X. 05 D PIC X.",
                   hex_of("abc07xy")),
            R"({"A":"abc","G":{"B":7,"C":"x"},"D":"y"})");
}

TEST(Tables, OfItemsBecomeArraysOfValues) {
  EXPECT_EQ(decode("01 R. 05 N PIC 9 OCCURS 3. 05 E PIC X.", hex_of("123z")),
            R"({"N":[1,2,3],"E":"z"})");
}

TEST(Tables, OfGroupsBecomeArraysOfObjects) {
  EXPECT_EQ(decode("01 R. 05 T OCCURS 2. 10 A PIC X. 10 B PIC 9 OCCURS 2.", hex_of("x12y34")),
            R"({"T":[{"A":"x","B":[1,2]},{"A":"y","B":[3,4]}]})");
}

}  // namespace
}  // namespace copybridge::test
