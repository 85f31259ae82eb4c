// z/OSMF's REST services for files and jobs as a transport.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/remote/transport.h"
#include "bridge/transfer/zosmf.h"

namespace copybridge::adapters::zosmf {

/// Of jobs, where their output is read in place of files.
struct JobFilter {
  bool is_on = false;
  std::string owner;
  std::string ddname;  ///< of the spool files to read; empty: all
};

/// See remote::Transport for the contract. Data sets are named without quotes, members in
/// parentheses, z/OS UNIX files from `/`; a job `NAME/JOB00044`.
class ZosmfTransport final : public remote::Transport {
 public:
  ZosmfTransport(transfer::ZosmfServer server, JobFilter jobs, bool is_kept_by_etag);

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

  Result<transfer::Answer> perform(transfer::Call call);
  Result<std::string> get_json(const std::string& path, const std::string& what,
                               std::vector<std::string> headers = {});
  Result<Files> list_data_sets(const std::string& pattern);
  Result<Files> list_members(const std::string& data_set, const std::string& pattern);
  Result<Files> list_folder(const std::string& folder, const std::string& pattern);
  Result<Files> list_jobs(const std::string& pattern);
  Result<void> add_versions(Files& files);
  Result<std::string> etag_of(const std::string& name);
  Result<remote::FetchEnd> fetch_job(const std::string& name, const transfer::Sink& sink);
  [[nodiscard]] std::vector<std::string> read_headers() const;

  const transfer::ZosmfServer server_;
  const JobFilter jobs_;
  const bool is_kept_by_etag_;
  transfer::Session session_;
  std::map<std::string, std::string> etags_;  ///< of what was fetched, as it was
};

}  // namespace copybridge::adapters::zosmf
