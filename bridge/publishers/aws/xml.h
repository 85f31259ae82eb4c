// Elements of the small XML answers of AWS.
#pragma once

#include <string_view>

namespace copybridge::publishers::aws {

/// The text of the first element of that name: the services' XML has no attributes, and no entities
/// in what is read. Empty: there is none.
[[nodiscard]] std::string_view xml_element(std::string_view xml, std::string_view name);

}  // namespace copybridge::publishers::aws
