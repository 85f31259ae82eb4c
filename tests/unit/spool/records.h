// Batches for tests of the spool, and what must be read back of them.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/spool/store.h"
#include "tests/unit/spool/memory_disk.h"

namespace copybridge::tests {

inline constexpr std::uint64_t kEpoch = 0x5F3A9C0E1B2D4C77U;

/// Describes a record as the pipeline would see it. `sequence` 0: as it is in the batch; else its
/// id is minted with it where the batch has none.
[[nodiscard]] std::string describe(const adapters::RecordBatch& batch, std::size_t record,
                                   std::uint64_t sequence = 0);

/// Makes batches of every kind: with identity and without, streams with gaps, own times,
/// attributes, notices. Every record's content is different.
class BatchMaker {
 public:
  explicit BatchMaker(std::minstd_rand& random) : random_(random) {}
  [[nodiscard]] adapters::RecordBatch make(std::size_t records_max, std::size_t bytes_max);

 private:
  std::minstd_rand& random_;
  std::uint64_t made_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t number_ = 1;
};

/// A batch of records with this content and ids `in/1/N`.
[[nodiscard]] adapters::RecordBatch batch_of(const std::vector<std::string>& records,
                                             std::uint64_t first_number = 1);

/// Small segments, so that a test has many.
[[nodiscard]] spool::StoreSettings small_settings();

[[nodiscard]] adapters::Settlement settlement_of(const adapters::RecordBatch& batch,
                                                 adapters::Fate fate = adapters::Fate::delivered);

/// Reads and settles until nothing is left; what was read, as describe() has it.
[[nodiscard]] std::vector<std::string> drain(spool::Store& store);

}  // namespace copybridge::tests
