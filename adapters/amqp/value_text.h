// Values of AMQP's type system as text, for attributes.
#pragma once

#include <string>

#include "bridge/amqp/handles.h"

namespace copybridge::adapters::amqp {

/// The value that `data` stands at: text as it is, numbers in decimal, binary that is no UTF-8 in
/// hexadecimal, timestamps as RFC 3339, uuids as RFC 4122, lists and maps as JSON, decimals as
/// the hexadecimal digits of their IEEE 754 form.
[[nodiscard]] std::string text_of_value(pn_data_t& data);

}  // namespace copybridge::adapters::amqp
