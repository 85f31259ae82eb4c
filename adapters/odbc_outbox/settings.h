// The odbc-outbox adapter's option table and the values it gives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "bridge/odbc/connection.h"

namespace copybridge::adapters::odbc_outbox {

[[nodiscard]] std::span<const OptionSpec> outbox_options();

enum class Payload : std::uint8_t { by_column, bytes, text };

struct OutboxSettings {
  odbc::ConnectionSettings connection;
  std::string table;
  std::string id_column;
  std::string payload_column;
  Payload payload = Payload::by_column;
  std::vector<std::string> attribute_columns;
  /// Where rows are marked, not deleted.
  std::string status_column;
  std::string status_pending;  ///< empty: NULL
  std::string status_done;
  std::string status_dead;
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  std::size_t payload_bytes_max = 0;
  Milliseconds poll_interval{0};
  Milliseconds unit_age_max{0};
  bool has_instances = false;  ///< several beside each other
};

[[nodiscard]] OutboxSettings read_outbox(const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::adapters::odbc_outbox
