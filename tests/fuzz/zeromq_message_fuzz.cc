// Hostile heads of the acknowledged protocol: what is read is written the same again, and no fields
// lie outside the frame. What a receiver makes of them keeps its numbers in order.
#include <cstdint>
#include <cstdlib>

#include "adapters/zeromq/sessions.h"
#include "bridge/zeromq/protocol.h"

namespace {

using namespace copybridge;
using namespace copybridge::zeromq;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Frames of any size, each behind its length in a byte, from one peer.
void receive(std::string_view bytes) {
  adapters::zeromq::Sessions sessions(3, 2);
  while (!bytes.empty()) {
    const std::size_t size = static_cast<unsigned char>(bytes[0]);
    const Result<Message> message = parse(bytes.substr(1, size));
    bytes.remove_prefix(std::min(bytes.size(), size + 1));
    if (!message) continue;
    if (message->kind == MessageKind::open) sessions.open("peer", *message);
    if (message->kind != MessageKind::record) continue;
    const std::string id = message->fields.empty() ? "" : std::string(message->fields[0].second);
    if (const auto item = sessions.take("peer", *message, id); item != nullptr)
      sessions.settle(item, message->number % 3 != 0);
    for (const auto& answer : sessions.answers()) {
      const Result<Message> said = parse(answer.frame);
      require(said.has_value());
      require(said->kind != MessageKind::state || said->settled <= said->received);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Message> message = parse(bytes);
  if (message) {
    for (const auto& [name, value] : message->fields) {
      require(name.empty() ||
              (name.data() >= bytes.data() && name.data() + name.size() <= bytes.data() + size));
      require(value.empty() ||
              (value.data() >= bytes.data() && value.data() + value.size() <= bytes.data() + size));
    }
    const Result<Message> again = parse(encode(*message));
    require(again.has_value() && again->kind == message->kind);
    require(again->session == message->session && again->number == message->number);
  }
  receive(bytes);
  return 0;
}
