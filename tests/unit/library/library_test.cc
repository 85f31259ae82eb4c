// The C++ class and the C functions: options, pieces, errors, misuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/library/codec.h"
#include "codecs/library/copybridge_codec.h"

namespace copybridge::codec {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kCopybook =
    "       01  R.\n           05  ID PIC 9(2).\n           05  T PIC X.\n";

std::unique_ptr<const Codec> compile(const std::string& options = {},
                                     const char* copybook = kCopybook) {
  std::string mistakes;
  auto codec = Codec::compile(copybook, options, mistakes);
  EXPECT_EQ(mistakes, "");
  return codec;
}

std::string mistakes_of(const std::string& options, const char* copybook = kCopybook) {
  std::string mistakes;
  EXPECT_EQ(Codec::compile(copybook, options, mistakes), nullptr);
  return mistakes;
}

Batch decode(Decoder& decoder, std::string_view bytes, bool is_end = true) {
  return decoder.decode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), is_end);
}

constexpr std::string_view kOne = "\xF0\xF1\xC1";
constexpr std::string_view kBad = "\xF0\x40\xC1";

TEST(Codec, DecodesARecord) {
  std::string json = "x";
  std::string reason;
  const auto* record = reinterpret_cast<const std::uint8_t*>(kOne.data());
  EXPECT_TRUE(compile()->decode_record(record, 3, json, reason));
  EXPECT_EQ(json, R"(x{"ID":1,"T":"A"})");
  EXPECT_FALSE(compile()->decode_record(record, 2, json, reason));
  EXPECT_EQ(json, R"(x{"ID":1,"T":"A"})");
  EXPECT_THAT(reason, HasSubstr("3 bytes"));
}

TEST(Codec, TakesTheKeysOfMappingsAndOfFramingAsYamlOrJson) {
  const auto codec = compile(
      R"({"codepage": "ISO-8859-1", "recfm": "line", "names": "camel", "numbers": "string",
          "match": "T NOT = 'X'", "fields": {"T": {"name": "kind"}}})");
  Decoder decoder(*codec);
  const Batch batch = decode(decoder, "07A\n08X\n09B\n");
  EXPECT_EQ(batch.json_lines, "{\"id\":\"7\",\"kind\":\"A\"}\n{\"id\":\"9\",\"kind\":\"B\"}\n");
  EXPECT_EQ(batch.records, 3U);
  EXPECT_THAT(batch.errors, IsEmpty());
}

TEST(Codec, NamesEveryMistakeWithItsPlace) {
  EXPECT_THAT(mistakes_of("", "       01  R.\n           05  A PIC Q.\n"),
              StartsWith("copybook:2:"));
  EXPECT_THAT(mistakes_of("names: loud\nno_such_key: 1\n"),
              testing::AllOf(HasSubstr("options:1:8: error: 'names' must be one of"),
                             HasSubstr("options:2:1: error: unknown key 'no_such_key'")));
  EXPECT_THAT(mistakes_of("recfm: Q"), HasSubstr("options:1:8: error: 'recfm' must be one of"));
  EXPECT_THAT(mistakes_of("{"), StartsWith("options:"));
  EXPECT_THAT(mistakes_of("[]"), HasSubstr("expected a map"));
  EXPECT_THAT(mistakes_of("recfm: micro-focus\nkeep_prefix: yes"),
              HasSubstr("options: error: framing"));
}

TEST(Decoder, GoesOnFromPieceToPiece) {
  const auto codec = compile();
  Decoder decoder(*codec);
  Batch batch = decode(decoder, std::string(kOne) + "\xF0", false);
  EXPECT_EQ(batch.json_lines, "{\"ID\":1,\"T\":\"A\"}\n");
  EXPECT_EQ(batch.consumed, 3U);
  batch = decode(decoder, "\xF0\xF2\xC2", true);
  EXPECT_EQ(batch.json_lines, "{\"ID\":2,\"T\":\"B\"}\n");
}

TEST(Decoder, NumbersBadRecordsFromTheStreamsStart) {
  const auto codec = compile();
  Decoder decoder(*codec);
  EXPECT_THAT(decode(decoder, kOne, false).errors, IsEmpty());
  const Batch batch = decode(decoder, std::string(kBad) + std::string(kOne));
  ASSERT_THAT(batch.errors, SizeIs(1));
  EXPECT_EQ(batch.errors[0].record, 2U);
  EXPECT_THAT(batch.errors[0].message, HasSubstr("ID at offset 0, byte 1"));
  EXPECT_EQ(batch.json_lines, "{\"ID\":1,\"T\":\"A\"}\n");
}

