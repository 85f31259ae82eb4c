// Tags by their text.
#include "bridge/publishers/aws/xml.h"

#include <string>

namespace copybridge::publishers::aws {

std::string_view xml_element(std::string_view xml, std::string_view name) {
  const std::size_t start = xml.find("<" + std::string(name) + ">");
  if (start == std::string_view::npos) return {};
  xml.remove_prefix(start + name.size() + 2);
  const std::size_t end = xml.find("</" + std::string(name) + ">");
  return end == std::string_view::npos ? std::string_view() : xml.substr(0, end);
}

}  // namespace copybridge::publishers::aws
