// An FTP or SFTP server: its options, how names become URLs, and its words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "bridge/transfer/options.h"

namespace copybridge::transfer {

/// What z/OS transfers a data set as.
enum class DataType : std::uint8_t {
  binary,  ///< TYPE I
  ebcdic,  ///< TYPE E
  text     ///< TYPE A
};

/// A server as the options name it.
struct FtpServer {
  std::string origin;  ///< `ftp://host:port`
  bool is_sftp = false;
  DataType type = DataType::binary;
  bool is_block_mode = false;
  std::vector<std::string> site;  ///< words for SITE, in order
  Settings settings;
  Login login;

  /// Of a name, or of the folder that a name ending in `/` is.
  [[nodiscard]] std::string url_of(const std::string& name) const;
  /// `SITE` commands, before a transfer.
  [[nodiscard]] std::vector<std::string> site_commands() const;
  /// TYPE and MODE where libcurl does not know them, right before a transfer.
  [[nodiscard]] std::vector<std::string> mode_commands() const;
  /// What takes them back.
  [[nodiscard]] std::vector<std::string> plain_commands() const;
  [[nodiscard]] std::vector<std::string> rename_commands(const std::string& from,
                                                         const std::string& to) const;
  [[nodiscard]] std::vector<std::string> remove_commands(const std::string& name) const;
};

[[nodiscard]] std::span<const OptionSpec> ftp_options();
/// Mistakes go to `diagnostics`.
[[nodiscard]] FtpServer read_ftp(const std::filesystem::path& directory, const Options& options,
                                 Diagnostics& diagnostics);

/// `'HLQ.DATA'`: a data set's full name.
[[nodiscard]] bool is_data_set(std::string_view name);
/// Whether a name can stand in a command: no control characters.
[[nodiscard]] bool is_sendable(std::string_view name);
/// The reply to SITE that says it does not know a word, whatever its number; empty: there is none.
[[nodiscard]] std::string_view unknown_site_word(const Answer& answer);

}  // namespace copybridge::transfer