TEST(Decoder, DeliversWhatComesBeforeBrokenFramingAndSaysItAgain) {
  const auto codec = compile();
  Decoder decoder(*codec);
  Batch batch = decode(decoder, std::string(kOne) + "\xF0");
  EXPECT_EQ(batch.json_lines, "{\"ID\":1,\"T\":\"A\"}\n");
  EXPECT_THAT(batch.framing_error, HasSubstr("the stream ends at byte 4"));
  batch = decode(decoder, kOne);
  EXPECT_EQ(batch.json_lines, "");
  EXPECT_THAT(batch.framing_error, HasSubstr("the stream ends at byte 4"));
}

TEST(Decoder, PutsSegmentsAndDocumentsTogether) {
  const auto codec =
      compile("{recfm: VBS, bdw: no, match: T = 'A', children: [{as: b, match: T = 'B'}]}");
  Decoder decoder(*codec);
  const Batch batch =
      decode(decoder, std::string_view("\0\6\1\0\xF0\xF1\0\5\2\0\xC1\0\7\0\0\xF0\xF2\xC2", 18));
  EXPECT_EQ(batch.json_lines, "{\"ID\":1,\"T\":\"A\",\"b\":[{\"ID\":2,\"T\":\"B\"}]}\n");
  EXPECT_EQ(batch.framing_error, "");
}

std::unique_ptr<Encoder> encoder_of(const Codec& codec) {
  std::string mistakes;
  auto encoder = Encoder::create(codec, mistakes);
  EXPECT_EQ(mistakes, "");
  return encoder;
}

std::string bytes_of(const EncodedBatch& batch) {
  return {reinterpret_cast<const char*>(batch.bytes), batch.size};
}

TEST(Encoder, IsTheWayBackOfADecoder) {
  const auto codec = compile("{recfm: VB, block_size: 20, names: snake}");
  const std::string blocks(
      "\0\x12\0\0\0\7\0\0\xF0\xF1\xC1\0\7\0\0\xF0\xF2\xC2"
      "\0\x0B\0\0\0\7\0\0\xF0\xF3\xC3",
      29);
  Decoder decoder(*codec);
  const Batch decoded = decode(decoder, blocks);
  EXPECT_EQ(decoded.records, 3U);
  const auto encoder = encoder_of(*codec);
  const EncodedBatch batch = encoder->encode(decoded.json_lines, true);
  EXPECT_EQ(bytes_of(batch), blocks);
  EXPECT_EQ(batch.records, 3U);
  EXPECT_EQ(batch.consumed, decoded.json_lines.size());
}

TEST(Encoder, GoesOnFromPieceToPieceAndNumbersLinesFromTheStreamsStart) {
  const auto codec = compile();
  const auto encoder = encoder_of(*codec);
  EncodedBatch batch = encoder->encode("{\"ID\":1,\"T\":\"A\"}\n\n{\"ID\":", false);
  EXPECT_EQ(bytes_of(batch), kOne);
  EXPECT_EQ(batch.consumed, 18U);
  batch = encoder->encode("{\"ID\":123,\"T\":\"A\"}\n{\"ID\":2,\"T\":\"B\"}", true);
  EXPECT_EQ(bytes_of(batch), "\xF0\xF2\xC2");
  ASSERT_THAT(batch.errors, SizeIs(1));
  EXPECT_EQ(batch.errors[0].line, 3U);
  EXPECT_EQ(batch.errors[0].message, "/ID: the value has more digits than PIC 9(2)");
  batch = encoder->encode("{}", true);
  EXPECT_EQ(batch.size, 0U);
  ASSERT_THAT(batch.errors, SizeIs(1));
  EXPECT_THAT(batch.errors[0].message, HasSubstr("the stream has ended"));
}

