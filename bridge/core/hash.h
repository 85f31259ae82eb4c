// Content hashes (XXH3-128): to know files, mappings and configurations again, not to protect
// them.
#pragma once

#include <memory>
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

/// The hash of one text.
[[nodiscard]] std::string hash_of(std::string_view text);

}  // namespace copybridge
