// Fetched files on this machine's disk: what the records are framed from. A file is there as a
// whole, synced, before any of its records goes out, and stays until its arrival is done with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "bridge/core/bytes.h"
#include "bridge/core/descriptor.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::remote {

/// `NUMBER` is a whole copy, `NUMBER.BOOT.part` the beginning of one. What a part holds is only
/// trusted by the system that has written it: after a power failure unsynced bytes may be zeros.
/// Errors are ErrorKind::storage.
class Copies {
 public:
  Copies() = default;
  /// Makes the folder, 0700, and deletes copies of other arrivals.
  static Result<Copies> open(const std::filesystem::path& folder,
                             const std::set<std::uint64_t>& arrivals);

  /// Opens a whole copy; closed where there is none.
  [[nodiscard]] Result<Descriptor> open_whole(std::uint64_t arrival) const;
  /// Opens the part for appending, making it where there is none.
  [[nodiscard]] Result<Descriptor> open_part(std::uint64_t arrival) const;
  /// The part is all: synced, and a whole copy from now on.
  [[nodiscard]] Result<void> complete(std::uint64_t arrival, const Descriptor& part) const;
  void remove(std::uint64_t arrival) const;

 private:
  [[nodiscard]] std::filesystem::path whole(std::uint64_t arrival) const;
  [[nodiscard]] std::filesystem::path part(std::uint64_t arrival) const;
  std::filesystem::path folder_;
  std::string boot_;
};

/// Appends all of the bytes. False: errno says why not.
[[nodiscard]] bool append(const Descriptor& file, ByteView bytes);
[[nodiscard]] std::uint64_t size_of(const Descriptor& file);

}  // namespace copybridge::adapters::remote
