// Hostile streams for every framer: the first bytes choose the options and the split, the rest is
// the stream. Records must lie inside their piece, one piece and many must give the same, and so
// must the stream that a writer makes of the records.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "codecs/framing/framing.h"
#include "codecs/framing/writer.h"

namespace {

using copybridge::ByteView;
using copybridge::framing::Framer;
using copybridge::framing::FramingOptions;
using copybridge::framing::Measured;
using copybridge::framing::RecordPlace;
using copybridge::framing::RecordSpan;

constexpr std::size_t kOptionBytes = 7;

struct Outcome {
  std::vector<std::vector<std::uint8_t>> records;
  std::vector<RecordPlace> places;
  bool is_broken = false;
  bool operator==(const Outcome&) const = default;
};

void require(bool condition) {
  if (!condition) std::abort();
}

/// A record's first byte is its size.
class FirstByteMeasure final : public copybridge::framing::RecordMeasure {
 public:
  [[nodiscard]] Measured measure(ByteView stream, RecordPlace /*place*/) const override {
    if (stream.empty()) return {Measured::Kind::more};
    if (stream[0] == 0xFF) return {Measured::Kind::bad};
    return {Measured::Kind::size, stream[0], 1};
  }
  [[nodiscard]] std::string explain(ByteView /*stream*/, RecordPlace /*place*/) const override {
    return "no size";
  }
};

/// By the last byte.
class AnyGrouper final : public copybridge::framing::RecordGrouper {
 public:
  [[nodiscard]] Role role(ByteView record) const override {
    return static_cast<Role>(record.empty() ? 1 : record.back() % 3);
  }
};

FramingOptions options_of(ByteView head) {
  using copybridge::framing::Presence;
  using copybridge::framing::Recfm;
  FramingOptions options;
  options.recfm = static_cast<Recfm>(head[0] % 12);
  options.bdw = static_cast<Presence>(head[1] % 3);
  options.lrecl = head[2];
  options.rdw_little_endian = (head[3] & 1) != 0;
  options.rdw_includes_itself = (head[3] & 2) != 0;
  options.bdw_little_endian = (head[3] & 4) != 0;
  options.bdw_includes_itself = (head[3] & 8) != 0;
  options.rdw_adjust = ((head[3] >> 4) & 3) - 1;
  options.bdw_adjust = ((head[3] >> 6) & 3) - 1;
  options.skip_header = head[4] & 3;
  options.skip_trailer = (head[4] >> 2) & 3;
  options.length_bytes = 1U << ((head[4] >> 4) % 3);
  options.keep_prefix = (head[4] & 0x80) != 0;
  options.varseq_format = head[1] / 4 % 4;
  options.block_size = 16U + head[1];
  options.header_records = head[6] & 3;
  options.trailer_records = (head[6] >> 2) & 3;
  options.accepts_short_last = (head[6] & 0x10) != 0;
  options.record_prefix = (head[6] >> 5) & 1;
  options.record_suffix = (head[6] >> 6) & 3;
  if (options.recfm == Recfm::measured) options.measure = std::make_shared<FirstByteMeasure>();
  if ((head[4] & 0x40) != 0) options.grouper = std::make_shared<AnyGrouper>();
  options.line_ends = {0x15, 0x25, 0x0A};
  options.wraps_lines = (head[4] & 0x40) != 0;
  return options;
}

Outcome frame(const FramingOptions& options, ByteView stream, std::size_t step,
              std::size_t records_max) {
  auto framer = copybridge::framing::make_framer(options);
  require(framer.has_value());
  Outcome outcome;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<RecordSpan> records;
  do {
    end += std::min(step, stream.size() - end);
    do {
      const ByteView piece = stream.subspan(begin, end - begin);
      records.clear();
      const auto framed = (*framer)->next(piece, end == stream.size(), records_max, records);
      require(records.size() <= records_max);
      copybridge::ByteBuffer assembled;
      const bool is_assembled = (*framer)->take_assembled(assembled);
      const ByteView from = is_assembled ? assembled.view() : piece;
      for (const RecordSpan& record : records) {
        require(std::uint64_t{record.offset} + record.size <= from.size());
        const ByteView bytes = from.subspan(record.offset, record.size);
        outcome.records.emplace_back(bytes.begin(), bytes.end());
        outcome.places.push_back(record.place);
      }
      outcome.is_broken = !framed;
      if (!framed) return outcome;
      require(framed->consumed <= piece.size());
      begin += framed->consumed;
      require((*framer)->state().position == begin);
    } while (records.size() == records_max);
  } while (end < stream.size());
  require(begin == stream.size());
  return outcome;
}

/// What the writer takes of the records must be read back.
void write_back(FramingOptions options, const std::vector<std::vector<std::uint8_t>>& records) {
  options.skip_header = options.skip_trailer = 0;
  options.record_prefix = options.record_suffix = 0;
  options.header_records = options.trailer_records = 0;
  options.grouper = nullptr;
  // Where blocks are looked for, records may look like one.
  if (options.bdw == copybridge::framing::Presence::automatic)
    options.bdw = copybridge::framing::Presence::no;
  const auto writer = copybridge::framing::make_writer(options);
  if (!writer) return;
  Outcome taken;
  copybridge::ByteBuffer out;
  for (const std::vector<std::uint8_t>& record : records) {
    if (!(*writer)->write(record, out)) continue;
    taken.records.push_back(record);
    taken.places.push_back(RecordPlace::detail);
  }
  require((*writer)->finish(out).has_value());
  require(taken == frame(options, out.view(), SIZE_MAX, SIZE_MAX));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kOptionBytes) return 0;
  const ByteView head(data, kOptionBytes);
  const ByteView stream(data + kOptionBytes, size - kOptionBytes);
  const FramingOptions options = options_of(head);
  if (!copybridge::framing::make_framer(options)) return 0;
  const Outcome whole = frame(options, stream, SIZE_MAX, SIZE_MAX);
  const std::size_t step = 1 + (head[5] & 0x0F);
  const std::size_t records_max = 1 + (head[5] >> 4);
  require(whole == frame(options, stream, step, records_max));
  write_back(options, whole.records);
  return 0;
}
