// The sections of OASIS AMQP 1.0, part 3.2.
#include "adapters/amqp/message.h"

#include <array>
#include <optional>

#include "adapters/amqp/value_text.h"

namespace copybridge::adapters::amqp {
namespace {

/// Descriptors of sections.
enum Section : std::uint8_t {
  kHeader = 0x70,
  kDeliveryAnnotations = 0x71,
  kMessageAnnotations = 0x72,
  kProperties = 0x73,
  kApplicationProperties = 0x74,
  kData = 0x75,
  kSequence = 0x76,
  kValue = 0x77,
  kFooter = 0x78
};

constexpr std::array<std::string_view, 9> kSymbols = {"amqp:header:list",
                                                      "amqp:delivery-annotations:map",
                                                      "amqp:message-annotations:map",
                                                      "amqp:properties:list",
                                                      "amqp:application-properties:map",
                                                      "amqp:data:binary",
                                                      "amqp:amqp-sequence:list",
                                                      "amqp:amqp-value:*",
                                                      "amqp:footer:map"};

/// In the order of the list `properties`.
constexpr std::array<std::string_view, 13> kPropertyNames = {
    "amqp-message-id",       "amqp-user-id",          "amqp-to",
    "amqp-subject",          "amqp-reply-to",         "amqp-correlation-id",
    "amqp-content-type",     "amqp-content-encoding", "amqp-absolute-expiry-time",
    "amqp-creation-time",    "amqp-group-id",         "amqp-group-sequence",
    "amqp-reply-to-group-id"};

/// The bytes of a data section as senders write it (smallulong descriptor, binary), and how long
/// the section is; what is written otherwise goes through Proton.
std::optional<std::pair<ByteView, std::size_t>> plain_data(ByteView rest) {
  if (rest.size() < 5 || rest[0] != 0x00 || rest[1] != 0x53 || rest[2] != kData) return {};
  std::size_t size = rest[4];
  std::size_t at = 5;
  if (rest[3] == 0xB0) {
    if (rest.size() < 8) return {};
    size = std::size_t{rest[4]} << 24 | std::size_t{rest[5]} << 16 | std::size_t{rest[6]} << 8 |
           rest[7];
    at = 8;
  } else if (rest[3] != 0xA0) {
    return {};
  }
  if (size > rest.size() - at) return {};
  return std::pair(rest.subspan(at, size), at + size);
}

/// Of the described value that `data` stands at; 0: it is no section.
std::uint64_t enter_section(pn_data_t& data) {
  if (pn_data_type(&data) != PN_DESCRIBED || !pn_data_enter(&data) || !pn_data_next(&data)) {
    return 0;
  }
  std::uint64_t code = 0;
  if (pn_data_type(&data) == PN_ULONG) {
    code = pn_data_get_ulong(&data);
  } else if (pn_data_type(&data) == PN_SYMBOL) {
    const pn_bytes_t symbol = pn_data_get_symbol(&data);
    for (std::size_t i = 0; i < kSymbols.size(); ++i) {
      if (kSymbols[i] == std::string_view(symbol.start, symbol.size)) code = kHeader + i;
    }
  }
  if (code < kHeader || code > kFooter || !pn_data_next(&data)) return 0;
  return code;
}

}  // namespace

Message MessageReader::read(ByteView bytes, ByteBuffer& body) {
  Message message;
  message.attributes.reserve(16);
  const std::size_t start = body.size();
  has_value_ = false;
  ByteView rest = bytes;
  while (!rest.empty() && message.fault.empty()) {
    message.fault = read_section(rest, message, body);
  }
  if (message.fault.empty()) return message;
  body.resize(start);
  body.append(bytes);
  message.bare = bytes;
  return message;
}

std::string MessageReader::read_section(ByteView& rest, Message& message, ByteBuffer& body) {
  const ByteView section = rest;
  std::size_t size = 0;
  std::uint64_t code = kData;
  if (const auto plain = plain_data(section); plain) {
    if (has_value_) return "amqp: a second body behind a value";
    body.append(plain->first);
    size = plain->second;
  } else {
    pn_data_clear(data_.get());
    const ssize_t used =
        pn_data_decode(data_.get(), reinterpret_cast<const char*>(section.data()), section.size());
    if (used <= 0) return "amqp: a section of the message cannot be decoded";
    size = static_cast<std::size_t>(used);
    pn_data_rewind(data_.get());
    pn_data_next(data_.get());
    code = enter_section(*data_);
    if (code == 0) return "amqp: the message has a section that is not one of AMQP 1.0";
    if (std::string fault = read_decoded(code, message, body); !fault.empty()) return fault;
  }
  if (code >= kProperties && code <= kValue) {
    const auto* begin = message.bare.empty() ? section.data() : message.bare.data();
    message.bare = {begin, section.data() + size};
  }
  rest = rest.subspan(size);
  return {};
}

std::string MessageReader::read_decoded(std::uint64_t code, Message& message, ByteBuffer& body) {
  switch (code) {
    case kHeader:
      read_header(message);
      return {};
    case kDeliveryAnnotations:
      read_map("amqp-delivery-annotation-", message);
      return {};
    case kMessageAnnotations:
      read_map("amqp-annotation-", message);
      return {};
    case kProperties:
      read_properties(message);
      return {};
    case kApplicationProperties:
      read_map("amqp-property-", message);
      return {};
    case kFooter:
      read_map("amqp-footer-", message);
      return {};
    case kSequence:
      return "amqp: the body is a sequence, not bytes or text";
    default:
      return read_value(message, body);
  }
}

std::string MessageReader::read_value(Message&, ByteBuffer& body) {
  if (std::exchange(has_value_, true)) return "amqp: a second body behind a value";
  const pn_type_t type = pn_data_type(data_.get());
  if (type == PN_NULL) return {};
  if (type != PN_BINARY && type != PN_STRING && type != PN_SYMBOL) {
    return "amqp: the body is a value of type " + std::string(pn_type_name(type)) +
           ", not bytes or text";
  }
  const pn_bytes_t bytes = pn_data_get_bytes(data_.get());
  body.append({reinterpret_cast<const std::uint8_t*>(bytes.start), bytes.size});
  return {};
}

void MessageReader::read_header(Message& message) {
  constexpr std::array<std::string_view, 5> kNames = {"amqp-durable", "amqp-priority", "amqp-ttl",
                                                      "amqp-first-acquirer", "amqp-delivery-count"};
  pn_data_t* const data = data_.get();
  if (pn_data_type(data) != PN_LIST || !pn_data_enter(data)) return;
  for (const std::string_view name : kNames) {
    if (!pn_data_next(data)) break;
    const pn_type_t type = pn_data_type(data);
    if (type == PN_NULL) continue;
    if (name == "amqp-first-acquirer" && type == PN_BOOL) {
      message.is_first_acquirer = pn_data_get_bool(data);
    } else if (name == "amqp-delivery-count" && type == PN_UINT) {
      message.delivery_count = pn_data_get_uint(data);
    }
    message.attributes.emplace_back(name, text_of_value(*data));
  }
  pn_data_exit(data);
}

void MessageReader::read_properties(Message& message) {
  pn_data_t* const data = data_.get();
  if (pn_data_type(data) != PN_LIST || !pn_data_enter(data)) return;
  for (const std::string_view name : kPropertyNames) {
    if (!pn_data_next(data)) break;
    const pn_type_t type = pn_data_type(data);
    if (type == PN_NULL) continue;
    std::string text = text_of_value(*data);
    if (name == "amqp-message-id") message.message_id = pn_type_name(type) + (":" + text);
    if (name == "amqp-creation-time" && type == PN_TIMESTAMP) {
      message.creation_time_ms = pn_data_get_timestamp(data);
    }
    const bool tells_apart = name == "amqp-message-id" || name == "amqp-creation-time" ||
                             name == "amqp-group-id" || name == "amqp-group-sequence";
    if (tells_apart) (message.identity += std::string(name) + '=' + text) += '\0';
    message.attributes.emplace_back(name, std::move(text));
  }
  pn_data_exit(data);
}

void MessageReader::read_map(std::string_view prefix, Message& message) {
  pn_data_t* const data = data_.get();
  if (pn_data_type(data) != PN_MAP || !pn_data_enter(data)) return;
  while (pn_data_next(data)) {
    std::string name = std::string(prefix) + text_of_value(*data);
    if (!pn_data_next(data)) break;
    if (pn_data_type(data) != PN_NULL)
      message.attributes.emplace_back(std::move(name), text_of_value(*data));
  }
  pn_data_exit(data);
}

}  // namespace copybridge::adapters::amqp
