// Runs command lines the way a user does, and keeps what they print.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::support {

struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// A folder of its own, removed with all it holds at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes a file and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view bytes) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Runs a line of sh(1) with `copybridge` standing for the built binary; standard input is empty.
CommandResult run(const std::string& line);

/// The lines of a text, without their ends.
std::vector<std::string> lines_of(const std::string& text);

/// Bytes given as hexadecimal digits and spaces.
std::string from_hex(std::string_view hex);

/// EBCDIC (IBM-037) of letters, digits and spaces.
std::string ebcdic(std::string_view text);

}  // namespace copybridge::support
