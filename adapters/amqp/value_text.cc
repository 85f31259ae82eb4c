// AMQP 1.0 part 1.6: primitive types.
#include "adapters/amqp/value_text.h"

#include <fmt/format.h>

#include "adapters/text.h"
#include "bridge/core/bytes.h"
#include "bridge/core/log.h"
#include "bridge/core/source_time.h"

namespace copybridge::adapters::amqp {
namespace {

std::string timestamp(std::int64_t ms) {
  std::string text = source_time_text(ms);
  return text.empty() ? std::to_string(ms) : text;
}

std::string uuid(const pn_uuid_t& value) {
  std::string text;
  for (std::size_t i = 0; i < sizeof value.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<std::uint8_t>(value.bytes[i]));
  }
  return text;
}

/// Empty where it is none that is written without quotes in JSON.
std::string number(pn_data_t& data) {
  switch (static_cast<int>(pn_data_type(&data))) {
    case PN_BOOL:
      return pn_data_get_bool(&data) ? "true" : "false";
    case PN_UBYTE:
      return std::to_string(pn_data_get_ubyte(&data));
    case PN_BYTE:
      return std::to_string(pn_data_get_byte(&data));
    case PN_USHORT:
      return std::to_string(pn_data_get_ushort(&data));
    case PN_SHORT:
      return std::to_string(pn_data_get_short(&data));
    case PN_UINT:
      return std::to_string(pn_data_get_uint(&data));
    case PN_INT:
      return std::to_string(pn_data_get_int(&data));
    case PN_CHAR:
      return std::to_string(pn_data_get_char(&data));
    case PN_ULONG:
      return std::to_string(pn_data_get_ulong(&data));
    case PN_LONG:
      return std::to_string(pn_data_get_long(&data));
    default:
      return {};
  }
}

void append_json(std::string& out, pn_data_t& data);

void append_children(std::string& out, pn_data_t& data, bool is_map) {
  out += is_map ? '{' : '[';
  bool is_key = is_map;
  bool is_first = true;
  if (pn_data_enter(&data)) {
    while (pn_data_next(&data)) {
      if (!is_first) out += is_map && !is_key ? ':' : ',';
      if (is_map && is_key) {
        append_json_string(out, text_of_value(data));
      } else {
        append_json(out, data);
      }
      is_first = false;
      if (is_map) is_key = !is_key;
    }
    pn_data_exit(&data);
  }
  if (is_map && !is_key) out += ":null";
  out += is_map ? '}' : ']';
}

void append_json(std::string& out, pn_data_t& data) {
  const pn_type_t type = pn_data_type(&data);
  const bool is_compound = type == PN_LIST || type == PN_MAP || type == PN_ARRAY;
  if (is_compound) return append_children(out, data, type == PN_MAP);
  if (type == PN_NULL) {
    out += "null";
  } else if (const std::string digits = number(data); !digits.empty()) {
    out += digits;
  } else {
    append_json_string(out, text_of_value(data));
  }
}

}  // namespace

std::string text_of_value(pn_data_t& data) {
  switch (static_cast<int>(pn_data_type(&data))) {
    case PN_NULL:
      return {};
    case PN_BINARY:
    case PN_STRING:
    case PN_SYMBOL: {
      const pn_bytes_t bytes = pn_data_get_bytes(&data);
      return text_or_hex({bytes.start, bytes.size});
    }
    case PN_TIMESTAMP:
      return timestamp(pn_data_get_timestamp(&data));
    case PN_UUID:
      return uuid(pn_data_get_uuid(&data));
    case PN_FLOAT:
      return fmt::format("{}", pn_data_get_float(&data));
    case PN_DOUBLE:
      return fmt::format("{}", pn_data_get_double(&data));
    case PN_LIST:
    case PN_MAP:
    case PN_ARRAY: {
      std::string out;
      append_json(out, data);
      return out;
    }
    case PN_DESCRIBED: {
      // Of a described value the value.
      std::string out;
      if (!pn_data_enter(&data)) return out;
      // The descriptor stands before it.
      if (pn_data_next(&data)) {
        if (pn_data_next(&data)) out = text_of_value(data);
      }
      pn_data_exit(&data);
      return out;
    }
    case PN_DECIMAL32:
      return fmt::format("{:08X}", pn_data_get_decimal32(&data));
    case PN_DECIMAL64:
      return fmt::format("{:016X}", pn_data_get_decimal64(&data));
    case PN_DECIMAL128: {
      const pn_decimal128_t value = pn_data_get_decimal128(&data);
      return to_hex({reinterpret_cast<const std::uint8_t*>(value.bytes), sizeof value.bytes});
    }
    default:
      return number(data);
  }
}

}  // namespace copybridge::adapters::amqp
