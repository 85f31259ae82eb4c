// How each double keeps its data sets is told at the top of its script.
#include "tests/support/file_doubles.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/paths.h"

namespace copybridge::testing_support {
namespace {

constexpr std::string_view kPassword = "SESAM#OF";
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 15U];
  }
  return text;
}

std::vector<std::string> joined(std::vector<std::string> first, std::vector<std::string> more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

/// A busy machine may need long until a script listens.
int wait_for_port(ChildProcess& process) {
  constexpr int kAttemptsMax = 6;
  int port = 0;
  for (int attempt = 0; attempt < kAttemptsMax && port == 0; ++attempt) port = process.read_port();
  return port;
}

}  // namespace

FileDouble::FileDouble(const std::filesystem::path& folder, const std::string& script,
                       std::vector<std::string> arguments)
    : folder_(folder),
      process_(joined({"python3", support::source_path("tests/support/" + script), folder.string()},
                      std::move(arguments))),
      port_(wait_for_port(process_)) {
  std::ofstream(folder / "password") << kPassword;
}

std::string FileDouble::options_at(const std::string& port) const {
  return "url: '" + scheme_ + "://127.0.0.1:" + port +
         "', insecure: yes, user: BRIDGE, password: '${file:" + (folder_ / "password").string() +
         "}'";
}

void FileDouble::put_text(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / "new", std::ios::binary) << text;
  std::filesystem::rename(folder_ / "new", folder_ / "ds" / name);
}

std::string FileDouble::contents() const {
  std::ostringstream text;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "ds")) {
    // Inserting nothing would be a failure of the stream.
    if (entry.file_size() == 0) continue;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return text.str();
}

FtpDouble::FtpDouble(const std::filesystem::path& folder)
    : FileDouble(folder, "zos_ftp_double.py", {}) {
  scheme_ = "ftp";
}

void FtpDouble::put(const std::string& name, const std::vector<std::string>& records) const {
  std::string text;
  for (const std::string& record : records) text += hex_of(record) + "\n";
  put_text(name, text);
}

/// Line ends in what is stored in hexadecimal.
std::size_t FtpDouble::lines() const {
  std::istringstream text(contents());
  std::size_t count = 0;
  for (std::string line; std::getline(text, line);) {
    for (std::size_t at = 0; at + 1 < line.size(); at += 2) count += line.substr(at, 2) == "0a";
  }
  return count;
}

ZosmfDouble::ZosmfDouble(const std::filesystem::path& folder)
    : FileDouble(folder, "zosmf_double.py",
                 {"--user", "BRIDGE", "--password", std::string(kPassword)}) {
  scheme_ = "http";
  put_text("HLQ.MODEL", "");
}

void ZosmfDouble::put(const std::string& name, const std::vector<std::string>& records) const {
  std::string text;
  for (const std::string& record : records) {
    text += std::string(3, '\0') + static_cast<char>(record.size()) + record;
  }
  put_text(name, text);
}

std::size_t ZosmfDouble::lines() const {
  const std::string text = contents();
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace copybridge::testing_support
