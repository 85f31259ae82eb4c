// What one record's encoding carries along.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/encode/program.h"
#include "codecs/plan/op.h"

namespace copybridge::encode {

using plan::kSubscriptsMax;

/// A step of the way through the JSON text: a member's name, or an element's number.
struct PathStep {
  const std::string* name = nullptr;
  std::uint32_t index = 0;
};

inline constexpr std::size_t kPathMax = 2 * kSubscriptsMax + 64;

/// Why a record was refused. What it points to lives as long as the plan and the text.
struct Failure {
  Fault fault = Fault::none;
  copybook::ItemIndex item = copybook::kNoItem;
  const Field* field = nullptr;
  const std::string* member = nullptr;  ///< the last step of the path
  Token token;
  std::uint64_t detail = 0;
  std::size_t path_size = 0;
  std::array<PathStep, kPathMax> path;  // NOLINT: filled up to `path_size`
};

struct CounterState {
  bool is_given = false;
  std::int64_t elements = -1;  ///< of the last array it counts
  /// Its values that give all these arrays: one, but where a range is clamped.
  std::int64_t least = 0;
  std::int64_t most = condition::kCountMax;
  const Member* member = nullptr;  ///< that array; the counter itself where there is none
  std::size_t path_begin = 0;      ///< of what stands around it, in Frame::paths
  std::size_t path_size = 0;
};

struct ArmState {
  bool is_started = false;       ///< its bytes are ready to be written to
  bool is_put_off = false;       ///< it is one of several that have the member's name
  bool has_value = false;        ///< a member that is not null
  bool has_null = false;         ///< a member that is null
  bool has_null_within = false;  ///< an alternative within it is
  bool has_null_value = false;   ///< a null that means a value of its item
  bool has_changed = false;      ///< against the record in _raw
  std::uint64_t tail_cut = 0;    ///< bytes at its end that an alternative within it leaves out

  [[nodiscard]] bool is_null() const { return !has_value && (has_null || has_null_within); }
};

/// The tables around the place that is being written.
struct Place {
  std::int64_t displacement = 0;
  std::size_t depth = 0;
  std::size_t path_size = 0;
  std::array<std::int64_t, kSubscriptsMax + 1> at_depth;  // NOLINT: filled up to `depth`
  std::array<std::uint32_t, kSubscriptsMax> subscripts;   // NOLINT: filled up to `depth`
  std::array<PathStep, kPathMax> path;                    // NOLINT: filled up to `path_size`
};

/// A condition that must choose an alternative, once the record is whole.
struct PendingChoice {
  std::uint32_t choice = kNone;
  std::uint32_t arm = kNone;
  Place place;
};

struct PendingCondition {
  const Member* member = nullptr;
  bool is_wanted = false;
  Place place;
};

/// A level 66, to be compared with what it renames once the record is whole.
struct PendingRename {
  const Member* member = nullptr;
  Token text;
};

/// A member that several alternatives have: which one is meant shows when the record is whole.
struct PendingMember {
  const Object* object = nullptr;
  const Member* member = nullptr;
  Token text;
  Place place;
};

struct Frame {
  const Program* program = nullptr;
  std::uint8_t* image = nullptr;
  std::uint64_t detail = 0;  ///< set by kernels beside their Fault
  std::size_t written = 0;   ///< set by kernels of text: bytes before it was filled up
  bool has_raw = false;
  bool sets_selectors = true;     ///< what no member shows is as the alternatives demand
  bool is_raw_short = false;      ///< the record in _raw ends before its items do
  std::uint64_t serial = 0;       ///< of the object that is being read
  std::uint64_t tail_cut = 0;     ///< bytes at the end that an alternative does not need
  std::uint64_t absent_from = 0;  ///< where an accepted short record ends
  std::uint64_t present_to = 0;
  std::size_t raw_size = 0;
  const char* text_end = nullptr;  ///< of what may be read
  Place place;
  Failure failure;
  std::vector<std::uint64_t> seen;  ///< by member: the object it was last seen in
  std::vector<CounterState> counters;
  std::vector<PathStep> paths;  ///< those of the counters' members, one behind the other
  std::vector<ArmState> arms;
  std::vector<PendingChoice> choices;
  std::vector<PendingCondition> conditions;
  std::vector<PendingMember> members;
  std::vector<PendingRename> renames;
  std::vector<Token> kept;              ///< members that stand for other records
  std::vector<std::uint8_t> raw_image;  ///< the record in _raw at fixed addresses, unchanged
  std::vector<std::uint8_t> scratch;    ///< one field's bytes
  std::vector<std::uint8_t> moved;      ///< an alternative, moved together
  std::vector<char> was;                ///< one field as JSON, as it was
  std::vector<char> is;                 ///< and as it would be
  std::string name;                     ///< an unescaped member name
  plan::Frame decoding;

  [[nodiscard]] std::uint8_t* at(std::uint64_t address) const {
    return image + (static_cast<std::int64_t>(address) + place.displacement);
  }
};

}  // namespace copybridge::encode
