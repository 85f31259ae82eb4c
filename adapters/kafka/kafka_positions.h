// How far the partitions of a topic are read and settled. Pure bookkeeping, no calls to Kafka.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// Where one record came from.
struct KafkaPlace {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// The partitions that are this consumer's, and the batches that are read and not settled.
class KafkaPositions {
 public:
  void assign(std::int32_t partition);
  /// It goes to another consumer, which begins with what was committed: batches under way may
  /// come a second time, and say nothing about this partition any more.
  void revoke(std::int32_t partition);
  void clear();

  void note_end(std::int32_t partition) { at_end(partition, true); }
  /// Begins the next batch, of which note_record() tells the records.
  void begin_batch(std::uint64_t token);
  void note_record(KafkaPlace place);
  /// The batch begun last has no records after all.
  void drop_newest() { batches_.pop_back(); }
  /// Where its records came from.
  [[nodiscard]] std::vector<KafkaPlace> newest() const;
  /// Whether that is the oldest batch under way.
  [[nodiscard]] bool has_batch(std::uint64_t token) const {
    return !batches_.empty() && batches_.front().token == token;
  }

  /// Takes in the fates of the oldest batch. Called again with the same it changes nothing.
  void settle(const Settlement& settlement);
  /// Whether the oldest batch has records of partitions that have gone since they were read: they
  /// may come again, whatever became of them.
  [[nodiscard]] bool has_gone_records() const;
  /// The oldest batch is committed.
  void drop_batch() { batches_.pop_front(); }

  /// Where each partition is to be read from next once everything before is settled, for those of
  /// which something new is settled since mark_committed().
  [[nodiscard]] std::map<std::int32_t, std::int64_t> to_commit() const;
  void mark_committed();

  /// What came back with `retry`, where reading has to begin again once nothing is under way.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> to_rewind() const;
  void mark_rewound(std::int32_t partition);

  [[nodiscard]] bool is_idle() const { return batches_.empty(); }
  /// Whether every partition has been read to its end, all of it is settled and nothing came back.
  [[nodiscard]] bool is_dry() const;
  /// The next offset to be read of every partition of which something was read.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> read_to() const;

 private:
  struct Partition {
    std::uint64_t epoch = 0;               ///< of its assignment
    std::int64_t next = -1;                ///< to be read; -1: nothing was
    std::int64_t settled = -1;             ///< everything before is; -1: nothing
    std::int64_t committed = -1;           ///< the same at the broker
    std::optional<std::int64_t> retry_at;  ///< the first record that came back
    bool is_at_end = false;
  };
  struct Record {
    KafkaPlace place;
    std::uint64_t epoch = 0;
  };
  struct Batch {
    std::uint64_t token = 0;
    std::vector<Record> records;
  };

  void at_end(std::int32_t partition, bool is_at_end);
  /// Whether the partition that a record was read from has gone since.
  [[nodiscard]] bool is_gone(const Record& record) const;

  std::map<std::int32_t, Partition> partitions_;
  std::deque<Batch> batches_;
  std::uint64_t epoch_ = 0;
};

}  // namespace copybridge::adapters
