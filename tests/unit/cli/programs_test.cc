// The two programs of the command line: which one does what, and what each needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/support/paths.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::run;

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Copybridge, LoadsNoLibraryOfABrokerOrAnEndpointToDecode) {
  const CommandResult needed = run("ldd '" + support::build_path("copybridge") + "'");
  ASSERT_EQ(needed.exit_code, 0) << needed.err;
  ASSERT_THAT(needed.out, HasSubstr("libicuuc"));
  for (const char* library : {"curl", "rdkafka", "sqlite", "ssl", "crypto", "spdlog", "proton"})
    EXPECT_THAT(needed.out, Not(HasSubstr(library)));
}

TEST(Copybridge, ListsTheCommandsOfBothPrograms) {
  const CommandResult result = run("copybridge --help");
  for (const char* command : {"decode", "encode", "inspect", "bench", "run", "check", "listen"})
    EXPECT_THAT(result.out, HasSubstr(command));
  EXPECT_EQ(result.exit_code, 0);
}

TEST(Copybridge, FindsTheFullProgramThroughALinkAndInLibexec) {
  const CommandResult result = run(
      "d=$(mktemp -d) && mkdir $d/bin $d/libexec && ln -s '" + support::build_path("copybridge") +
      "' $d/link && cp '" + support::build_path("copybridge") + "' $d/bin && ln -s '" +
      support::build_path("copybridge-full") +
      "' $d/libexec && $d/link --version && $d/bin/copybridge --version; s=$?; rm -r $d; "
      "exit $s");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(support::lines_of(result.out).size(), 2U) << result.out;
}

TEST(Copybridge, SaysWhatIsMissingWhereItStandsAlone) {
  const CommandResult result =
      run("d=$(mktemp -d) && cp '" + support::build_path("copybridge") +
          "' $d && $d/copybridge decode --help >/dev/null && $d/copybridge components; s=$?; "
          "rm -r $d; exit $s");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("copybridge: cannot start /"));
  EXPECT_THAT(result.err, HasSubstr("copybridge-full, which belongs beside copybridge: No such"));
}

}  // namespace
}  // namespace copybridge
