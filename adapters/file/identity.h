// What makes a file on the disk one and the same: device, inode, size, time and a hash of its
// processed prefix.
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"

struct XXH3_state_s;

namespace copybridge::adapters::file {

/// What the file system says about a file. Two equal signatures are an untouched file.
struct Signature {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  ///< since 1970, UTC

  bool operator==(const Signature&) const = default;
};

[[nodiscard]] Signature signature_of(const struct stat& status);
/// Of the name itself, not of what a symbolic link leads to; nothing where it cannot be looked
/// at (errno says why).
[[nodiscard]] std::optional<Signature> signature_at(const std::filesystem::path& path);

/// Whether a file is still as it was. The device is left out: its number may be another after a
/// restart of the system.
[[nodiscard]] bool is_untouched(const Signature& before, const Signature& now);

/// Where and how two signatures differ, for messages; empty where is_untouched().
[[nodiscard]] std::string difference(const Signature& before, const Signature& now);

/// A file name for logs, messages and attributes: control characters, and all bytes above 7F of a
/// name that is no UTF-8, appear as `\xNN`.
[[nodiscard]] std::string printable(std::string_view name);
[[nodiscard]] std::string printable(const std::filesystem::path& path);

/// 128 bits in canonical (big-endian) order.
using Digest = std::array<std::uint8_t, 16>;

/// XXH3 of a growing prefix. Copyable, so that a batch can keep the state at its end.
class PrefixHash {
 public:
  PrefixHash();
  PrefixHash(const PrefixHash& other);
  PrefixHash& operator=(const PrefixHash& other);
  PrefixHash(PrefixHash&&) noexcept = default;
  PrefixHash& operator=(PrefixHash&&) noexcept = default;
  ~PrefixHash() = default;

  void add(ByteView bytes);
  [[nodiscard]] Digest digest() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace copybridge::adapters::file
