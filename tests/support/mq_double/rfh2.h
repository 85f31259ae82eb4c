// MQRFH2 headers and the message properties in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/mq_double/wire.h"

namespace copybridge::mq_double {

/// The header that a message begins with, and what it says of the data behind it.
struct LeadingRfh2 {
  std::string_view bytes;
  Long encoding = 0;
  Long ccsid = 0;
  Long name_value_ccsid = 0;
  bool is_big_endian = false;
  mqi::FormatName format{};
};

std::optional<LeadingRfh2> leading_rfh2(const mqi::MQMD& md, std::string_view body);

struct Property {
  std::string name;
  Long type = 0;
  std::string value{};  ///< as MQSETMP takes it
};

/// The properties in the folders of a header. Those in `usr` are named without it.
std::vector<Property> read_properties(const LeadingRfh2& rfh2);

/// A header in front of data that `md` describes; `md` then describes the header.
std::string write_properties(const std::vector<Property>& properties, mqi::MQMD& md);

/// A value as text, and back: how headers carry it.
std::string to_text(const Property& property);
std::optional<std::string> from_text(Long type, const std::string& text);

}  // namespace copybridge::mq_double
