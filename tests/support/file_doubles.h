// The doubles of z/OS's FTP server and of z/OSMF as processes of a test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace copybridge::testing_support {

/// A double that serves FOLDER/ds.
class FileDouble {
 public:
  FileDouble(const std::filesystem::path& folder, const std::string& script,
             std::vector<std::string> arguments);
  /// Of adapter and publisher, YAML without braces.
  [[nodiscard]] std::string options() const { return options_at(std::to_string(port_)); }
  [[nodiscard]] std::string options_when_away() const { return options_at("1"); }

 protected:
  ~FileDouble() = default;
  /// Lays a data set there in one step.
  void put_text(const std::string& name, const std::string& text) const;
  /// All data sets, one behind the other.
  [[nodiscard]] std::string contents() const;
  std::string scheme_;

 private:
  [[nodiscard]] std::string options_at(const std::string& port) const;
  std::filesystem::path folder_;
  ChildProcess process_;
  int port_;
};

class FtpDouble final : public FileDouble {
 public:
  explicit FtpDouble(const std::filesystem::path& folder);
  static std::string pattern() { return "\"'HLQ.*'\""; }
  static std::string recfm() { return "ftp-block, mode: block, data_type: ebcdic"; }
  static std::string target() { return "\"'HLQ.OUT(+1)'\""; }
  void put(const std::string& name, const std::vector<std::string>& records) const;
  [[nodiscard]] std::size_t lines() const;
};

class ZosmfDouble final : public FileDouble {
 public:
  explicit ZosmfDouble(const std::filesystem::path& folder);
  static std::string pattern() { return "'HLQ.*'"; }
  static std::string recfm() { return "zosmf"; }
  static std::string target() { return "'HLQ.A{id1}.B{id2}', like: HLQ.MODEL"; }
  void put(const std::string& name, const std::vector<std::string>& records) const;
  [[nodiscard]] std::size_t lines() const;
};

}  // namespace copybridge::testing_support
