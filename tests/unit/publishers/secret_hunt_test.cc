// That the search for secrets at the end of each publisher's test finds them.
#include "tests/support/secret_hunt.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace copybridge::testing_support {
namespace {

const std::string kSecret = "sesame/open+\"dich\"";

std::string found_in(const std::string& text) {
  ::setenv("COPYBRIDGE_TEST_HUNT", kSecret.c_str(), 1);
  return SecretHunt("{a: b, password: '${env:COPYBRIDGE_TEST_HUNT}'}").found_in(text);
}

TEST(SecretHunt, FindsASecretInEveryForm) {
  const std::string name = "${env:COPYBRIDGE_TEST_HUNT}";
  EXPECT_EQ(found_in("before " + kSecret + " behind"), name);
  EXPECT_EQ(found_in("url?key=" + percent_encoded(kSecret)), name);
  for (const std::string before : {"", "a", "ab", "user:"})
    EXPECT_EQ(found_in("Basic " + base64(before + kSecret + "}")), name) << before;
}

TEST(SecretHunt, FindsNothingWhereThereIsNone) {
  EXPECT_EQ(found_in("sesame/open"), "");
  EXPECT_EQ(found_in("${env:COPYBRIDGE_TEST_HUNT}"), "");
}

TEST(SecretHunt, FindsOneThatWasReplaced) {
  ::setenv("COPYBRIDGE_TEST_HUNT", "the-first-one", 1);
  SecretHunt hunt("${env:COPYBRIDGE_TEST_HUNT}");
  ::setenv("COPYBRIDGE_TEST_HUNT", "the-second-one", 1);
  hunt.note();
  EXPECT_NE(hunt.found_in("the-first-one"), "");
  EXPECT_NE(hunt.found_in("the-second-one"), "");
}

}  // namespace
}  // namespace copybridge::testing_support
