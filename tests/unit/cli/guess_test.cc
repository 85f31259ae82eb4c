// `copybridge inspect --guess` over files of every framing and of many code pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "codecs/charset/code_page.h"
#include "codecs/framing/writer.h"
#include "tests/support/command.h"
#include "tests/support/temporary_directory.h"

namespace copybridge {
namespace {

using framing::FramingOptions;
using framing::Presence;
using framing::Recfm;
using support::run;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kRecords = 200;

std::string in_page(std::string_view text, std::string_view page) {
  const auto table = charset::CodePage::load(page);
  EXPECT_TRUE(table) << page;
  const auto bytes = (*table)->from_utf8(text);
  EXPECT_TRUE(bytes) << text << " in " << page;
  return *bytes;
}

/// A record as business files have them: a number, a name, a packed and a binary amount, and, where
/// sizes vary, a few lines more.
std::vector<std::string> records_of(std::string_view page, bool has_lines) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same files every time
  const std::vector<std::string> names = {"MILLER", "SCHMIDT", "JONES", "GARCIA", "ROSSI", "NOVAK"};
  const auto packed = [&](std::size_t size) {
    std::string bytes;
    while (bytes.size() + 1 < size) bytes += static_cast<char>(random() % 10 * 16 + random() % 10);
    return bytes + static_cast<char>(random() % 10 * 16 + 0x0C);
  };
  std::vector<std::string> records;
  for (std::size_t i = 0; i < kRecords; ++i) {
    std::string text = std::to_string(100000 + i) + names[random() % names.size()];
    text.resize(18, ' ');
    std::string record = in_page(text, page) + packed(5);
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      record += static_cast<char>((random() % 1000000) >> shift & 0xFFU);
    for (auto lines = has_lines ? random() % 5 : 0; lines > 0; --lines) {
      std::string line = names[random() % names.size()];
      line.resize(10, ' ');
      record += in_page(line, page) + packed(3);
    }
    records.push_back(record);
  }
  return records;
}

ByteView view_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string framed(const std::vector<std::string>& records, const FramingOptions& options) {
  auto writer = framing::make_writer(options);
  EXPECT_TRUE(writer);
  ByteBuffer out;
  for (const std::string& record : records) EXPECT_TRUE((*writer)->write(view_of(record), out));
  EXPECT_TRUE((*writer)->finish(out));
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

class Guessing : public ::testing::Test {
 protected:
  /// What stands first under a title.
  [[nodiscard]] std::string first(const std::string& bytes, const std::string& title) const {
    folder_.write("unknown", bytes);
    const support::CommandResult result =
        run("copybridge inspect --guess '" + (folder_.path() / "unknown").string() + "'");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::size_t line = result.out.find('\n', result.out.find(title)) + 1;
    const std::size_t flags = result.out.find("--", line);
    return result.out.substr(flags, result.out.find('\n', line) - flags);
  }
  [[nodiscard]] std::string format_of(const std::string& bytes) const {
    return first(bytes, "Record format");
  }
  [[nodiscard]] std::string page_of(const std::string& bytes) const {
    return first(bytes, "Code page");
  }

 private:
  support::TemporaryFolder folder_;
};

struct Form {
  std::string flags;
  FramingOptions options;
  std::string page = "IBM-037";
};

FramingOptions descriptors(Recfm recfm, bool is_little, bool counts) {
  FramingOptions options{.recfm = recfm, .bdw = Presence::no, .block_size = 0};
  if (recfm == Recfm::variable_blocked || recfm == Recfm::spanned_blocked) {
    options.bdw = Presence::yes;
    options.block_size = recfm == Recfm::spanned_blocked ? 150 : 1000;
  }
  options.rdw_little_endian = options.bdw_little_endian = is_little;
  options.rdw_includes_itself = options.bdw_includes_itself = counts;
  return options;
}

std::vector<Form> forms() {
  std::vector<Form> forms = {
      {"--recfm V --bdw no ", descriptors(Recfm::variable, false, true)},
      {"--recfm V --bdw no --rdw-endian little ", descriptors(Recfm::variable, true, true)},
      {"--recfm V --bdw no --rdw-includes-itself no ", descriptors(Recfm::variable, false, false)},
      {"--recfm V --bdw no --rdw-endian little --rdw-includes-itself no ",
       descriptors(Recfm::variable, true, false)},
      {"--recfm VB --bdw yes ", descriptors(Recfm::variable_blocked, false, true)},
      {"--recfm VB --bdw yes --rdw-endian little --bdw-endian little ",
       descriptors(Recfm::variable_blocked, true, true)},
      {"--recfm VB --bdw yes --rdw-includes-itself no --bdw-includes-itself no ",
       descriptors(Recfm::variable_blocked, false, false)},
      {"--recfm VBS --bdw yes ", descriptors(Recfm::spanned_blocked, false, true)},
      {"--recfm ftp-block ", {.recfm = Recfm::ftp_block}},
      {"--recfm micro-focus ", {.recfm = Recfm::micro_focus, .lrecl = 200}, "ISO-8859-1"}};
  for (const std::uint32_t size : {1U, 2U, 4U})
    forms.push_back({"--recfm length-prefixed --length-bytes " + std::to_string(size) + " ",
                     {.recfm = Recfm::length_prefixed, .length_bytes = size}});
  forms.push_back(
      {"--recfm length-prefixed --length-bytes 2 --rdw-endian little ",
       {.recfm = Recfm::length_prefixed, .rdw_little_endian = true, .length_bytes = 2}});
  for (std::uint32_t format = 0; format < 4; ++format)
    forms.push_back({"--recfm gnucobol --varseq-format " + std::to_string(format) + " ",
                     {.recfm = Recfm::gnucobol, .varseq_format = format},
                     "ISO-8859-1"});
  return forms;
}

TEST_F(Guessing, FindsEveryFramingThatTellsWhereRecordsEnd) {
  for (const Form& form : forms()) {
    const std::string guess = format_of(framed(records_of(form.page, true), form.options));
    EXPECT_THAT(guess, StartsWith(form.flags));
    EXPECT_THAT(guess, HasSubstr("200 records of 27 to 79 bytes fill")) << form.flags;
  }
}

TEST_F(Guessing, TellsLlzzByItsFlags) {
  std::string file = framed(records_of("IBM-037", true), {.recfm = Recfm::ims_llzz});
  file[2] = 0x08;
  EXPECT_THAT(format_of(file), StartsWith("--recfm ims-llzz "));
}

TEST_F(Guessing, FindsBlocksOfRecordsOfOneSize) {
  FramingOptions options{.recfm = Recfm::fixed, .lrecl = 27, .bdw = Presence::yes};
  options.block_size = 27 * 30 + 4;
  EXPECT_THAT(format_of(framed(records_of("IBM-037", false), options)),
              StartsWith("--recfm FB --lrecl 27 --bdw yes "));
}

TEST_F(Guessing, LeavesRecordsOfOneSizeAndLinesWhatTheyAre) {
  for (const char* const page : {"IBM-037", "ISO-8859-1"}) {
    std::string file;
    for (const std::string& record : records_of(page, false)) file += record;
    EXPECT_THAT(format_of(file), StartsWith("--recfm F --lrecl 27 ")) << page;
  }
  std::string text;
  std::string padded;
  for (std::size_t i = 0; i < kRecords; ++i) {
    std::string line = std::to_string(100000 + i) + " ORDER OF MR MILLER" + std::string(i % 7, '*');
    text += line + "\n";
    line.resize(80, ' ');
    padded += line;
  }
  EXPECT_THAT(format_of(text), StartsWith("--recfm line --codepage ISO-8859-1 "));
  EXPECT_THAT(format_of(in_page(padded, "IBM-037")), StartsWith("--recfm F --lrecl 80 "));
  EXPECT_THAT(format_of(padded), StartsWith("--recfm F --lrecl 80 "));
  for (const char end : {'\x15', '\x25'}) {
    std::string lines;
    for (std::size_t at = 0; at < padded.size(); at += 80)
      lines += in_page(padded.substr(at, 30 + at / 80 % 9), "IBM-037") + end;
    EXPECT_THAT(format_of(lines), StartsWith("--recfm line ")) << int{end};
  }
}

/// Records of 80 bytes with words of a language among numbers and Latin names.
std::string text_of(const std::vector<std::string>& words, const std::string& page) {
  std::string file;
  const std::string space = in_page(" ", page);
  for (std::size_t i = 0; i < kRecords; ++i) {
    std::string record = in_page(std::to_string(100000 + i) + " ORDER " + words[i % words.size()] +
                                     " A " + words[(i + 1) % words.size()],
                                 page);
    while (record.size() < 80) record += space;
    file += record;
  }
  return file;
}

TEST_F(Guessing, TellsMixedPagesByTheRowsOfTheirCharacters) {
  const std::vector<std::string> japanese = {"株式会社", "注文番号", "ありがとう",
                                             "東京都千代田区"};
  const std::vector<std::string> korean = {"주식회사", "주문번호", "감사합니다", "서울특별시"};
  const std::vector<std::string> simplified = {"有限公司", "订单编号", "客户名称", "北京市朝阳区"};
  const std::vector<std::string> traditional = {"有限公司", "訂單編號", "客戶名稱", "台北市大安區"};
  struct Language {
    const std::vector<std::string>& words;
    std::vector<std::string> pages;
    std::string guess;  ///< of pages that differ in characters that are not there
  };
  for (const Language& language :
       {Language{japanese, {"IBM-930", "IBM-939", "IBM-1390", "IBM-1399"}, "IBM-939 "},
        Language{korean, {"IBM-933", "IBM-1364"}, "IBM-933 "},
        Language{simplified, {"IBM-935", "IBM-1388"}, "IBM-935 "},
        Language{traditional, {"IBM-937", "IBM-1371"}, "IBM-937 "}}) {
    for (const std::string& page : language.pages)
      EXPECT_THAT(page_of(text_of(language.words, page)),
                  StartsWith("--codepage " + language.guess))
          << page;
    EXPECT_THAT(page_of(text_of(language.words, "UTF-8")), StartsWith("--codepage UTF-8 "));
  }
}

TEST_F(Guessing, TellsPagesOfOneFamilyByTheLettersWithinWords) {
  const std::vector<std::string> german = {"Müller", "Größe", "Straße", "Überöffnung", "Köln"};
  const std::vector<std::string> russian = {"Москва", "заказ", "ответственность"};
  const std::vector<std::string> greek = {"Αθήνα", "παραγγελία", "Εταιρεία"};
  const std::vector<std::string> english = {"quantity", "customer", "O'NEIL & SON", "#12"};
  EXPECT_THAT(page_of(text_of(german, "IBM-273")), StartsWith("--codepage IBM-273 "));
  EXPECT_THAT(page_of(text_of(german, "ISO-8859-1")), StartsWith("--codepage ISO-8859-1 "));
  EXPECT_THAT(page_of(text_of(german, "UTF-8")), StartsWith("--codepage UTF-8 "));
  EXPECT_THAT(page_of(text_of(russian, "IBM-1025")), StartsWith("--codepage IBM-1025 "));
  EXPECT_THAT(page_of(text_of(greek, "IBM-875")), StartsWith("--codepage IBM-875 "));
  EXPECT_THAT(page_of(text_of(english, "IBM-037")), StartsWith("--codepage IBM-037 "));
  EXPECT_THAT(page_of(text_of(english, "ISO-8859-1")), StartsWith("--codepage ISO-8859-1 "));
  // Numbers in packed and binary form are no letters of any page.
  EXPECT_THAT(page_of(framed(records_of("IBM-037", true), {.recfm = Recfm::variable})),
              StartsWith("--codepage IBM-037 "));
  EXPECT_THAT(format_of(in_page("Müller\nGröße\nKöln\n", "UTF-8")),
              StartsWith("--recfm line --codepage UTF-8 "));
}

}  // namespace
}  // namespace copybridge
