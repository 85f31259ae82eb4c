// Errors, bytes, hashes, time and crash points.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <limits>
#include <set>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/crash_point.h"
#include "bridge/core/diagnostics.h"
#include "bridge/core/hash.h"
#include "bridge/core/source_time.h"

namespace copybridge::tests {
namespace {

TEST(Error, IsToldWithItsPlace) {
  EXPECT_EQ(to_string(Error{ErrorKind::config, "yaml: no", {"a.yaml", 3, 7}}),
            "a.yaml:3:7: yaml: no");
  EXPECT_EQ(to_string(Error{ErrorKind::config, "yaml: no", {"a.yaml", 3, 0}}),
            "a.yaml:3: yaml: no");
  EXPECT_EQ(to_string(Error{ErrorKind::config, "yaml: no", {"a.yaml", 0, 7}}), "a.yaml: yaml: no");
  EXPECT_EQ(to_string(Error{ErrorKind::config, "yaml: no", {}}), "yaml: no");
}

TEST(Error, HasTheExitCodeOfItsKind) {
  EXPECT_EQ(exit_code(ErrorKind::config), 1);
  EXPECT_EQ(exit_code(ErrorKind::bad_record), 2);
  EXPECT_EQ(exit_code(ErrorKind::framing), 3);
  EXPECT_EQ(exit_code(ErrorKind::source), 4);
}

TEST(Error, IsRetryableWhereTimeAloneCanHelp) {
  EXPECT_TRUE(is_retryable(ErrorKind::source));
  EXPECT_TRUE(is_retryable(ErrorKind::storage));
  EXPECT_FALSE(is_retryable(ErrorKind::config));
  EXPECT_FALSE(is_retryable(ErrorKind::framing));
}

TEST(Diagnostics, TellsErrorsFromWarnings) {
  Diagnostics diagnostics;
  diagnostics.warning({"a.yaml", 1, 2}, "unused");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({"a.yaml", 3, 4}, "unknown key", "did you mean 'x'?");
  EXPECT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(to_string(diagnostics.all()[0]), "a.yaml:1:2: warning: unused");
  EXPECT_EQ(to_string(diagnostics.all()[1]), "a.yaml:3:4: error: unknown key (did you mean 'x'?)");
  EXPECT_EQ(diagnostics.first_error(ErrorKind::config).message, "unknown key (did you mean 'x'?)");
}

TEST(Diagnostics, TakesOverAnothersFindings) {
  Diagnostics all;
  Diagnostics more;
  more.error({}, "one");
  all.append(std::move(more));
  EXPECT_EQ(all.error_count(), 1U);
}

TEST(Bytes, KeepTheirContentsAndATailWhenTheyGrow) {
  ByteBuffer buffer;
  for (int i = 0; i < 10'000; ++i) {
    const auto byte = static_cast<std::uint8_t>(i);
    buffer.append({&byte, 1});
  }
  unsigned sum = 0;
  for (std::size_t i = 0; i < buffer.size() + kReadableTail; ++i) sum += buffer.data()[i];
  EXPECT_GT(sum, 0U) << "reading the tail is what a sanitizer looks at";
  EXPECT_EQ(buffer.view(257, 1)[0], 1);
}

TEST(Bytes, DropTheirFront) {
  ByteBuffer buffer;
  const std::uint8_t bytes[] = {1, 2, 3};
  buffer.append(bytes);
  buffer.consume(2);
  EXPECT_EQ(to_hex(buffer.view()), "03");
  buffer.consume(1);
  EXPECT_EQ(buffer.size(), 0U);
}

TEST(Bytes, AreHexadecimalAndBack) {
  ByteBuffer buffer;
  ASSERT_TRUE(from_hex("00 c1F0", buffer));
  EXPECT_EQ(to_hex(buffer.view()), "00C1F0");
}

TEST(Bytes, RefuseWhatIsNoHexadecimal) {
  ByteBuffer buffer;
  for (const char* text : {"0", "0 0", "GG", "0x00", "00-01"}) {
    EXPECT_FALSE(from_hex(text, buffer)) << text;
  }
}

TEST(Text, IsRewound) {
  TextBuffer text;
  text.append("abc");
  text.append("def");
  text.rewind(3);
  text.append('x');
  EXPECT_EQ(text.view(), "abcx");
  EXPECT_EQ(text.view(1, 2), "bc");
}

TEST(Text, KeepsItsContentsWhenItGrows) {
  TextBuffer text;
  std::string expected;
  for (int i = 0; i < 3'000; ++i) {
    text.append("abc");
    expected += "abc";
  }
  EXPECT_EQ(text.view(), expected);
}

TEST(Text, IsWrittenBehindItsEnd) {
  TextBuffer text;
  text.append("a");
  char* end = text.reserve(5'000);
  *end++ = 'b';
  text.set_end(end);
  EXPECT_EQ(text.view(), "ab");
}

TEST(Hash, IsXxh3With128Bits) {
  // The value of the reference implementation for no input and seed 0.
  EXPECT_EQ(hash_of(""), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, ValuesAreTheSameAsTheirDigits) {
  for (const std::string_view text :
       {"", "accounts/17", "a rather long id that has more than 240"}) {
    const std::string digits = hash_of(text);
    std::string own;
    hash128_of(text).append_to(own);
    EXPECT_EQ(own, digits);
    EXPECT_EQ(Hash128::parse(digits), hash128_of(text));
  }
  for (const std::string_view bad :
       {"", "99aa06d3014798d86001c324468d497", "99aa06d3014798d8",
        "99aa06d3014798dx6001c324468d497f", "99aa06d3014798d86001c324468d497f0"}) {
    EXPECT_EQ(Hash128::parse(bad), std::nullopt) << bad;
  }
}

TEST(Hash, IsThatOfTheWholeHoweverItWasGiven) {
  Hasher hasher;
  hasher.update("copy");
  EXPECT_EQ(hasher.hex(), hash_of("copy"));
  hasher.update("bridge");
  EXPECT_EQ(hasher.hex(), hash_of("copybridge"));
}

TEST(Time, IsWrittenAsRfc3339) {
  EXPECT_EQ(to_rfc3339(WallTime{Milliseconds{1'795'406'706'007}}), "2026-11-23T04:05:06.007Z");
  EXPECT_EQ(to_rfc3339(WallTime{}), "1970-01-01T00:00:00.000Z");
}

TEST(Time, IsWrittenAlsoBefore1970) {
  EXPECT_EQ(to_rfc3339(WallTime{Milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

TEST(Time, OfSourcesMayBeBeyondThatOfTheClock) {
  EXPECT_EQ(source_time_text(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(source_time_text(-62'167'219'200'000), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(source_time_text(253'402'300'800'000), "");
  EXPECT_EQ(source_time_text(std::numeric_limits<std::int64_t>::min()), "");
}

TEST(CrashPoints, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const std::string_view name : crash_points()) EXPECT_TRUE(names.insert(name).second) << name;
  EXPECT_GE(names.size(), 13U);
}

TEST(CrashPoints, DoNothingUnlessAsked) {
  ::unsetenv("COPYBRIDGE_CRASH_AT");
  for (const std::string_view name : crash_points()) crash_point(name);
}

/// Sets the variable and passes the place; in a child, which reads the variable anew.
void pass(const char* target, const char* name, int times) {
  ::setenv("COPYBRIDGE_CRASH_AT", target, 1);
  for (int i = 0; i < times; ++i) crash_point(name);
  std::exit(0);
}

class CrashPointsDeathTest : public ::testing::Test {
 protected:
  CrashPointsDeathTest() { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(CrashPointsDeathTest, KillAtTheFirstPassing) {
  EXPECT_EXIT(pass("batch_read", "batch_read", 1), ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(CrashPointsDeathTest, KillAtTheNthPassing) {
  EXPECT_EXIT(pass("batch_read:3", "batch_read", 2), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(pass("batch_read:3", "batch_read", 3), ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(CrashPointsDeathTest, LetOtherPlacesPass) {
  EXPECT_EXIT(pass("batch_read", "batch_decoded", 5), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace copybridge::tests
