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

/// Appends what is not empty, zero or blank.
class AttributeWriter {
 public:
  AttributeWriter(CodePages& pages, Attributes& attributes)
      : pages_(pages), attributes_(attributes) {}

  void number(std::string_view name, mqi::Long value, mqi::Long silent) {
    if (value != silent) attributes_.emplace_back(name, std::to_string(value));
  }
  template <typename Array>
  void bytes(std::string_view name, const Array& value) {
    if (std::ranges::all_of(value, [](mqi::Byte byte) { return byte == 0; })) return;
    attributes_.emplace_back(name, hex(value));
  }
  /// The client library has translated it; what is no ASCII is shown as Latin-1.
  template <typename Array>
  void text(std::string_view name, const Array& value) {
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

void append_descriptor(const mqi::MQMD& descriptor, const Description& payload, CodePages& pages,
                       Attributes& attributes) {
  constexpr mqi::Long kDatagram = mqi::msg_type::kDatagram;
  AttributeWriter write(pages, attributes);
  write.bytes("mq-msg-id", descriptor.msg_id);
  write.bytes("mq-correl-id", descriptor.correl_id);
  if (!payload.format.empty()) attributes.emplace_back("mq-format", payload.format);
  write.number("mq-ccsid", payload.ccsid, 0);
  write.number("mq-encoding", payload.encoding, 0);
  write.number("mq-msg-type", descriptor.msg_type, kDatagram);
  write.number("mq-expiry", descriptor.expiry, mqi::kExpiryUnlimited);
  write.number("mq-report", descriptor.report, 0);
  write.number("mq-feedback", descriptor.feedback, 0);
  write.number("mq-priority", descriptor.priority, -1);
  write.number("mq-persistence", descriptor.persistence, -1);
  write.number("mq-backout-count", descriptor.backout_count, 0);
  write.text("mq-reply-to-q", descriptor.reply_to_q);
  write.text("mq-reply-to-q-mgr", descriptor.reply_to_q_mgr);
  write.text("mq-user-identifier", descriptor.user_identifier);
  write.bytes("mq-accounting-token", descriptor.accounting_token);
  write.text("mq-appl-identity-data", descriptor.appl_identity_data);
  write.number("mq-put-appl-type", descriptor.put_appl_type, 0);
  write.text("mq-put-appl-name", descriptor.put_appl_name);
  write.text("mq-put-date", descriptor.put_date);
  write.text("mq-put-time", descriptor.put_time);
  write.text("mq-appl-origin-data", descriptor.appl_origin_data);
  write.bytes("mq-group-id", descriptor.group_id);
  write.number("mq-msg-seq-number", descriptor.msg_seq_number, 1);
  write.number("mq-offset", descriptor.offset, 0);
  write.number("mq-msg-flags", descriptor.msg_flags, 0);
  write.number("mq-original-length", descriptor.original_length, -1);
}

}  // namespace copybridge::adapters::ibm_mq
