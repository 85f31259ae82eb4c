// Header chains as senders write them: in both byte orders, in ASCII and EBCDIC, whole and broken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/ibm_mq/headers.h"

namespace copybridge::adapters::ibm_mq {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

/// Writes headers in one byte order and kind of text.
class Writer {
 public:
  Writer(bool is_big_endian, bool is_ebcdic)
      : is_big_endian_(is_big_endian), page_(pages_.find(is_ebcdic ? 37 : 819)) {}

  Writer& text(std::string_view value, std::size_t size) {
    std::string padded(value);
    padded.resize(size, ' ');
    bytes_ += *page_->from_utf8(padded);
    return *this;
  }
  Writer& integer(std::int32_t value) {
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned shift = is_big_endian_ ? 24 - 8 * i : 8 * i;
      bytes_ += static_cast<char>(static_cast<std::uint32_t>(value) >> shift);
    }
    return *this;
  }
  Writer& raw(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  /// What every header begins with, up to Flags.
  Writer& begin(std::string_view eye_catcher, std::int32_t version, std::int32_t length,
                std::int32_t encoding, std::int32_t ccsid, std::string_view format) {
    text(eye_catcher, 4).integer(version).integer(length).integer(encoding).integer(ccsid);
    return text(format, 8).integer(0);
  }
  Writer& rfh2(std::string_view format, std::int32_t encoding, std::int32_t ccsid,
               std::string_view folder) {
    begin("RFH ", 2, static_cast<std::int32_t>(40 + folder.size()), encoding, ccsid, format);
    return integer(1208).integer(static_cast<std::int32_t>(folder.size())).raw(folder);
  }
  Writer& dlh(std::string_view format, std::int32_t encoding, std::int32_t ccsid) {
    text("DLH ", 4).integer(1).integer(2053).text("PAY.IN", 48).text("QM1", 48);
    integer(encoding).integer(ccsid).text(format, 8).integer(6);
    return text("payer", 28).text("20261127", 8).text("12000000", 8);
  }
  Writer& iih(std::string_view format) {
    begin("IIH ", 1, 84, 0, 0, format).text("LTERM1", 8).text("MAP1", 8).text("", 8);
    return text("PASSTICK", 8).raw(std::string(16, '\1')).text("C1C", 4);
  }
  Writer& cih(std::string_view format) {
    begin("CIH ", 1, 164, 0, 0, format);
    for (int i = 0; i < 11; ++i) integer(i);
    raw(std::string(8, '\2')).text("GET", 4).text("ASRA", 4).text("PASSTICK", 8).text("", 8);
    text("", 8).text("", 4).text("", 4).text("TRN1", 4);
    return text("", 4 * 5).text("", 16);
  }
  [[nodiscard]] ByteView bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  void cut(std::size_t size) { bytes_.resize(size); }

 private:
  const bool is_big_endian_;
  CodePages pages_;
  const charset::CodePage* page_;
  std::string bytes_;
};

HeaderChain parse(const Writer& message, const Description& from) {
  CodePages pages;
  return parse_headers(message.bytes(), from, pages);
}

struct Platform {
  bool is_big_endian;
  bool is_ebcdic;
};
class MqHeaders : public ::testing::TestWithParam<Platform> {
 protected:
  Writer writer_{GetParam().is_big_endian, GetParam().is_ebcdic};
};

TEST_P(MqHeaders, MakesPropertiesAttributes) {
  writer_.rfh2("MQSTR", 273, 1208,
               "<usr><color dt=\"string\">r&amp;d</color><a><b>1</b></a></usr>");
  const std::size_t end = writer_.size();
  writer_.raw("HELLO");
  const HeaderChain chain = parse(writer_, {273, 1208, "MQHRF2"});
  EXPECT_THAT(chain.fault, IsEmpty());
  EXPECT_EQ(chain.payload_offset, end);
  EXPECT_EQ(chain.payload.format, "MQSTR");
  EXPECT_EQ(chain.payload.encoding, 273);
  EXPECT_EQ(chain.payload.ccsid, 1208);
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-rfh2-usr-color", "r&d")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-rfh2-usr-a-b", "1")));
}

TEST_P(MqHeaders, FollowsAChainOfThem) {
  writer_.dlh("MQHRF2", 785, 37).rfh2("MQIMS", 273, 1047, "<usr><n>7</n></usr>").iih("MQIMSVS");
  const std::size_t end = writer_.size();
  writer_.raw("body");
  const HeaderChain chain = parse(writer_, {785, 37, "MQDEAD"});
  EXPECT_THAT(chain.fault, IsEmpty());
  EXPECT_EQ(chain.payload_offset, end);
  // What follows an IMS header is described by the header before it.
  EXPECT_EQ(chain.payload.ccsid, 1047);
  EXPECT_EQ(chain.payload.encoding, 273);
  EXPECT_EQ(chain.payload.format, "MQIMSVS");
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-dlh-reason", "2053")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-dlh-dest-q", "PAY.IN")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-dlh-put-appl-name", "payer")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-rfh2-usr-n", "7")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-iih-l-term-override", "LTERM1")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-iih-commit-mode", "1")));
}

