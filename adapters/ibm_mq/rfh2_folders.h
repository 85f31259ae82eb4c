// The folders of an MQRFH2: small XML documents whose leaves are message properties.
#pragma once

#include <string>
#include <string_view>

#include "adapters/adapter.h"

namespace copybridge::adapters::ibm_mq {

/// No more properties than this are taken from a message's folders.
inline constexpr std::size_t kPropertiesMax = 1000;

/// Appends the leaves of one folder, `<usr><color dt="string">red</color></usr>`, as attributes
/// `mq-rfh2-usr-color`. Returns what is wrong with it, empty where nothing is.
[[nodiscard]] std::string read_folder(std::string_view xml_utf8, Attributes& attributes);

}  // namespace copybridge::adapters::ibm_mq
