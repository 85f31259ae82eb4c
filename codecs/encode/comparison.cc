// Walks over alternatives.
#include "codecs/encode/comparison.h"

#include <algorithm>
#include <cstring>

namespace copybridge::encode {

bool Comparison::walk(const std::vector<Check>& checks, What what) {
  return std::all_of(checks.begin(), checks.end(), [&](const Check& check) {
    if (check.field != nullptr) return field(*check.field, what);
    return check.choice != nullptr ? choice(check, what) : table(check, what);
  });
}

bool Comparison::field(const Field& field, What what) {
  const std::uint8_t* const own = frame_.at(field.address) + own_delta_;
  if (what == What::copy) {
    std::memcpy(frame_.at(field.address) + own_delta_ + delta_, own, field.size);
    return true;
  }
  if (what == What::own_fits) return !decoded(field, own, frame_.was, frame_).empty();
  const std::string_view shared = decoded(field, own + delta_, frame_.is, frame_);
  if (shared.empty()) return false;
  return what == What::shared_fits || shared == decoded(field, own, frame_.was, frame_);
}

// Items within that share storage of their own: what one of them made stands in the layer.
bool Comparison::choice(const Check& check, What what) {
  const Choice& choice = *check.choice;
  if (what == What::copy) {
    std::uint8_t* const own = frame_.at(choice.address) + own_delta_;
    std::memcpy(own + delta_, own, choice.size);
    return true;
  }
  const std::deque<Arm>& arms = frame_.program->arms;
  bool is_plain = !choice.is_conditional;
  for (std::uint32_t i = 0; i < choice.arm_count; ++i)
    is_plain = is_plain && !arms[choice.first_arm + i].is_variable;
  if (!is_plain) return what != What::same || has_same_bytes(choice);
  bool fits = false;
  for (std::uint32_t i = 0; i < choice.arm_count; ++i) {
    const std::int64_t outside = own_delta_;
    own_delta_ += between(choice.address, arms[choice.first_arm + i].address);
    const What side = what == What::own_fits ? what : What::shared_fits;
    const bool fits_here = walk(check.arms[i], side);
    const bool is_right = what != What::same || is_same_arm(check.arms[i], fits_here);
    own_delta_ = outside;
    if (!is_right) return false;
    fits = fits || fits_here;
  }
  return fits || what == What::same;
}

bool Comparison::is_same_arm(const std::vector<Check>& checks, bool fits_shared) {
  if (walk(checks, What::own_fits) != fits_shared) return false;
  return !fits_shared || walk(checks, What::same);
}

bool Comparison::has_same_bytes(const Choice& choice) const {
  const std::uint8_t* const own = frame_.at(choice.address) + own_delta_;
  return std::memcmp(own, own + delta_, choice.size) == 0;
}

bool Comparison::table(const Check& check, What what) {
  const Table& table = *check.table;
  std::int64_t count = table.count_max;
  if (table.counter != kNone) count = count_of(table, frame_);
  if (count < table.count_min || count > table.count_max) return false;
  Place& place = frame_.place;
  const std::int64_t displacement = place.displacement;
  const std::int64_t delta = delta_;
  ++place.depth;
  bool is_right = true;
  for (std::int64_t i = 0; i < count && is_right; ++i) {
    place.at_depth[place.depth] = place.displacement;
    is_right = walk(check.body, what);
    place.displacement += table.stride;
  }
  --place.depth;
  place.displacement = displacement;
  // What follows has moved up in the shared storage, by what is missing here and within.
  delta_ = table.is_moving || table.body_moves ? delta_ : delta;
  if (table.is_moving) delta_ -= (table.count_max - count) * table.stride;
  return is_right;
}

}  // namespace copybridge::encode
