// The data files of a real COBOL application (CardDemo): every record decodes, and the EBCDIC file
// and its ASCII twin come out alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/support/command.h"

namespace copybridge {
namespace {

using support::CommandResult;
using support::lines_of;
using testing::SizeIs;

/// The folder of the corpus; empty where it is absent. Absent although COPYBRIDGE_CORPUS names it
/// is a failure.
std::filesystem::path corpus() {
  const char* named = std::getenv("COPYBRIDGE_CORPUS");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(COPYBRIDGE_SOURCE_DIR "/../shared/corpus");
  if (std::filesystem::is_directory(folder / "carddemo")) return folder / "carddemo";
  EXPECT_EQ(named, nullptr) << "COPYBRIDGE_CORPUS names a folder without carddemo";
  return {};
}

struct Case {
  const char* name;
  std::size_t records;
};

class CardDemo : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = corpus();
    if (folder.empty()) {
      std::cerr << "CORPUS ABSENT: " << GetParam().name << " has not been decoded\n";
      GTEST_SKIP() << "the corpus is absent";
    }
    folder_ = folder / GetParam().name;
  }

  [[nodiscard]] std::vector<std::string> decode(const std::string& options,
                                                const std::string& file) const {
    const CommandResult result =
        support::run("copybridge decode -c '" + (folder_ / "copybook.cpy").string() + "' " +
                     options + " '" + (folder_ / file).string() + "'");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return lines_of(result.out);
  }

  std::filesystem::path folder_;
};

/// A text with one part exchanged; the part must be in it.
std::string exchanged(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class CardDemoTwins : public CardDemo {};

TEST_P(CardDemoTwins, EqualsItsAsciiTwin) {
  std::vector<std::string> from_ebcdic = decode("--codepage IBM-037", "data.bin");
  const std::vector<std::string> from_ascii =
      decode("--recfm line --codepage ISO-8859-1 --short-records accept", "expected.ascii.txt");
  ASSERT_THAT(from_ebcdic, SizeIs(GetParam().records));
  ASSERT_THAT(from_ascii, SizeIs(GetParam().records));
  // The two places where the files themselves differ.
  if (GetParam().name == std::string("ACCTDATA")) {
    from_ebcdic[48] = exchanged(from_ebcdic[48], R"("ACCT-ADDR-ZIP":"ZEROAPR")",
                                R"("ACCT-ADDR-ZIP":"A000000000")");
  }
  if (GetParam().name == std::string("DISCGRP")) {
    from_ebcdic[33] =
        exchanged(from_ebcdic[33], R"("DIS-INT-RATE":15.00)", R"("DIS-INT-RATE":0.00)");
  }
  for (std::size_t i = 0; i < from_ebcdic.size(); ++i)
    EXPECT_EQ(from_ebcdic[i], from_ascii[i]) << "record " << i + 1;
}

INSTANTIATE_TEST_SUITE_P(Files, CardDemoTwins,
                         testing::Values(Case{"ACCTDATA", 50}, Case{"CARDDATA", 50},
                                         Case{"CARDXREF", 50}, Case{"CUSTDATA", 50},
                                         Case{"DISCGRP", 51}, Case{"TRANTYPE", 7}),
                         [](const auto& test) { return std::string(test.param.name); });

class CardDemoLowValues : public CardDemo {};

TEST_P(CardDemoLowValues, DecodesWithNullForFieldsThatHoldLowValues) {
  const std::vector<std::string> lines =
      decode("--codepage IBM-037 --on-bad-field null", "data.bin");
  ASSERT_THAT(lines, SizeIs(GetParam().records));
  EXPECT_THAT(lines[0], testing::HasSubstr(R"("DALYTRAN-AMT":null)"));
}

INSTANTIATE_TEST_SUITE_P(Files, CardDemoLowValues, testing::Values(Case{"DALYTRAN_INIT", 1}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace copybridge
