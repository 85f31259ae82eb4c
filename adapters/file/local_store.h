// Files on this machine's file systems.
#pragma once

#include "adapters/file/store.h"

namespace copybridge::adapters::file {

/// See Store for the contract. Every answer is there at once.
class LocalStore final : public Store {
 public:
  explicit LocalStore(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] std::string_view kind() const override { return "file"; }
  Result<void> open(const StateDirectory& state, const std::vector<Arrival>& unfinished,
                    std::function<void()> wake) override;
  void close() override {}
  [[nodiscard]] bool is_busy() const override { return false; }
  [[nodiscard]] const std::optional<Error>& trouble() const override { return trouble_; }
  Pending<Listing> list() override;
  [[nodiscard]] bool is_at_hand() const override { return true; }
  Pending<OpenedFile> open_file(const Arrival& arrival) override;
  [[nodiscard]] std::string change_of(const Arrival& arrival,
                                      const Signature& opened) const override;
  [[nodiscard]] std::optional<Signature> signature_of(
      const std::filesystem::path& path) const override {
    return signature_at(path);
  }
  [[nodiscard]] bool is_missing(const std::filesystem::path& path) const override;
  [[nodiscard]] Result<bool> has_prefix(const std::filesystem::path& path,
                                        const Checkpoint& checkpoint) const override;
  Pending<Finished> finish(const Arrival& arrival, const Disposal& disposal) override;
  void forget(const Arrival&) override {}

 private:
  const Settings settings_;
  const std::optional<Error> trouble_;  ///< never: an error is handed out at once
};

}  // namespace copybridge::adapters::file
