// Loading of mapping files: what they say reaches the plan, and what is reported beside mistakes.
#include "codecs/mapping/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "codecs/mapping/examples.h"
#include "codecs/mapping/keys.h"
#include "tests/support/memory_files.h"
#include "tests/support/paths.h"

namespace copybridge::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHead = "name: a\ncopybook: account.cpy\nevent: {type: t}\n";

/// Uses every key there is.
constexpr const char* kFullMapping = R"(name: full.mapping_1
copybook: account.cpy
record: account-record
codepage: IBM-1047
libraries: [library]
source_format: fixed
decimal_point_is_comma: no
currency: $
dialect: ibm
float: ieee
endian: big
match: ACCT-TYPE = 'S' OR 'L'
only_if: ACCT-ID > 0
fields:
  ACCT-ID: {as: text}
  ACCT-SSN: {mask: keep-last 4, on_bad_field: reject}
  ACCT-OPENED: {date: yyyyMMdd, century_window: 1950, empty: [0, 99999999]}
  ACCT-BALANCE: {name: balance}
  ACCT-STAMP: {date: yyyy-MM-dd-HH.mm.ss.SSSSSS, time_zone: +01:00}
  ACCT-RATE: {drop: yes}
  CITY OF OWNER: {codepage: IBM-037}
  BRANCH.CITY: {empty: 'NONE'}
redefines:
  - {item: DETAIL-LOAN, when: ACCT-LOAN}
  - {item: DETAIL-SAVINGS, when: ACCT-SAVINGS}
