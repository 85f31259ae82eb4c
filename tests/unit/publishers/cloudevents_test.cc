// CloudEvents forms of events.
#include "bridge/publishers/cloudevents.h"

#include <gmock/gmock.h>

#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

Event whole_event() {
  return {.id = "a1",
          .source = "/bridge",
          .type = "t",
          .subject = "s/1",
          .key = "k",
          .time = "2026-11-23T04:05:06Z",
          .body = R"({"A":1.10})"};
}

std::string structured(const Event& event) {
  std::string text;
  append_structured(text, event);
  return text;
}

std::string header(std::string_view value) {
  std::string text;
  append_header_value(text, value);
  return text;
}

TEST(CloudEvents, WritesEveryAttributeAndTheBodyUntouched) {
  EXPECT_EQ(structured(whole_event()),
            R"({"specversion":"1.0","id":"a1","source":"/bridge","type":"t","subject":"s/1",)"
            R"("time":"2026-11-23T04:05:06Z","partitionkey":"k",)"
            R"("datacontenttype":"application/json","data":{"A":1.10}})");
}

TEST(CloudEvents, LeavesOutWhatIsEmpty) {
  Event event = whole_event();
  event.subject = event.key = event.time = {};
  EXPECT_EQ(structured(event), R"({"specversion":"1.0","id":"a1","source":"/bridge","type":"t",)"
                               R"("datacontenttype":"application/json","data":{"A":1.10}})");
}

TEST(CloudEvents, WritesARecordAsBase64) {
  Event event = whole_event();
  event.is_record = true;
  for (const auto& [bytes, text] :
       {std::pair{"\xC1\xF0", "wfA="}, std::pair{"\xC1\xF0\xFF", "wfD/"}, std::pair{"", ""}}) {
    event.body = bytes;
    EXPECT_THAT(
        structured(event),
        testing::EndsWith(R"("datacontenttype":"application/octet-stream","data_base64":")" +
                          std::string(text) + "\"}"));
  }
}

TEST(CloudEvents, CountMessagesAsTheyAreWritten) {
  for (const std::string_view body : {"", "{}", R"({"A":"\u0001 x"})"}) {
    for (const auto& [is_record, is_reference] :
         {std::pair{false, false}, std::pair{true, false}, std::pair{false, true}}) {
      Event event = whole_event();
      event.body = body;
      event.is_record = is_record;
      event.is_reference = is_reference;
      for (const LineFormat format : {LineFormat::body, LineFormat::cloudevents}) {
        EXPECT_EQ(message_size(event, format), message_text(event, format).size()) << body;
        std::string line;
        append_line(line, event, format);
        EXPECT_EQ(line_size(event, format), line.size()) << body;
      }
    }
  }
}

TEST(CloudEvents, WritesFurtherAttributes) {
  Event event = whole_event();
  const Attribute further[] = {{"replyto", "OUT.Q"}, {"none", ""}};
  event.extensions = further;
  EXPECT_THAT(structured(event),
              testing::HasSubstr(R"("partitionkey":"k","replyto":"OUT.Q","datacontenttype")"));
}

TEST(CloudEvents, EscapesAttributesInJson) {
  Event event = whole_event();
  event.subject = "a\"b\\c\nd";
  EXPECT_THAT(structured(event), testing::HasSubstr(R"("subject":"a\"b\\c\u000ad")"));
}

TEST(CloudEvents, HeaderKeepsPrintableAscii) { EXPECT_EQ(header("a/b?c=~!"), "a/b?c=~!"); }

TEST(CloudEvents, HeaderEncodesSpaceQuoteAndPercent) {
  EXPECT_EQ(header("a b\"c%d"), "a%20b%22c%25d");
}

TEST(CloudEvents, HeaderEncodesLineEndsAndNul) {
  EXPECT_EQ(header(std::string_view("a\r\nX: y\0z", 9)), "a%0D%0AX:%20y%00z");
}

TEST(CloudEvents, HeaderEncodesBytesOfUtf8) { EXPECT_EQ(header("Zoë"), "Zo%C3%AB"); }

TEST(CloudEvents, LineOfBodyIsTheBodyAlone) {
  std::string text;
  append_line(text, whole_event(), LineFormat::body);
  EXPECT_EQ(text, "{\"A\":1.10}\n");
}

TEST(CloudEvents, LineOfCloudEventsIsTheStructuredForm) {
  std::string text;
  append_line(text, whole_event(), LineFormat::cloudevents);
  EXPECT_EQ(text, structured(whole_event()) + "\n");
}

}  // namespace
}  // namespace copybridge::publishers
