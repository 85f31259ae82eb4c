// Arrivals to batches, settlements to acknowledgements.
#include "adapters/tcp/tcp_source.h"

#include <algorithm>
#include <utility>

namespace copybridge::adapters::tcp {
namespace {

constexpr Milliseconds kCloseLimit{3000};
/// A connection that is open and has brought nothing for so long is quiet; a server that has ended
/// one is left alone for as long.
constexpr Milliseconds kQuietAfter{1000};

}  // namespace

TcpSource::TcpSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      intake_(settings_.waiting_bytes_max),
      hub_(settings_.hub, intake_, context.clock, context.log) {}

Result<void> TcpSource::open() {
  close();
  came_at_ = context_.clock.now();
  return hub_.open();
}

/// Makes the connection where the bridge is who makes it.
void TcpSource::keep_connected() {
  if (settings_.hub.listen || intake_.waiting() > 0) return;
  const bool has_finished = hub_.link().state == Link::State::finished;
  if (has_finished && !std::exchange(was_finished_, true)) came_at_ = context_.clock.now();
  if (has_finished && context_.clock.now() - came_at_ < kQuietAfter) return;
  was_finished_ = false;
  hub_.connect();
}

Result<ReadStatus> TcpSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  keep_connected();
  intake_.wait(wait, context_.clock);
  Batch handed;
  fill(batch, handed);
  if (batch.records.empty()) return quiet_status();
  came_at_ = context_.clock.now();
  batch.token = handed.token = next_token_++;
  unsettled_.push_back(std::move(handed));
  return ReadStatus::batch;
}

Result<ReadStatus> TcpSource::quiet_status() const {
  // As long as it cannot be reached, also while it is tried again.
  if (std::optional<Error> failure = hub_.link().failure; failure)
    return tl::make_unexpected(std::move(*failure));
  if (!unsettled_.empty()) return ReadStatus::idle;
  // A listener is dry without a connection, whoever connects himself only after a connection.
  const bool has_none = hub_.connections() == 0;
  if (has_none && settings_.hub.listen) return ReadStatus::dry;
  if (has_none) return was_finished_ ? ReadStatus::dry : ReadStatus::idle;
  const bool is_quiet = context_.clock.now() - came_at_ >= kQuietAfter;
  return is_quiet ? ReadStatus::dry : ReadStatus::idle;
}

void TcpSource::fill(RecordBatch& batch, Batch& handed) {
  const std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  while (batch.records.size() < most && batch.bytes.size() < kBatchBytes) {
    std::optional<Arrival> arrival = intake_.take(most - batch.records.size());
    if (!arrival) break;
    const std::size_t before = batch.records.size();
    append(batch, *arrival);
    std::uint64_t bytes = 0;
    for (std::size_t i = before; i < batch.records.size(); ++i) bytes += batch.records[i].size;
    handed.parts.push_back({arrival->connection, batch.records.size() - before, bytes});
  }
}

void TcpSource::append(RecordBatch& batch, Arrival& arrival) {
  for (std::size_t i = arrival.handed_out; i < arrival.cut.records.size(); ++i) {
    framing::RecordSpan span = arrival.cut.records[i];
    const ByteView bytes = arrival.cut.bytes.view(span.offset, span.size);
    if (settings_.ids != nullptr) batch.ids.push_back(settings_.ids->of(bytes));
    span.offset = static_cast<std::uint32_t>(batch.bytes.size());
    batch.bytes.append(bytes);
    batch.records.push_back(span);
    batch.record_attributes.push_back(*arrival.attributes);
    batch.record_times_ms.push_back(arrival.time_ms);
  }
}

Result<void> TcpSource::settle(const Settlement& settlement) {
  if (unsettled_.empty() || unsettled_.front().token != settlement.token) return {};
  std::span<const Fate> fates(settlement.fates);
  const bool was_full = intake_.is_full();
  for (const Part& part : unsettled_.front().parts) {
    settle_part(part, fates.first(part.count));
    fates = fates.subspan(part.count);
  }
  unsettled_.pop_front();
  if (was_full) hub_.resume();
  return {};
}

/// Acknowledgements say nothing of which record they are for: those behind one that comes back have
/// none, either.
void TcpSource::settle_part(const Part& part, std::span<const Fate> fates) {
  intake_.release(part.bytes);
  const auto back = std::ranges::find(fates, Fate::retry);
  const auto safe = static_cast<std::size_t>(back - fates.begin());
  if (safe > 0) hub_.settle(part.connection, safe, true);
  if (back != fates.end()) hub_.settle(part.connection, 0, false);
}

void TcpSource::close() {
  hub_.close(kCloseLimit);
  intake_.clear();
  unsettled_.clear();
}

SourceStatus TcpSource::status() const {
  SourceStatus status{.lag = std::to_string(hub_.connections()) + " connections, " +
                             std::to_string(intake_.waiting()) + " records, " +
                             std::to_string(intake_.bytes()) + " bytes"};
  if (hub_.has_broken()) status.exit_code = exit_code(ErrorKind::framing);
  return status;
}

}  // namespace copybridge::adapters::tcp
