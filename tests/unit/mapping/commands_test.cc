// `copybridge check` and `copybridge test`, run as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::lines_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kCopybook = R"(       01  R.
           05  KIND    PIC X.
           05  AMOUNT  PIC 9(3)V99.
)";
constexpr const char* kMapping = R"(name: r
copybook: r.cpy
event: {type: t, key: KIND}
examples:
  - {record_text: A01250, event: {KIND: A, AMOUNT: 12.50}, key: A}
  - {record_text: B00000, event: {KIND: B, AMOUNT: 0.00}}
)";
constexpr const char* kWrongExample = R"(name: w
copybook: r.cpy
event: {type: t, key: KIND}
examples:
  - {record_text: A01250, event: {KIND: A, AMOUNT: 12.5}}
  - {record_text: B00000, event: {KIND: B, AMOUNT: 0.00}, key: B}
)";
constexpr const char* kMistakes = R"(name: m
copybook: r.cpy
event: {type: t, key: KINDS}
trim: left
)";

class MappingCommands : public ::testing::Test {
 protected:
  MappingCommands() {
    folder_.write("r.cpy", kCopybook);
    folder_.write("r.yaml", kMapping);
    folder_.write("wrong.yaml", kWrongExample);
    folder_.write("mistakes.yaml", kMistakes);
  }

  [[nodiscard]] CommandResult in_folder(const std::string& line) const {
    return support::run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
};

TEST_F(MappingCommands, TestPrintsALinePerMapping) {
  const CommandResult result = in_folder("copybridge test r.yaml r.yaml");
  EXPECT_THAT(lines_of(result.out), ElementsAre("r.yaml: 2 examples ok", "r.yaml: 2 examples ok"));
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(MappingCommands, TestShowsWhatDiffersAndGoesOn) {
  const CommandResult result = in_folder("copybridge test wrong.yaml r.yaml");
  EXPECT_THAT(lines_of(result.out),
              ElementsAre("wrong.yaml: 1 of 2 examples failed", "r.yaml: 2 examples ok"));
  EXPECT_THAT(lines_of(result.err),
              ElementsAre("wrong.yaml:5:5: example 1 fails", "    expected  AMOUNT: 12.5",
                          "    actual    AMOUNT: 12.50"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(MappingCommands, TestSaysThatThereAreNoExamples) {
  folder_.write("none.yaml", "name: n\ncopybook: r.cpy\nevent: {type: t}\n");
  const CommandResult result = in_folder("copybridge test none.yaml");
  EXPECT_THAT(lines_of(result.out), ElementsAre("none.yaml: no examples"));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(MappingCommands, TestOfAMappingWithMistakesNamesThem) {
  const CommandResult result = in_folder("copybridge test mistakes.yaml");
  EXPECT_THAT(lines_of(result.out), ElementsAre("mistakes.yaml: cannot be loaded"));
  EXPECT_THAT(result.err, HasSubstr("mistakes.yaml:3:23: error: "));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(MappingCommands, CheckPrintsEveryMistakeAndCountsThem) {
  const CommandResult result = in_folder("copybridge check mistakes.yaml r.yaml");
  EXPECT_THAT(lines_of(result.err), ElementsAre(StartsWith("mistakes.yaml:3:23: error: "),
                                                StartsWith("mistakes.yaml:4:7: error: 'trim'")));
  EXPECT_THAT(lines_of(result.out), ElementsAre("mistakes.yaml: 2 mistakes", "r.yaml: ok"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(MappingCommands, CheckEndsWellWithWarnings) {
  folder_.write("twice.cpy",
                "       01  R.\n           05  A PIC X.\n           05  B REDEFINES A PIC X.\n");
  folder_.write("twice.yaml", "name: t\ncopybook: twice.cpy\nevent: {type: t}\n");
  const CommandResult result = in_folder("copybridge check twice.yaml");
  EXPECT_THAT(lines_of(result.out), ElementsAre("twice.yaml: ok, 1 warning"));
  EXPECT_THAT(lines_of(result.err), ElementsAre(StartsWith("twice.cpy:3:16: warning: ")));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(MappingCommands, CheckTakesAFileWithRoutesForABridge) {
  folder_.write("bridge.yaml", "routes: nonsense\n");
  const CommandResult result = in_folder("copybridge check bridge.yaml");
  EXPECT_THAT(result.err, HasSubstr("bridge.yaml:1:"));
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("unknown key")));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(MappingCommands, CheckReportsAFileThatIsNotThere) {
  const CommandResult result = in_folder("copybridge check missing.yaml");
  EXPECT_THAT(lines_of(result.err), ElementsAre("missing.yaml: error: the file cannot be read"));
  EXPECT_EQ(result.exit_code, 1);
}

}  // namespace
}  // namespace copybridge
