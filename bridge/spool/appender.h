// The appending side of a spool: records into segments, durable in groups.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "bridge/spool/cursor.h"
#include "bridge/spool/record_codec.h"
#include "bridge/spool/shelf.h"

namespace copybridge::spool {

struct AppendSettings {
  std::string name;  ///< of the adapter; minted ids begin with it
  std::uint64_t segment_bytes = 64ULL << 20U;
  /// A segment grows by so much at a time, with zeros, so that most syncs need not make a new size
  /// durable with the data: on a journaling file system that is several times as fast.
  std::uint64_t extend_bytes = 1ULL << 20U;
};

/// For one thread.
class Appender {
 public:
  /// `last_segment`: no number up to it is used again.
  Appender(Storage& storage, Shelf& shelf, Cursor& cursor, const AppendSettings& settings,
           std::uint64_t epoch, std::uint64_t last_segment);

  /// Appends a batch; false where there is no room. After an error it was not appended, earlier
  /// ones still are.
  Result<bool> append(const adapters::RecordBatch& batch);
  /// Makes durable, and readable, what was appended. After an error nothing since the last
  /// commit() is there.
  Result<void> commit();

 private:
  Result<bool> try_append(const adapters::RecordBatch& batch);
  [[nodiscard]] bool rolls() const;
  void encode(const adapters::RecordBatch& batch, const SegmentIdentity& identity, bool is_new);
  Result<void> begin_segment(const SegmentIdentity& identity);
  Result<void> write(std::uint64_t begin, std::uint64_t size);
  bool make_room();
  void roll_back();

  Storage& storage_;
  Shelf& shelf_;
  Cursor& cursor_;
  const AppendSettings settings_;
  const std::uint64_t epoch_;
  RecordWriter writer_;
  ByteBuffer scratch_;

  std::unique_ptr<StoredFile> file_;  ///< the segment that is being written
  SegmentIdentity identity_;          ///< its
  std::uint64_t size_ = 0;            ///< its, zeros counted
  std::uint64_t last_segment_;
  Tail tail_;
  bool is_tail_unsure_ = false;  ///< a write failed: anything may lie behind the tail
  bool is_sync_lost_ = false;    ///< a sync failed: nothing since the last commit can be trusted
  bool are_names_synced_ = true;
};

}  // namespace copybridge::spool
