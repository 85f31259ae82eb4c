// A record as it lies in the spool: bytes, id, time, position and attributes, complete in itself,
// so that a damaged neighbour takes nothing with it. Written from batches, read back into batches.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/adapter.h"
#include "bridge/core/bytes.h"

namespace copybridge::spool {

/// Writes the payloads of one batch after the other. Not thread-safe.
class RecordWriter {
 public:
  /// `minted_prefix`: ids of records whose source gives them none begin with it, and the sequence
  /// number follows.
  explicit RecordWriter(std::string minted_prefix) : minted_prefix_(std::move(minted_prefix)) {}

  /// The batch that append() takes records from; it stays unchanged meanwhile.
  void begin(const adapters::RecordBatch& batch);
  void append(ByteBuffer& out, std::size_t record, std::uint64_t sequence);

 private:
  const std::string minted_prefix_;
  const adapters::RecordBatch* batch_ = nullptr;
  bool mints_ = false;
  ByteBuffer common_;  ///< what all records of the batch share, as it is written
};

/// A payload taken apart; views into it.
struct StoredRecord {
  ByteView common;  ///< kind, id prefix, notice type, common attributes
  std::uint8_t flags = 0;
  std::int64_t time_ms = 0;
  std::uint64_t number = 0;    ///< where the record has no id of its own
  std::uint64_t position = 0;  ///< in the source, where it is a stream
  std::string_view id;         ///< its own, without the prefix
  ByteView attributes;         ///< its own
  ByteView bytes;
};

/// False where the payload is none.
[[nodiscard]] bool read_record(ByteView payload, StoredRecord& record);

/// Puts records together again into batches that read like those of the source: same ids,
/// positions, times and attributes. Batches need not begin and end where the source's did.
class BatchBuilder {
 public:
  struct Limits {
    std::size_t records_max = 1000;
    std::size_t bytes_max = 1 << 20;
  };
  explicit BatchBuilder(const Limits& limits) : limits_(limits) {}

  /// 0: as many as it was made for.
  void limit_records(std::size_t records_max) { records_max_ = records_max; }
  /// Begins with an empty batch.
  void begin(adapters::RecordBatch& batch);
  /// False where the record does not belong into this batch: it begins the next one.
  [[nodiscard]] bool add(const StoredRecord& record);
  [[nodiscard]] bool is_empty() const { return batch_->records.empty(); }
  /// To be called when the batch is complete.
  void finish();

 private:
  [[nodiscard]] bool belongs(const StoredRecord& record) const;
  [[nodiscard]] std::size_t gap_before(const StoredRecord& record) const;
  void take_common(const StoredRecord& record);

  Limits limits_;
  std::size_t records_max_ = 0;
  adapters::RecordBatch* batch_ = nullptr;
  ByteBuffer common_;
  bool has_ids_ = false;
  bool has_times_ = false;
};

}  // namespace copybridge::spool
