// `copybridge encode`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::ebcdic;
using support::from_hex;
using support::lines_of;
using support::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kCopybook = R"(       01  STOCK.
           05  STOCK-ID        PIC 9(4).
           05  STOCK-NAME      PIC X(6) VALUE 'NONE'.
           05  STOCK-QUANTITY  PIC S9(3) COMP-3.
)";
constexpr const char* kBolt = R"({"STOCK-ID":1,"STOCK-NAME":"BOLT","STOCK-QUANTITY":-12})";
constexpr const char* kNut = R"({"STOCK-QUANTITY":345,"STOCK-NAME":"NUT","STOCK-ID":2})";

std::string bolt() { return ebcdic("0001BOLT  ") + from_hex("012D"); }
std::string nut() { return ebcdic("0002NUT   ") + from_hex("345C"); }

class EncodeCommand : public testing::Test {
 protected:
  EncodeCommand() {
    folder_.write("stock.cpy", kCopybook);
    folder_.write("stock.jsonl", std::string(kBolt) + "\n" + kNut + "\n");
  }

  /// Runs `copybridge encode -c stock.cpy ARGUMENTS` in the folder.
  [[nodiscard]] CommandResult encode(const std::string& arguments) const {
    return shell("copybridge encode -c stock.cpy " + arguments);
  }
  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
};

TEST_F(EncodeCommand, MakesARecordOfEveryLine) {
  const CommandResult result = encode("stock.jsonl");
  EXPECT_EQ(result.out, bolt() + nut());
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(shell("copybridge encode -c stock.cpy - < stock.jsonl").out, bolt() + nut());
  EXPECT_EQ(encode("stock.jsonl stock.jsonl").out, bolt() + nut() + bolt() + nut());
}

TEST_F(EncodeCommand, FramesThem) {
  const auto with_rdw = [](const std::string& record) { return from_hex("00100000") + record; };
  EXPECT_EQ(encode("--recfm V stock.jsonl").out, with_rdw(bolt()) + with_rdw(nut()));
  EXPECT_EQ(encode("--recfm VB stock.jsonl").out,
            from_hex("00240000") + with_rdw(bolt()) + with_rdw(nut()));
  EXPECT_EQ(encode("--recfm length-prefixed --length-bytes 2 stock.jsonl").out,
            from_hex("000C") + bolt() + from_hex("000C") + nut());
}

TEST_F(EncodeCommand, ReportsBadLinesByNumberAndWritesTheOthers) {
  folder_.write("stock.jsonl", std::string(kBolt) + "\n\n{\"STOCK-ID\":12345}\r\n{]\n" + kNut);
  const CommandResult result = encode("stock.jsonl");
  EXPECT_EQ(result.out, bolt() + nut());
  EXPECT_THAT(
      lines_of(result.err),
      ElementsAre("line 3: /STOCK-ID: the value has more digits than PIC 9(4)",
                  StartsWith("line 4: the text is not JSON: "), "encode: 2 of 4 lines rejected"));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(EncodeCommand, TakesMissingAndUnknownMembersByOption) {
  folder_.write("stock.jsonl", R"({"STOCK-ID":7,"COLOUR":"red"})"
                               "\n");
  EXPECT_THAT(encode("stock.jsonl").err, HasSubstr("no member \"COLOUR\" here"));
  EXPECT_EQ(encode("--missing default --unknown ignore stock.jsonl").out,
            ebcdic("0007NONE  ") + from_hex("000C"));
}

TEST_F(EncodeCommand, LimitsBinaryItemsByTheirPictureUnderTruncStd) {
  folder_.write("bin.cpy", "       01  R.\n           05  A PIC S9(4) COMP.\n");
  folder_.write("bin.jsonl", R"({"A":20000})");
  EXPECT_EQ(shell("copybridge encode -c bin.cpy bin.jsonl").out, from_hex("4E20"));
  EXPECT_EQ(shell("copybridge encode -c bin.cpy --trunc std bin.jsonl").exit_code, 2);
}

TEST_F(EncodeCommand, IsTheWayBackFromDecodeAlsoByAMapping) {
  folder_.write("stock.yaml",
                "name: stock\ncopybook: stock.cpy\ncodepage: IBM-037\nnames: camel\n"
                "fields:\n  STOCK-ID: {name: id, as: text}\nevent: {type: t}\n");
  folder_.write("mapped.jsonl", R"({"id":"0001","stockName":"BOLT","stockQuantity":-12})"
                                "\n");
  EXPECT_EQ(shell("copybridge encode --mapping stock.yaml mapped.jsonl").out, bolt());
  const CommandResult both =
      shell("copybridge encode -c stock.cpy --mapping stock.yaml mapped.jsonl");
  EXPECT_THAT(both.err, HasSubstr("--mapping says that already"));
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_THAT(shell("copybridge encode mapped.jsonl").err, HasSubstr("no copybook"));
  folder_.write("stock.dat", bolt() + nut());
  EXPECT_EQ(shell("copybridge decode -c stock.cpy --keep-raw --names snake stock.dat | "
                  "copybridge encode -c stock.cpy --keep-raw --names snake -")
                .out,
            bolt() + nut());
}

TEST_F(EncodeCommand, RefusesARecordThatItsFormatCannotHold) {
  const CommandResult result = encode("--recfm V --lrecl 10 stock.jsonl");
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("line 1: "));
  EXPECT_EQ(encode("--skip-header 4 stock.jsonl").exit_code, 1);
}

}  // namespace
}  // namespace copybridge
