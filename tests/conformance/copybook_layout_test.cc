// Every copybook of the shared corpus is parsed; where its source says offsets and sizes, they are
// compared. COPYBRIDGE_CORPUS names the corpus; without it, it is looked for beside the project.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codecs/copybook/ebcdic_text.h"
#include "codecs/copybook/parser.h"

namespace copybridge::copybook {
namespace {

namespace fs = std::filesystem;

/// Cases that are not followed, each with the rule that they break. One that is not needed any
/// more fails the test, so that the list cannot rot.
const std::map<std::string, std::string> kWaivers = {
    {"ballerina/encode-copybook-13",
     "OCCURS on level 01: Enterprise COBOL Language Reference, OCCURS clause, forbids it"},
    {"cb2xml/Test109",
     "storage for P: Language Reference, PICTURE clause, symbol P takes no storage"},
    {"cb2xml/cpyBitOfEverything", "literals between \\\" quotes are no COBOL"},
    {"cobrix/file_test24b_debug_binary",
     "BINARY of 19 digits and more (Language Reference, USAGE: at most 18), and COMP-0"},
    {"cobrix/file_test25_occurs_mappings_fixed",
     "PIC X as counter: Language Reference, DEPENDING ON names an integer; Cobrix maps its values"},
    {"cobrix/file_test25_occurs_mappings_variable",
     "PIC X as counter: Language Reference, DEPENDING ON names an integer; Cobrix maps its values"},
    {"cobrix/file_test40_bzip2",
     "BINARY of 19 digits and more, COMP-0 (Language Reference, USAGE)"},
    {"cobrix/file_test40_gzip", "BINARY of 19 digits and more, COMP-0 (Language Reference, USAGE)"},
    {"cobrix/file_test6a_type_variety_strict_precision",
     "BINARY of 19 digits and more, COMP-0 (Language Reference, USAGE)"},
    {"cobrix/inline_test16binarylittleendian__comp_9_be_interpreted_as_little_endian_binary",
     "COMP-9 exists in Cobrix alone"},
    {"cobrix/inline_test31cobrixextensionsspec__comp_3u_be_a_interpreted_as_unsigned_packed_with_"
     "pic_x",
     "PIC X COMP-3U exists in Cobrix alone"},
    {"cobrix/inline_test31cobrixextensionsspec__comp_3u_fail_to_parse_data_with_a_sign_nibble",
     "PIC X COMP-3U exists in Cobrix alone"},
    {"cobrix/inline_test31cobrixextensionsspec__comp_with_a_alpha_numeric_field_be_a_interp"
     "reted_as_bytes_wi",
     "PIC X COMP: Language Reference, USAGE, a binary item is numeric"},
    {"cobrix/inline_test31cobrixextensionsspec__comp_with_a_alpha_numeric_field_be_a_interp"
     "reted_as_hex_with",
     "PIC X COMP: Language Reference, USAGE, a binary item is numeric"},
    {"cobrix/inline_test38strictbinarytypespec__binary_fields_handling_support_full_integer"
     "_and_ling_decodin",
     "COMP-9 exists in Cobrix alone"},
    {"cobrix/inline_test38strictbinarytypespec__binary_fields_handling_support_full_long_an"
     "d_int_decimal_dec",
     "COMP-9 exists in Cobrix alone"},
    {"cobrix/inline_test40compressesfilesspec__read_mixed_compressed_ebcdic_files",
     "BINARY of 19 digits and more, COMP-0 (Language Reference, USAGE)"},
    {"cobrix/inline_test40compressesfilesspec__read_mixed_compressed_ebcdic_files_and_file_"
     "end_offset",
     "BINARY of 19 digits and more, COMP-0 (Language Reference, USAGE)"},
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<fs::path> corpus() {
  if (const char* named = std::getenv("COPYBRIDGE_CORPUS")) return fs::path(named);
  const fs::path beside = fs::path(COPYBRIDGE_SOURCE_DIR) / "../shared/corpus";
  if (fs::is_directory(beside)) return beside;
  return {};
}

/// Some sources write in columns, some do not care: the first format without errors counts.
ParseOutcome parse_any(const fs::path& path, Dialect dialect) {
  ParseOptions options;
  options.dialect = dialect;
  ParseOutcome outcome = load(path, options);
  if (!outcome.diagnostics.has_errors()) return outcome;
  options.source_format = SourceFormat::free;
  ParseOutcome free = load(path, options);
  return free.diagnostics.has_errors() ? std::move(outcome) : std::move(free);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// The value of a member of case.json, which is written one member a line; empty if there is none.
std::string member(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size() + 4;
  std::string value = json.substr(begin, json.find('\n', begin) - begin);
  value.erase(
      std::remove_if(value.begin(), value.end(), [](char c) { return c == '"' || c == ','; }),
      value.end());
  return value;
}

// -- expected layouts of cb2xml

using Attributes = std::map<std::string, std::string>;

std::string unescaped(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"&quot;", "\""},
                                 {"&apos;", "'"},
                                 {"&lt;", "<"},
                                 {"&gt;", ">"},
                                 {"&amp;", "&"}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

/// The attributes of all `item` elements in their order. These files hold no '>' in attributes.
std::vector<Attributes> items_of_xml(const std::string& xml) {
  std::vector<Attributes> items;
  for (std::size_t at = xml.find("<item "); at != std::string::npos;
       at = xml.find("<item ", at + 1)) {
    const std::string tag = xml.substr(at, xml.find('>', at) - at);
    Attributes attributes;
    for (std::size_t equals = tag.find("=\""); equals != std::string::npos;
         equals = tag.find("=\"", equals + 1)) {
      const std::size_t begin = tag.rfind(' ', equals) + 1;
      const std::size_t end = tag.find('"', equals + 2);
      attributes[tag.substr(begin, equals - begin)] =
          unescaped(tag.substr(equals + 2, end - equals - 2));
    }
    items.push_back(std::move(attributes));
  }
  return items;
}

struct Place {
  std::string name;
  unsigned level;
  unsigned position;
  unsigned size;
  unsigned occurs;

  bool operator==(const Place&) const = default;
};

std::string to_text(const Place& place) {
  return std::to_string(place.level) + " " + place.name + " at " + std::to_string(place.position) +
         " size " + std::to_string(place.size) + " occurs " + std::to_string(place.occurs);
}

unsigned number(const Attributes& attributes, const std::string& key, unsigned otherwise) {
  const auto found = attributes.find(key);
  return found == attributes.end() ? otherwise : static_cast<unsigned>(std::stoul(found->second));
}

std::vector<Place> expected_places(const std::string& xml) {
  std::vector<Place> places;
  for (const Attributes& item : items_of_xml(xml)) {
    std::string name = item.count("name") > 0 ? item.at("name") : "";
    if (name.empty()) name = "FILLER";
    places.push_back({upper(name), number(item, "level", 0), number(item, "position", 0),
                      number(item, "storage-length", 0), number(item, "occurs", 1)});
  }
  return places;
}

/// What our parser says, without 01s that the text does not hold.
std::vector<Place> places_of(const Copybook& copybook) {
  std::vector<Place> places;
  for (const Layout& layout : copybook.records) {
    const bool is_implied = layout.items.size() > 1 &&
                            layout.items[0].where.line == layout.items[1].where.line &&
                            layout.items[0].where.column == layout.items[1].where.column;
    for (std::size_t i = is_implied ? 1 : 0; i < layout.items.size(); ++i) {
      const Item& item = layout.items[i];
      places.push_back({upper(item.name), item.level_number, item.offset + 1, item.size,
                        item.is_table ? item.occurs_max : 1});
    }
  }
  return places;
}

// -- the comparisons; each returns what is wrong, or nothing

std::string compare_places(const std::vector<Place>& found, const std::vector<Place>& expected) {
  if (found.size() != expected.size()) {
    return std::to_string(found.size()) + " items, not " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != expected[i]) return to_text(found[i]) + ", not " + to_text(expected[i]);
  }
  return {};
}

std::string compare_xml(const fs::path& folder, const Copybook& copybook) {
  for (const char* name : {"expected.layout.classic.xml", "expected.layout.2017.xml"}) {
    if (!fs::exists(folder / name)) continue;
    std::string xml = read(folder / name);
    if (is_ebcdic(xml)) xml = from_ebcdic(xml);
    const std::string wrong = compare_places(places_of(copybook), expected_places(xml));
    if (!wrong.empty()) return name + std::string(": ") + wrong;
  }
  return {};
}

std::string compare_lrecl(const std::string& json, const Copybook& copybook) {
  const std::string lrecl = member(json, "lrecl");
  if (lrecl.empty() || std::to_string(copybook.records.at(0).size_max) == lrecl) return {};
  return "record of " + std::to_string(copybook.records.at(0).size_max) + " bytes, not " + lrecl;
}

/// Each of these files was written by a compiler and holds 40 records.
std::string compare_file(const std::string& json, const Copybook& copybook) {
  const std::string bytes = member(json, "data_bytes");
  const std::uint32_t size = copybook.records.at(0).size_max;
  if (std::to_string(40 * size) == bytes) return {};
  return "40 records of " + std::to_string(size) + " bytes are not " + bytes;
}

/// -std=mvs and -std=bs2000 have IBM's sizes, but GnuCOBOL's alignment.
Dialect dialect_of(const std::string& source, const std::string& json) {
  if (source != "jrecord-dialects") return Dialect::ibm;
  const std::string name = member(json, "dialect");
  if (name.find("-std=mf") != std::string::npos) return Dialect::micro_focus;
  const bool aligned = member(json, "case").find("Sync") != std::string::npos;
  const bool is_default = name.find("default") != std::string::npos;
  return aligned || is_default ? Dialect::gnucobol : Dialect::ibm;
}

std::string check_case(const std::string& source, const fs::path& folder) {
  const std::string json = read(folder / "case.json");
  const ParseOutcome outcome = parse_any(folder / "copybook.cpy", dialect_of(source, json));
  if (outcome.diagnostics.has_errors()) {
    return to_string(outcome.diagnostics.first_error(ErrorKind::copybook));
  }
  if (source == "cb2xml") return compare_xml(folder, outcome.copybook);
  if (source == "carddemo") return compare_lrecl(json, outcome.copybook);
  if (source == "jrecord-dialects") return compare_file(json, outcome.copybook);
  return {};
}

struct Tally {
  int passed = 0;
  int waived = 0;
  int failed = 0;
};

void check(const std::string& source, const fs::path& folder, Tally& tally) {
  const std::string name = source + "/" + folder.filename().string();
  const std::string wrong = check_case(source, folder);
  if (kWaivers.count(name) > 0) {
    EXPECT_NE(wrong, "") << name << " is waived but passes";
    ++tally.waived;
  } else if (wrong.empty()) {
    ++tally.passed;
  } else {
    ADD_FAILURE() << name << ": " << wrong;
    ++tally.failed;
  }
}

class CopybookLayout : public testing::TestWithParam<const char*> {};

TEST_P(CopybookLayout, EqualsItsSource) {
  const auto root = corpus();
  if (!root) GTEST_SKIP() << "corpus not present: no COPYBRIDGE_CORPUS, no ../shared/corpus";
  const std::string source = GetParam();
  ASSERT_TRUE(fs::is_directory(*root / source)) << "corpus not found: " << (*root / source);
  Tally tally;
  for (const auto& entry : fs::directory_iterator(*root / source)) {
    // Cases named err_ are mistakes of copybooks or options; their copybooks may be wrong.
    const bool is_mistake = entry.path().filename().string().rfind("err_", 0) == 0;
    if (is_mistake || !fs::exists(entry.path() / "copybook.cpy")) continue;
    check(source, entry.path(), tally);
  }
  std::cout << source << ": " << tally.passed << " passed, " << tally.waived << " waived, "
            << tally.failed << " failed\n";
  EXPECT_GT(tally.passed, 0) << "no case of " << source << " was compared";
}

INSTANTIATE_TEST_SUITE_P(Sources, CopybookLayout,
                         testing::Values("cb2xml", "carddemo", "carddemo-mq", "genapp",
                                         "jrecord-dialects", "jrecord-types", "coboltojson",
                                         "ballerina", "legstar-v3", "cobrix"));

}  // namespace
}  // namespace copybridge::copybook
