// Records of one piece of input to JSON Lines: the work of `decode`, and what `bench` measures.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/condition/condition.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"
#include "codecs/plan/plan.h"

namespace copybridge::cli {

/// What decides on each record: a plan, or mappings, of which the first that matches counts. Used
/// by any number of threads.
struct DecodeRules {
  const plan::Plan* plan = nullptr;
  const plan::Plan* header = nullptr;   ///< of header records beside `plan`; null: left out
  const plan::Plan* trailer = nullptr;  ///< likewise
  std::vector<std::shared_ptr<const mapping::Mapping>> mappings = {};
  condition::Condition where =
      {};                   ///< of the plan: records for which it does not hold are left out
  std::uint64_t limit = 0;  ///< records to write; 0: all
};

enum class Verdict : std::uint8_t { decoded, left_out, rejected };

/// Appends the JSON object of a record that stands there to `out`, or nothing where it is left out
/// or rejected; `reason`, where given, then says why it was rejected; `counts` are added to.
[[nodiscard]] Verdict decode_one(const DecodeRules& rules, ByteView record,
                                 framing::RecordPlace place, TextBuffer& out, std::string* reason,
                                 plan::Plan::Counts* counts = nullptr);

/// A record that did not fit.
struct Reject {
  std::uint32_t record = 0;  ///< its place among the records given, from 0
  std::string message;       ///< empty where nobody reads it
};

/// What became of the records of one piece. Used again and again.
struct Decoded {
  TextBuffer text;          ///< JSON Lines
  std::uint64_t lines = 0;  ///< in `text`
  std::uint64_t read = 0;   ///< records looked at: all, or those up to the limit
  std::vector<Reject> rejects;
  plan::Plan::Counts counts;

  void clear();
};

/// Decodes records that lie in `piece` (with kReadableTail readable bytes behind it) to `decoded`,
/// behind what it holds. Ends early where it holds `lines_max` lines (0: no limit). Only the first
/// `messages_max` rejects say why.
void decode_records(const DecodeRules& rules, ByteView piece,
                    std::span<const framing::RecordSpan> records, std::uint64_t lines_max,
                    std::size_t messages_max, Decoded& decoded);

}  // namespace copybridge::cli
