// Batches of messages.
#include "adapters/kernel_queue/kernel_queue_source.h"

#include "bridge/core/log_events.h"

namespace copybridge::adapters::kernel_queue {

Result<ReadStatus> KernelQueueSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  Batch read;
  const std::size_t most = records_max_ > 0 ? records_max_ : batch_records_max_;
  while (batch.records.size() < most && batch.bytes.size() < kBatchBytes) {
    const std::size_t at = batch.bytes.size();
    std::int64_t mark = 0;
    const Result<bool> got = queue_->receive(batch.bytes, mark, wait);
    // What has been received is handed out; the next read meets the error again.
    if (!got && batch.records.empty()) return pass_on(got);
    if (!got || !*got) break;
    batch.records.push_back(
        {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(batch.bytes.size() - at)});
    batch.record_attributes.push_back({{mark_name_, std::to_string(mark)}});
    read.messages.push_back({mark, at, batch.bytes.size() - at});
    wait = Milliseconds(0);
  }
  if (batch.records.empty()) return unsettled_.empty() ? ReadStatus::dry : ReadStatus::idle;
  batch.token = read.token = next_token_++;
  read.bytes.append(batch.bytes.view());
  unsettled_.push_back(std::move(read));
  return ReadStatus::batch;
}

Result<void> KernelQueueSource::settle(const Settlement& settlement) {
  if (unsettled_.empty() || unsettled_.front().token != settlement.token) return {};
  send_back(unsettled_.front(), settlement.fates);
  unsettled_.pop_front();
  return {};
}

void KernelQueueSource::close() {
  for (const Batch& batch : unsettled_)
    send_back(batch, std::vector(batch.messages.size(), Fate::retry));
  unsettled_.clear();
  queue_->close();
}

void KernelQueueSource::send_back(const Batch& batch, const std::vector<Fate>& fates) {
  std::int64_t lost = 0;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const Message& message = batch.messages[i];
    if (fates[i] != Fate::retry) continue;
    lost += queue_->send_back(batch.bytes.view(message.offset, message.size), message.mark) ? 0 : 1;
  }
  // The queue has been filled meanwhile. There is no other place for them.
  if (lost > 0) log_records_gone(log_, name_, "queue is full", 0, lost);
}

SourceStatus KernelQueueSource::status() const {
  const std::int64_t depth = queue_->depth();
  return {.lag = depth < 0 ? std::string() : std::to_string(depth) + " messages"};
}

}  // namespace copybridge::adapters::kernel_queue
