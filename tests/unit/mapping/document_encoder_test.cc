// Documents back to their records: what decoding printed becomes the same bytes, and what would be
// read as something else is refused.
#include "codecs/mapping/document_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/framing/group_framer.h"
#include "codecs/mapping/load.h"
#include "codecs/mapping/mapping.h"
#include "tests/support/memory_files.h"

namespace copybridge::mapping {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kCopybook =
    "       01  CUSTOMER.\n"
    "           05  C-TYPE    PIC X.\n"
    "           05  C-ID      PIC 9(3).\n"
    "       01  ACCOUNT.\n"
    "           05  A-TYPE    PIC X.\n"
    "           05  A-NO      PIC 9(2).\n"
    "       01  PAYMENT.\n"
    "           05  P-TYPE    PIC X.\n"
    "               88  IS-PAYMENT VALUE 'P' 'Q'.\n"
    "           05  P-COUNT   PIC 9.\n"
    "           05  P-AMOUNT  PIC 9(2) OCCURS 0 TO 3 DEPENDING ON P-COUNT.\n"
    "       01  NOTE.\n"
    "           05  N-TYPE    PIC X.\n"
    "           05  N-TEXT    PIC X(4).\n";

constexpr const char* kMapping = R"(name: customer
copybook: tree.cpy
record: CUSTOMER
match: C-TYPE = 'C'
fields: {C-TYPE: {drop: yes}}
children:
  - as: accounts
    record: ACCOUNT
    match: A-TYPE = 'A'
    children:
      - {record: PAYMENT, match: IS-PAYMENT, fields: {P-TYPE: {drop: yes}}}
  - {record: NOTE, match: N-TYPE = 'N'}
event: {type: t}
)";

