// Files on a server as a store: listed, fetched whole to the state directory, and finished there
// once their records are settled.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "adapters/file/store.h"
#include "adapters/remote/copies.h"
#include "adapters/remote/transport.h"
#include "adapters/remote/worker.h"
#include "bridge/core/clock.h"
#include "bridge/core/log.h"

namespace copybridge::adapters::remote {

/// See file::Store for the contract.
class RemoteStore final : public file::Store {
 public:
  /// `kind` outlives the store.
  RemoteStore(std::string_view kind, const AdapterContext& context, const file::Settings& settings,
              std::unique_ptr<Transport> transport);
  ~RemoteStore() override { close(); }

  [[nodiscard]] std::string_view kind() const override { return kind_; }
  Result<void> open(const StateDirectory& state, const std::vector<file::Arrival>& unfinished,
                    std::function<void()> wake) override;
  void close() override;
  [[nodiscard]] bool is_busy() const override { return worker_.is_busy(); }
  [[nodiscard]] const std::optional<Error>& trouble() const override { return trouble_; }
  file::Pending<file::Listing> list() override;
  [[nodiscard]] bool is_at_hand() const override { return false; }
  file::Pending<file::OpenedFile> open_file(const file::Arrival& arrival) override;
  [[nodiscard]] std::string change_of(const file::Arrival&, const file::Signature&) const override {
    // It was compared when it was fetched, and the copy does not change.
    return {};
  }
  [[nodiscard]] std::optional<file::Signature> signature_of(
      const std::filesystem::path& path) const override;
  [[nodiscard]] bool is_missing(const std::filesystem::path& path) const override {
    return !signature_of(path);
  }
  [[nodiscard]] Result<bool> has_prefix(const std::filesystem::path&,
                                        const file::Checkpoint&) const override {
    return false;
  }
  file::Pending<file::Finished> finish(const file::Arrival& arrival,
                                       const file::Disposal& disposal) override;
  void forget(const file::Arrival& arrival) override;

 private:
  using Names = std::map<std::string, file::Signature>;
  struct Listed {
    file::Listing listing;
    Names names;  ///< of everything the patterns match, trigger files too
  };

  // The worker's thread.
  Result<Listed> list_all();
  Result<file::OpenedFile> fetch(const file::Arrival& arrival);
  Result<FetchEnd> fetch_rest(const file::Arrival& arrival, const Descriptor& part);
  Result<void> compare(const file::Arrival& arrival, std::uint64_t size, file::OpenedFile& opened);
  Result<file::Finished> finish_on_server(const file::Arrival& arrival,
                                          const file::Disposal& disposal);
  Result<bool> is_same_content(const file::Arrival& arrival);
  Result<void> dispose(const file::Arrival& arrival, const std::string& name,
                       const file::Disposal& disposal);
  Result<void> dispose_trigger(const file::Arrival& arrival, const file::Disposal& disposal);
  Result<std::string> free_name(const std::string& wanted, std::uint64_t arrival);

  template <typename T>
  file::Pending<T> ask(Slots<T>& kind, std::uint64_t number, std::function<Result<T>()> work);
  template <typename T>
  std::function<Result<T>()> guarded(std::function<Result<T>()> work);
  [[nodiscard]] bool is_left_out(const std::string& name) const;

  const std::string_view kind_;
  const AdapterContext context_;
  const file::Settings settings_;
  std::unique_ptr<Transport> transport_;
  Copies copies_;
  Worker worker_;
  Slots<Listed> listings_;
  Slots<file::OpenedFile> fetches_;
  Slots<file::Finished> finishes_;
  std::optional<Names> names_;  ///< of the last listing
  std::optional<Error> trouble_;
  std::set<std::uint64_t> was_finishing_;  ///< arrivals that an earlier run was about to finish
  std::optional<Error> refusal_;           ///< the worker's
  SteadyTime refused_until_;               ///< the worker's
};

}  // namespace copybridge::adapters::remote
