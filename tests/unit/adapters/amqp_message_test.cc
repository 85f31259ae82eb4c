// AMQP 1.0 messages as records and attributes: encodings by hand, and by Qpid Proton.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <proton/message.h>

#include "adapters/amqp/message.h"

namespace copybridge::adapters::amqp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

struct Read {
  Message message;
  std::string body;
};

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Read read(std::string_view bytes) {
  MessageReader reader;
  ByteBuffer body;
  body.append(bytes_of("before"));
  Message message = reader.read(bytes_of(bytes), body);
  const ByteView own = body.view(6, body.size() - 6);
  return {std::move(message), std::string(own.begin(), own.end())};
}

std::string section(char code, std::string_view value) {
  return std::string("\0\x53", 2) + code + std::string(value);
}
std::string data(std::string_view bytes) {
  return section('\x75',
                 "\xA0" + std::string(1, static_cast<char>(bytes.size())) + std::string(bytes));
}

/// A message with something in every section, as Proton writes it.
std::string full_message() {
  pn_message_t* const message = pn_message();
  pn_message_set_durable(message, true);
  pn_message_set_priority(message, 7);
  pn_message_set_ttl(message, 60'000);
  pn_message_set_delivery_count(message, 3);
  pn_data_put_string(pn_message_id(message), pn_bytes(4, "id-1"));
  pn_message_set_address(message, "orders");
  pn_message_set_subject(message, "order/1");
  pn_message_set_reply_to(message, "answers");
  pn_data_put_ulong(pn_message_correlation_id(message), 42);
  pn_message_set_content_type(message, "text/plain");
  pn_message_set_creation_time(message, 1'795'406'706'789);
  pn_message_set_group_id(message, "group");
  pn_message_set_group_sequence(message, 5);
  pn_message_set_user_id(message, pn_bytes(2, "\xFF\x01"));
  pn_data_fill(pn_message_annotations(message), "{sS}", "x-opt-key", "value");
  pn_data_fill(pn_message_properties(message), "{SiSoS[iS]}", "count", -12, "yes", true, "list", 1,
               "a\"b");
  pn_message_set_inferred(message, true);
  pn_data_put_binary(pn_message_body(message), pn_bytes(3, "\xC1\xC2\xC3"));
  std::string bytes(1000, '\0');
  std::size_t size = bytes.size();
  EXPECT_EQ(pn_message_encode(message, bytes.data(), &size), 0);
  pn_message_free(message);
  bytes.resize(size);
  return bytes;
}

TEST(AmqpMessage, HasAllOfItsDataSectionsAsOneRecord) {
  const Read got = read(data("ABC") + data("") + data("DE"));
  EXPECT_EQ(got.message.fault, "");
  EXPECT_EQ(got.body, "ABCDE");
  EXPECT_THAT(got.message.attributes, IsEmpty());
}

TEST(AmqpMessage, HasAValueOfTextOrBytesAsItsRecord) {
  EXPECT_EQ(read(section('\x77',
                         "\xA1\x03"
                         "ABC"))
                .body,
            "ABC");
  EXPECT_EQ(read(section('\x77', "\xB0" + std::string("\0\0\0\x02", 4) + "\xC1\xC2")).body,
            "\xC1\xC2");
  EXPECT_EQ(read(section('\x77', "\x40")).message.fault, "");
}

TEST(AmqpMessage, TakesDescriptorsInTheirLongForms) {
  const std::string code("\0\x80\0\0\0\0\0\0\0\x75", 10);
  EXPECT_EQ(read(code + "\xA0\x01"
                        "A")
                .body,
            "A");
  const std::string symbol = std::string("\0\xA3\x10", 3) + "amqp:data:binary";
  EXPECT_EQ(read(symbol + "\xA0\x01"
                          "B")
                .body,
            "B");
}

TEST(AmqpMessage, IsFaultyWithAllOfItsBytesWhereTheBodyIsNeitherTextNorBytes) {
  for (const std::string& body :
       {section('\x77', "\xC1\x01" + std::string(1, '\0')), section('\x77', "\x54\x05"),
        section('\x76', "\x45"), data("A") + section('\x77', "\x54\x05"),
        section('\x77',
                "\xA1\x01"
                "A") +
            section('\x77',
                    "\xA1\x01"
                    "B"),
        section('\x77',
                "\xA1\x01"
                "A") +
            data("B"),
        std::string("\0\x53\x99\x40", 4)}) {
    const Read got = read(body);
    EXPECT_NE(got.message.fault, "");
    EXPECT_EQ(got.body, body);
  }
}

TEST(AmqpMessage, SaysWhatItsSectionsSay) {
  const Read got = read(full_message());
  ASSERT_EQ(got.message.fault, "");
  EXPECT_EQ(got.body, "\xC1\xC2\xC3");
  EXPECT_EQ(got.message.delivery_count, 3U);
  EXPECT_EQ(got.message.creation_time_ms, 1'795'406'706'789);
  EXPECT_EQ(got.message.message_id, "PN_STRING:id-1");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"amqp-durable", "true"},
      {"amqp-priority", "7"},
      {"amqp-ttl", "60000"},
      {"amqp-delivery-count", "3"},
      {"amqp-annotation-x-opt-key", "value"},
      {"amqp-message-id", "id-1"},
      {"amqp-user-id", "FF01"},
      {"amqp-to", "orders"},
      {"amqp-subject", "order/1"},
      {"amqp-reply-to", "answers"},
      {"amqp-correlation-id", "42"},
      {"amqp-content-type", "text/plain"},
      {"amqp-creation-time", "2026-11-23T04:05:06.789Z"},
      {"amqp-group-id", "group"},
      {"amqp-group-sequence", "5"},
      {"amqp-property-count", "-12"},
      {"amqp-property-yes", "true"},
      {"amqp-property-list", R"([1,"a\"b"])"}};
  for (const auto& [name, value] : expected)
    EXPECT_THAT(got.message.attributes, Contains(Pair(name, value)));
}

TEST(AmqpMessage, IsBareFromItsPropertiesToItsBody) {
  const std::string bytes = full_message();
  const Read got = read(bytes);
  const std::string bare(got.message.bare.begin(), got.message.bare.end());
  EXPECT_TRUE(bytes.ends_with(bare));
  EXPECT_THAT(bare, HasSubstr("orders"));
  EXPECT_THAT(bare, Not(HasSubstr("x-opt-key")));
}

TEST(AmqpMessage, IsFaultyOrWholeWhereverItIsCut) {
  const std::string bytes = full_message();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Read got = read(std::string_view(bytes).substr(0, size));
    const std::size_t least = got.message.fault.empty() ? 0 : size;
    EXPECT_GE(got.body.size(), least);
  }
}

}  // namespace
}  // namespace copybridge::adapters::amqp
