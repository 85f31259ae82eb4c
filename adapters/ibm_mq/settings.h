// The ibm-mq adapter's option table and the values it gives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "adapters/adapter.h"
#include "adapters/ibm_mq/connection_settings.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::ibm_mq {

[[nodiscard]] std::span<const OptionSpec> source_options();

/// Where dead letters go on the queue manager.
struct BackoutQueue {
  enum class Kind : std::uint8_t {
    of_queue,  ///< BOQNAME of the queue
    none,
    named
  };
  Kind kind = Kind::of_queue;
  std::string name;
};

enum class Properties : std::uint8_t {
  rfh2,      ///< as an MQRFH2 before the body, whatever PROPCTL says
  as_queue,  ///< as PROPCTL says
  none       ///< left out
};

struct SourceSettings {
  ConnectionSettings connection;
  std::string queue;
  bool is_exclusive = false;
  BackoutQueue backout_queue;
  Properties properties = Properties::rfh2;
  bool keeps_groups = false;        ///< whole groups in logical order
  bool completes_segments = false;  ///< segments put together by the queue manager
  /// How records lie in a message; nothing: a message is a record.
  std::optional<framing::FramingOptions> framing;
  std::size_t batch_records_max = 0;
  std::size_t batch_bytes_max = 0;
  Milliseconds unit_age_max{0};  ///< 0: for ever
};

/// Reads the options; mistakes go to `diagnostics`, and the settings are then not to be used.
[[nodiscard]] SourceSettings read_source(const AdapterContext& context, const Options& options,
                                         Diagnostics& diagnostics);

}  // namespace copybridge::adapters::ibm_mq
