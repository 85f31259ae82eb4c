// Payloads of the spool.
//
//   common    u32 size, then: u8 kind (0 record, 1 notice), text id prefix, text notice type,
//             attributes
//   u8 flags  1: an id of its own, no number; 2: no stream position; times 4: its place (header,
//             trailer)
//   i64 time, u64 number, u64 position, text id, attributes (u32 size first)
//   the rest  the record
//
// attributes: u32 count, then text name, text value.
#include "bridge/spool/record_codec.h"

#include <algorithm>
#include <cstring>

#include "bridge/spool/wire.h"

namespace copybridge::spool {
namespace {

using adapters::Attributes;
using adapters::RecordBatch;

constexpr std::uint8_t kHasId = 1;
constexpr std::uint8_t kNoStream = 2;
constexpr unsigned kPlaceShift = 2;
/// RDWs, line ends and paddings between two records of a stream are left out; a batch has room for
/// them, so that positions stay what they were.
constexpr std::uint64_t kGapMax = 4096;

void append_attributes(ByteBuffer& out, const Attributes& attributes) {
  append_number(out, static_cast<std::uint32_t>(attributes.size()));
  for (const auto& [name, value] : attributes) {
    append_text(out, name);
    append_text(out, value);
  }
}

bool read_attributes(Taker& taker, Attributes& attributes) {
  const auto count = taker.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && taker.is_sound(); ++i) {
    const std::string_view name = taker.text();
    attributes.emplace_back(name, taker.text());
  }
  return taker.is_sound();
}

/// Room for the size of what follows; fill_size() writes it.
std::size_t begin_size(ByteBuffer& out) {
  append_number(out, std::uint32_t{0});
  return out.size();
}

void fill_size(ByteBuffer& out, std::size_t begin) {
  put_number(out.data() + begin - sizeof(std::uint32_t),
             static_cast<std::uint32_t>(out.size() - begin));
}

}  // namespace

void RecordWriter::begin(const RecordBatch& batch) {
  batch_ = &batch;
  mints_ = batch.id_prefix.empty() && batch.ids.empty();
  common_.clear();
  const std::size_t begin = begin_size(common_);
  append_number(common_, static_cast<std::uint8_t>(batch.is_notice));
  append_text(common_, mints_ ? minted_prefix_ : batch.id_prefix);
  append_text(common_, batch.notice_type);
  append_attributes(common_, batch.attributes);
  fill_size(common_, begin);
}

void RecordWriter::append(ByteBuffer& out, std::size_t record, std::uint64_t sequence) {
  const RecordBatch& batch = *batch_;
  const framing::RecordSpan& span = batch.records[record];
  const bool has_id = !batch.ids.empty();
  const auto place = static_cast<unsigned>(span.place) << kPlaceShift;
  out.append(common_.view());
  append_number(out, static_cast<std::uint8_t>((has_id ? kHasId : 0U) |
                                               (batch.position == 0 ? kNoStream : 0U) | place));
  append_number(out, static_cast<std::uint64_t>(batch.time_of(record)));
  append_number(out, mints_ ? sequence : batch.first_number + record);
  append_number(out, batch.position + span.offset);
  append_text(out, has_id ? batch.ids[record] : std::string_view());
  const std::size_t begin = begin_size(out);
  if (!batch.record_attributes.empty()) append_attributes(out, batch.record_attributes[record]);
  fill_size(out, begin);
  out.append(batch.bytes.view(span.offset, span.size));
}

bool read_record(ByteView payload, StoredRecord& record) {
  Taker taker(payload);
  record.common = taker.bytes();
  record.flags = taker.number<std::uint8_t>();
  record.time_ms = static_cast<std::int64_t>(taker.number<std::uint64_t>());
  record.number = taker.number<std::uint64_t>();
  record.position = taker.number<std::uint64_t>();
  record.id = taker.text();
  record.attributes = taker.bytes();
  record.bytes = taker.rest();
  return taker.is_sound() &&
         record.flags >> kPlaceShift <= static_cast<unsigned>(framing::RecordPlace::trailer);
}

void BatchBuilder::begin(RecordBatch& batch) {
  batch.reset();
  batch_ = &batch;
  has_times_ = false;
}

/// Bytes to leave free before the record, so that its position is right.
std::size_t BatchBuilder::gap_before(const StoredRecord& record) const {
  const std::uint64_t end = batch_->position + batch_->bytes.size();
  const bool follows = record.position >= end && record.position - end <= kGapMax;
  return follows ? static_cast<std::size_t>(record.position - end) : 0;
}

bool BatchBuilder::belongs(const StoredRecord& record) const {
  const RecordBatch& batch = *batch_;
  if (batch.is_notice ||
      batch.records.size() >= (records_max_ > 0 ? records_max_ : limits_.records_max) ||
      batch.bytes.size() + record.bytes.size() > limits_.bytes_max) {
    return false;
  }
  const bool is_same_kind = std::ranges::equal(record.common, common_.view()) &&
                            ((record.flags & kHasId) != 0) == has_ids_;
  if (!is_same_kind) return false;
  if (!has_ids_ && record.number != batch.first_number + batch.records.size()) return false;
  const bool has_position = (record.flags & kNoStream) == 0;
  const std::uint64_t begin = batch.position + batch.bytes.size() + gap_before(record);
  return !has_position || record.position == begin;
}

void BatchBuilder::take_common(const StoredRecord& record) {
  RecordBatch& batch = *batch_;
  common_.clear();
  common_.append(record.common);
  Taker taker(record.common);
  batch.is_notice = taker.number<std::uint8_t>() != 0;
  batch.id_prefix = taker.text();
  batch.notice_type = taker.text();
  [[maybe_unused]] const bool is_sound = read_attributes(taker, batch.attributes);
  batch.first_number = record.number;
  batch.position = record.position;
  batch.time_ms = record.time_ms;
  has_ids_ = (record.flags & kHasId) != 0;
}

bool BatchBuilder::add(const StoredRecord& record) {
  RecordBatch& batch = *batch_;
  if (batch.records.empty()) {
    take_common(record);
  } else if (!belongs(record)) {
    return false;
  }
  batch.bytes.resize(batch.bytes.size() + gap_before(record));
  batch.records.push_back({static_cast<std::uint32_t>(batch.bytes.size()),
                           static_cast<std::uint32_t>(record.bytes.size()),
                           static_cast<framing::RecordPlace>(record.flags >> kPlaceShift)});
  batch.bytes.append(record.bytes);
  if (has_ids_) batch.ids.emplace_back(record.id);
  batch.record_times_ms.push_back(record.time_ms);
  has_times_ = has_times_ || record.time_ms != batch.time_ms;
  if (!record.attributes.empty() || !batch.record_attributes.empty()) {
    batch.record_attributes.resize(batch.records.size());
    Taker taker(record.attributes);
    if (!record.attributes.empty()) {
      [[maybe_unused]] const bool is_sound = read_attributes(taker, batch.record_attributes.back());
    }
  }
  return true;
}

void BatchBuilder::finish() {
  if (!has_times_) batch_->record_times_ms.clear();
}

}  // namespace copybridge::spool
