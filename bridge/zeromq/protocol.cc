// Numbers are big-endian.
#include "bridge/zeromq/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <random>

namespace copybridge::zeromq {
namespace {

constexpr std::string_view kMagic = "CB";
constexpr char kVersion = 1;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kNumberBytes = 8;

void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i)
    out += static_cast<char>(static_cast<unsigned char>(number >> (8 * (i - 1))));
}

/// What is left of a frame. After the first failure everything is empty or zero.
class Rest {
 public:
  explicit Rest(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      is_sound_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  [[nodiscard]] std::uint64_t number(std::size_t size = kNumberBytes) {
    std::uint64_t number = 0;
    for (const char byte : take(size)) number = number << 8U | static_cast<unsigned char>(byte);
    return number;
  }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  [[nodiscard]] bool is_sound() const { return is_sound_; }

 private:
  std::string_view bytes_;
  bool is_sound_ = true;
};

tl::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorKind::framing, fmt::format("zeromq: {}", what));
}

void append_fields(std::string& out, const Fields& fields) {
  constexpr std::size_t kNameMax = std::numeric_limits<std::uint8_t>::max();
  for (const auto& [name, value] : fields) {
    if (name.size() > kNameMax || value.size() > std::numeric_limits<std::uint32_t>::max())
      continue;
    append_number(out, name.size(), 1);
    out += name;
    append_number(out, value.size(), kLengthBytes);
    out += value;
  }
}

void take_fields(Rest& rest, Fields& fields) {
  while (!rest.is_empty()) {
    const std::string_view name = rest.take(static_cast<std::size_t>(rest.number(1)));
    const std::string_view value = rest.take(static_cast<std::size_t>(rest.number(kLengthBytes)));
    fields.emplace_back(name, value);
  }
}

}  // namespace

std::string encode(const Message& message) {
  std::string out(kMagic);
  out += kVersion;
  out += static_cast<char>(message.kind);
  out.append(message.session.data(), message.session.size());
  switch (message.kind) {
    case MessageKind::open:
    case MessageKind::returned:
      append_number(out, message.first, kNumberBytes);
      break;
    case MessageKind::record:
      append_number(out, message.number, kNumberBytes);
      append_fields(out, message.fields);
      break;
    case MessageKind::state:
      append_number(out, message.received, kNumberBytes);
      append_number(out, message.settled, kNumberBytes);
      append_number(out, message.limit, kNumberBytes);
      append_number(out, message.misses ? 1 : 0, 1);
      break;
    case MessageKind::unknown:
      break;
  }
  return out;
}

Result<Message> parse(std::string_view frame) {
  Rest rest(frame);
  if (rest.take(kMagic.size()) != kMagic) return broken("not a message of the protocol");
  const std::uint64_t version = rest.number(1);
  if (version != static_cast<std::uint64_t>(kVersion))
    return broken(fmt::format("version {} of the protocol is not known", version));
  const std::uint64_t kind = rest.number(1);
  if (kind < 1 || kind > static_cast<std::uint64_t>(MessageKind::unknown))
    return broken(fmt::format("a message of the unknown kind {}", kind));
  Message message;
  message.kind = static_cast<MessageKind>(kind);
  const std::string_view session = rest.take(message.session.size());
  std::copy(session.begin(), session.end(), message.session.begin());
  switch (message.kind) {
    case MessageKind::open:
    case MessageKind::returned:
      message.first = rest.number();
      break;
    case MessageKind::record:
      message.number = rest.number();
      take_fields(rest, message.fields);
      break;
    case MessageKind::state:
      message.received = rest.number();
      message.settled = rest.number();
      message.limit = rest.number();
      message.misses = rest.number(1) != 0;
      break;
    case MessageKind::unknown:
      break;
  }
  if (!rest.is_sound() || !rest.is_empty()) return broken("a message is cut off or too long");
  const bool counts_from_one =
      message.kind != MessageKind::open && message.kind != MessageKind::record;
  if (!counts_from_one && message.first == 0 && message.number == 0)
    return broken("records are numbered from 1");
  return message;
}

Session new_session() {
  Session session;
  std::random_device random;
  for (char& byte : session) byte = static_cast<char>(static_cast<unsigned char>(random()));
  return session;
}

}  // namespace copybridge::zeromq
