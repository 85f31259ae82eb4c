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

TEST_F(EncodeCommand, MakesTheRecordsOfDocumentsAgain) {
  folder_.write(
      "tree.cpy",
      "       01  ORD.\n           05  O-TYPE PIC X.\n           05  O-ID PIC 9(3).\n"
      "       01  ITEM.\n           05  I-TYPE PIC X.\n           05  I-NAME PIC X(5).\n"
      "       01  NOTE.\n           05  N-TYPE PIC X.\n           05  N-TEXT PIC X(2).\n");
  const std::string mapping =
      "name: order\ncopybook: tree.cpy\nrecord: ORD\nmatch: O-TYPE = 'O'\nevent: {type: t}\n"
      "children:\n"
      "  - {record: ITEM, as: items, match: I-TYPE = 'I', children: [{record: NOTE, as: notes, "
      "match: N-TYPE = 'N'}]}\n  - {record: NOTE, as: remarks, match: N-TYPE = 'R'}\n";
  folder_.write("tree.yaml", mapping);
  std::string file;
  for (const char* const record :
       {"O001", "IBOLT ", "Nab", "Ncd", "INUT  ", "Ref", "O002", "O003", "IAXLE "}) {
    const std::string bytes = ebcdic(record);
    file += std::string(1, '\0') + static_cast<char>(bytes.size()) + bytes;
  }
  folder_.write("tree.dat", file);
  const std::string format = " --recfm length-prefixed --length-bytes 2 ";
  const auto there_and_back = [&](const std::string& name) {
    return shell("copybridge decode -m " + name + format + "tree.dat >tree.jsonl && " +
                 "copybridge encode --mapping " + name + format + "tree.jsonl");
  };
  CommandResult result = there_and_back("tree.yaml");
  EXPECT_EQ(result.out, file) << result.err;
  EXPECT_EQ(lines_of(shell("cat tree.jsonl").out).size(), 3U);
  folder_.write("tree.dat", file + std::string("\0\3", 2) + ebcdic("Rgh") + std::string("\0\6", 2) +
                                ebcdic("IROD  "));
  EXPECT_NE(there_and_back("tree.yaml").out, shell("cat tree.dat").out);
  folder_.write("raw.yaml", mapping + "keep_raw: yes\n");
  EXPECT_EQ(there_and_back("raw.yaml").out, shell("cat tree.dat").out);
  folder_.write("tree.jsonl", R"({"O-TYPE":"O","O-ID":1,"items":[{"I-TYPE":"I"}],"remarks":[]})");
  result = shell("copybridge encode --mapping tree.yaml" + format + "tree.jsonl");
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("line 1: /items/0/I-NAME: the member is missing"));
  EXPECT_EQ(result.exit_code, 2);
}

class EncodeCommandOfPlaces : public EncodeCommand {
 protected:
  EncodeCommandOfPlaces() {
    folder_.write("file.cpy",
                  "       01  HEAD.\n           05  H PIC X(3).\n           05  DAY-OF PIC 9(4).\n"
                  "       01  DETAIL.\n           05  A PIC X(2).\n           05  N PIC 9(3).\n"
                  "       01  FOOT.\n           05  C PIC 9(6).\n");
    records_ = framed("HDR2024") + framed("AA001") + framed("BB002") + framed("000002");
    folder_.write("file.dat", records_);
  }
  static std::string framed(const std::string& text) {
    return std::string("\0", 1) + static_cast<char>(text.size() + 4) + std::string(2, '\0') +
           ebcdic(text);
  }
  [[nodiscard]] CommandResult there_and_back(const std::string& flags) const {
    return shell("copybridge decode " + flags + kFormat + "file.dat >file.jsonl && " +
                 "copybridge encode " + flags + kFormat + "file.jsonl");
  }
  static constexpr const char* kFormat = " --recfm VB --bdw no ";
  static constexpr const char* kFlags =
      "-c file.cpy --record DETAIL --record header=HEAD --record trailer=FOOT ";
  std::string records_;
};