std::unique_ptr<const Mapping> load_mapping(const std::string& text) {
  support::MemoryFiles files;
  files.add("tree.cpy", kCopybook);
  Diagnostics diagnostics;
  auto mapping = load_text(text, "tree.yaml", files, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return mapping;
}

class DocumentEncoding : public testing::Test {
 protected:
  explicit DocumentEncoding(const std::string& text = kMapping,
                            const encode::EncodeOptions& options = {})
      : mapping_(load_mapping(text)) {
    Diagnostics diagnostics;
    plan_ = DocumentPlan::compile(mapping_->hierarchy, options, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
    encoder_ = std::make_unique<DocumentEncoder>(*plan_);
  }

  [[nodiscard]] ByteBuffer document(const std::vector<std::string>& records) const {
    ByteBuffer bytes;
    for (const std::string& text : records) {
      const auto ebcdic = mapping_->options.code_page->from_utf8(text);
      framing::append_part({reinterpret_cast<const std::uint8_t*>(ebcdic->data()), ebcdic->size()},
                           bytes);
    }
    return bytes;
  }

  [[nodiscard]] std::string json(const std::vector<std::string>& records) const {
    TextBuffer out;
    const ByteBuffer bytes = document(records);
    EXPECT_TRUE(mapping_->decode(bytes.view(), out)) << mapping_->explain(bytes.view()).message;
    return std::string(out.view());
  }

  /// The document's bytes in hexadecimal, or why there are none.
  std::string encode(const std::string& text) {
    const std::string padded = text + std::string(kReadableTail, ' ');
    ByteBuffer out;
    if (encoder_->encode(std::string_view(padded).substr(0, text.size()), out))
      return to_hex(out.view());
    EXPECT_EQ(out.size(), 0U);
    return encoder_->refusal().message;
  }

  void expect_same(const std::vector<std::string>& records) {
    const std::string text = json(records);
    EXPECT_EQ(encode(text), to_hex(document(records).view())) << text;
  }

  std::shared_ptr<const Mapping> mapping_;
  std::unique_ptr<const DocumentPlan> plan_;
  std::unique_ptr<DocumentEncoder> encoder_;
};

TEST_F(DocumentEncoding, GivesTheRecordsOfWhatDecodingPrints) {
  expect_same({"C001"});
  expect_same({"C001", "A01", "P21020", "P0", "A02", "A03", "P3102030", "NABCD", "NEFGH"});
  expect_same({"C002", "NABCD"});
}

TEST_F(DocumentEncoding, WritesTheValueThatAMatchDemandsWhereTheMappingDropsTheItem) {
  EXPECT_EQ(encode(R"({"C-ID":7,"accounts":[{"A-TYPE":"A","A-NO":1,"PAYMENT":[{"P-COUNT":1,)"
                   R"("P-AMOUNT":[5]}]}],"NOTE":[]})"),
            to_hex(document({"C007", "A01", "P105"}).view()));
}

TEST_F(DocumentEncoding, TakesMembersInAnyOrder) {
  EXPECT_EQ(encode(R"({"NOTE":[],"accounts":[{"PAYMENT":[],"A-NO":2,"A-TYPE":"A"}],"C-ID":7})"),
            to_hex(document({"C007", "A02"}).view()));
}

TEST_F(DocumentEncoding, NamesTheRecordThatIsRefused) {
  const auto with_account = [](const std::string& account) {
    return R"({"C-ID":7,"accounts":[{"A-TYPE":"A","A-NO":1,"PAYMENT":[]},)" + account +
           R"(],"NOTE":[]})";
  };
  EXPECT_EQ(encode(with_account(R"({"A-TYPE":"A","A-NO":123,"PAYMENT":[]})")),
            "/accounts/1/A-NO: the value has more digits than PIC 9(2)");
  EXPECT_EQ(encode(with_account(R"({"A-TYPE":"A","A-NO":1})")),
            "/accounts/1/PAYMENT: the member is missing");
  EXPECT_EQ(encode(with_account("5")), "/accounts/1: the value is no object");
  EXPECT_EQ(encode(R"({"C-ID":7,"accounts":{},"NOTE":[]})"), "/accounts: the value is no array");
  EXPECT_EQ(encode(R"({"C-ID":7,"NOTE":[]})"), "/accounts: the member is missing");
  EXPECT_THAT(encode(R"({"C-ID":7,"accounts":[],"NOTE":[],"more":1})"), HasSubstr("\"more\""));
  EXPECT_THAT(encode("{"), HasSubstr("not JSON"));
}

TEST_F(DocumentEncoding, RefusesWhatWouldBeReadAsAnotherType) {
  EXPECT_THAT(encode(R"({"C-ID":7,"accounts":[{"A-TYPE":"N","A-NO":1,"PAYMENT":[]}],"NOTE":[]})"),
              StartsWith("/accounts/0: the record would be read as one of NOTE, not of accounts"));
  EXPECT_THAT(encode(R"({"C-ID":7,"accounts":[{"A-TYPE":"Z","A-NO":1,"PAYMENT":[]}],"NOTE":[]})"),
              StartsWith("/accounts/0: "));
}

TEST_F(DocumentEncoding, GoesOnBehindWhatWasRefused) {
  EXPECT_THAT(encode("[]"), HasSubstr("no object"));
  expect_same({"C001", "A01"});
}

class DocumentEncodingWithRaw : public DocumentEncoding {
 protected:
  DocumentEncodingWithRaw() : DocumentEncoding(with_raw()) {}
  static std::string with_raw() {
    std::string text = kMapping;
    text.replace(text.find("fields: {C-TYPE: {drop: yes}}\n"), 30, "keep_raw: yes\n");
    const std::string dropped = ", fields: {P-TYPE: {drop: yes}}";
    text.erase(text.find(dropped), dropped.size());
    return text;
  }
};

TEST_F(DocumentEncodingWithRaw, KeepsTheOrderOfRecordsOfSeveralTypes) {
  const std::vector<std::string> records = {"C001", "NABCD", "A01", "NEFGH", "Q0", "NIJKL"};
  EXPECT_THAT(json(records), HasSubstr(R"(,"_order":[1,3,5,2,4,6]})"));
  expect_same(records);
  EXPECT_THAT(json({"C001", "A01", "NABCD"}), Not(HasSubstr("_order")));
}

TEST_F(DocumentEncodingWithRaw, RefusesAnOrderThatIsNone) {
  std::string text = json({"C001", "NABCD", "A01"});
  const std::string order = "[1,3,2]";
  for (const char* const wrong : {"[1,2]", "[1,2,2]", "[1,2,4]", "[0,1,2]", "5", "[1,\"2\",3]"}) {
    std::string changed = text;
    changed.replace(changed.find(order), order.size(), wrong);
    EXPECT_EQ(encode(changed), "/_order: is not the numbers 1 to 3, each once") << wrong;
  }
  // A child in front of its parent.
  text.replace(text.find(order), order.size(), "[3,1,2]");
  EXPECT_THAT(encode(text), HasSubstr("record"));
}

}  // namespace
}  // namespace copybridge::mapping
