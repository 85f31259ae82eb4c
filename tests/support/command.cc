// sh(1) with its output in files.
#include "tests/support/command.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "bridge/core/bytes.h"
#include "tests/support/paths.h"

namespace copybridge::support {

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "copybridge-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::filesystem::path TemporaryFolder::write(const std::string& name,
                                             std::string_view bytes) const {
  std::ofstream file(path_ / name, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path_ / name;
}

CommandResult run(const std::string& line) {
  const TemporaryFolder folder;
  const std::string script =
      "copybridge() { '" + build_path("copybridge") + "' \"$@\"; }\n" + line + "\n";
  const std::filesystem::path path = folder.write("line.sh", script);
  const std::string base = folder.path().string();
  const std::string command =
      "sh " + path.string() + " </dev/null >" + base + "/out 2>" + base + "/err";
  const int status = std::system(command.c_str());
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.out = read_file(folder.path() / "out");
  result.err = read_file(folder.path() / "err");
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string from_hex(std::string_view hex) {
  ByteBuffer bytes;
  if (!copybridge::from_hex(hex, bytes)) throw std::runtime_error("not hexadecimal");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string ebcdic(std::string_view text) {
  std::string bytes;
  for (const char character : text) {
    unsigned byte = 0x40;
    const auto code = static_cast<unsigned>(character);
    if (character >= '0' && character <= '9') byte = 0xF0 + (code - '0');
    if (character >= 'A' && character <= 'I') byte = 0xC1 + (code - 'A');
    if (character >= 'J' && character <= 'R') byte = 0xD1 + (code - 'J');
    if (character >= 'S' && character <= 'Z') byte = 0xE2 + (code - 'S');
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace copybridge::support
