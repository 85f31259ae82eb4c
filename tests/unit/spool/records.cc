// Making and describing of batches.
#include "tests/unit/spool/records.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace copybridge::tests {

using adapters::Attributes;
using adapters::RecordBatch;

std::string describe(const RecordBatch& batch, std::size_t record, std::uint64_t sequence) {
  const framing::RecordSpan& span = batch.records[record];
  const bool is_minted = sequence > 0 && batch.id_prefix.empty() && batch.ids.empty();
  std::string id = batch.id_prefix;
  if (is_minted) {
    id = fmt::format("gate/{:08x}/{}", kEpoch >> 32U, sequence);
  } else {
    id += batch.ids.empty() ? std::to_string(batch.first_number + record) : batch.ids[record];
  }
  std::string text = fmt::format("{} {} {} ", id, to_hex(batch.bytes.view(span.offset, span.size)),
                                 batch.time_of(record));
  // Where it is not a stream, a position says nothing.
  if (id.starts_with("stream/")) text += std::to_string(batch.position + span.offset);
  if (span.place == framing::RecordPlace::header) text += " header";
  if (span.place == framing::RecordPlace::trailer) text += " trailer";
  if (batch.is_notice) text += " notice " + batch.notice_type;
  for (const auto& [name, value] : batch.attributes) text += fmt::format(" {}={}", name, value);
  if (batch.record_attributes.empty()) return text;
  for (const auto& [name, value] : batch.record_attributes[record]) {
    text += fmt::format(" own {}={}", name, value);
  }
  return text;
}

RecordBatch BatchMaker::make(std::size_t records_max, std::size_t bytes_max) {
  RecordBatch batch;
  const std::size_t kind = random_() % 4;
  const bool is_stream = kind == 0;
  if (is_stream) batch.id_prefix = "stream/1/";
  if (is_stream) batch.first_number = number_;
  if (is_stream) batch.position = position_;
  if (kind == 1) batch.id_prefix = "queue/";
  if (kind == 1) batch.attributes = {{"queue", "PAY.IN"}};
  batch.is_notice = kind == 2 && random_() % 4 == 0;
  if (batch.is_notice) batch.notice_type = "copybridge.file.ended";
  batch.time_ms = static_cast<std::int64_t>(random_() % 2);
  const std::size_t count = batch.is_notice ? 1 : 1 + random_() % records_max;
  const bool has_own = random_() % 3 == 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text =
        std::to_string(++made_) + std::string(random_() % bytes_max, static_cast<char>(random_()));
    if (is_stream) batch.bytes.resize(batch.bytes.size() + random_() % 9);
    batch.records.push_back({static_cast<std::uint32_t>(batch.bytes.size()),
                             static_cast<std::uint32_t>(text.size()),
                             static_cast<framing::RecordPlace>(random_() % 3)});
    batch.bytes.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    if (kind == 1) batch.ids.push_back("M" + std::to_string(made_));
    if (kind == 3) batch.record_times_ms.push_back(static_cast<std::int64_t>(made_));
    if (has_own) batch.record_attributes.push_back({{"user", std::to_string(random_() % 2)}});
  }
  if (is_stream) position_ += batch.bytes.size() + random_() % 9;
  if (is_stream) number_ += count;
  return batch;
}

RecordBatch batch_of(const std::vector<std::string>& records, std::uint64_t first_number) {
  RecordBatch batch;
  batch.id_prefix = "in/1/";
  batch.first_number = first_number;
  for (const std::string& record : records) {
    batch.records.push_back({static_cast<std::uint32_t>(batch.bytes.size()),
                             static_cast<std::uint32_t>(record.size())});
    batch.bytes.append({reinterpret_cast<const std::uint8_t*>(record.data()), record.size()});
  }
  return batch;
}

spool::StoreSettings small_settings() {
  spool::StoreSettings settings;
  settings.bytes_max = 1 << 20;
  settings.append = {.name = "gate", .segment_bytes = 2048, .extend_bytes = 512};
  settings.new_epoch = kEpoch;
  return settings;
}

adapters::Settlement settlement_of(const RecordBatch& batch, adapters::Fate fate) {
  return {batch.token, std::vector(batch.records.size(), fate)};
}

std::vector<std::string> drain(spool::Store& store) {
  std::vector<std::string> read;
  RecordBatch batch;
  for (;;) {
    const Result<bool> got = store.reader().read(batch);
    EXPECT_TRUE(got) << got.error().message;
    if (!got || !*got) return read;
    for (std::size_t i = 0; i < batch.records.size(); ++i) read.push_back(describe(batch, i));
    const Result<void> settled = store.reader().settle(settlement_of(batch));
    EXPECT_TRUE(settled) << settled.error().message;
    if (!settled) return read;
  }
}

}  // namespace copybridge::tests
