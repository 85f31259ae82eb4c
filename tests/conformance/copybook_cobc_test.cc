// GnuCOBOL as arbiter: random records are compiled by cobc, whose program prints where each item
// lies and how long it is; our layouts must say the same. Seeds are printed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "codecs/copybook/parser.h"

namespace copybridge::copybook {
namespace {

namespace fs = std::filesystem;

constexpr int kRecordsOfAProgram = 60;

struct Probe {
  std::string name;
  int subscripts = 0;
};

/// Writes random records. With `ibm`, it keeps to what cobc -std=ibm and z/OS have in common:
/// cobc aligns doublewords of BINARY, and puts slack bytes before a group's first item into the
/// group.
class Generator {
 public:
  Generator(unsigned seed, bool ibm) : random_(seed), ibm_(ibm) {}

  void record(int number) {
    prefix_ = "R" + std::to_string(number);
    item_ = 0;
    text_ += "01 " + prefix_ + ".\n";
    has_counter_ = ibm_ && one_in(3);
    if (has_counter_) text_ += " 02 " + prefix_ + "-N PIC 99.\n";
    items(2, 1, 0);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Probe>& probes() const { return probes_; }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool one_in(int limit) { return below(limit) == 0; }
  std::string new_name() { return prefix_ + "-I" + std::to_string(++item_); }

  void items(int level, int depth, int subscripts) {
    std::string before;
    const int count = 1 + below(6);
    for (int i = 0; i < count; ++i) {
      // Behind a table with DEPENDING ON cobc counts redefinitions as storage, and no slack.
      const bool redefines = !before.empty() && !has_counter_ && one_in(5);
      const std::string name = new_name();
      const bool is_table = !redefines && depth < 5 && subscripts < 3 && one_in(5);
      text_ += std::string(static_cast<std::size_t>(level), ' ') + std::to_string(level) + " " +
               name + (redefines ? " REDEFINES " + before : "");
      if (is_table) occurs(depth);
      const int own_subscripts = subscripts + (is_table ? 1 : 0);
      if (depth < 4 && one_in(3)) {
        text_ += ".\n";
        items(level + 1 + below(5), depth + 1, own_subscripts);
      } else {
        // In tables cobc aligns from the table's begin, z/OS from the record's; redefinitions
        // off their boundary and slack at a group's begin differ, too.
        const bool may_synchronize =
            own_subscripts == 0 && !redefines && !has_counter_ && (!ibm_ || i > 0);
        text_ += elementary(may_synchronize) + ".\n";
      }
      probes_.push_back({name, own_subscripts});
      // cobc allows redefinitions of what is no table; chains name the first.
      if (!redefines) before = is_table ? "" : name;
    }
  }

  /// cobc has DEPENDING ON neither in tables nor in redefinitions.
  void occurs(int depth) {
    if (has_counter_ && depth == 1) {
      text_ += " OCCURS 1 TO " + std::to_string(2 + below(5)) + " DEPENDING ON " + prefix_ + "-N";
    } else {
      text_ += " OCCURS " + std::to_string(1 + below(6)) + " TIMES";
    }
  }

  std::string digits(int most, int least = 1) {
    const int count = least + below(most - least + 1);
    const int decimals = below(count + 1);
    std::string picture = one_in(2) ? " PIC S" : " PIC ";
    if (count > decimals) picture += "9(" + std::to_string(count - decimals) + ")";
    if (decimals > 0) picture += "V9(" + std::to_string(decimals) + ")";
    return picture;
  }

  std::string elementary(bool may_synchronize) {
    const bool sync = may_synchronize && one_in(3);
    const std::string end = sync ? " SYNC" : "";
    switch (below(12)) {
      case 0:
        return " PIC X(" + std::to_string(1 + below(30)) + ")";
      case 1:
        return digits(18);
      case 2:
        return " PIC S9(" + std::to_string(1 + below(9)) + ") SIGN LEADING SEPARATE";
      case 3:
        return digits(ibm_ && sync ? 9 : 18) + " COMP" + end;
      case 4:
        // With -std=ibm, cobc has one byte for one and two digits; z/OS has two.
        return digits(ibm_ && sync ? 9 : 18, ibm_ ? 3 : 1) + " COMP-5" + end;
      case 5:
        return digits(18) + " COMP-3" + end;
      case 6:
        return std::string(one_in(2) ? " COMP-1" : " COMP-2") + end;
      case 7:
        return " PIC Z(" + std::to_string(1 + below(5)) + "),ZZ9.99" + (one_in(2) ? "-" : "CR");
      case 8:
        return " PIC A(" + std::to_string(1 + below(9)) + ")";
      case 9:
        return " PIC 9(" + std::to_string(1 + below(9)) + ")P(" + std::to_string(1 + below(5)) +
               ") COMP-3";
      case 10:
        return " USAGE INDEX" + end;
      default:
        return " PIC 9(" + std::to_string(1 + below(9)) + ")/99BX0" +
               std::string(static_cast<std::size_t>(below(3)), 'X');
    }
  }

  std::mt19937 random_;
  bool ibm_;
  std::string prefix_;
  int item_ = 0;
  bool has_counter_ = false;
  std::string text_;
  std::vector<Probe> probes_;
};

/// A program that prints `name offset length` of the first occurrence of every item.
std::string program(const Generator& generator) {
  std::ostringstream text;
  text << "IDENTIFICATION DIVISION.\nPROGRAM-ID. PROBE.\nDATA DIVISION.\n"
       << "WORKING-STORAGE SECTION.\n"
       << "01 P USAGE POINTER.\n01 PN REDEFINES P PIC S9(18) COMP-5.\n"
       << "01 Q USAGE POINTER.\n01 QN REDEFINES Q PIC S9(18) COMP-5.\n"
       << "01 D PIC 9(9).\n01 L PIC 9(9).\n"
       << generator.text() << "PROCEDURE DIVISION.\n";
  for (const Probe& probe : generator.probes()) {
    std::string name = probe.name;
    for (int i = 0; i < probe.subscripts; ++i) name += i == 0 ? "(1" : " 1";
    if (probe.subscripts > 0) name += ")";
    text << "SET P TO ADDRESS OF " << name << "\nSET Q TO ADDRESS OF "
         << probe.name.substr(0, probe.name.find('-')) << "\nCOMPUTE D = PN - QN\n"
         << "COMPUTE L = FUNCTION LENGTH(" << name << ")\nDISPLAY '" << probe.name
         << " ' D ' ' L\n";
  }
  text << "STOP RUN.\n";
  return text.str();
}

std::string output_of(const std::string& command, int& status) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  std::size_t size = 0;
  while ((size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    output.append(buffer.data(), size);
  }
  status = pclose(pipe);
  return output;
}

struct Measured {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

std::map<std::string, Measured> measure(const Generator& generator, const std::string& standard) {
  const fs::path folder =
      fs::path(testing::TempDir()) / ("copybridge-cobc-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "probe.cob") << program(generator);
  int status = 0;
  const std::string compile = "cd " + folder.string() +
                              " && cobc -x -free -w -flarger-redefines-ok -std=" + standard +
                              " -o probe probe.cob 2>&1";
  const std::string messages = output_of(compile, status);
  EXPECT_EQ(status, 0) << messages.substr(0, 2000);
  std::istringstream lines(output_of((folder / "probe").string(), status));
  std::map<std::string, Measured> measured;
  std::string name;
  Measured place;
  while (lines >> name >> place.offset >> place.length) measured[name] = place;
  fs::remove_all(folder);
  return measured;
}

struct Oracle {
  const char* standard;
  Dialect dialect;
  unsigned seed;
};

class CobcLayout : public testing::TestWithParam<Oracle> {};

/// Compares one record; returns how many items were compared.
int compare(const Layout& layout, const std::map<std::string, Measured>& measured) {
  int compared = 0;
  for (const Item& item : layout.items) {
    const auto found = measured.find(item.name);
    if (found == measured.end()) continue;
    EXPECT_EQ(item.offset, found->second.offset) << item.name;
    // Of groups with DEPENDING ON cobc says the length of the moment.
    if (!item.has_variable_size) {
      EXPECT_EQ(item.size, found->second.length) << item.name;
    }
    ++compared;
  }
  return compared;
}

TEST_P(CobcLayout, IsOurs) {
  if (std::system("cobc --version > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "GnuCOBOL is not installed (gnucobol3)";
  }
  const Oracle& oracle = GetParam();
  Generator generator(oracle.seed, oracle.dialect == Dialect::ibm);
  for (int number = 0; number < kRecordsOfAProgram; ++number) generator.record(number);
  ParseOptions options;
  options.source_format = SourceFormat::free;
  options.dialect = oracle.dialect;
  const ParseOutcome outcome = parse(generator.text(), "random.cpy", options);
  for (const Diagnostic& diagnostic : outcome.diagnostics.all()) {
    ADD_FAILURE() << to_string(diagnostic);
  }
  const auto measured = measure(generator, oracle.standard);
  int compared = 0;
  for (const Layout& layout : outcome.copybook.records) compared += compare(layout, measured);
  EXPECT_EQ(compared, static_cast<int>(generator.probes().size()));
  std::cout << "cobc -std=" << oracle.standard << ", seed " << oracle.seed << ": "
            << outcome.copybook.records.size() << " records, " << compared << " items compared\n";
  if (HasFailure()) std::cout << generator.text();
}

INSTANTIATE_TEST_SUITE_P(Random, CobcLayout,
                         testing::Values(Oracle{"ibm", Dialect::ibm, 1},
                                         Oracle{"ibm", Dialect::ibm, 2},
                                         Oracle{"ibm", Dialect::ibm, 3},
                                         Oracle{"default", Dialect::gnucobol, 4},
                                         Oracle{"default", Dialect::gnucobol, 5},
                                         Oracle{"default", Dialect::gnucobol, 6}));

}  // namespace
}  // namespace copybridge::copybook
