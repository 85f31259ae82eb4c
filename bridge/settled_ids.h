// What a destination that remembers ids may forget: those of batches that the source has durably
// settled.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "bridge/passage.h"

namespace copybridge::bridge {

/// Used by the pipeline's thread.
class SettledIds {
 public:
  /// A batch is about to be given to the source; `settlement` counts them.
  void add(std::uint64_t settlement, const Passage& passage);
  /// The source may not have this one: what was in it is not forgotten.
  void note_doubtful(std::uint64_t settlement);
  /// The source has this many settlements.
  void note_settled(std::uint64_t settlements);
  /// The source has everything back: what it is given from now on counts again.
  void note_backed_out() { has_retry_ = false; }
  /// The ids of what it has settled since the last call.
  [[nodiscard]] std::vector<std::string> take() { return std::exchange(settled_, {}); }

 private:
  std::deque<std::pair<std::uint64_t, std::vector<std::string>>> waiting_;
  std::vector<std::string> settled_;
  bool has_retry_ = false;  ///< from such a record on a source may send everything again
};

}  // namespace copybridge::bridge
