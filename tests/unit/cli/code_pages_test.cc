// `--field-codepage` and `--copybook-codepage`, used as a user does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::from_hex;
using support::run;
using testing::HasSubstr;

class CodePageOptions : public testing::Test {
 protected:
  CodePageOptions() {
    folder_.write("r.cpy",
                  "       01 R.\n"
                  "           05 A PIC X(3).\n"
                  "              88 IS-SMALL VALUE 'äöü'.\n"
                  "           05 B PIC X(3).\n");
    // A in Latin-1, B in EBCDIC.
    folder_.write("r.dat", from_hex("E4F6FC C1C2C3"));
  }
  [[nodiscard]] CommandResult in_folder(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }
  support::TemporaryFolder folder_;
};

constexpr const char* kJson = "{\"A\":\"äöü\",\"B\":\"ABC\"}\n";

TEST_F(CodePageOptions, GiveOneFieldAPageOfItsOwn) {
  const std::string page = " -c r.cpy --field-codepage a=ISO-8859-1 ";
  EXPECT_EQ(in_folder("copybridge decode" + page + "r.dat").out, kJson);
  EXPECT_EQ(in_folder("copybridge decode" + page + "r.dat | copybridge encode" + page).out,
            from_hex("E4F6FC C1C2C3"));
  EXPECT_THAT(in_folder("copybridge inspect" + page + "r.dat").out, HasSubstr("äöü"));
  EXPECT_EQ(in_folder("copybridge bench --runs 1" + page + "r.dat").exit_code, 0);
}

TEST_F(CodePageOptions, CompareAFieldInItsOwnPage) {
  const std::string decode = "copybridge decode -c r.cpy --field-codepage A=819 ";
  EXPECT_EQ(in_folder(decode + "--where \"A = 'äöü'\" r.dat").out, kJson);
  EXPECT_EQ(in_folder(decode + "--where IS-SMALL r.dat").out, kJson);
  EXPECT_EQ(in_folder(decode + "--where 'A IS ALPHABETIC' r.dat").out, "");
  EXPECT_THAT(in_folder(decode + "--where 'A = B' r.dat").err, HasSubstr("different encodings"));
}

TEST_F(CodePageOptions, OfHeadersAndTrailersToo) {
  folder_.write("p.cpy",
                "       01 H.\n           05 X PIC X(3).\n           05 A PIC X(3).\n"
                "       01 R.\n           05 Y PIC X(3).\n           05 A PIC X(3).\n"
                "       01 T.\n           05 B PIC X(3).\n           05 Z PIC X(3).\n");
  // A in Latin-1 wherever it is, Z in CCSID 273.
  const std::string records =
      from_hex("C1C2C3 E4F6FC") + from_hex("C1C2C3 FCF6E4") + from_hex("C1C2C3 C06AD0");
  folder_.write("p.dat", records);
  const std::string flags =
      " -c p.cpy --record header=H --record R --record trailer=T "
      "--field-codepage A=819 --field-codepage Z=273 ";
  EXPECT_EQ(in_folder("copybridge decode" + flags + "p.dat").out,
            "{\"X\":\"ABC\",\"A\":\"äöü\"}\n{\"Y\":\"ABC\",\"A\":\"üöä\"}\n"
            "{\"B\":\"ABC\",\"Z\":\"äöü\"}\n");
  EXPECT_EQ(in_folder("copybridge decode" + flags + "p.dat | copybridge encode" + flags).out,
            records);
  EXPECT_THAT(in_folder("copybridge inspect" + flags + "p.dat --at 3").out, HasSubstr("äöü"));
  EXPECT_THAT(in_folder("copybridge decode" + flags + "--field-codepage Q=37 p.dat").err,
              HasSubstr("has no item 'Q'"));
}

TEST_F(CodePageOptions, AreRefusedWhereTheyMeanNothing) {
  const auto refused = [this](const std::string& text, const std::string& message) {
    const CommandResult result =
        in_folder("copybridge decode -c r.cpy --field-codepage " + text + " r.dat");
    EXPECT_THAT(result.err, HasSubstr(message)) << text;
    EXPECT_EQ(result.exit_code, 1) << text;
  };
  refused("C=37", "has no item 'C'");
  refused("A=IBM-9999", "IBM-9999");
  refused("A", "--field-codepage");
  refused("A=37 --field-codepage A=37", "'A' has a rule already");
  refused("R=37", "'R' is the record itself");
}

TEST_F(CodePageOptions, ReadTheLiteralsOfACopybookInEbcdic) {
  // 01 R. 05 A PIC X(3) VALUE 'äöü'. in CCSID 273.
  folder_.write("e.cpy",
                from_hex("40404040404040 F0F1 40 D9 4B 25 40404040404040404040 F0F5 40 C1 40"
                         "D7C9C3 40 E7 4D F3 5D 40 E5C1D3E4C5 40 7D C0 6A D0 7D 4B 25"));
  const std::string encode = "echo '{}' | copybridge encode -c e.cpy --missing default ";
  EXPECT_EQ(in_folder(encode + "--codepage 273").out, from_hex("C06AD0"));
  EXPECT_EQ(in_folder(encode + "--codepage 37 --copybook-codepage 273").out, from_hex("43CCDC"));
  EXPECT_THAT(in_folder(encode + "--copybook-codepage IBM-9999").err, HasSubstr("IBM-9999"));
}

}  // namespace
}  // namespace copybridge
