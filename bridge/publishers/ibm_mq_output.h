// A queue that is open for puts under syncpoint, on a connection of its own.
#pragma once

#include <string>
#include <string_view>

#include "adapters/ibm_mq/connection.h"
#include "bridge/publishers/ibm_mq_message.h"

namespace copybridge::publishers {

struct MqOutputSettings {
  adapters::ibm_mq::ConnectionSettings connection;
  std::string queue;
  std::string queue_owner;
  MqMessageSettings message;
};

[[nodiscard]] std::vector<OptionSpec> mq_output_options();
[[nodiscard]] MqOutputSettings read_mq_output(const PublisherContext& context,
                                              const Options& options, Diagnostics& diagnostics);

/// For one thread.
class MqOutput {
 public:
  explicit MqOutput(const MqOutputSettings& settings);

  /// Whether there can be a connection at all. ErrorKind::config.
  [[nodiscard]] Result<void> load_library() const;
  /// Connects and opens where that is to be done. ErrorKind::config, source.
  Result<void> connect();
  void disconnect();
  [[nodiscard]] bool is_connected() const { return connection_.is_connected(); }
  /// For what else belongs to its units of work.
  [[nodiscard]] adapters::ibm_mq::Connection& connection() { return connection_; }
  adapters::ibm_mq::Outcome put(mqi::MQMD& descriptor, std::string_view body);
  adapters::ibm_mq::Outcome commit() { return connection_.commit(); }
  /// After a failed call: backs out, and lets go of a connection that is not well. What a request
  /// that was in the unit of work is to be told.
  [[nodiscard]] Response failed(std::string_view verb, mqi::Long reason) {
    return failed(verb, settings_.queue, reason);
  }
  /// The same of a call that was for another queue.
  [[nodiscard]] Response failed(std::string_view verb, std::string_view queue, mqi::Long reason);
  [[nodiscard]] std::string describe(std::string_view verb, mqi::Long reason) const {
    return connection_.error(verb, settings_.queue, reason).message;
  }

 private:
  const MqOutputSettings& settings_;
  adapters::ibm_mq::Connection connection_;
  adapters::ibm_mq::OpenQueue queue_;
};

}  // namespace copybridge::publishers
