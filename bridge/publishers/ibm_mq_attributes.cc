// The attributes by name; their values come from records and are held to what a message can have.
#include "bridge/publishers/ibm_mq_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "bridge/core/bytes.h"

namespace copybridge::publishers {
namespace {

using mqi::Long;

using Take = bool (*)(std::string_view, MqMessageSettings&);

struct Row {
  std::string_view name;
  std::string_view expected;
  Take take;  ///< false: the value cannot be
};

template <std::size_t kMax, typename Member>
bool take_text(std::string_view value, Member& member) {
  if (value.size() > kMax) return false;
  member = value;
  return true;
}

bool take_number(std::string_view value, Long least, Long most, Long& number) {
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end && number >= least && number <= most;
}

template <std::size_t kSize>
bool take_bytes(std::string_view value, mqi::Bytes<kSize>& bytes) {
  ByteBuffer read;
  if (!from_hex(value, read) || read.size() != kSize) return false;
  std::ranges::copy(read.view(), bytes.begin());
  return true;
}

bool take_header(std::string_view value, MqMessageSettings& settings) {
  constexpr std::array<std::string_view, 4> kWords = {"none", "rfh2", "ims", "cics"};
  const auto found = std::ranges::find(kWords, value);
  if (found == kWords.end()) return false;
  settings.header = static_cast<MqHeader>(found - kWords.begin());
  return true;
}

constexpr Long kExpiryMax = 86'400'000;
constexpr Long kApplTypeMax = 999'999'999;  // MQAT_USER_LAST

constexpr std::array kRows = {
    Row{"mqheader", "none, rfh2, ims or cics", take_header},
    Row{"mqtransaction", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.transaction); }},
    Row{"mqprogram", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.program); }},
    Row{"mqlterm", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.logical_terminal); }},
    Row{"mqmapname", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.map_name); }},
    Row{"mqreplyformat", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.reply_format); }},
    Row{"mqformat", "at most 8 characters",
        [](auto value, auto& to) { return take_text<8>(value, to.format); }},
    Row{"mqreplytoqueue", "at most 48 characters",
        [](auto value, auto& to) {
          to.message_type = mqi::msg_type::kRequest;
          return take_text<48>(value, to.reply_to_queue);
        }},
    Row{"mqreplytoqmgr", "at most 48 characters",
        [](auto value, auto& to) { return take_text<48>(value, to.reply_to_queue_manager); }},
    Row{"mqexpiryms", "1 to 86400000",
        [](auto value, auto& to) {
          Long expiry_ms = 0;
          if (!take_number(value, 1, kExpiryMax, expiry_ms)) return false;
          to.expiry = (expiry_ms + 99) / 100;
          return true;
        }},
    Row{"mqpriority", "0 to 9",
        [](auto value, auto& to) { return take_number(value, 0, 9, to.priority); }},
    Row{"mquser", "at most 12 characters",
        [](auto value, auto& to) { return take_text<12>(value, to.user_identifier); }},
    Row{"mqidentitydata", "at most 32 characters",
        [](auto value, auto& to) { return take_text<32>(value, to.application_identity_data); }},
    Row{"mqaccountingtoken", "64 hexadecimal digits",
        [](auto value, auto& to) { return take_bytes(value, to.origin.accounting_token); }},
    Row{"mqputappltype", "a number",
        [](auto value, auto& to) {
          return take_number(value, 0, kApplTypeMax, to.origin.put_appl_type);
        }},
    Row{"mqputapplname", "at most 28 characters",
        [](auto value, auto& to) { return take_text<28>(value, to.origin.put_appl_name); }},
    Row{"mqputdate", "YYYYMMDD",
        [](auto value, auto& to) {
          return value.size() == 8 && take_text<8>(value, to.origin.put_date);
        }},
    Row{"mqputtime", "HHMMSSTH",
        [](auto value, auto& to) {
          return value.size() == 8 && take_text<8>(value, to.origin.put_time);
        }},
    Row{"mqorigindata", "at most 4 characters",
        [](auto value, auto& to) { return take_text<4>(value, to.origin.appl_origin_data); }},
};

const Row* row_of(std::string_view name) {
  const auto* const found = std::ranges::find(kRows, name, &Row::name);
  return found == kRows.end() ? nullptr : found;
}

/// Whether the page has each of a header's texts with one byte for a character.
std::string unwritable(const MqMessageSettings& settings, const charset::CodePage& page) {
  for (const std::string* text :
       {&settings.transaction, &settings.program, &settings.logical_terminal, &settings.map_name,
        &settings.reply_format}) {
    const auto bytes = page.from_utf8(*text);
    if (!bytes || bytes->size() != text->size())
      return "code page " + page.name() + " has not all characters of a header's field";
  }
  return {};
}

std::string check(const Event& event, const MqMessageSettings& settings) {
  if (settings.header == MqHeader::ims && settings.transaction.empty())
    return "mqheader 'ims' needs a transaction";
  if (settings.header == MqHeader::cics) {
    if (settings.transaction.empty() && settings.program.empty())
      return "mqheader 'cics' needs a transaction or a program";
    if (settings.transaction.size() > 4) return "a transaction of CICS has at most 4 characters";
  }
  if (settings.header == MqHeader::none) return {};
  return unwritable(settings, event.is_record ? *settings.record_page : *settings.json_page);
}

}  // namespace

bool is_mq_attribute(std::string_view name) { return row_of(name) != nullptr; }

std::string apply_mq_attributes(const Event& event, MqMessageSettings& settings) {
  for (const Attribute& attribute : event.extensions) {
    const Row* const row = row_of(attribute.name);
    if (row == nullptr || attribute.value.empty()) continue;
    if (row->take(attribute.value, settings)) continue;
    return fmt::format("the event's attribute {} is not {}", row->name, row->expected);
  }
  return check(event, settings);
}

}  // namespace copybridge::publishers
