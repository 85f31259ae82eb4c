// Records of one piece of input to JSON Lines: the work of `decode`, and what `bench` measures.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/condition/condition.h"
#include "codecs/framing/framing.h"
#include "codecs/plan/plan.h"

namespace copybridge::cli {

/// What decides on each record. Used by any number of threads.
struct DecodeRules {
  const plan::Plan& plan;
  condition::Condition where;  ///< records for which it does not hold are left out
  std::uint64_t limit = 0;     ///< records to write; 0: all
};

/// A record that did not fit.
struct Reject {
  std::uint32_t record = 0;  ///< its place among the records given, from 0
  std::string message;       ///< empty behind the first kMessagesMax of a batch
};

/// What became of the records of one piece. Used again and again.
struct Decoded {
  static constexpr std::size_t kMessagesMax = 10;

  TextBuffer text;          ///< JSON Lines
  std::uint64_t lines = 0;  ///< in `text`
  std::uint64_t read = 0;   ///< records looked at: all, or those up to the limit
  std::vector<Reject> rejects;

  void clear();
};

/// Decodes records that lie in `piece` (with kReadableTail readable bytes behind it) to `decoded`,
/// behind what it holds. Ends early where it holds `lines_max` lines (0: no limit).
void decode_records(const DecodeRules& rules, ByteView piece,
                    std::span<const framing::RecordSpan> records, std::uint64_t lines_max,
                    Decoded& decoded);

}  // namespace copybridge::cli
