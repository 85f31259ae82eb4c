// The MQMD as attributes, and the hash that is an id.
#include "adapters/ibm_mq/message.h"

#include <algorithm>
#include <chrono>

#include "adapters/ibm_mq/connection.h"
#include "bridge/core/hash.h"

namespace copybridge::adapters::ibm_mq {
namespace {

template <typename Array>
std::string_view raw(const Array& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// -1 where there are other characters than digits.
int number_at(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

/// Every field with its attribute's name; of numbers what says nothing.
template <typename Visit>
void each_field(Visit&& visit) {
  using mqi::MQMD;
  std::size_t place = 0;
  visit(place++, "mq-msg-id", &MQMD::msg_id);
  visit(place++, "mq-correl-id", &MQMD::correl_id);
  visit(place++, "mq-msg-type", &MQMD::msg_type, mqi::msg_type::kDatagram);
  visit(place++, "mq-expiry", &MQMD::expiry, mqi::kExpiryUnlimited);
  visit(place++, "mq-report", &MQMD::report, 0);
  visit(place++, "mq-feedback", &MQMD::feedback, 0);
  visit(place++, "mq-priority", &MQMD::priority, -1);
  visit(place++, "mq-persistence", &MQMD::persistence, -1);
  visit(place++, "mq-backout-count", &MQMD::backout_count, 0);
  visit(place++, "mq-reply-to-q", &MQMD::reply_to_q);
  visit(place++, "mq-reply-to-q-mgr", &MQMD::reply_to_q_mgr);
  visit(place++, "mq-user-identifier", &MQMD::user_identifier);
  visit(place++, "mq-accounting-token", &MQMD::accounting_token);
  visit(place++, "mq-appl-identity-data", &MQMD::appl_identity_data);
  visit(place++, "mq-put-appl-type", &MQMD::put_appl_type, 0);
  visit(place++, "mq-put-appl-name", &MQMD::put_appl_name);
  visit(place++, "mq-put-date", &MQMD::put_date);
  visit(place++, "mq-put-time", &MQMD::put_time);
  visit(place++, "mq-appl-origin-data", &MQMD::appl_origin_data);
  visit(place++, "mq-group-id", &MQMD::group_id);
  visit(place++, "mq-msg-seq-number", &MQMD::msg_seq_number, 1);
  visit(place++, "mq-offset", &MQMD::offset, 0);
  visit(place++, "mq-msg-flags", &MQMD::msg_flags, 0);
  visit(place++, "mq-original-length", &MQMD::original_length, -1);
}

/// Appends what is not empty, zero or blank.
class AttributeWriter {
 public:
  AttributeWriter(CodePages& pages, Attributes& attributes)
      : pages_(pages), attributes_(attributes) {}

  void field(std::string_view name, mqi::Long value, mqi::Long silent) {
    if (value != silent) attributes_.emplace_back(name, std::to_string(value));
  }
  template <std::size_t kLength>
  void field(std::string_view name, const mqi::Bytes<kLength>& value) {
    if (std::ranges::all_of(value, [](mqi::Byte byte) { return byte == 0; })) return;
    attributes_.emplace_back(name, hex(value));
  }
  /// The client library has translated it; what is no ASCII is shown as Latin-1.
  template <std::size_t kLength>
  void field(std::string_view name, const mqi::Chars<kLength>& value) {
    std::string shown = text_of(value);
    if (shown.empty()) return;
    const bool is_ascii =
        std::ranges::all_of(shown, [](char letter) { return letter >= ' ' && letter <= '~'; });
    if (!is_ascii) {
      constexpr std::int32_t kLatin1 = 819;
      const auto* begin = reinterpret_cast<const std::uint8_t*>(shown.data());
      shown = pages_.text({begin, shown.size()}, kLatin1, false);
    }
    attributes_.emplace_back(name, std::move(shown));
  }

 private:
  CodePages& pages_;
  Attributes& attributes_;
};

}  // namespace

std::string message_id(std::string_view queue_manager, std::string_view queue,
                       const mqi::MQMD& descriptor, ByteView body) {
  Hasher hasher;
  hasher.update(queue_manager);
  hasher.update(std::string_view("\0", 1));
  hasher.update(queue);
  hasher.update(std::string_view("\0", 1));
  hasher.update(raw(descriptor.msg_id));
  hasher.update(raw(descriptor.put_date));
  hasher.update(raw(descriptor.put_time));
  hasher.update(raw(descriptor.group_id));
  hasher.update(std::to_string(descriptor.msg_seq_number) + "," +
                std::to_string(descriptor.offset) + ",");
  hasher.update({reinterpret_cast<const char*>(body.data()), body.size()});
  return hasher.hex();
}

std::int64_t put_time_ms(const mqi::MQMD& descriptor) {
  const std::string_view date = raw(descriptor.put_date);
  const std::string_view time = raw(descriptor.put_time);
  const int year = number_at(date.substr(0, 4));
  const int month = number_at(date.substr(4, 2));
  const int day = number_at(date.substr(6, 2));
  const int hour = number_at(time.substr(0, 2));
  const int minute = number_at(time.substr(2, 2));
  const int second = number_at(time.substr(4, 2));
  const int hundredth = number_at(time.substr(6, 2));
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0 ||
      hundredth < 0) {
    return 0;
  }
  const std::chrono::year_month_day on{std::chrono::year(year),
                                       std::chrono::month(static_cast<unsigned>(month)),
                                       std::chrono::day(static_cast<unsigned>(day))};
  if (!on.ok()) return 0;
  const std::int64_t days = std::chrono::sys_days(on).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + std::int64_t{10} * hundredth;
}

FieldSet differing_fields(std::span<const UnitMessage> messages) {
  FieldSet fields;
  if (messages.size() < 2) return fields.set();
  const mqi::MQMD& first = messages.front().descriptor;
  for (const UnitMessage& message : messages.subspan(1)) {
    each_field([&](std::size_t place, std::string_view, auto member, auto...) {
      fields[place] = fields[place] || message.descriptor.*member != first.*member;
    });
  }
  return fields;
}

void append_descriptor(const mqi::MQMD& descriptor, FieldSet fields, CodePages& pages,
                       Attributes& attributes) {
  AttributeWriter write(pages, attributes);
  each_field([&](std::size_t place, std::string_view name, auto member, auto... silent) {
    if (fields[place]) write.field(name, descriptor.*member, silent...);
  });
}

void append_description(const Description& payload, Attributes& attributes) {
  if (!payload.format.empty()) attributes.emplace_back("mq-format", payload.format);
  if (payload.ccsid != 0) attributes.emplace_back("mq-ccsid", std::to_string(payload.ccsid));
  if (payload.encoding != 0)
    attributes.emplace_back("mq-encoding", std::to_string(payload.encoding));
}

}  // namespace copybridge::adapters::ibm_mq
