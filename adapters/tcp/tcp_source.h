// Records that come over TCP.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/tcp/hub.h"
#include "adapters/tcp/record_id.h"

namespace copybridge::adapters::tcp {

struct SourceSettings {
  HubSettings hub;
  std::uint64_t waiting_bytes_max = 0;
  std::size_t batch_records_max = 0;
  std::shared_ptr<const RecordId> ids;  ///< null: the spool mints them
};

/// See adapters::Adapter. A record is acknowledged when it is settled; what is not has its sender
/// still, where it waits for acknowledgements.
class TcpSource final : public Adapter {
 public:
  TcpSource(const AdapterContext& context, SourceSettings settings);
  ~TcpSource() override { TcpSource::close(); }
  TcpSource(const TcpSource&) = delete;
  TcpSource& operator=(const TcpSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { intake_.interrupt(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return kBatchesInFlight; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  static constexpr std::size_t kBatchesInFlight = 64;
  static constexpr std::size_t kBatchBytes = 4 << 20;

  /// Records of a batch that are of one connection.
  struct Part {
    std::uint64_t connection = 0;
    std::size_t count = 0;
    std::uint64_t bytes = 0;
  };
  struct Batch {
    std::uint64_t token = 0;
    std::vector<Part> parts;
  };

  void keep_connected();
  void fill(RecordBatch& batch, Batch& handed);
  void append(RecordBatch& batch, Arrival& arrival);
  void settle_part(const Part& part, std::span<const Fate> fates);
  [[nodiscard]] Result<ReadStatus> quiet_status() const;

  const AdapterContext context_;
  const SourceSettings settings_;
  Intake intake_;
  Hub hub_;
  std::size_t records_max_ = 0;
  std::deque<Batch> unsettled_;
  std::uint64_t next_token_ = 1;
  SteadyTime came_at_;  ///< records, or a connection's end
  bool was_finished_ = false;
};

}  // namespace copybridge::adapters::tcp