TEST(Encoder, TakesMorePiecesThanAreWrittenAtOnce) {
  const auto codec =
      compile("{recfm: F, lrecl: 40000}", "       01  R.\n           05  T PIC X(40000).\n");
  std::string lines;
  for (int i = 0; i < 250; ++i) lines += "{\"T\":\"A\"}\n";
  const EncodedBatch batch = encoder_of(*codec)->encode(lines, true);
  EXPECT_EQ(batch.size, 250U * 40'000U);
  EXPECT_EQ(batch.consumed, lines.size());
}

TEST(Encoder, TakesTheOptionsOfEncodingBesideTheOthers) {
  const auto codec = compile("{missing: default, unknown: ignore, rounding: nearest, trunc: std}",
                             "       01  R.\n           05  ID PIC 9(2).\n"
                             "           05  T PIC X VALUE 'Q'.\n           05  B PIC 9 COMP.\n");
  const auto encoder = encoder_of(*codec);
  EXPECT_EQ(bytes_of(encoder->encode(R"({"ID":1.5,"more":1})", false)), "");
  const EncodedBatch batch = encoder->encode("{\"ID\":1.5,\"more\":1}\n{\"ID\":1,\"B\":10}", true);
  EXPECT_EQ(bytes_of(batch), std::string("\xF0\xF2\xD8\0\0", 5));
  EXPECT_THAT(batch.errors, SizeIs(1));
  EXPECT_THAT(mistakes_of("rounding: up"), HasSubstr("options:1:11: error: 'rounding' must be"));
}

TEST(Encoder, MakesOneRecordApartFromTheStream) {
  const auto codec = compile("{match: T = 'A', children: [{as: b, match: T = 'B'}]}");
  const auto encoder = encoder_of(*codec);
  std::vector<std::uint8_t> record = {9};
  std::string reason;
  EXPECT_TRUE(encoder->encode_record(R"({"ID":1,"T":"A","b":[{"ID":2,"T":"B"}]})", record, reason))
      << reason;
  EXPECT_EQ(record, (std::vector<std::uint8_t>{9, 0, 0, 0, 3, 0xF0, 0xF1, 0xC1, 0, 0, 0, 3, 0xF0,
                                               0xF2, 0xC2}));
  EXPECT_FALSE(encoder->encode_record(R"({"ID":1,"T":"A","b":[{"ID":2}]})", record, reason));
  EXPECT_EQ(reason, "/b/0/T: the member is missing");
  EXPECT_THAT(record, SizeIs(15));
}

TEST(Encoder, IsRefusedWhereRecordsCannotBeWritten) {
  const auto codec = compile("skip_header_bytes: 4");
  std::string mistakes;
  EXPECT_EQ(Encoder::create(*codec, mistakes), nullptr);
  EXPECT_THAT(mistakes, StartsWith("options: error: framing"));
}

TEST(CInterface, RefusesNullWhereItMustNotBe) {
  std::size_t size = 0;
  EXPECT_EQ(copybridge_compile(nullptr, 0, nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(copybridge_decode_record(nullptr, nullptr, 0, nullptr, 0, &size),
            COPYBRIDGE_BAD_ARGUMENT);
  EXPECT_EQ(copybridge_decoder_new(nullptr), nullptr);
  EXPECT_EQ(copybridge_decode(nullptr, nullptr, 0, 1, &size), COPYBRIDGE_BAD_ARGUMENT);
  EXPECT_STREQ(copybridge_json_lines(nullptr, &size), "");
  EXPECT_EQ(copybridge_error(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(copybridge_framing_error(nullptr), nullptr);
  EXPECT_EQ(copybridge_encoder_new(nullptr, nullptr), nullptr);
  EXPECT_EQ(copybridge_encode(nullptr, nullptr, 0, 1, &size), COPYBRIDGE_BAD_ARGUMENT);
  EXPECT_EQ(copybridge_encode_record(nullptr, nullptr, 0), COPYBRIDGE_BAD_ARGUMENT);
  EXPECT_EQ(copybridge_records(nullptr, &size), nullptr);
  EXPECT_EQ(copybridge_encoded_count(nullptr), 0U);
  EXPECT_EQ(copybridge_line_error_count(nullptr), 0U);
  EXPECT_EQ(copybridge_line_error(nullptr, 0, nullptr), nullptr);
  copybridge_encoder_free(nullptr);
  copybridge_free(nullptr);
  copybridge_decoder_free(nullptr);
  copybridge_free_text(nullptr);
}

TEST(CInterface, SaysHowLargeABufferMustBe) {
  copybridge_codec* codec =
      copybridge_compile(kCopybook, std::string_view(kCopybook).size(), "", 0, nullptr);
  ASSERT_NE(codec, nullptr);
  const auto* record = reinterpret_cast<const std::uint8_t*>(kOne.data());
  std::size_t size = 0;
  EXPECT_EQ(copybridge_decode_record(codec, record, 3, nullptr, 0, &size),
            COPYBRIDGE_BUFFER_TOO_SMALL);
  std::string buffer(size + 1, 'x');
  EXPECT_EQ(copybridge_decode_record(codec, record, 3, buffer.data(), buffer.size(), &size),
            COPYBRIDGE_OK);
  EXPECT_STREQ(buffer.c_str(), R"({"ID":1,"T":"A"})");
  copybridge_free(codec);
}

TEST(CInterface, HasTheVersionOfTheClass) { EXPECT_STREQ(copybridge_version(), version()); }

}  // namespace
}  // namespace copybridge::codec
