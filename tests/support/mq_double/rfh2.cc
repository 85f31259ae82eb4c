// Folders of name and value as XML, read and written.
#include "tests/support/mq_double/rfh2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace copybridge::mq_double {
namespace {

namespace property = mqi::property;

struct TypeName {
  Long type;
  std::string_view name;
};

constexpr std::array<TypeName, 9> kTypeNames{{{property::kString, "string"},
                                              {property::kBoolean, "boolean"},
                                              {property::kByteString, "bin.hex"},
                                              {property::kInt8, "i1"},
                                              {property::kInt16, "i2"},
                                              {property::kInt32, "i4"},
                                              {property::kInt64, "i8"},
                                              {property::kFloat32, "r4"},
                                              {property::kFloat64, "r8"}}};

std::uint32_t integer_at(std::string_view bytes, std::size_t offset, bool is_big_endian) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return is_big_endian ? __builtin_bswap32(value) : value;
}

template <class Number>
std::string number_text(const std::string& value) {
  Number number{};
  std::memcpy(&number, value.data(), std::min(sizeof number, value.size()));
  if constexpr (sizeof number == 1) {
    return std::to_string(static_cast<int>(number));
  } else {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number);
    return {text, end.ptr};
  }
}

template <class Number>
std::optional<std::string> number_bytes(const std::string& text) {
  Number number{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return {};
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string hex_text(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

std::optional<std::string> hex_bytes(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    const auto end = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (end.ptr != text.data() + i + 2) return {};
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char character : text) {
    if (character == '<')
      result += "&lt;";
    else if (character == '>')
      result += "&gt;";
    else if (character == '&')
      result += "&amp;";
    else
      result += character;
  }
  return result;
}

std::string unescaped(std::string_view text) {
  static const std::map<std::string_view, char> kEntities{
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string result;
  while (!text.empty()) {
    std::size_t taken = 1;
    char character = text.front();
    for (const auto& [entity, meaning] : kEntities)
      if (text.substr(0, entity.size()) == entity) {
        character = meaning;
        taken = entity.size();
      }
    result += character;
    text.remove_prefix(taken);
  }
  return result;
}

Long type_of(std::string_view tag) {
  if (tag.find("xsi:nil=") != std::string_view::npos) return property::kNull;
  const std::size_t at = tag.find("dt=");
  if (at == std::string_view::npos || at + 4 > tag.size()) return property::kString;
  const std::string_view name = tag.substr(at + 4, tag.find(tag[at + 3], at + 4) - at - 4);
  for (const TypeName& row : kTypeNames)
    if (row.name == name) return row.type;
  return property::kString;
}

std::string joined(const std::vector<std::string>& path) {
  std::string name;
  for (std::size_t i = path.front() == "usr" ? 1 : 0; i < path.size(); ++i)
    name += (name.empty() ? "" : ".") + path[i];
  return name;
}

/// One folder: elements without elements in them are properties.
void read_folder(std::string_view xml, std::vector<Property>& properties) {
  std::vector<std::string> path;
  std::string opening;
  bool is_leaf = false;
  while (!xml.empty()) {
    const std::size_t start = xml.find('<');
    if (start == std::string_view::npos) return;
    const std::size_t end = xml.find('>', start);
    if (end == std::string_view::npos) return;
    const std::string_view tag = xml.substr(start + 1, end - start - 1);
    if (!tag.empty() && tag.front() == '/') {
      if (path.empty()) return;
      if (is_leaf && path.size() > 1) {
        const Long type = type_of(opening);
        const std::string text = unescaped(xml.substr(0, start));
        properties.push_back({joined(path), type, from_text(type, text).value_or(text)});
      }
      path.pop_back();
      is_leaf = false;
    } else {
      opening = std::string(tag);
      path.push_back(opening.substr(0, opening.find(' ')));
      is_leaf = true;
    }
    xml.remove_prefix(end + 1);
  }
}

std::vector<std::string> path_of(const std::string& name) {
  std::vector<std::string> path;
  std::size_t at = 0;
  while (at <= name.size()) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    path.push_back(name.substr(at, dot - at));
    at = dot + 1;
  }
  if (path.size() == 1) path.insert(path.begin(), "usr");
  return path;
}

std::string element(const Property& one, const std::vector<std::string>& path) {
  std::string attribute;
  if (one.type == property::kNull) attribute = " xsi:nil='true'";
  for (const TypeName& row : kTypeNames)
    if (row.type == one.type && row.type != property::kString)
      attribute = " dt='" + std::string(row.name) + "'";
  std::string xml;
  for (std::size_t i = 1; i + 1 < path.size(); ++i) xml += "<" + path[i] + ">";
  xml += "<" + path.back() + attribute + ">" + escaped(to_text(one)) + "</" + path.back() + ">";
  for (std::size_t i = path.size() - 2; i >= 1; --i) xml += "</" + path[i] + ">";
  return xml;
}

}  // namespace

std::optional<LeadingRfh2> leading_rfh2(const mqi::MQMD& md, std::string_view body) {
  if (md.format != mqi::format::kRfHeader2 || body.size() < sizeof(mqi::MQRFH2)) return {};
  if (body.substr(0, 4) != "RFH ") return {};
  LeadingRfh2 rfh2;
  rfh2.is_big_endian = (md.encoding & mqi::encoding::kIntegerMask) == mqi::encoding::kIntegerNormal;
  const auto integer = [&](std::size_t offset) {
    return static_cast<Long>(integer_at(body, offset, rfh2.is_big_endian));
  };
  const Long length = integer(offsetof(mqi::MQRFH2, struc_length));
  if (length < static_cast<Long>(sizeof(mqi::MQRFH2)) ||
      static_cast<std::size_t>(length) > body.size())
    return {};
  rfh2.bytes = body.substr(0, static_cast<std::size_t>(length));
  rfh2.encoding = integer(offsetof(mqi::MQRFH2, encoding));
  rfh2.ccsid = integer(offsetof(mqi::MQRFH2, coded_char_set_id));
  rfh2.name_value_ccsid = integer(offsetof(mqi::MQRFH2, name_value_ccsid));
  std::memcpy(rfh2.format.data(), body.data() + offsetof(mqi::MQRFH2, format), 8);
  return rfh2;
}

std::vector<Property> read_properties(const LeadingRfh2& rfh2) {
  std::vector<Property> properties;
  std::string_view rest = rfh2.bytes.substr(sizeof(mqi::MQRFH2));
  while (rest.size() >= 4) {
    const std::size_t length = integer_at(rest, 0, rfh2.is_big_endian);
    if (length > rest.size() - 4) break;
    read_folder(rest.substr(4, length), properties);
    rest.remove_prefix(4 + length);
  }
  return properties;
}

std::string write_properties(const std::vector<Property>& properties, mqi::MQMD& md) {
  std::map<std::string, std::string> folders;
  for (const Property& one : properties) {
    const std::vector<std::string> path = path_of(one.name);
    folders[path.front()] += element(one, path);
  }
  std::string pairs;
  for (const auto& [name, content] : folders) {
    std::string folder = "<" + name + ">" + content + "</" + name + ">";
    folder.resize((folder.size() + 3) / 4 * 4, ' ');
    append(pairs, static_cast<std::uint32_t>(folder.size()));
    pairs += folder;
  }
  mqi::MQRFH2 header;
  header.struc_length = static_cast<Long>(sizeof header + pairs.size());
  header.encoding = md.encoding;
  header.coded_char_set_id = md.coded_char_set_id;
  header.format = md.format;
  std::string bytes;
  append(bytes, header);
  md.format = mqi::format::kRfHeader2;
  md.encoding = mqi::encoding::kNative;
  md.coded_char_set_id = header.name_value_ccsid;
  return bytes + pairs;
}

std::string to_text(const Property& one) {
  const std::string& value = one.value;
  switch (one.type) {
    case property::kBoolean:
      return number_text<std::int32_t>(value) == "0" ? "0" : "1";
    case property::kByteString:
      return hex_text(value);
    case property::kInt8:
      return number_text<std::int8_t>(value);
    case property::kInt16:
      return number_text<std::int16_t>(value);
    case property::kInt32:
      return number_text<std::int32_t>(value);
    case property::kInt64:
      return number_text<std::int64_t>(value);
    case property::kFloat32:
      return number_text<float>(value);
    case property::kFloat64:
      return number_text<double>(value);
    case property::kNull:
      return "";
    default:
      return value;
  }
}

std::optional<std::string> from_text(Long type, const std::string& text) {
  switch (type) {
    case property::kBoolean: {
      const bool is_true = text == "1" || text == "true" || text == "TRUE";
      return number_bytes<std::int32_t>(is_true ? "1" : "0");
    }
    case property::kByteString:
      return hex_bytes(text);
    case property::kInt8:
      return number_bytes<std::int8_t>(text);
    case property::kInt16:
      return number_bytes<std::int16_t>(text);
    case property::kInt32:
      return number_bytes<std::int32_t>(text);
    case property::kInt64:
      return number_bytes<std::int64_t>(text);
    case property::kFloat32:
      return number_bytes<float>(text);
    case property::kFloat64:
      return number_bytes<double>(text);
    case property::kNull:
      return "";
    default:
      return text;
  }
}

}  // namespace copybridge::mq_double
