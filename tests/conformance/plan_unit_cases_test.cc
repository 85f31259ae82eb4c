// Single fields as another project's tests expect them (corpus cobrix/unit_cases.jsonl, read where
// it is present; see its README for how to compare). Where that project reads more leniently than
// the arbiter, IBM Enterprise COBOL, a waiver says so.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "codecs/condition/decimal.h"
#include "codecs/copybook/parser.h"
#include "codecs/plan/plan.h"

namespace copybridge::test {
namespace {

struct Case {
  std::string picture;
  std::string usage;
  std::string hex;
  std::string function;
  std::string source;
  std::string expected;  ///< the text of a string, or the literal of a number; `null`
  bool is_text = false;
  bool known_wrong = false;
  std::map<std::string, std::string> options;
};

std::string text_of(simdjson::dom::element element, const char* key) {
  std::string_view text;
  return element[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Case read_case(simdjson::dom::element element) {
  Case made;
  made.picture = text_of(element, "pic");
  made.usage = text_of(element, "usage");
  made.hex = text_of(element, "bytes_hex");
  made.function = text_of(element, "function");
  made.source = text_of(element, "source");
  std::string_view text;
  made.is_text =
      made.function.find("String") != std::string::npos &&
      element["expected"].get(text) == simdjson::SUCCESS &&
      (made.picture.find('X') != std::string::npos || made.picture.find('N') != std::string::npos);
  made.expected = made.is_text ? std::string(text) : text_of(element, "expected_json_literal");
  made.known_wrong = element["known_wrong"].error() == simdjson::SUCCESS;
  simdjson::dom::object options;
  if (element["options"].get(options) == simdjson::SUCCESS)
    for (const auto field : options)
      made.options[std::string(field.key)] = simdjson::minify(field.value);
  for (auto& [name, value] : made.options)
    value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
  return made;
}

bool has_option(const Case& made, const std::string& name, const std::string& value) {
  const auto found = made.options.find(name);
  return found != made.options.end() && found->second == value;
}

std::string code_page_of(const Case& made) {
  if (has_option(made, "encoding", "ascii")) return "ISO-8859-1";
  const auto found = made.options.find("ebcdic_code_page");
  if (found == made.options.end() || found->second.rfind("cp", 0) != 0) return "IBM-037";
  return found->second.substr(2, found->second.find('_') - 2);
}

std::string copybook_of(const Case& made) {
  static const std::map<std::string, std::string> kUsages = {
      {"DISPLAY", ""}, {"COMP-9", " COMP-5"}, {"COMP-3U", " COMP-6"}};
  const auto usage = kUsages.find(made.usage);
  std::string text = "01 R. 05 A";
  if (!made.picture.empty()) text += " PIC " + made.picture;
  text += usage == kUsages.end() ? " " + made.usage : usage->second;
  if (made.picture.find('N') != std::string::npos) text += " NATIONAL";
  return text + ".";
}

// What this project says: the value, `null` for bad data, or why there is none.
std::string ours(const Case& made) {
  copybook::ParseOptions parse_options;
  parse_options.source_format = copybook::SourceFormat::free;
  const bool is_ibm = made.usage != "COMP-9" && made.usage != "COMP-3U";
  parse_options.dialect = is_ibm ? copybook::Dialect::ibm : copybook::Dialect::gnucobol;
  const auto outcome = copybook::parse(copybook_of(made), "case", parse_options);
  if (outcome.diagnostics.has_errors() || outcome.copybook.records.empty())
    return "copybook: " + to_string(outcome.diagnostics.all().front());
  plan::PlanOptions options;
  const auto page = charset::CodePage::load(code_page_of(made));
  if (!page) return "code page";
  options.code_page = *page;
  options.trim = plan::Trim::both;
  options.float_format = has_option(made, "floating_point_format", "ibm") ||
                                 has_option(made, "floating_point_format", "ibm_little_endian")
                             ? plan::FloatFormat::ibm
                             : plan::FloatFormat::ieee;
  const bool little = made.usage == "COMP-9" || made.function.find("Little") != std::string::npos;
  options.native_order = little ? plan::ByteOrder::little : plan::ByteOrder::big;
  Diagnostics diagnostics;
  const auto plan =
      plan::Plan::compile(std::make_shared<copybook::Layout>(outcome.copybook.records.front()),
                          options, {}, diagnostics);
  if (plan == nullptr) return "plan: " + to_string(diagnostics.all().front());
  ByteBuffer record;
  if (!from_hex(made.hex, record)) return "hex";
  TextBuffer out;
  if (!plan->decode(record.view(), out)) {
    const plan::BadField bad = plan->explain(record.view());
    return bad.path.empty() ? bad.message : "null";
  }
  simdjson::dom::parser parser;
  std::string_view text;
  const simdjson::padded_string padded(out.view());
  if (parser.parse(padded)["A"].get(text) == simdjson::SUCCESS) return std::string(text);
  return std::string(out.view().substr(5, out.size() - 6));
}

// Text as the original compares it: control characters and what its tables lack are blanks.
std::string comparable_text(std::string_view text) {
  std::string plain;
  for (const char character : text) {
    const auto code = static_cast<unsigned char>(character);
    plain += code < 0x20 || code == 0x7F ? ' ' : character;
  }
  const std::size_t first = plain.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return plain.substr(first, plain.find_last_not_of(' ') - first + 1);
}

bool same_number(const std::string& left, const std::string& right) {
  condition::Decimal a;
  condition::Decimal b;
  if (!condition::parse_decimal(left, a) || !condition::parse_decimal(right, b))
    return std::strtod(left.c_str(), nullptr) == std::strtod(right.c_str(), nullptr) &&
           left != "null" && right != "null";
  return condition::compare(a, b) == 0;
}

bool agree(const Case& made, const std::string& mine) {
  if (made.is_text) return comparable_text(made.expected) == comparable_text(mine);
  if (made.expected == "null" || mine == "null") return made.expected == mine;
  return same_number(made.expected, mine);
}

bool is_source(const Case& made, const char* part) {
  return made.source.find(part) != std::string::npos;
}

// Why a case does not count; empty where it does.
std::string waiver(const Case& made, const std::string& mine) {
  if (made.known_wrong) return "the corpus says that the expected value is wrong";
  if (mine == "code page") return "ICU has no such code page";
  if (made.function.find("Utf16") != std::string::npos &&
      !has_option(made, "is_utf16_big_endian", "true"))
    return "NATIONAL is big-endian on every platform of COBOL";
  if (made.function.find("IbmDoubleLittle") != std::string::npos)
    return "hexadecimal floating point is big-endian";
  if (made.hex == "00000000CAF709B7")
    return "expected went through a double; ours is the shortest text of the item's own format";
  if (is_source(made, "out of bounds integer")) return "binary items hold what their storage holds";
  if (made.picture.find('.') != std::string::npos)
    return "edited pictures are text until their own decoder comes";
  if (made.is_text && is_source(made, "decode nulls"))
    return "low-values are text unless `empty` says otherwise";
  if (made.usage != "DISPLAY" || made.is_text) return "";
  if (made.expected == "null") return "a plus sign is valid on unsigned items, too";
  if (mine == "null")
    return "signs and blanks where the picture has none are bad data, as for IBM's NUMERIC test";
  return "";
}

TEST(UnitCases, AgreeWithTheCorpusOrAreWaived) {
  const char* place = std::getenv("COPYBRIDGE_CORPUS");
  const std::filesystem::path corpus =
      place != nullptr ? place : COPYBRIDGE_SOURCE_DIR "/../shared/corpus";
  std::ifstream file(corpus / "cobrix" / "unit_cases.jsonl");
  if (!file) GTEST_SKIP() << "no corpus at " << corpus;
  simdjson::dom::parser parser;
  std::map<std::string, int> waived;
  int agreeing = 0;
  for (std::string line; std::getline(file, line);) {
    const simdjson::padded_string padded(line);
    const Case made = read_case(parser.parse(padded));
    const std::string mine = ours(made);
    if (agree(made, mine)) {
      ++agreeing;
      continue;
    }
    const std::string reason = waiver(made, mine);
    ++waived[reason];
    EXPECT_FALSE(reason.empty()) << made.picture << " " << made.usage << " " << made.hex
                                 << "\n  expected " << made.expected << "\n  ours     " << mine
                                 << "\n  " << made.source;
  }
  for (const auto& [reason, count] : waived) std::printf("waived %d: %s\n", count, reason.c_str());
  std::printf("%d agree\n", agreeing);
  EXPECT_GE(agreeing, 200);
}

}  // namespace
}  // namespace copybridge::test