TEST_F(EncodeCommandOfPlaces, MakesHeadersAndTrailersByTheirOwnLayouts) {
  CommandResult result = there_and_back(kFlags);
  EXPECT_EQ(result.out, records_) << result.err;
  EXPECT_EQ(result.exit_code, 0);
  // A trailer alone behind the header, empty lines around them, no end of the last line.
  folder_.write("file.jsonl", "\n{\"H\":\"HDR\",\"DAY-OF\":2024}\n\n{\"C\":7}\n\n ");
  result = shell("copybridge encode " + std::string(kFlags) + kFormat + "file.jsonl");
  EXPECT_EQ(result.out, framed("HDR2024") + framed("000007")) << result.err;
  folder_.write("file.jsonl", "{\"H\":\"HDR\"}\n{\"A\":\"AA\",\"N\":1}\n{\"C\":1234567}");
  result = shell("copybridge encode " + std::string(kFlags) + kFormat + "file.jsonl");
  EXPECT_EQ(result.out, framed("AA001"));
  EXPECT_THAT(result.err, HasSubstr("line 1: /DAY-OF: the member is missing"));
  EXPECT_THAT(result.err, HasSubstr("line 3: /C: the value has more digits than PIC 9(6)"));
  EXPECT_THAT(
      shell("copybridge encode " + std::string(kFlags) + kFormat + "file.jsonl file.jsonl").err,
      HasSubstr("encode: several inputs become one stream"));
}

TEST_F(EncodeCommandOfPlaces, HoldsTheTrailersOfManyLinesBack) {
  std::string file = framed("HDR2024");
  for (int i = 0; i < 50'000; ++i) file += framed("AA" + std::to_string(100 + i % 900));
  records_ = file + framed("000001") + framed("000002");
  folder_.write("file.dat", records_);
  const CommandResult result = there_and_back(std::string(kFlags) + "--trailer-records 2");
  EXPECT_TRUE(result.out == records_) << result.err;
}

TEST_F(EncodeCommandOfPlaces, TakesLinesOfSeveralMappings) {
  const auto mapping = [&](const std::string& name, const std::string& record,
                           const std::string& more) {
    folder_.write(name + ".yaml", "name: " + name + "\ncopybook: file.cpy\nrecord: " + record +
                                      "\nevent: {type: t}\n" + more);
  };
  mapping("head", "HEAD", "place: header\n");
  mapping("a", "DETAIL", "match: A = 'AA'\n");
  mapping("b", "DETAIL", "match: A = 'BB'\nfields: {N: {name: number}}\n");
  mapping("foot", "FOOT", "place: trailer\n");
  const std::string all =
      "--mapping head.yaml --mapping a.yaml --mapping b.yaml --mapping foot.yaml";
  EXPECT_EQ(there_and_back(all).out, records_);
  folder_.write("a.jsonl", "{\"A\":\"AA\",\"number\":1}\n{\"A\":\"CC\",\"N\":1}\n");
  CommandResult result = shell("copybridge encode --mapping a.yaml --mapping b.yaml" +
                               std::string(kFormat) + "a.jsonl");
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              HasSubstr("line 1: the line is of no record type: a: /number: the copybook "
                        "has no member \"number\" here; b: the record would be read as one of "
                        "a"));
  EXPECT_THAT(result.err, HasSubstr("line 2: the line is of no record type: a: the record is none "
                                    "of a: its match does not hold; b: "));
  result = shell("copybridge encode --mapping a.yaml" + std::string(kFormat) + "a.jsonl");
  EXPECT_THAT(result.err, HasSubstr("line 2: the record is none of a: its match does not hold"));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(EncodeCommand, WritesTheCodeThatAMappingDropsAndItsMatchDemands) {
  folder_.write("coded.cpy", "       01  R.\n           05  T PIC X.\n           05  A PIC 9.\n");
  folder_.write("coded.yaml",
                "name: r\ncopybook: coded.cpy\nmatch: T = 'Q'\nfields: {T: {drop: yes}}\n"
                "event: {type: t}\n");
  folder_.write("coded.jsonl", R"({"A":4})");
  EXPECT_EQ(shell("copybridge encode --mapping coded.yaml coded.jsonl").out, ebcdic("Q4"));
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
