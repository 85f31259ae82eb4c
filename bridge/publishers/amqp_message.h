// An event as an AMQP 1.0 message.
#pragma once

#include <proton/message.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/amqp/handles.h"
#include "bridge/core/options.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Forms of a message: the CloudEvents AMQP binding's two, and one without CloudEvents.
enum class AmqpForm : std::uint8_t { binary, structured, plain };

struct AmqpMessageSettings {
  AmqpForm form = AmqpForm::binary;
  bool is_text = false;  ///< the body is a value of text where it is JSON
  bool is_durable = true;
  bool has_group = true;     ///< group-id is the event's key
  std::uint32_t ttl_ms = 0;  ///< 0: it does not expire
  std::int64_t priority = 4;
  std::string reply_to;     ///< where replies go; empty: nobody answers
  std::string id_property;  ///< application property with the event's id; empty: none
  /// Of the names of CloudEvents attributes. Both that the binding has; this one JMS can ask for.
  std::string_view prefix = "cloudEvents_";
  bool has_partition_key = false;  ///< annotation x-opt-partition-key is the event's key
  std::size_t id_bytes_max = 0;    ///< longer ids and keys are replaced by their SHA-256; 0: none
  std::vector<std::pair<std::string, std::string>> properties;  ///< fixed ones
};

/// The option rows of it, and their values.
[[nodiscard]] std::span<const OptionSpec> amqp_message_options();
[[nodiscard]] AmqpMessageSettings read_amqp_message(const Options& options,
                                                    Diagnostics& diagnostics);

/// What makes a message a request.
struct AmqpRequest {
  std::uint32_t ttl_ms = 0;  ///< the message's own
};

/// Encodes messages, one at a time.
class AmqpMessageWriter {
 public:
  AmqpMessageWriter(AmqpMessageSettings settings, std::string address);
  /// The encoded message, until the next call. Of a request the event's id is the correlation-id
  /// as well, for programs that copy either.
  [[nodiscard]] std::string_view write(const Event& event, const AmqpRequest* request = nullptr);
  /// What stands before the bodies of a batch that begins with the event, likewise: its id and
  /// where it goes.
  [[nodiscard]] std::string_view write_envelope(const Event& event);

 private:
  void begin(const Event& event);
  [[nodiscard]] const char* text(std::string_view value) { return text_.assign(value).c_str(); }
  [[nodiscard]] std::string_view short_id(std::string_view id);
  void write_properties(const Event& event);
  void write_body(const Event& event);

  const AmqpMessageSettings settings_;
  const std::string address_;
  copybridge::amqp::MessageHandle message_;
  std::string hash_;     ///< of an id that is too long
  std::string text_;     ///< a structured body, or texts that need a NUL
  std::string encoded_;  ///< grows to the largest
};

}  // namespace copybridge::publishers
