// Rows of an outbox table as records. One transaction per batch: rows are locked from the read to
// the settlement where the database can, and leave the table, or are marked, in it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/odbc_outbox/settings.h"
#include "adapters/odbc_outbox/table_lock.h"
#include "bridge/odbc/connection.h"

namespace copybridge::adapters::odbc_outbox {

/// See adapters::Adapter. What is to be sent is told by the row being there, or by its status,
/// never by an id beyond the last one: a transaction with a lower id may commit later.
class OutboxSource final : public Adapter {
 public:
  OutboxSource(const AdapterContext& context, OutboxSettings settings)
      : context_(context),
        settings_(std::move(settings)),
        connection_(settings_.connection),
        lock_(settings_.connection.connection + "\n" + settings_.table) {}
  ~OutboxSource() override { OutboxSource::close(); }
  OutboxSource(const OutboxSource&) = delete;
  OutboxSource& operator=(const OutboxSource&) = delete;

  Result<void> open() override;
  Result<ReadStatus> read(RecordBatch& batch, Milliseconds wait) override;
  void limit_batches(std::size_t records_max) override { records_max_ = records_max; }
  Result<void> settle(const Settlement& settlement) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] std::size_t batches_in_flight_max() const override { return 1; }
  [[nodiscard]] Milliseconds unit_age_max() const override { return settings_.unit_age_max; }
  [[nodiscard]] SourceStatus status() const override;

 private:
  [[nodiscard]] bool marks() const { return !settings_.status_column.empty(); }
  [[nodiscard]] std::string condition() const;
  [[nodiscard]] std::string select_text(std::size_t rows) const;
  Result<void> prepare();
  Result<void> learn_types();
  void let_go();
  void wait_for_rows(Milliseconds wait);
  Result<bool> read_rows(RecordBatch& batch);
  Result<void> read_row(RecordBatch& batch);
  void note_lag();

  /// Ids of the batch's rows with one of two fates, done or dead.
  Result<void> finish_rows(const std::vector<std::string>& ids, const std::string& status);
  Result<void> finish_some(std::span<const std::string> ids, const std::string& status);

  const AdapterContext context_;
  const OutboxSettings settings_;
  odbc::Connection connection_;
  TableLock lock_;
  std::optional<odbc::Statement> select_;
  std::size_t select_rows_ = 0;  ///< how many select_ asks for
  std::int16_t id_type_ = 0;
  std::int16_t status_type_ = 0;
  odbc::Statement::Type payload_type_ = odbc::Statement::Type::bytes;

  std::vector<std::string> ids_;  ///< of the batch that is out
  std::uint64_t token_ = 0;       ///< of it; 0: none is out
  std::uint64_t next_token_ = 1;
  std::size_t records_max_ = 0;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_interrupted_ = false;
  SteadyTime look_again_at_;
  std::optional<std::int64_t> lag_;
  SteadyTime lag_at_;
};

}  // namespace copybridge::adapters::odbc_outbox
