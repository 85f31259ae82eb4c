// An AMQP 1.0 message's sections, from bytes to a record and its attributes. Pure; messages are
// hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "bridge/amqp/handles.h"
#include "bridge/core/bytes.h"

namespace copybridge::adapters::amqp {

/// What a message says of itself beside its body.
struct Message {
  std::string message_id;  ///< its type and text; empty: it has none
  std::string identity;    ///< what of its properties tells it from others
  ByteView bare;           ///< what the sender wrote: properties to body, within the bytes read
  std::uint32_t delivery_count = 0;
  bool is_first_acquirer = false;
  std::int64_t creation_time_ms = 0;  ///< 0: it has none
  /// `amqp-…` of header, properties and annotations (docs/amqp.md).
  Attributes attributes;
  std::string fault;  ///< why the body is no record; empty: it is one
};

/// Reads messages, one at a time.
class MessageReader {
 public:
  MessageReader() : data_(pn_data(16)) {}
  /// Appends the body's bytes to `body`; of a faulty message all of its bytes.
  [[nodiscard]] Message read(ByteView bytes, ByteBuffer& body);

 private:
  /// Takes one section off `rest`. The error says why it cannot.
  std::string read_section(ByteView& rest, Message& message, ByteBuffer& body);
  std::string read_decoded(std::uint64_t code, Message& message, ByteBuffer& body);
  std::string read_value(Message& message, ByteBuffer& body);
  void read_header(Message& message);
  void read_properties(Message& message);
  void read_map(std::string_view prefix, Message& message);

  copybridge::amqp::DataHandle data_;
  bool has_value_ = false;  ///< the body is one value, behind which there is no other
};

}  // namespace copybridge::adapters::amqp
