// Places that adapters read from, one kind per file; each registers itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::tests {

/// Waits of the contract's tests end here; reaching it is a failure.
inline constexpr std::chrono::seconds kPatience{20};

/// A place that an adapter of one kind reads records of eight bytes from.
class Place {
 public:
  virtual ~Place() = default;
  /// Of the adapter, in YAML; batches of four records.
  [[nodiscard]] virtual std::string options() const = 0;
  /// Lays records there.
  virtual void feed(const std::vector<std::string>& records) = 0;
};

template <typename Kind>
std::unique_ptr<Place> make_place(const std::filesystem::path& folder) {
  return std::make_unique<Kind>(folder);
}

/// What the pipeline reads from: the adapter itself or a spool in front of it.
enum class Behind : std::uint8_t { nothing, spool };

struct AdapterRig {
  std::string_view kind;
  Behind behind = Behind::nothing;
  std::unique_ptr<Place> (*make_place)(const std::filesystem::path& folder) = nullptr;
  std::string_view way = {};  ///< of several ways that the kind reads
};

/// All that are registered.
[[nodiscard]] std::vector<AdapterRig>& adapter_rigs();

/// Registers a file's rigs when the program starts.
struct RegisteredRigs {
  explicit RegisteredRigs(std::span<const AdapterRig> rigs) {
    adapter_rigs().insert(adapter_rigs().end(), rigs.begin(), rigs.end());
  }
};

}  // namespace copybridge::tests
