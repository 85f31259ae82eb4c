// `copybridge decode` takes as much memory for a large file as for a small one.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

constexpr long kLimit = 64 << 10;  // KiB

TEST(DecodeMemory, StaysBelow64MiBForAnyFileAndAnyNumberOfThreads) {
  const support::TemporaryFolder folder;
  folder.write("r.cpy", "       01 R.\n          05 A PIC X(40).\n          05 B PIC 9(8).\n");
  const std::string record = std::string(40, '\xC1') + support::ebcdic("12345678");
  std::string part;
  for (int i = 0; i < 20'000; ++i) part += record;
  folder.write("part.dat", part);
  const std::string change = "cd '" + folder.path().string() + "' && ";
  support::run(change + "for i in $(seq 100); do cat part.dat; done >r.dat");
  for (const char* threads : {"1", "2", "16"}) {
    // The reader is slower than decoding: threads go ahead as far as they may.
    const support::CommandResult result =
        support::run(change + "copybridge decode -c r.cpy --threads " + threads +
                     " r.dat | gzip -1 | gzip -d | wc -l");
    EXPECT_EQ(result.out, "2000000\n");
    EXPECT_EQ(result.err, "");
    rusage usage{};  // the largest of all children so far
    ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &usage), 0);
    EXPECT_LT(usage.ru_maxrss, kLimit) << threads;
  }
}

}  // namespace
}  // namespace copybridge
