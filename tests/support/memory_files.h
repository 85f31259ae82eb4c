// Copybooks in memory, for tests and fuzz targets of mapping files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "codecs/mapping/load.h"

namespace copybridge::support {

/// What a mapping finds: the copybooks that were added, and the one folder `library`.
class MemoryFiles : public mapping::Files {
 public:
  void add(const std::string& path, std::string text) { texts_[path] = std::move(text); }

  [[nodiscard]] bool is_folder(const std::filesystem::path& path) const override {
    return path == "library";
  }
  [[nodiscard]] std::optional<copybook::ParseOutcome> load_copybook(
      const std::filesystem::path& path, const copybook::ParseOptions& options) const override {
    const auto text = texts_.find(path.string());
    if (text == texts_.end()) return {};
    return copybook::parse(text->second, path.string(), options);
  }

 private:
  std::map<std::string, std::string> texts_;
};

/// A record of 101 bytes with one item of most kinds that rules of mappings are held against.
inline constexpr const char* kAccountCopybook =
    "       01  ACCOUNT-RECORD.\n"
    "           05  ACCT-TYPE        PIC X.\n"
    "               88  ACCT-SAVINGS VALUE 'S'.\n"
    "               88  ACCT-LOAN    VALUE 'L'.\n"
    "           05  ACCT-ID          PIC 9(9).\n"
    "           05  ACCT-SSN         PIC X(9).\n"
    "           05  ACCT-OPENED      PIC 9(8).\n"
    "           05  ACCT-BALANCE     PIC S9(7)V99 COMP-3.\n"
    "           05  ACCT-RATE        COMP-2.\n"
    "           05  ACCT-STAMP       PIC X(26).\n"
    "           05  OWNER.\n"
    "               10  NAME         PIC X(10).\n"
    "               10  CITY         PIC X(8).\n"
    "           05  BRANCH.\n"
    "               10  CITY         PIC X(8).\n"
    "               10  CODE-NO      PIC S9(4) COMP.\n"
    "           05  DETAIL-SAVINGS.\n"
    "               10  INTEREST     PIC 9(3).\n"
    "           05  DETAIL-LOAN REDEFINES DETAIL-SAVINGS.\n"
    "               10  TERM         PIC X(3).\n"
    "           05  TAG              PIC XX OCCURS 2 TIMES.\n";

}  // namespace copybridge::support
