// Content hashes (XXH3-128): to know files, mappings and configurations again, not to protect
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace copybridge {

/// Hashes text piece by piece.
class Hasher {
 public:
  Hasher();
  void update(std::string_view text);
  /// 32 hexadecimal digits of what was given so far.
  [[nodiscard]] std::string hex() const;

 private:
  struct Deleter {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Deleter> state_;
};

/// A hash as a value, for tables of many.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// Appends 32 hexadecimal digits.
  void append_to(std::string& text) const;
  /// Of 32 hexadecimal digits; nothing: it is none.
  [[nodiscard]] static std::optional<Hash128> parse(std::string_view digits);
  friend bool operator==(const Hash128&, const Hash128&) = default;

  static constexpr std::size_t kDigits = 32;
  /// For hash tables: each half is as good a hash as there can be.
  struct Half {
    using is_avalanching = void;
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
};

[[nodiscard]] Hash128 hash128_of(std::string_view text);

/// The hash of one text, as 32 hexadecimal digits.
[[nodiscard]] std::string hash_of(std::string_view text);

}  // namespace copybridge
