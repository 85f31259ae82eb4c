// Hostile segment files: the first bytes choose the bounds, the rest is the file. Pieces must lie
// one behind the other inside it, records must read as records, and sequence numbers must rise.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "bridge/spool/record_codec.h"
#include "bridge/spool/scan.h"

namespace {

using copybridge::ByteView;
using copybridge::Result;
using namespace copybridge::spool;

constexpr std::size_t kHead = 4;

void require(bool condition) {
  if (!condition) std::abort();
}

class ByteFile : public StoredFile {
 public:
  explicit ByteFile(ByteView bytes) : bytes_(bytes) {}
  Result<std::uint64_t> size() override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(to.size(), bytes_.size() - offset);
    std::memcpy(to.data(), bytes_.data() + offset, size);
    return size;
  }
  Result<void> write_at(std::uint64_t, ByteView) override { std::abort(); }
  Result<void> cut(std::uint64_t) override { std::abort(); }
  Result<void> sync() override { std::abort(); }

 private:
  ByteView bytes_;
};

/// Checksums are made right, where a frame's size fits, so that what lies behind them is reached.
std::vector<std::uint8_t> mend(ByteView bytes, const FrameHome& home) {
  std::vector<std::uint8_t> mended(bytes.begin(), bytes.end());
  std::uint64_t sequence = 1;
  for (std::size_t at = kSegmentHeaderSize; at + kFrameHeaderSize < mended.size();) {
    const std::size_t size =
        std::min<std::size_t>(mended[at], mended.size() - at - kFrameHeaderSize);
    copybridge::ByteBuffer frame;
    const std::size_t begin = begin_frame(frame);
    frame.append(ByteView(mended).subspan(at + kFrameHeaderSize, size));
    end_frame(frame, begin, home, sequence + mended[at + 1] % 4);
    ++sequence;
    const bool is_left = mended[at + 2] % 8 == 0;
    if (!is_left) std::memcpy(mended.data() + at, frame.data(), frame.size());
    at += kFrameHeaderSize + size;
  }
  return mended;
}

void scan(ByteView bytes, const SegmentIdentity& identity, const ScanBounds& bounds) {
  SegmentScan scan(std::make_unique<ByteFile>(bytes), identity);
  copybridge::adapters::RecordBatch batch;
  BatchBuilder builder({.records_max = 3, .bytes_max = 100});
  builder.begin(batch);
  std::uint64_t expected = identity.first_sequence;
  std::uint64_t offset = 0;
  for (;;) {
    const Result<ScanItem> item = scan.next(bounds);
    require(item.has_value());
    if (item->kind == ScanItem::Kind::end) break;
    require(item->sequence == expected && item->offset >= offset);
    require(item->offset + item->size <= bounds.limit || item->size == 0);
    offset = item->offset + item->size;
    const bool is_record = item->kind == ScanItem::Kind::record;
    expected += is_record ? 1 : item->lost;
    require(is_record || item->lost > 0 || item->size > 0);
    StoredRecord record;
    if (!is_record || !read_record(item->payload, record)) continue;
    if (builder.add(record)) continue;
    builder.finish();
    builder.begin(batch);
    require(builder.add(record));
    require(batch.records.back().offset + batch.records.back().size <= batch.bytes.size());
  }
  require(bounds.is_open_ended || bounds.end_sequence == 0 || expected == bounds.end_sequence ||
          bounds.end_sequence < identity.first_sequence);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead) return 0;
  const ByteView head(data, kHead);
  const ByteView bytes(data + kHead, size - kHead);
  const SegmentIdentity identity{{42, 1}, 1};
  ScanBounds bounds;
  bounds.limit = (head[0] & 1) != 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), head[1]);
  bounds.synced =
      (head[0] & 2) != 0 ? bounds.limit : std::min<std::uint64_t>(head[2], bounds.limit);
  bounds.end_sequence = head[3] % 16;
  bounds.is_open_ended = (head[0] & 4) != 0;
  ByteFile file(bytes);
  require(read_segment_header(file).has_value());
  scan(bytes, identity, bounds);
  const std::vector<std::uint8_t> mended = mend(bytes, identity.home);
  scan(mended, identity, bounds);
  return 0;
}
