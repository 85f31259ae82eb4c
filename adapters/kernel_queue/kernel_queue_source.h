// Messages of a kernel's queue as records. The spool behind it makes them durable.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/kernel_queue/kernel_queue.h"

namespace copybridge::adapters::kernel_queue {

/// See adapters::Adapter. What has been read is on no queue any more; what comes back, or is
/// unsettled when it is closed, is sent to the queue again, behind what is there.
class KernelQueueSource final : public Adapter {
 public:
  /// `mark_name`: the attribute of what the queue says of a message.
  KernelQueueSource(const AdapterContext& context, std::unique_ptr<Queue> queue,
                    std::string mark_name, std::size_t batch_records_max)
      : name_(context.name),
        log_(context.log),
        queue_(std::move(queue)),
        mark_name_(std::move(mark_name)),
        batch_records_max_(batch_records_max) {}
  ~KernelQueueSource() override { KernelQueueSource::close(); }
  KernelQueueSource(const KernelQueueSource&) = delete;
  KernelQueueSource& operator=(const KernelQueueSource&) = delete;

  Result<void> open() override { return queue_->open(); }
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { queue_->interrupt(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return kBatchesInFlight; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  static constexpr std::size_t kBatchesInFlight = 4;
  static constexpr std::size_t kBatchBytes = 4 << 20;

  struct Message {
    std::int64_t mark = 0;
    std::size_t offset = 0;  ///< in the batch's bytes
    std::size_t size = 0;
  };
  struct Batch {
    std::uint64_t token = 0;
    ByteBuffer bytes;
    std::vector<Message> messages;
  };

  void send_back(const Batch& batch, const std::vector<Fate>& fates);

  const std::string name_;
  Log& log_;
  const std::unique_ptr<Queue> queue_;
  const std::string mark_name_;
  const std::size_t batch_records_max_;
  std::size_t records_max_ = 0;
  std::deque<Batch> unsettled_;
  std::uint64_t next_token_ = 1;
};

}  // namespace copybridge::adapters::kernel_queue
