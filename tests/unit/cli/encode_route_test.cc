// A route with `encode: yes`: what one bridge makes of records another one makes records of again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/command.h"

namespace copybridge::support {
namespace {

using ::testing::HasSubstr;

constexpr const char* kCopybook =
    "       01 REC.\n"
    "          05 REC-TYPE PIC X.\n"
    "          05 REC-ID   PIC 9(4).\n"
    "          05 AMOUNT   PIC S9(5)V99 COMP-3.\n"
    "          05 REST     PIC X(4).\n";

/// Folders `in` and `back`: bridge.yaml decodes VB records of two types to JSON Lines, back.yaml
/// makes records of them again.
class EncodeRoute : public ::testing::Test {
 protected:
  EncodeRoute() {
    for (const char* name : {"in", "json", "back"})
      std::filesystem::create_directory(folder_.path() / name);
    folder_.write("rec.cpy", kCopybook);
    for (const std::string type : {"A", "B"}) write_mapping(type);
    folder_.write(
        "bridge.yaml",
        "state: state\nadapters:\n  f: {kind: file, path: in/*.dat, recfm: VB, settle_time_ms: 0}\n"
        "publishers:\n  p: {kind: file, path: json/out.jsonl}\n"
        "routes:\n  - {from: f, mappings: [A.yaml, B.yaml], to: p}\n");
    write_back("{kind: file, path: back/out.dat, format: records, recfm: VB}");
  }

  void write_mapping(const std::string& type) const {
    std::string text = "copybook: rec.cpy\nevent: {type: t, key: REC-ID}\nname: type-";
    text.append(type).append("\nmatch: REC-TYPE = '").append(type).append("'\n");
    folder_.write(type + ".yaml", text);
  }

  void write_back(const std::string& publisher, const std::string& more = "") const {
    folder_.write(
        "back.yaml",
        "state: state-back\nadapters:\n"
        "  f: {kind: file, path: json/*.jsonl, recfm: line, line_end: lf, settle_time_ms: 0}\n"
        "publishers:\n  p: " +
            publisher + "\nroutes:\n  - {from: f, mappings: [A.yaml, B.yaml], to: p, encode: yes" +
            more + "}\n");
  }

  [[nodiscard]] CommandResult bridge(const std::string& words) const {
    return run("cd " + folder_.path().string() + " && copybridge " + words);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(folder_.path() / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  TemporaryFolder folder_;
};

const char* const kRecords =
    "0026 0000"
    "0011 0000 C1 F0F0F0F1 0012500C C1C2C3C4"
    "0011 0000 C2 F0F0F0F2 0001001D C1C24040";

TEST_F(EncodeRoute, MakesTheSameBytesOfWhatDecodingMade) {
  const std::string records = from_hex(kRecords);
  folder_.write("in/a.dat", records);
  const CommandResult there = bridge("run bridge.yaml --until-idle");
  ASSERT_EQ(there.exit_code, 0) << there.err;
  EXPECT_EQ(lines_of(read("json/out.jsonl")).size(), 2U);
  const CommandResult back = bridge("run back.yaml --until-idle");
  ASSERT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(read("back/out.dat"), records);
}

TEST_F(EncodeRoute, KeepsWhatIsNoRecordAsDeadLetterAndReplaysIt) {
  folder_.write("json/a.jsonl", R"({"REC-TYPE":"A","REC-ID":1,"AMOUNT":1.005,"REST":"X"})"
                                "\n"
                                R"({"REC-TYPE":"C","REC-ID":2,"AMOUNT":1.00,"REST":"X"})"
                                "\n");
  const CommandResult first = bridge("run back.yaml --until-idle");
  EXPECT_EQ(first.exit_code, 2) << first.err;
  const CommandResult letters = bridge("dead-letters list back.yaml");
  EXPECT_THAT(letters.out, HasSubstr("f/1/1/-"));
  EXPECT_THAT(letters.out, HasSubstr("f/1/2/-"));
  EXPECT_THAT(letters.out, HasSubstr("/AMOUNT"));
  write_back("{kind: file, path: back/out.dat, format: records, recfm: F, lrecl: 13}",
             ", rounding: nearest");
  const CommandResult again = bridge("dead-letters replay back.yaml --all");
  EXPECT_EQ(read("back/out.dat"), from_hex("C1 F0F0F0F1 0000101C E7404040"))
      << again.out << again.err;
}

TEST_F(EncodeRoute, ShowsRecordsAsBase64WhereLinesHoldJson) {
  folder_.write("json/a.jsonl", R"({"REC-TYPE":"A","REC-ID":1,"AMOUNT":1.00,"REST":"X"})"
                                "\n");
  write_back("{kind: stdout, format: cloudevents}");
  const CommandResult shown = bridge("run back.yaml --until-idle");
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out,
              HasSubstr(R"("partitionkey":"0001","datacontenttype":)"
                        R"("application/octet-stream","data_base64":"wfDw8PEAABAM50BAQA=="})"));
}

}  // namespace
}  // namespace copybridge::support
