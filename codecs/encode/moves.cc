// DEPENDING ON tables: from fixed addresses to a record, and back.
#include <algorithm>
#include <cstring>

#include "codecs/encode/settle.h"

namespace copybridge::encode {

namespace {

/// A walk through the occurrences of one table; the place is as before at its end.
class Occurrences {
 public:
  Occurrences(const Table& table, Frame& frame) : table_(table), place_(frame.place) {
    before_ = place_.displacement;
    ++place_.depth;
  }
  ~Occurrences() {
    --place_.depth;
    place_.displacement = before_;
  }
  Occurrences(const Occurrences&) = delete;
  Occurrences& operator=(const Occurrences&) = delete;

  void begin(std::int64_t index) {
    place_.displacement = before_ + index * table_.stride;
    place_.at_depth[place_.depth] = place_.displacement;
  }

 private:
  const Table& table_;
  Place& place_;
  std::int64_t before_ = 0;
};

std::int64_t occurrences(const Table& table, const Frame& frame) {
  if (!table.is_moving) return table.count_max;
  return std::clamp<std::int64_t>(count_of(table, frame), 0, table.count_max);
}

}  // namespace

std::int64_t count_of(const Table& table, const Frame& frame) {
  const Counter& counter = frame.program->counters[table.counter];
  const std::int64_t displacement = counter.depth == 0 ? 0 : frame.place.at_depth[counter.depth];
  const std::uint8_t* bytes =
      frame.image + (static_cast<std::int64_t>(counter.field.address) + displacement);
  const std::int64_t count = condition::read_count(counter.field.storage, bytes);
  if (count < 0 || !table.is_clamped) return count;
  return std::clamp<std::int64_t>(count, table.count_min, table.count_max);
}

std::uint8_t* gather(const Move& move, std::uint8_t* out, Frame& frame) {
  if (move.table == nullptr) {
    std::memmove(out, frame.at(move.address), move.size);
    return out + move.size;
  }
  const Table& table = *move.table;
  const std::int64_t count = occurrences(table, frame);
  if (!table.body_moves) {
    const std::size_t size = static_cast<std::size_t>(count) * table.stride;
    std::memmove(out, frame.at(move.address), size);
    return out + size;
  }
  Occurrences each(table, frame);
  for (std::int64_t i = 0; i < count; ++i) {
    each.begin(i);
    out = gather(table.body, out, frame);
  }
  return out;
}

std::uint8_t* gather(const Moves& moves, std::uint8_t* out, Frame& frame) {
  for (const Move& move : moves) out = gather(move, out, frame);
  return out;
}

bool scatter(const Moves& moves, const std::uint8_t*& begin, const std::uint8_t* end,
             Frame& frame) {
  const auto take = [&](std::uint64_t address, std::uint64_t size) {
    const auto there = std::min<std::uint64_t>(size, static_cast<std::uint64_t>(end - begin));
    std::memcpy(frame.at(address), begin, there);
    begin += there;
  };
  for (const Move& move : moves) {
    if (move.table == nullptr) {
      take(move.address, move.size);
      continue;
    }
    const Table& table = *move.table;
    const std::int64_t count = table.is_moving ? count_of(table, frame) : table.count_max;
    if (count < table.count_min || count > table.count_max) return begin == end;
    if (!table.body_moves) {
      take(move.address, static_cast<std::uint64_t>(count) * table.stride);
      continue;
    }
    Occurrences each(table, frame);
    for (std::int64_t i = 0; i < count; ++i) {
      each.begin(i);
      if (!scatter(table.body, begin, end, frame)) return false;
    }
  }
  return true;
}

}  // namespace copybridge::encode