newline: page
copybook_codepage: IBM-273
on_bad_kind: {packed: raw}
unmappable: reject
lenient: [blanks, overpunch]
numproc: pfd
lp: 64
nsymbol: dbcs
empty: [spaces, low-values]
empty_text: high-values
edited: text
varchar: string
national: little
odo_range: clamp
record_end: alternative
renames: yes
names: snake
place: detail
trim: both
numbers: safe
fillers: keep
on_bad_field: null
short_records: accept
long_records: accept
odo: moving
conditions: yes
list_errors: yes
keep_raw: no
event: {type: com.example.account, subject: 'account/{ACCT-SSN}', key: ACCT-ID, attributes: {file: '{@file}'}}
match_source: {queue: [A.Q, B.Q]}
examples:
  - record_hex: |
      E2 F0F0F0F0F0F1F2F3F4 F1F2F3F4F5F6F7F8F9 F2F0F2F4F0F1F3F1 000001250D 3FF8000000000000
      F2F0F2F460F0F160F3F160F1F04BF2F04BF3F04BF1F2F3F4F5F6
      C1D5D540404040404040 C2D6D5D540404040 D2D6D3D540404040 0007 F1F2F5 C1C2 C3C4
    event:
      acct_type: S
      acct_savings: true
      acct_id: "000001234"
      acct_ssn: "*****6789"
      acct_opened: "2024-01-31"
      balance: -12.50
      acct_stamp: "2024-01-31T10:20:30.123456+01:00"
      owner: {name: ANN, city: BONN}
      branch: {city: KOLN, code_no: 7}
      detail_savings: {interest: 125}
      tag: [AB, CD]
    key: "000001234"
    subject: account/*****6789
    source: {file: in.dat, queue: B.Q}
    attributes: {file: in.dat}
  - record_text: L000000000
    event: filtered
    source: {queue: A.Q}
)";

/// Loads a text beside the account copybook; what was found goes to `diagnostics`.
std::unique_ptr<const Mapping> load_account(const std::string& text, Diagnostics& diagnostics) {
  support::MemoryFiles files;
  files.add("account.cpy", support::kAccountCopybook);
  return load_text(text, "account.yaml", files, diagnostics);
}

std::vector<std::string> findings(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) lines.push_back(to_string(diagnostic));
  return lines;
}

TEST(MappingFile, WithEveryKeyLoadsAndItsExamplesHold) {
  Diagnostics diagnostics;
  const auto mapping = load_account(kFullMapping, diagnostics);
  ASSERT_NE(mapping, nullptr) << ::testing::PrintToString(findings(diagnostics));
  EXPECT_THAT(findings(diagnostics), IsEmpty());
  ASSERT_EQ(mapping->examples.size(), 2U);
  EXPECT_THAT(run_example(*mapping, mapping->examples[0]), IsEmpty());
  EXPECT_THAT(run_example(*mapping, mapping->examples[1]), IsEmpty());
  EXPECT_EQ(mapping->name, "full.mapping_1");
  EXPECT_EQ(mapping->event_type, "com.example.account");
  EXPECT_EQ(mapping->copybook_file, "account.cpy");
}

TEST(MappingFile, WithEveryKeyNamesAllOfTheTables) {
  const std::string text = kFullMapping;
  for (const auto table :
       {mapping_keys(), field_keys(), redefines_keys(), event_keys(), example_keys()}) {
    for (const OptionSpec& spec : table) {
      // The hierarchy's own test has it.
      if (spec.name == "children") continue;
      EXPECT_THAT(text, HasSubstr(std::string(spec.name) + ":")) << "not used";
    }
  }
}

TEST(MappingFile, ShapesThePlanOptions) {
  Diagnostics diagnostics;
  const auto mapping = load_account(kFullMapping, diagnostics);
  ASSERT_NE(mapping, nullptr);
  const plan::PlanOptions& options = mapping->options;
  EXPECT_EQ(options.code_page->byte_of('['), 0xAD);
  EXPECT_EQ(options.float_format, plan::FloatFormat::ieee);
  EXPECT_EQ(options.names, plan::Names::snake);
  EXPECT_EQ(options.trim, plan::Trim::both);
  EXPECT_EQ(options.numbers, plan::Numbers::safe);
  EXPECT_EQ(options.on_bad_field, plan::OnBadField::null);
  EXPECT_EQ(options.on_bad_kind[static_cast<std::size_t>(plan::FieldKind::packed)],
            plan::OnBadField::raw);
  EXPECT_EQ(options.unmappable, charset::Unmappable::reject);
  EXPECT_TRUE(options.lenient.blanks && options.lenient.overpunch && !options.lenient.zones);
  EXPECT_TRUE(options.empty_numbers.spaces && options.empty_numbers.low_values);
  EXPECT_TRUE(options.empty_text.high_values && !options.empty_text.spaces);
  EXPECT_EQ(options.edited, plan::Edited::text);
  EXPECT_EQ(options.varchar, plan::Varchar::string);
  EXPECT_TRUE(options.preferred_signs);
  EXPECT_TRUE(options.renames);
  EXPECT_EQ(options.national_order, plan::ByteOrder::little);
  EXPECT_EQ(options.odo_range, plan::OdoRange::clamp);
  EXPECT_EQ(options.record_end, plan::RecordEnd::alternative);
  EXPECT_EQ(options.short_records, plan::Acceptance::accept);
  EXPECT_EQ(options.long_records, plan::Acceptance::accept);
  EXPECT_TRUE(options.keep_fillers);
  EXPECT_TRUE(options.conditions);
  EXPECT_TRUE(options.list_errors);
  EXPECT_FALSE(options.keep_raw);
  ASSERT_EQ(options.rules.size(), 8U);
  EXPECT_EQ(options.rules[2].date->century_window, 1950);
  EXPECT_EQ(options.rules[7].where.line, 22U);
}

TEST(MappingFile, WithoutOptionsHasTheDefaultsOfTheTables) {
  Diagnostics diagnostics;
  const auto mapping = load_account(kHead, diagnostics);
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->options.code_page->byte_of('['), 0xBA);
  EXPECT_EQ(mapping->options.float_format, plan::FloatFormat::ibm);
  EXPECT_EQ(mapping->options.native_order, plan::ByteOrder::big);
  EXPECT_EQ(mapping->options.odo, plan::OdoStorage::moving);
  EXPECT_EQ(mapping->options.on_bad_field, plan::OnBadField::reject);
  EXPECT_TRUE(mapping->match.is_empty());
  EXPECT_TRUE(mapping->only_if.is_empty());
  EXPECT_EQ(mapping->subject, nullptr);
  EXPECT_EQ(mapping->key, nullptr);
}

TEST(MappingFile, ReadsEmptyValuesByHowTheyAreWritten) {
  using Kind = plan::EmptyValue::Kind;
  Diagnostics diagnostics;
  const auto mapping = load_account(
      std::string(kHead) +
          "fields: {NAME: {empty: [0, -1.5, '0', spaces, low-values, high-value, zeros, N/A]}}\n",
      diagnostics);
  ASSERT_NE(mapping, nullptr) << ::testing::PrintToString(findings(diagnostics));
  const auto& empty = mapping->options.rules.at(0).empty;
  ASSERT_EQ(empty.size(), 8U);
  EXPECT_EQ(empty[0].kind, Kind::number);
  EXPECT_EQ(empty[1].text, "-1.5");
  EXPECT_EQ(empty[2].kind, Kind::text);
  EXPECT_EQ(empty[3].kind, Kind::spaces);
  EXPECT_EQ(empty[4].kind, Kind::low_values);
  EXPECT_EQ(empty[5].kind, Kind::high_values);
  EXPECT_EQ(empty[6].text, "0");
  EXPECT_EQ(empty[7].text, "N/A");
}

TEST(MappingFile, ReportsAllItsMistakesAtOnceInOrder) {
  Diagnostics diagnostics;
  const auto mapping = load_account(
      "name: a b\n"
      "copybook: account.cpy\n"
      "codepage: IBM-0\n"
      "match: ACCT-KIND = 'A' OR ACCT-TIPE = 'B'\n"
      "fields:\n"
      "  ACCT-IDD: {mask: none}\n"
      "  ACCT-SSN: {mask: some, dat: x}\n"
      "event: {key: '{X'}\n"
      "examples: [{record_hex: C, event: {}}]\n",
      diagnostics);
  EXPECT_EQ(mapping, nullptr);
  std::vector<std::string> places;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Severity::warning) continue;
    places.push_back(to_string(diagnostic.where));
    order.emplace_back(diagnostic.where.line, diagnostic.where.column);
  }
  EXPECT_THAT(places,
              ::testing::IsSupersetOf({"account.yaml:1:7", "account.yaml:3:11", "account.yaml:4:8",
                                       "account.yaml:6:3", "account.yaml:6:20", "account.yaml:7:20",
                                       "account.yaml:7:26", "account.yaml:8:8", "account.yaml:8:15",
                                       "account.yaml:9:25"}));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(MappingFile, DoesNotCountAByteOrderMark) {
  Diagnostics diagnostics;
  EXPECT_EQ(load_account("\xEF\xBB\xBFmatch: 'ACCT-KIND = 1'\n" + std::string(kHead), diagnostics),
            nullptr);
  EXPECT_EQ(to_string(diagnostics.first_error(ErrorKind::config).where), "account.yaml:1:9");
}

TEST(MappingFile, InUtf16IsRefused) {
  Diagnostics diagnostics;
  EXPECT_EQ(load_account(std::string("n\0a\0", 4), diagnostics), nullptr);
  EXPECT_EQ(load_account("\xFF\xFEn", diagnostics), nullptr);
  EXPECT_THAT(findings(diagnostics),
              ElementsAre("account.yaml:1:1: error: yaml: the file is not UTF-8 text",
                          "account.yaml:1:1: error: yaml: the file is not UTF-8 text"));
}

TEST(MappingFile, PassesMistakesOfTheCopybookOn) {
  support::MemoryFiles files;
  files.add("in/broken.cpy",
            "       01  R.\n"
            "           05  A  PIC X.\n"
            "           05  B  PIC Q.\n");
  Diagnostics diagnostics;
  EXPECT_EQ(load_text("name: a\ncopybook: broken.cpy\nevent: {type: t}\ntrim: up\n", "in/a.yaml",
                      files, diagnostics),
            nullptr);
  ASSERT_EQ(diagnostics.error_count(), 2U);
  EXPECT_THAT(to_string(diagnostics.all()[0]), HasSubstr("in/a.yaml:4:7: error: 'trim'"));
  EXPECT_THAT(to_string(diagnostics.all()[1]), HasSubstr("in/broken.cpy:3:"));
}

TEST(MappingFile, WarnsOfARedefinesWithoutCondition) {
  Diagnostics diagnostics;
  EXPECT_NE(load_account(kHead, diagnostics), nullptr);
  EXPECT_THAT(findings(diagnostics),
              ElementsAre(HasSubstr("account.cpy:19:16: warning: 'DETAIL-LOAN' redefines "
                                    "'DETAIL-SAVINGS'")));
}

TEST(MappingFile, WarnsOfNamesThatOccurTwiceInOneObject) {
  support::MemoryFiles files;
  files.add("twice.cpy",
            "       01  R.\n"
            "           05  A    PIC X.\n"
            "           05  A    PIC X.\n"
            "           05  B    PIC X.\n");
  Diagnostics diagnostics;
  EXPECT_NE(load_text("name: a\ncopybook: twice.cpy\nevent: {type: t}\nfields:\n  B: {name: A}\n",
                      "a.yaml", files, diagnostics),
            nullptr);
  EXPECT_THAT(findings(diagnostics), ElementsAre(HasSubstr("a.yaml:5:3: warning: "),
                                                 HasSubstr("twice.cpy:3:16: warning: ")));
}

/// What is found in a mapping that masks SECRET, with more rules and choices behind it.
std::vector<std::string> masked_findings(const std::string& more) {
  support::MemoryFiles files;
  files.add("masked.cpy",
            "       01  R.\n"
            "           05  KIND        PIC X.\n"
            "           05  PERSON.\n"
            "               10  SECRET  PIC X(4).\n"
            "           05  AREA-OF REDEFINES PERSON.\n"
            "               10  FILLER  PIC X(2).\n"
            "               10  REST    PIC X(2).\n");
  Diagnostics diagnostics;
  const std::string head = "name: a\ncopybook: masked.cpy\nevent: {type: t}\n";
  EXPECT_NE(load_text(head + more, "a.yaml", files, diagnostics), nullptr);
  std::vector<std::string> lines = findings(diagnostics);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("masked.cpy"); });
  return lines;
}

TEST(MappingFile, WarnsOfMaskedBytesThatShowInARedefinition) {
  EXPECT_THAT(masked_findings("fields: {SECRET: {mask: all}}\n"),
              ElementsAre(HasSubstr("a.yaml:4:10: warning: 'SECRET' is masked, but 'REST' shows")));
}

TEST(MappingFile, DoesNotWarnOfMaskedBytesThatAreHiddenEverywhere) {
  EXPECT_THAT(masked_findings("fields: {SECRET: {mask: all}, REST: {mask: all}}\n"), IsEmpty());
  EXPECT_THAT(masked_findings("fields: {SECRET: {mask: all}, AREA-OF: {drop: yes}}\n"), IsEmpty());
  EXPECT_THAT(masked_findings("fields: {SECRET: {mask: all}}\n"
                              "redefines: [{item: PERSON, when: KIND = 'P'}, "
                              "{item: AREA-OF, when: KIND = 'A'}]\n"),
              IsEmpty());
}

TEST(MappingFile, TakesTheRecordItNames) {
  support::MemoryFiles files;
  files.add("two.cpy",
            "       01  FIRST-RECORD.\n"
            "           05  A  PIC X.\n"
            "       01  SECOND-RECORD.\n"
            "           05  B  PIC XX.\n");
  Diagnostics diagnostics;
  const auto mapping =
      load_text("name: a\ncopybook: two.cpy\nrecord: SECOND-RECORD\nevent: {type: t}\n", "a.yaml",
                files, diagnostics);
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->layout->name(), "SECOND-RECORD");
}

TEST(MappingFile, HashesItsTextAndItsCopybook) {
  Diagnostics diagnostics;
  const auto first = load_account(kHead, diagnostics);
  const auto second = load_account(std::string(kHead) + "# changed\n", diagnostics);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  // What xxh128sum says of the text of kHead.
  EXPECT_EQ(first->mapping_hash, "9800daed5de5c2304a06bbe93eadc215");
  EXPECT_NE(first->mapping_hash, second->mapping_hash);
  EXPECT_EQ(first->copybook_hash, second->copybook_hash);
  EXPECT_EQ(first->copybook_hash.size(), 32U);
}

TEST(MappingFile, IsReadFromDiskWithItsCopybookAndLibrary) {
  const auto folder = std::filesystem::path(support::build_path("mapping_file_test"));
  std::filesystem::create_directories(folder / "library");
  std::ofstream(folder / "library/PART.cpy") << "           05  B  PIC X.\n";
  std::ofstream(folder / "main.cpy") << "       01  R.\n           05  A  PIC X.\n"
                                        "           COPY PART.\n";
  std::ofstream(folder / "main.yaml")
      << "name: a\ncopybook: main.cpy\nlibraries: library\nevent: {type: t}\n";
  Diagnostics diagnostics;
  const auto mapping = load(folder / "main.yaml", diagnostics);
  ASSERT_NE(mapping, nullptr) << ::testing::PrintToString(findings(diagnostics));
  EXPECT_EQ(mapping->layout->items.size(), 3U);
  EXPECT_EQ(mapping->file, folder / "main.yaml");
  std::filesystem::remove_all(folder);
}

TEST(MappingFile, ThatIsNotThereIsReported) {
  Diagnostics diagnostics;
  EXPECT_EQ(load("/no/such/file.yaml", diagnostics), nullptr);
  EXPECT_THAT(findings(diagnostics),
              ElementsAre("/no/such/file.yaml: error: the file cannot be read"));
  EXPECT_EQ(load("/", diagnostics), nullptr);
}

}  // namespace
}  // namespace copybridge::mapping
