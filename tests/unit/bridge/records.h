// Records of a small copybook, and mappings for them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"
#include "codecs/mapping/mapping.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {

/// EBCDIC (IBM-037) of upper-case letters, digits and spaces.
inline std::string ebcdic(std::string_view text) {
  std::string bytes;
  for (const char character : text) {
    int code = 0x40;
    if (character >= '0' && character <= '9') code = 0xF0 + (character - '0');
    if (character >= 'A' && character <= 'I') code = 0xC1 + (character - 'A');
    if (character >= 'J' && character <= 'R') code = 0xD1 + (character - 'J');
    if (character >= 'S' && character <= 'Z') code = 0xE2 + (character - 'S');
    bytes += static_cast<char>(code);
  }
  return bytes;
}

/// A record: type, key, a number of four digits. `BADN` as number makes one that does not fit.
inline std::string record(char type, std::string_view key, std::string_view number) {
  return ebcdic(std::string(1, type) + std::string(key) + std::string(number));
}

/// Mappings of the record above, each from a file of its own.
class Mappings {
 public:
  Mappings() {
    directory_.write("record.cpy",
                     "       01 REC.\n"
                     "          05 REC-TYPE PIC X.\n"
                     "          05 REC-KEY  PIC X(2).\n"
                     "          05 REC-NO   PIC 9(4).\n");
  }

  /// Loads `name: NAME` with more lines of YAML behind it.
  [[nodiscard]] std::shared_ptr<const mapping::Mapping> load(const std::string& name,
                                                             const std::string& more = "") const {
    const auto file = directory_.write(
        name + ".yaml", "name: " + name + "\ncopybook: record.cpy\n" + more +
                            (more.find("event:") == std::string::npos
                                 ? "event: {type: com.example." + name + ", key: REC-KEY}\n"
                                 : ""));
    Diagnostics diagnostics;
    std::shared_ptr<const mapping::Mapping> loaded = mapping::load(file, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
    return loaded;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

/// A batch of these records with ids in/1, in/2, …
inline std::unique_ptr<adapters::RecordBatch> batch_of(const std::vector<std::string>& records) {
  auto batch = std::make_unique<adapters::RecordBatch>();
  batch->id_prefix = "in/";
  for (const std::string& bytes : records) {
    batch->records.push_back({static_cast<std::uint32_t>(batch->bytes.size()),
                              static_cast<std::uint32_t>(bytes.size())});
    batch->bytes.append({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
  return batch;
}

}  // namespace copybridge::tests
