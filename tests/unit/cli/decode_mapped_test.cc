// `copybridge decode -m`: mapping files in place of a copybook, and documents of several records.
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
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kTreeCopybook =
    "       01  CUSTOMER.\n           05  C-TYPE PIC X.\n           05  C-ID PIC 9(3).\n"
    "       01  ACCOUNT.\n           05  A-TYPE PIC X.\n           05  A-NO PIC 9(2).\n"
    "       01  HEADER.\n           05  H-TYPE PIC X.\n           05  H-DATE PIC 9(8).\n";
constexpr const char* kTreeMapping =
    "name: customer\ncopybook: tree.cpy\nrecord: CUSTOMER\nmatch: C-TYPE = 'C'\n"
    "only_if: C-ID > 0\nfields: {C-TYPE: {drop: yes}}\n"
    "children: [{record: ACCOUNT, as: accounts, match: A-TYPE = 'A', fields: {A-TYPE: {drop: "
    "yes}}}]"
    "\nevent: {type: t, key: C-ID}\n";
constexpr const char* kHeaderMapping =
    "name: header\ncopybook: tree.cpy\nrecord: HEADER\nmatch: H-TYPE = 'H'\nevent: {type: t}\n";

std::string with_rdw(const std::string& record) {
  return from_hex("00") + static_cast<char>(record.size() + 4) + from_hex("0000") + record;
}

class DecodeMapped : public testing::Test {
 protected:
  DecodeMapped() {
    folder_.write("tree.cpy", kTreeCopybook);
    folder_.write("tree.yaml", kTreeMapping);
    folder_.write("header.yaml", kHeaderMapping);
    std::string records;
    for (const char* text : {"H20240131", "C001", "A01", "A02", "C000", "A09", "C002"})
      records += with_rdw(ebcdic(text));
    folder_.write("tree.dat", records);
  }

  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
};

TEST_F(DecodeMapped, PrintsOneDocumentForARecordAndThoseThatBelongToIt) {
  const CommandResult result =
      shell("copybridge decode -m tree.yaml -m header.yaml --recfm V tree.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"H-TYPE":"H","H-DATE":20240131})",
                                                R"({"C-ID":1,"accounts":[{"A-NO":1},{"A-NO":2}]})",
                                                R"({"C-ID":2,"accounts":[]})"));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeMapped, TakesTheLengthOfARecordFromTheMappingThatMatches) {
  folder_.write("plain.dat", ebcdic("H20240131C001A01A02C002A03"));
  const CommandResult result =
      shell("copybridge decode -m tree.yaml -m header.yaml --recfm copybook plain.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"H-TYPE":"H","H-DATE":20240131})",
                                                R"({"C-ID":1,"accounts":[{"A-NO":1},{"A-NO":2}]})",
                                                R"({"C-ID":2,"accounts":[{"A-NO":3}]})"));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeMapped, RejectsRecordsThatNoMappingMatches) {
  const CommandResult result = shell("copybridge decode -m tree.yaml --recfm V tree.dat");
  EXPECT_THAT(lines_of(result.out), SizeIs(2));
  EXPECT_THAT(result.err, StartsWith("record 1: no mapping matches the record\n"));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(DecodeMapped, RefusesWhatTheMappingSays) {
  const CommandResult result =
      shell("copybridge decode -m tree.yaml --recfm V --codepage 500 tree.dat");
  EXPECT_EQ(result.err, "decode: --codepage is the mapping file's to say, with -m\n");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(shell("copybridge decode tree.dat").err,
            "decode: name a copybook (-c) or mapping files (-m)\n");
}

TEST_F(DecodeMapped, NamesMistakesOfTheMapping) {
  folder_.write("bad.yaml", "name: bad\ncopybook: none.cpy\nevent: {type: t}\n");
  const CommandResult result = shell("copybridge decode -m bad.yaml tree.dat");
  EXPECT_THAT(result.err, StartsWith("bad.yaml:2:11: error: "));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(DecodeMapped, IsWhatABridgePublishes) {
  folder_.write("bridge.yaml",
                "state: state\nadapters:\n  in: {kind: file, path: tree.dat, recfm: V, watch: no, "
                "settle_time_ms: 0, described_by: tree.yaml}\n"
                "publishers:\n  out: {kind: stdout}\n"
                "routes:\n  - {from: in, mappings: [tree.yaml, header.yaml], to: [out]}\n");
  const CommandResult result = shell("copybridge run bridge.yaml --until-idle");
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"H-TYPE":"H","H-DATE":20240131})",
                                                R"({"C-ID":1,"accounts":[{"A-NO":1},{"A-NO":2}]})",
                                                R"({"C-ID":2,"accounts":[]})"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(DecodeMapped, IsRefusedInABridgeWhoseAdapterMakesNoDocuments) {
  folder_.write("bridge.yaml",
                "state: state\nadapters:\n  in: {kind: file, path: tree.dat, recfm: V}\n"
                "publishers:\n  out: {kind: stdout}\n"
                "routes:\n  - {from: in, mappings: [tree.yaml], to: [out]}\n");
  const CommandResult result = shell("copybridge check bridge.yaml");
  EXPECT_THAT(result.err + result.out, HasSubstr("'in' does not put records together"));
  EXPECT_EQ(result.exit_code, 1);
}

}  // namespace
}  // namespace copybridge
