// Tables on the straight way. Their occurrences are written where they belong at once: what follows
// a DEPENDING ON table moves up by what the table lacks.
#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/encode/kernels.h"
#include "codecs/encode/straight_run.h"

namespace copybridge::encode {

namespace {

constexpr std::size_t kCounterBytesMax = 64;

// Whether the counter's bytes are those of the table's occurrences. It was read before.
bool agrees(const Table& table, std::uint32_t count, const Run& run) {
  const Field& counter = run.program->counters[table.counter].field;
  if (count < table.count_min || count > counter.most) return false;
  std::array<std::uint8_t, kCounterBytesMax> wanted{};
  write_magnitude(counter, count, false, wanted.data());
  return std::memcmp(run.counters[table.counter], wanted.data(), counter.size) == 0;
}

// One behind the closing bracket; null where the text is not as expected.
const char* read_occurrences(const Loop& loop, const char* in, std::uint32_t& count, Run& run) {
  if (*in == ']') return in + 1;
  for (;;) {
    if (count == loop.table->count_max) return nullptr;
    in = encode::run(loop.body, in, run);
    if (in == nullptr || in >= run.end) return nullptr;
    ++count;
    run.displacement += loop.table->stride;
    const char next = *in++;
    if (next == ']') return in;
    if (next != ',') return nullptr;
  }
}

}  // namespace

const char* read_table(const Step& step, const char* in, std::uint8_t* /*out*/, Run& run) {
  const Table& table = *step.loop->table;
  if (*in != '[') return nullptr;
  std::uint32_t count = 0;
  in = read_occurrences(*step.loop, in + 1, count, run);
  if (in == nullptr) return nullptr;
  const bool is_whole =
      table.counter != kNone ? agrees(table, count, run) : count == table.count_max;
  if (!is_whole) return nullptr;
  const bool is_closed_up = table.is_moving || table.counter == kNone;
  run.displacement -= std::int64_t{table.stride} * (is_closed_up ? table.count_max : count);
  return in;
}

const char* fill_piece(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  std::memcpy(out, run.program->image.data() + step.address, step.size);
  return in;
}

const char* note_counter(const Step& step, const char* in, std::uint8_t* out, Run& run) {
  run.counters[step.field->counter] = out;
  return in;
}

}  // namespace copybridge::encode
