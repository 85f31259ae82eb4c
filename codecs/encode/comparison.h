// Comparing an alternative's bytes with those of the storage that it shares.
#pragma once

#include <vector>

#include "codecs/encode/settle.h"

namespace copybridge::encode {

/// A walk over an alternative's fields, in its own bytes and in the storage it shares.
class Comparison {
 public:
  /// `own`: where the alternative's bytes are.
  Comparison(const Arm& arm, const Choice& choice, std::uint64_t own, Frame& frame)
      : frame_(frame),
        delta_(between(choice.address, own)),
        own_delta_(between(own, arm.address)) {}

  /// Whether the shared storage decodes to what the alternative's bytes decode to.
  bool is_same(const std::vector<Check>& checks) { return walk(checks, What::same); }
  /// Whether the shared storage decodes at all.
  bool fits(const std::vector<Check>& checks) { return walk(checks, What::shared_fits); }
  /// Copies the fields, and nothing of what lies between them, to the shared storage.
  void copy(const std::vector<Check>& checks) { walk(checks, What::copy); }

 private:
  enum class What : std::uint8_t { shared_fits, own_fits, same, copy };

  static std::int64_t between(std::uint64_t to, std::uint64_t from) {
    return static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from);
  }

  bool walk(const std::vector<Check>& checks, What what);
  bool field(const Field& field, What what);
  bool choice(const Check& check, What what);
  bool is_same_arm(const std::vector<Check>& checks, bool fits_shared);
  [[nodiscard]] bool has_same_bytes(const Choice& choice) const;
  bool table(const Check& check, What what);

  Frame& frame_;
  std::int64_t delta_;      ///< from the alternative's bytes to the shared storage
  std::int64_t own_delta_;  ///< from a field's address to its place in them
};

}  // namespace copybridge::encode
