// Messages of ZeroMQ as records: plain ones, and those of the acknowledged protocol.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/zeromq/sessions.h"
#include "bridge/core/complaints.h"
#include "bridge/zeromq/port.h"

namespace copybridge::adapters::zeromq {

struct SourceSettings {
  protocol::SocketSettings socket;
  zmq::socket_type type = zmq::socket_type::pull;
  std::vector<std::string> topics;
  bool passes_events = false;  ///< JSON goes on as the event it is
  std::uint64_t credit = 0;
  std::size_t repeats_max = 0;
  std::uint64_t waiting_bytes_max = 0;
  std::size_t batch_records_max = 0;
};

/// See adapters::Adapter. With a router a record is acknowledged when it is settled; until then its
/// sender has it. What a plain socket has received is nowhere else.
class ZeromqSource final : public Adapter {
 public:
  ZeromqSource(const AdapterContext& context, SourceSettings settings);
  ~ZeromqSource() override { ZeromqSource::close(); }
  ZeromqSource(const ZeromqSource&) = delete;
  ZeromqSource& operator=(const ZeromqSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override { port_.wake(); }
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return kBatchesInFlight; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  static constexpr std::size_t kBatchesInFlight = 64;
  static constexpr std::size_t kBatchBytes = 4 << 20;

  struct Batch {
    std::uint64_t token = 0;
    std::uint64_t bytes = 0;
    std::vector<std::shared_ptr<Item>> items;  ///< empty of plain sockets
  };

  void fill(RecordBatch& batch, Batch& handed);
  void take_plain(std::vector<zmq::message_t>& frames, RecordBatch& batch);
  void take_message(std::vector<zmq::message_t>& frames, RecordBatch& batch, Batch& handed);
  void take_record(const protocol::Message& message, std::vector<zmq::message_t>& frames,
                   RecordBatch& batch, Batch& handed);
  void append(const zmq::message_t& body, Attributes attributes, RecordBatch& batch);
  [[nodiscard]] bool is_event(const protocol::Message& message, const zmq::message_t& body) const;
  [[nodiscard]] std::string id_of(const protocol::Message& message) const;
  [[nodiscard]] bool is_acknowledged() const { return settings_.type == zmq::socket_type::router; }
  void answer();

  const AdapterContext context_;
  const SourceSettings settings_;
  protocol::Port port_;
  Sessions sessions_;
  Complaints refused_;
  Complaints broken_;
  std::size_t records_max_ = 0;
  std::deque<Batch> unsettled_;
  std::uint64_t unsettled_bytes_ = 0;
  std::uint64_t next_token_ = 1;
  SteadyTime came_at_;
};

}  // namespace copybridge::adapters::zeromq
