// `copybridge layout` as users see it: exit codes, JSON, tables and carets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/paths.h"

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Output {
  int exit_code = -1;
  std::string text;
};

class LayoutCommand : public testing::Test {
 protected:
  LayoutCommand() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) /
              ("copybridge-layout-" + std::to_string(getpid()) + "-" + test->name());
    fs::create_directories(folder_);
  }
  ~LayoutCommand() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  static Output run(const std::string& arguments, const char* redirect = "2>/dev/null") {
    const std::string command =
        copybridge::support::build_path("copybridge") + " layout " + arguments + " " + redirect;
    Output output;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return output;
    std::array<char, 4096> buffer;
    std::size_t size = 0;
    while ((size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
      output.text.append(buffer.data(), size);
    }
    const int status = pclose(pipe);
    output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return output;
  }

  fs::path folder_;
};

constexpr const char* kRecord =
    "       01  REC.\n"
    "           05 N PIC 99.\n"
    "           05 T OCCURS 0 TO 4 DEPENDING ON N.\n"
    "              10 A PIC S9(5)V99 COMP-3.\n"
    "           05 B REDEFINES T PIC X(4).\n";

TEST_F(LayoutCommand, HeedsTheCompilersOptions) {
  const fs::path path = write("P.cpy", "       01 R. 05 A POINTER. 05 B PIC N(2). 05 C INDEX.\n");
  EXPECT_THAT(run("--json -c " + path.string()).text,
              testing::AllOf(HasSubstr("national"), HasSubstr("\"size\":12")));
  const Output wide = run("--json --lp 64 --nsymbol dbcs -c " + path.string());
  EXPECT_EQ(wide.exit_code, 0);
  EXPECT_THAT(wide.text, testing::AllOf(HasSubstr("dbcs"), HasSubstr("\"size\":20")));
  EXPECT_EQ(run("--lp 16 -c " + path.string()).exit_code, 1);
}

TEST_F(LayoutCommand, PrintsJsonWithAllMembers) {
  const Output output = run("--json -c " + write("a.cpy", kRecord).string());
  EXPECT_EQ(output.exit_code, 0);
  const std::string expected = R"j([
  {"path":"REC","level":1,"name":"REC","offset":0,"size":18,"usage":"group","picture":null,"occurs_min":null,"occurs_max":null,"depending_on":null,"redefines":null},
  {"path":"N","level":5,"name":"N","offset":0,"size":2,"usage":"display","picture":"99","occurs_min":null,"occurs_max":null,"depending_on":null,"redefines":null},
  {"path":"T","level":5,"name":"T","offset":2,"size":4,"usage":"group","picture":null,"occurs_min":0,"occurs_max":4,"depending_on":"N","redefines":null},
  {"path":"T.A","level":10,"name":"A","offset":2,"size":4,"usage":"packed","picture":"S9(5)V99","occurs_min":null,"occurs_max":null,"depending_on":null,"redefines":null},
  {"path":"B","level":5,"name":"B","offset":2,"size":4,"usage":"display","picture":"X(4)","occurs_min":null,"occurs_max":null,"depending_on":null,"redefines":"T"}
]
)j";
  EXPECT_EQ(output.text, expected);
}

TEST_F(LayoutCommand, PrintsATableWithHexOffsets) {
  const std::string filler = "           05 F PIC X(26).\n           05 L PIC X.\n";
  const Output output = run("-c " + write("a.cpy", "       01  REC.\n" + filler).string());
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.text, testing::ContainsRegex("05 L +26 +1A +1 +display +X\n"));
  EXPECT_THAT(output.text, HasSubstr("Record: 27 bytes"));
}

TEST_F(LayoutCommand, ShowsMistakesWithLineAndCaret) {
  const fs::path path = write("a.cpy", "       01  REC.\n\t   05 A PIC X OCURS 3.\n");
  const Output output = run("-c " + path.string(), "2>&1 >/dev/null");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_EQ(output.text, path.string() +
                             ":2:16: error: copybook: 'OCURS' begins no clause (did you mean "
                             "OCCURS?)\n"
                             "\t   05 A PIC X OCURS 3.\n"
                             "\t              ^\n");
}

TEST_F(LayoutCommand, SeveralRecordsAreListedUntilOneIsChosen) {
  const std::string path =
      write("a.cpy", "       01  REC-A PIC X.\n       01  REC-B PIC X(2).\n").string();
  const Output refused = run("-c " + path, "2>&1 >/dev/null");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.text, HasSubstr("--record:\n  REC-A\n  REC-B\n"));
  EXPECT_THAT(run("--record rec-b -c " + path).text, HasSubstr("Record: 2 bytes"));
  EXPECT_EQ(run("--record REC-C -c " + path).exit_code, 1);
}

TEST_F(LayoutCommand, OptionsReachTheParser) {
  write("M.cpy", "05 A PIC F.FF9,99. 05 B PIC 9 COMP.");
  const std::string path = write("a.cpy", "01 REC. COPY M.").string();
  const Output output =
      run("--source-format free --decimal-point-is-comma --currency F --dialect "
          "gnucobol -I " +
          folder_.string() + " -c " + path);
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.text, HasSubstr("Record: 9 bytes"));
}

TEST_F(LayoutCommand, WrongOptionsAreUsageErrors) {
  const std::string path = write("a.cpy", kRecord).string();
  EXPECT_EQ(run("").exit_code, 1);
  EXPECT_EQ(run("--source-format fancy -c " + path).exit_code, 1);
  EXPECT_EQ(run("--currency 9 -c " + path).exit_code, 1);
  EXPECT_EQ(run("--currency '' -c " + path).exit_code, 1);
  EXPECT_EQ(run("-c /nowhere.cpy").exit_code, 1);
}

}  // namespace