TEST_P(MqHeaders, KeepsAuthenticatorsToItself) {
  writer_.cih("MQIMS").iih("");
  const HeaderChain chain = parse(writer_, {785, 37, "MQCICS"});
  EXPECT_THAT(chain.fault, IsEmpty());
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-cih-transaction-id", "TRN1")));
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-cih-abend-code", "ASRA")));
  EXPECT_THAT(chain.attributes, Not(Contains(Pair(::testing::_, HasSubstr("PASSTICK")))));
}

TEST_P(MqHeaders, KnowsAMessageDescriptorExtension) {
  writer_.begin("MDE ", 2, 72, 546, 500, "MQSTR").raw(std::string(24, '\3'));
  writer_.integer(4).integer(0).integer(8).integer(-1).raw("x");
  const HeaderChain chain = parse(writer_, {785, 37, "MQHMDE"});
  EXPECT_EQ(chain.payload_offset, 72U);
  EXPECT_EQ(chain.payload.ccsid, 500);
  EXPECT_THAT(chain.attributes, Contains(Pair("mq-mde-msg-seq-number", "4")));
}

TEST_P(MqHeaders, StopsBeforeAHeaderThatIsCutOff) {
  writer_.dlh("MQIMS", 785, 37);
  const std::size_t first = writer_.size();
  writer_.iih("");
  for (std::size_t size = 0; size < writer_.size(); ++size) {
    Writer cut = writer_;
    cut.cut(size);
    const HeaderChain chain = parse(cut, {785, 37, "MQDEAD"});
    EXPECT_THAT(chain.fault, Not(IsEmpty())) << size;
    EXPECT_EQ(chain.payload_offset, size < first ? 0 : first) << size;
  }
}

TEST_P(MqHeaders, RefusesALengthThatIsNotTheMessages) {
  for (const std::int32_t length : {-1, 0, 35, 1000, std::numeric_limits<std::int32_t>::max()}) {
    Writer message(GetParam().is_big_endian, GetParam().is_ebcdic);
    message.begin("RFH ", 2, length, 273, 1208, "MQSTR").integer(1208).raw("HELLO");
    const HeaderChain chain = parse(message, {273, 1208, "MQHRF2"});
    EXPECT_THAT(chain.fault, HasSubstr("MQRFH2 at offset 0: its length is"));
    EXPECT_EQ(chain.payload_offset, 0U);
  }
}

TEST_P(MqHeaders, RefusesAFolderThatIsNoXml) {
  for (const std::string_view folder : {"<usr><a>1</usr>", "<!DOCTYPE a []><a/>", "nonsense"}) {
    Writer message(GetParam().is_big_endian, GetParam().is_ebcdic);
    message.rfh2("MQSTR", 273, 1208, folder).raw("HELLO");
    EXPECT_THAT(parse(message, {273, 1208, "MQHRF2"}).fault, HasSubstr("a folder is no XML"));
  }
}

TEST_P(MqHeaders, LeavesDataThatOnlyLooksLikeAHeader) {
  writer_.dlh("", 785, 37);
  const HeaderChain chain = parse(writer_, {785, 37, "MQSTR"});
  EXPECT_EQ(chain.payload_offset, 0U);
  EXPECT_THAT(chain.attributes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Platforms, MqHeaders,
                         ::testing::Values(Platform{true, true}, Platform{false, false},
                                           Platform{true, false}, Platform{false, true}),
                         [](const auto& test) {
                           return std::string(test.param.is_big_endian ? "big" : "little") +
                                  (test.param.is_ebcdic ? "_ebcdic" : "_ascii");
                         });

TEST(MqFolders, AreReadInUtf16) {
  Writer message(true, true);
  std::string folder;
  for (const char letter : std::string_view("<usr><k>v</k></usr>")) folder += {'\0', letter};
  message.begin("RFH ", 2, static_cast<std::int32_t>(40 + folder.size()), 785, 37, "");
  message.integer(1200).integer(static_cast<std::int32_t>(folder.size())).raw(folder);
  EXPECT_THAT(parse(message, {785, 37, "MQHRF2"}).attributes, Contains(Pair("mq-rfh2-usr-k", "v")));
}

}  // namespace
}  // namespace copybridge::adapters::ibm_mq
