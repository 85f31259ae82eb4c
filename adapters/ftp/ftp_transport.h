// FTP, FTPS and SFTP as a transport: z/OS UNIX files, data sets, generations, members and the JES
// spool.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/remote/transport.h"
#include "bridge/transfer/ftp.h"

namespace copybridge::adapters::ftp {

/// Of z/OS: whether names are files or jobs whose output is read.
struct JesFilter {
  bool is_on = false;
  std::string owner;
};

/// See remote::Transport for the contract.
class FtpTransport final : public remote::Transport {
 public:
  FtpTransport(transfer::FtpServer server, JesFilter jes);

  Result<std::vector<remote::RemoteFile>> list(const std::string& pattern) override;
  Result<std::optional<remote::RemoteFile>> look(const std::string& name) override;
  Result<remote::FetchEnd> fetch(const std::string& name, std::uint64_t offset,
                                 const transfer::Sink& sink) override;
  [[nodiscard]] std::string moved_name(const std::string& name,
                                       const std::string& folder) const override;
  [[nodiscard]] std::string suffixed_name(const std::string& name,
                                          const std::string& suffix) const override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  void stop() override { session_.stop(); }
  void resume() override { session_.resume(); }
  void disconnect() override { session_.disconnect(); }

 private:
  using Files = std::vector<remote::RemoteFile>;
  using Parser = std::optional<remote::RemoteFile> (*)(std::string_view line);

  Result<transfer::Answer> perform(const transfer::Call& call);
  Result<std::string> list_text(const transfer::Call& call, const std::string& what);
  Result<Files> list_folder(const std::string& folder, const std::string& pattern);
  Result<std::string> folder_text(const std::string& folder, Parser& parse);
  Result<void> add_time(const std::string& line, remote::RemoteFile& file);
  Result<Files> list_data_sets(const std::string& pattern);
  Result<Files> list_members(const std::string& data_set, const std::string& pattern);
  Result<Files> list_generation(const std::string& base, int generation);
  Result<Files> list_jobs(const std::string& pattern);
  [[nodiscard]] transfer::Call fetch_call(const std::string& name, std::uint64_t offset) const;
  Result<void> command(const std::vector<std::string>& commands, const std::string& what);
  [[nodiscard]] std::vector<std::string> jes_commands(const std::string& job) const;

  const transfer::FtpServer server_;
  const JesFilter jes_;
  transfer::Session session_;
  bool has_mlsd_ = true;                       ///< until the server says it has not
  std::map<std::string, std::int64_t> times_;  ///< of `ls -l` lines, with the folder before them
};

}  // namespace copybridge::adapters::ftp
