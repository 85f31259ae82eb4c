// CCSID and Encoding against a mapping's options.
#include "codecs/mapping/message_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace copybridge::mapping {
namespace {

using copybook::Usage;
using plan::ByteOrder;
using plan::FloatFormat;

constexpr std::uint32_t kLittleEndian = 2;
constexpr std::uint32_t kHexadecimal = 3;
// Of MQMD.Encoding: a digit each for integers, packed decimals and floating point.
constexpr std::uint32_t kDigit = 0x0F;
constexpr std::uint32_t kFloatShift = 8;

template <typename Number>
bool parse(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

bool has(const copybook::Layout& layout, std::initializer_list<Usage> usages) {
  return std::ranges::any_of(layout.items, [&](const copybook::Item& item) {
    return std::ranges::find(usages, item.usage) != usages.end();
  });
}

bool has_integers(const copybook::Layout& layout) {
  return has(layout, {Usage::binary, Usage::native_binary});
}
bool has_floats(const copybook::Layout& layout) {
  return has(layout, {Usage::float_single, Usage::float_double});
}

/// z/OS prints records of one page with two readings of 0x15 and 0x25: they tell no pages apart.
bool is_new_line(unsigned byte) { return byte == 0x15 || byte == 0x25; }

bool is_same(const charset::CodePage& left, const charset::CodePage& right) {
  if (left.kind() != right.kind() || left.has_pairs() != right.has_pairs()) return false;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto code = static_cast<std::uint8_t>(byte);
    if (!is_new_line(byte) && left.entry(code).code_point != right.entry(code).code_point)
      return false;
  }
  for (unsigned code = 0; left.has_pairs() && code < 0x10000; ++code) {
    const auto& one = left.pair(static_cast<std::uint16_t>(code));
    const auto& other = right.pair(static_cast<std::uint16_t>(code));
    if (one.size != other.size || one.utf8 != other.utf8) return false;
  }
  return true;
}

Result<void> apply_integers(std::uint32_t integers, bool is_needed, bool is_host_cobol,
                            plan::PlanOptions& shape) {
  if (integers == 0) return {};
  if (integers > kLittleEndian) {
    if (!is_needed) return {};
    return fail(ErrorKind::bad_record,
                fmt::format("Encoding: integers of kind {} are not known", integers));
  }
  shape.native_order = integers == kLittleEndian ? ByteOrder::little : ByteOrder::big;
  // Other compilers than IBM's keep COMP big-endian on every platform.
  if (is_host_cobol) shape.binary_order = shape.native_order;
  return {};
}

Result<void> apply_floats(std::uint32_t floats, bool is_needed, plan::PlanOptions& shape) {
  if (floats == 0) return {};
  if (floats > kHexadecimal) {
    if (!is_needed) return {};
    return fail(ErrorKind::bad_record,
                fmt::format("Encoding: floating point of kind {} is not known", floats));
  }
  shape.float_format = floats == kHexadecimal ? FloatFormat::ibm : FloatFormat::ieee;
  shape.float_order = floats == kLittleEndian ? ByteOrder::little : ByteOrder::big;
  return {};
}

std::string_view name_of(ByteOrder order) {
  return order == ByteOrder::little ? "little-endian" : "big-endian";
}

std::string_view name_of_floats(FloatFormat format, ByteOrder order) {
  if (format == FloatFormat::ibm) return "hexadecimal";
  if (format == FloatFormat::ibm_little) return "hexadecimal, little-endian";
  return order == ByteOrder::little ? "IEEE, little-endian" : "IEEE, big-endian";
}

std::string_view name_of_floats(const plan::PlanOptions& shape) {
  return name_of_floats(shape.float_format, shape.float_order.value_or(shape.native_order));
}

void add(std::string& text, const std::string& part) { text += (text.empty() ? "" : "; ") + part; }

void add_orders(const MessageForm& form, const copybook::Layout& layout,
                const plan::PlanOptions& shape, std::string& text) {
  plan::PlanOptions said = shape;
  const bool is_known = apply_integers(form.integers, true, true, said).has_value() &&
                        apply_floats(form.floats, true, said).has_value();
  if (!is_known) return;
  const bool is_other =
      (has(layout, {Usage::binary}) && said.binary_order != shape.binary_order) ||
      (has(layout, {Usage::native_binary}) && said.native_order != shape.native_order);
  if (is_other) {
    add(text,
        fmt::format(
            "integers are {} by its Encoding, {} by the mapping", name_of(said.native_order),
            name_of(said.native_order == ByteOrder::little ? ByteOrder::big : ByteOrder::little)));
  }
  const std::string_view floats = name_of_floats(said);
  if (has_floats(layout) && form.floats != 0 && floats != name_of_floats(shape)) {
    add(text, fmt::format("floating point is {} by its Encoding, {} by the mapping", floats,
                          name_of_floats(shape)));
  }
}

}  // namespace

Result<MessageForm> MessageForm::read(const SourceAttributes& source) {
  MessageForm form;
  const std::string_view ccsid = source.find("mq-ccsid");
  if (ccsid.empty()) {
    return fail(ErrorKind::bad_record,
                "the message says no CCSID, which 'codepage: from-message' needs");
  }
  if (!parse(ccsid, form.ccsid)) {
    return fail(ErrorKind::bad_record,
                fmt::format("the message's CCSID {} is no code page", ccsid.substr(0, 20)));
  }
  std::uint32_t encoding = 0;
  if (!parse(source.find("mq-encoding"), encoding)) encoding = 0;
  form.integers = encoding & kDigit;
  form.floats = (encoding >> kFloatShift) & kDigit;
  return form;
}

Result<void> apply(const MessageForm& form, const Options& given, const charset::LoadOptions& pages,
                   const copybook::Layout* layout, plan::PlanOptions& shape) {
  auto page = charset::CodePage::load(std::to_string(form.ccsid), pages);
  if (!page) {
    return fail(ErrorKind::bad_record,
                fmt::format("the message's CCSID {}: {}", form.ccsid, page.error().message));
  }
  shape.code_page = *page;
  if (!given.is_given("endian")) {
    const bool is_host_cobol = given.text("dialect") == "ibm";
    Result<void> applied = apply_integers(form.integers, layout != nullptr && has_integers(*layout),
                                          is_host_cobol, shape);
    if (!applied) return applied;
  }
  if (given.is_given("float")) return {};
  return apply_floats(form.floats, layout != nullptr && has_floats(*layout), shape);
}

std::string difference(const MessageForm& form, const copybook::Layout& layout,
                       const plan::PlanOptions& shape) {
  std::string text;
  const auto page = charset::CodePage::load(std::to_string(form.ccsid));
  if (!page) {
    add(text, fmt::format("its CCSID {} is no code page that is known", form.ccsid));
  } else if (!is_same(**page, *shape.code_page)) {
    add(text, fmt::format("its CCSID is {}, the mapping's code page {}", form.ccsid,
                          shape.code_page->name()));
  }
  add_orders(form, layout, shape, text);
  return text;
}

}  // namespace copybridge::mapping
