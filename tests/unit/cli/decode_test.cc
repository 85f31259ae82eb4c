// `copybridge decode`, run as a user runs it.
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

constexpr const char* kCopybook = R"(       01  STOCK.
           05  STOCK-ID        PIC 9(4).
           05  STOCK-NAME      PIC X(6).
           05  STOCK-QUANTITY  PIC S9(3) COMP-3.
)";
constexpr const char* kBolt = R"({"STOCK-ID":1,"STOCK-NAME":"BOLT","STOCK-QUANTITY":-12})";
constexpr const char* kNut = R"({"STOCK-ID":2,"STOCK-NAME":"NUT","STOCK-QUANTITY":345})";
constexpr const char* kGear = R"({"STOCK-ID":3,"STOCK-NAME":"GEAR","STOCK-QUANTITY":0})";

std::string bolt() { return ebcdic("0001BOLT  ") + from_hex("012D"); }
std::string nut() { return ebcdic("0002NUT   ") + from_hex("345C"); }
std::string gear() { return ebcdic("0003GEAR  ") + from_hex("000C"); }
/// The packed field's last digit is not one.
std::string bad() { return ebcdic("0009BAD   ") + from_hex("01AC"); }

std::string with_rdw(const std::string& record) {
  return from_hex("00") + static_cast<char>(record.size() + 4) + from_hex("0000") + record;
}

class DecodeCommand : public testing::Test {
 protected:
  DecodeCommand() { folder_.write("stock.cpy", kCopybook); }

  /// Runs `copybridge decode -c stock.cpy ARGUMENTS` in the folder.
  [[nodiscard]] CommandResult decode(const std::string& arguments) const {
    return shell("copybridge decode -c stock.cpy " + arguments);
  }
  [[nodiscard]] CommandResult shell(const std::string& line) const {
    return run("cd '" + folder_.path().string() + "' && " + line);
  }

  support::TemporaryFolder folder_;
};

TEST_F(DecodeCommand, PrintsALineOfJsonPerRecord) {
  folder_.write("stock.dat", bolt() + nut());
  const CommandResult result = decode("stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, PrintsNothingForAnEmptyFile) {
  folder_.write("stock.dat", "");
  const CommandResult result = decode("stock.dat");
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, ReadsVariableRecordsWithAndWithoutBdws) {
  const std::string records = with_rdw(bolt()) + with_rdw(nut());
  folder_.write("stock.v", records);
  folder_.write("stock.vb", from_hex("00240000") + records);
  for (const char* arguments :
       {"--recfm V stock.v", "--recfm V stock.vb", "--recfm VB stock.v", "--recfm VB stock.vb",
        "--recfm V --bdw no stock.v", "--recfm VB --bdw yes stock.vb"}) {
    const CommandResult result = decode(arguments);
    EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut)) << arguments;
    EXPECT_EQ(result.exit_code, 0) << arguments;
  }
}

TEST_F(DecodeCommand, ReadsLengthPrefixedRecordsAndHeadersAndTrailers) {
  folder_.write("stock.lp", "head" + from_hex("000C") + bolt() + from_hex("000C") + nut() + "end");
  const CommandResult result =
      decode("--recfm length-prefixed --length-bytes 2 --skip-header 4 --skip-trailer 3 stock.lp");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, ReadsAsciiLines) {
  folder_.write("lines.cpy", "       01  L.\n           05  A PIC X(3).\n");
  folder_.write("lines.txt", "abc\r\nxyz\n");
  const CommandResult result =
      shell("copybridge decode -c lines.cpy --recfm line --codepage ISO-8859-1 lines.txt");
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"A":"abc"})", R"({"A":"xyz"})"));
}

TEST_F(DecodeCommand, ReadsEbcdicLines) {
  folder_.write("lines.cpy", "       01  L.\n           05  A PIC X(3).\n");
  folder_.write("lines.txt", ebcdic("ABC") + "\x15" + ebcdic("XYZ") + "\x25");
  const CommandResult result = shell("copybridge decode -c lines.cpy --recfm line lines.txt");
  EXPECT_THAT(lines_of(result.out), ElementsAre(R"({"A":"ABC"})", R"({"A":"XYZ"})"));
}

