// Hostile AMQP 1.0 messages: whatever comes, the record lies within what was read, and a faulty
// message is kept whole.
#include <cstdint>
#include <cstdlib>

#include "adapters/amqp/message.h"

namespace {

using namespace copybridge;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static adapters::amqp::MessageReader reader;
  const ByteView bytes(data, size);
  ByteBuffer body;
  const adapters::amqp::Message message = reader.read(bytes, body);
  require(body.size() <= size);
  require(message.bare.size() <= size);
  require(message.fault.empty() || body.size() == size);
  for (const auto& [name, value] : message.attributes) require(name.starts_with("amqp-"));
  return 0;
}
