// How to reach a queue manager: the options that source and publisher share.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/options.h"

namespace copybridge::adapters::ibm_mq {

/// The largest message there is.
inline constexpr std::int32_t kMessageBytesMax = 100 << 20;

struct ConnectionSettings {
  std::string library;        ///< file or folder; empty: where IBM's bindings look
  std::string queue_manager;  ///< empty: the default one; `*GROUP` of a CCDT
  std::string connection;     ///< `HOST(PORT),HOST(PORT)`; empty: bindings, CCDT or environment
  std::string channel;
  std::string ccdt;  ///< URL
  std::string user;
  Secret password;
  Secret token;
  std::string key_repository;
  Secret key_repository_password;
  std::string cipher;
  std::string peer_name;
  std::string certificate_label;
  std::string application_name;
  std::int32_t heartbeat_s = 0;
};

/// The rows; with_connection() puts them behind a component's own.
[[nodiscard]] std::span<const OptionSpec> connection_options();
[[nodiscard]] std::vector<OptionSpec> with_connection(std::span<const OptionSpec> component);

/// Reads what the table has given. Options that exclude each other are reported.
[[nodiscard]] ConnectionSettings read_connection(const std::filesystem::path& directory,
                                                 const Options& options, Diagnostics& diagnostics);

/// Reports a name that is longer than the queue manager's structures have room for.
void check_length(const Options& options, std::string_view name, std::size_t bytes_max,
                  Diagnostics& diagnostics);

}  // namespace copybridge::adapters::ibm_mq