TEST_F(DecodeCommand, DeliversEverythingInFrontOfBrokenFraming) {
  folder_.write("stock.v", with_rdw(bolt()) + with_rdw(nut()) + from_hex("00000000") + gear());
  const CommandResult result = decode("--recfm V stock.v");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_THAT(lines_of(result.err),
              ElementsAre("framing: RDW at byte 32: found 00000000, a length of 0, expected a "
                          "length from 4 to 32760 (after record 2)"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeCommand, ReportsATruncatedLastRecord) {
  folder_.write("stock.dat", bolt() + nut().substr(0, 5));
  const CommandResult result = decode("stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt));
  EXPECT_THAT(result.err,
              HasSubstr("found 5 bytes, expected 12 (LRECL); short_last (--short-records accept) "
                        "takes a short last record (after record 1)"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeCommand, NamesTheReadingThatFits) {
  folder_.write("stock.v", with_rdw(bolt()) + with_rdw(nut()));
  const CommandResult result = decode("--recfm V --bdw yes stock.v");
  EXPECT_THAT(result.err, HasSubstr("read without BDWs (V, --bdw no) the bytes in sight fit"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeCommand, RejectsABadRecordAndDeliversTheOthers) {
  folder_.write("stock.dat", bolt() + bad() + nut());
  const CommandResult result = decode("stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_THAT(lines_of(result.err),
              ElementsAre(StartsWith("record 2: "), "decode: 1 of 3 records rejected"));
  EXPECT_THAT(result.err, HasSubstr("STOCK-QUANTITY at offset 10"));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(DecodeCommand, ShowsTenRejectsAndCountsTheOthers) {
  std::string stream = bolt();
  for (int i = 0; i < 25; ++i) stream += bad();
  folder_.write("stock.dat", stream);
  const CommandResult result = decode("stock.dat");
  const auto lines = lines_of(result.err);
  ASSERT_THAT(lines, SizeIs(11));
  EXPECT_THAT(lines[9], StartsWith("record 11: "));
  EXPECT_EQ(lines[10], "decode: 25 of 26 records rejected, the first 10 shown");
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(DecodeCommand, PutsNullForABadFieldWhereAskedTo) {
  folder_.write("stock.dat", bad());
  const CommandResult result = decode("--on-bad-field null stock.dat");
  EXPECT_EQ(result.out, "{\"STOCK-ID\":9,\"STOCK-NAME\":\"BAD\",\"STOCK-QUANTITY\":null}\n");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, ReadsLenientlyWhatItIsAskedTo) {
  folder_.write("blank.dat", ebcdic(" 1 2NUT   ") + from_hex("345C"));
  EXPECT_EQ(decode("blank.dat").exit_code, 2);
  const CommandResult result = decode("--lenient blanks,overpunch blank.dat");
  EXPECT_EQ(result.out, "{\"STOCK-ID\":12,\"STOCK-NAME\":\"NUT\",\"STOCK-QUANTITY\":345}\n");
  const CommandResult wrong = decode("--lenient nonsense blank.dat");
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("nonsense is not one of blanks, blank-zero, overpunch"));
}

TEST_F(DecodeCommand, TakesEmptyNumbersAndBadKindsAsAsked) {
  folder_.write("empty.dat", ebcdic("    NUT   ") + from_hex("000000").substr(0, 2));
  const CommandResult empty = decode("--empty spaces,low-values empty.dat");
  EXPECT_EQ(empty.out, "{\"STOCK-ID\":null,\"STOCK-NAME\":\"NUT\",\"STOCK-QUANTITY\":null}\n");
  const CommandResult kinds = decode("--on-bad-kind zoned=null,packed=raw empty.dat");
  EXPECT_EQ(kinds.out,
            "{\"STOCK-ID\":null,\"STOCK-NAME\":\"NUT\",\"STOCK-QUANTITY\":{\"raw\":\"0000\"}}\n");
  EXPECT_THAT(kinds.err, HasSubstr("2 bad fields became null or their bytes"));
  EXPECT_EQ(decode("--on-bad-kind zoned=maybe empty.dat").exit_code, 1);
}

TEST_F(DecodeCommand, CountsCharactersThatTheCodePageLacks) {
  folder_.write("stock.dat", "0001BO\xFFT  " + from_hex("012D"));
  const CommandResult result = decode("--codepage US-ASCII stock.dat");
  EXPECT_THAT(result.out, HasSubstr("BO\xEF\xBF\xBDT"));
  EXPECT_THAT(result.err, HasSubstr("1 characters are not in the code page"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(decode("--codepage US-ASCII --unmappable reject stock.dat").exit_code, 2);
}

TEST_F(DecodeCommand, DialectsSayWhatTheirFilesAre) {
  folder_.write("n.cpy",
                "       01  R.\n           05  A PIC X(2).\n           05  B PIC S9(4) "
                "COMP-5.\n           05  C COMP-1.\n           05  D PIC S9(2).\n");
  folder_.write("n.dat", from_hex("4142FEFF0000C03F3172"));
  const std::string expected = "{\"A\":\"AB\",\"B\":-2,\"C\":1.5,\"D\":-12}\n";
  for (const char* dialect : {"gnucobol", "micro-focus"})
    EXPECT_EQ(shell(std::string("copybridge decode -c n.cpy --dialect ") + dialect + " n.dat").out,
              expected);
  EXPECT_EQ(shell("copybridge decode -c n.cpy --codepage ISO-8859-1 --float ieee --endian little "
                  "n.dat")
                .out,
            expected);
}

TEST_F(DecodeCommand, ReadsStandardInput) {
  folder_.write("stock.dat", bolt() + nut());
  for (const char* line :
       {"copybridge decode -c stock.cpy - <stock.dat", "copybridge decode -c stock.cpy <stock.dat",
        "cat stock.dat | copybridge decode -c stock.cpy",
        "gzip -c stock.dat | copybridge decode -c stock.cpy -"}) {
    const CommandResult result = shell(line);
    EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut)) << line;
    EXPECT_EQ(result.exit_code, 0) << line;
  }
}

TEST_F(DecodeCommand, ReadsCompressedFiles) {
  folder_.write("stock.dat", bolt() + nut());
  ASSERT_EQ(shell("gzip -k stock.dat && zstd -q stock.dat").exit_code, 0);
  for (const char* file : {"stock.dat.gz", "stock.dat.zst"}) {
    const CommandResult result = decode(file);
    EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut)) << file;
    EXPECT_EQ(result.exit_code, 0) << file;
  }
}

TEST_F(DecodeCommand, ReportsTruncatedCompressedDataAsBrokenFraming) {
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += bolt() + nut();
  folder_.write("stock.dat", stream);
  ASSERT_EQ(shell("gzip -c stock.dat | head -c 60 >cut.gz").exit_code, 0);
  const CommandResult result = decode("cut.gz");
  EXPECT_THAT(result.err, HasSubstr("compressed data ends early, at byte 60"));
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(DecodeCommand, KeepsRecordsThatSatisfyACondition) {
  folder_.write("stock.dat", bolt() + nut() + gear());
  EXPECT_THAT(lines_of(decode("--where \"STOCK-QUANTITY > 0\" stock.dat").out), ElementsAre(kNut));
}

TEST_F(DecodeCommand, RejectsARecordWhoseConditionCannotBeEvaluated) {
  folder_.write("stock.dat", bad() + nut());
  const CommandResult result = decode("--where 'STOCK-QUANTITY > 0' stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kNut));
  EXPECT_THAT(result.err, StartsWith("record 1: --where: "));
  EXPECT_EQ(result.exit_code, 2);
}

TEST_F(DecodeCommand, StopsAtTheLimit) {
  folder_.write("stock.dat", bolt() + nut() + gear() + "torn");
  const CommandResult result = decode("--limit 2 stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, SelectsItems) {
  folder_.write("stock.dat", nut());
  EXPECT_EQ(decode("--select STOCK-NAME,STOCK-ID stock.dat").out,
            "{\"STOCK-ID\":2,\"STOCK-NAME\":\"NUT\"}\n");
}

TEST_F(DecodeCommand, TakesTheRecordLengthFromAField) {
  folder_.write("own.cpy",
                "       01  OWN.\n           05  TAG PIC X.\n           05  LEN PIC 9(4) COMP.\n"
                "           05  REST PIC X(3).\n");
  folder_.write("own.dat",
                ebcdic("A") + from_hex("0006") + ebcdic("ABCB") + from_hex("0006") + ebcdic("XYZ"));
  const CommandResult result = shell("copybridge decode -c own.cpy --length-field LEN own.dat");
  EXPECT_EQ(
      result.out,
      "{\"TAG\":\"A\",\"LEN\":6,\"REST\":\"ABC\"}\n{\"TAG\":\"B\",\"LEN\":6,\"REST\":\"XYZ\"}\n");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, NamesTheFileWhereThereAreSeveral) {
  folder_.write("one.dat", bolt());
  folder_.write("two.dat", bad() + nut() + "torn");
  folder_.write("three.dat", gear());
  const CommandResult result = decode("one.dat two.dat missing.dat three.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut, kGear));
  EXPECT_THAT(lines_of(result.err),
              ElementsAre(StartsWith("two.dat: record 1: "), StartsWith("two.dat: framing: "),
                          "input: missing.dat: cannot be opened: No such file or directory",
                          "decode: 1 of 4 records rejected"));
  EXPECT_EQ(result.exit_code, 4);
}

TEST_F(DecodeCommand, EndsQuietlyWhereTheReaderOfItsOutputHasGone) {
  std::string stream;
  for (int i = 0; i < 200'000; ++i) stream += bolt();
  folder_.write("stock.dat", stream);
  const CommandResult result =
      shell("{ copybridge decode -c stock.cpy stock.dat; echo exit $? >&2; } | head -n 1");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt));
  EXPECT_EQ(result.err, "exit 0\n");
}

TEST_F(DecodeCommand, FailsWhereItsOutputCannotBeWritten) {
  folder_.write("stock.dat", bolt());
  const CommandResult result = decode("stock.dat >/dev/full");
  EXPECT_EQ(result.err, "output: cannot write to standard output: No space left on device\n");
  EXPECT_EQ(result.exit_code, 4);
}

TEST_F(DecodeCommand, CarriesRecordsOverFromBufferToBuffer) {
  // Several buffers of records whose sizes do not divide the buffer's.
  const std::string copybook = "       01  R.\n           05  A PIC X(997).\n";
  folder_.write("r.cpy", copybook);
  constexpr int kRecords = 4000;
  std::string stream;
  for (int i = 0; i < kRecords; ++i) {
    std::string text = ebcdic(std::to_string(i));
    text.resize(997, '\x40');
    stream += text;
  }
  folder_.write("r.dat", stream);
  for (const char* line :
       {"copybridge decode -c r.cpy r.dat", "cat r.dat | copybridge decode -c r.cpy -"}) {
    const auto lines = lines_of(shell(line).out);
    ASSERT_THAT(lines, SizeIs(kRecords));
    for (int i = 0; i < kRecords; ++i)
      ASSERT_EQ(lines[static_cast<std::size_t>(i)], "{\"A\":\"" + std::to_string(i) + "\"}");
  }
}

TEST_F(DecodeCommand, ReadsRecordsLargerThanItsBuffer) {
  folder_.write("big.cpy",
                "       01  BIG.\n           05  A PIC X(3000000).\n           05  B PIC X.\n");
  folder_.write("big.dat", std::string(3'000'000, '\x40') + ebcdic("1") +
                               std::string(3'000'000, '\x40') + ebcdic("2"));
  const CommandResult result = shell("cat big.dat | copybridge decode -c big.cpy");
  EXPECT_THAT(lines_of(result.out),
              ElementsAre("{\"A\":\"\",\"B\":\"1\"}", "{\"A\":\"\",\"B\":\"2\"}"));
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, RefusesAnUnknownOptionAndNamesTheOneItResembles) {
  const CommandResult result = decode("--recfn V stock.dat");
  EXPECT_EQ(result.err,
            "unknown option --recfn; did you mean --recfm?\n"
            "copybridge decode --help shows what there is.\n");
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(decode("--frobnicate stock.dat").err, StartsWith("unknown option --frobnicate\n"));
}

TEST_F(DecodeCommand, IsFoundByANameThatIsMisspelt) {
  EXPECT_THAT(shell("copybridge decoed").err,
              StartsWith("unknown command decoed; did you mean decode?\n"));
  EXPECT_EQ(shell("copybridge decoed").exit_code, 1);
}

TEST_F(DecodeCommand, NamesTheWordsThatAnOptionTakes) {
  const CommandResult result = decode("--recfm VBX stock.dat");
  EXPECT_THAT(result.err, HasSubstr("--recfm"));
  EXPECT_THAT(result.err, HasSubstr("length-prefixed"));
  EXPECT_EQ(result.exit_code, 1);
  const CommandResult address = decode("--lp 3 stock.dat");
  EXPECT_THAT(address.err, StartsWith("--lp: 3 not in {32,64}\n"));
}

TEST_F(DecodeCommand, TakesNoNumberForAWord) {
  for (const char* option : {"--lp 1", "--nsymbol 1", "--dialect 1", "--source-format 1"}) {
    const CommandResult result = decode(std::string(option) + " stock.dat");
    EXPECT_THAT(result.err, HasSubstr(": 1 not in {")) << option;
    EXPECT_EQ(result.exit_code, 1) << option;
  }
}

TEST_F(DecodeCommand, RefusesAnUnknownCodePage) {
  folder_.write("stock.dat", bolt());
  const CommandResult result = decode("--codepage IBM-9999 stock.dat");
  EXPECT_THAT(result.err, HasSubstr("IBM-9999"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(DecodeCommand, RefusesAnUnknownItemAtItsColumn) {
  folder_.write("stock.dat", bolt());
  const CommandResult result = decode("--where 'NO-SUCH-ITEM = 1' stock.dat");
  EXPECT_THAT(result.err, StartsWith("--where:1:1: error: "));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(decode("--select NO-SUCH-ITEM stock.dat").exit_code, 1);
  EXPECT_EQ(decode("--length-field NO-SUCH-ITEM stock.dat").exit_code, 1);
}

TEST_F(DecodeCommand, RefusesALengthFieldThatHoldsNoLength) {
  folder_.write("stock.dat", bolt());
  const CommandResult result = decode("--length-field STOCK-NAME stock.dat");
  EXPECT_THAT(result.err, HasSubstr("STOCK-NAME"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(DecodeCommand, ReportsMistakesOfTheCopybookWithTheirPlace) {
  folder_.write("stock.cpy", "       01  STOCK.\n           05  A PIC Q(4).\n");
  const CommandResult result = decode("stock.dat");
  EXPECT_THAT(result.err, StartsWith("stock.cpy:2:"));
  EXPECT_EQ(result.exit_code, 1);
}

TEST_F(DecodeCommand, ListsTheRecordsOfACopybookWithSeveral) {
  folder_.write("stock.cpy",
                std::string(kCopybook) + "       01  OTHER.\n           05 A PIC X.\n");
  folder_.write("stock.dat", bolt());
  const CommandResult refused = decode("stock.dat");
  EXPECT_THAT(refused.err, HasSubstr("STOCK"));
  EXPECT_THAT(refused.err, HasSubstr("OTHER"));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(lines_of(decode("--record STOCK stock.dat").out), ElementsAre(kBolt));
}

TEST_F(DecodeCommand, PrintsItsHelp) {
  const CommandResult result = shell("copybridge decode --help");
  for (const char* option : {"--recfm", "--where", "--keep-raw", "--source-format", "--codepage"})
    EXPECT_THAT(result.out, HasSubstr(option));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(DecodeCommand, PutsSpannedRecordsTogether) {
  const std::string record = bolt();
  folder_.write("stock.dat", from_hex("00090100") + record.substr(0, 5) + from_hex("000B0200") +
                                 record.substr(5) + with_rdw(nut()));
  const CommandResult result = decode("--recfm VBS stock.dat");
  EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt, kNut));
  EXPECT_EQ(result.err, "");
  folder_.write("stock.dat", with_rdw(nut()) + from_hex("00090200") + record.substr(0, 5));
  const CommandResult broken = decode("--recfm VBS stock.dat");
  EXPECT_THAT(lines_of(broken.out), ElementsAre(kNut));
  EXPECT_THAT(broken.err, HasSubstr("RDW at byte 16: found 00090200"));
  EXPECT_EQ(broken.exit_code, 3);
}

TEST_F(DecodeCommand, ReadsEveryOtherFormat) {
  const std::string header =
      from_hex("307E0000") + std::string(32, '\0') + from_hex("003E0001") + std::string(88, '\0');
  const std::string size = from_hex("0C");
  const std::pair<const char*, std::string> files[] = {
      {"--recfm zosmf", from_hex("000000") + size + bolt()},
      {"--recfm ims-llzz", from_hex("00100000") + bolt()},
      {"--recfm ftp-block", from_hex("8000") + size + bolt() + from_hex("400000")},
      {"--recfm gnucobol", from_hex("00") + size + from_hex("0000") + bolt()},
      {"--recfm gnucobol --varseq-format 2", size + from_hex("000000") + bolt()},
      {"--recfm micro-focus", header + from_hex("40") + size + bolt() + "  "},
      {"--recfm line --line-end nel", bolt() + from_hex("15")},
      {"--recfm line --line-end-hex 1E", bolt() + from_hex("1E")},
      {"--recfm copybook", bolt()},
      {"--length-field 'STOCK-ID * 2 + 10'", bolt()},
      {"--length-field STOCK-NAME --length-map BOLT=12,*=1", bolt()},
      {"--length-bytes 1 --recfm length-prefixed", size + bolt()}};
  for (const auto& [options, bytes] : files) {
    folder_.write("stock.dat", bytes);
    const CommandResult result = decode(std::string(options) + " stock.dat");
    EXPECT_THAT(lines_of(result.out), ElementsAre(kBolt)) << options << ": " << result.err;
    EXPECT_EQ(result.exit_code, 0) << options;
  }
}

TEST_F(DecodeCommand, RefusesFramingOptionsThatWouldDoNothing) {
  folder_.write("stock.dat", bolt());
  for (const char* options : {"--rdw-endian big", "--recfm F --rdw-adjust 1", "--line-end lf",
                              "--recfm line --bdw yes", "--recfm V --wrap-lines yes"}) {
    const CommandResult result = decode(std::string(options) + " stock.dat");
    EXPECT_THAT(result.err, HasSubstr("has no meaning with record format")) << options;
    EXPECT_EQ(result.exit_code, 1) << options;
  }
}

TEST_F(DecodeCommand, WrapsLongLinesWhereAsked) {
  folder_.write("line.cpy", "       01  LINE.\n           05  TEXT  PIC X(3).\n");
  folder_.write("line.dat", "abcde\nfgh\n");
  const CommandResult result = shell(
      "copybridge decode -c line.cpy --recfm line --codepage ISO-8859-1 --lrecl 3 --wrap-lines yes "
      "--short-records accept --on-bad-field raw line.dat");
  ASSERT_THAT(lines_of(result.out), SizeIs(3)) << result.err;
  EXPECT_EQ(lines_of(result.out)[2], R"({"TEXT":"fgh"})");
}

}  // namespace
}  // namespace copybridge
