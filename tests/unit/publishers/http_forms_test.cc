// What events take in the bodies of HTTP requests.
#include "bridge/publishers/http_forms.h"

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <utility>

#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

TEST(HttpForms, CountWhatTheyWrite) {
  EventStore store;
  for (const auto& [body, is_record] :
       {std::pair{R"({"A":"\u0001 x"})", false}, std::pair{"\xc1\xc2\xc3\xc4", true}}) {
    Event event = *store.add_body("id", body);
    event.is_record = is_record;
    const std::array events = {&std::as_const(event), &std::as_const(event)};
    for (const HttpForm form : {HttpForm::structured, HttpForm::batch, HttpForm::body,
                                HttpForm::json_array, HttpForm::json_lines}) {
      const std::size_t count = is_batch(form) ? 2 : 1;
      http::Call call;
      form_call(form, std::span(events).first(count), call);
      const std::size_t written = call.body.size() + call.outside_body.size();
      EXPECT_GE(count * size_in_form(form, event), written) << static_cast<int>(form);
      EXPECT_LE(count * size_in_form(form, event), written + 1) << static_cast<int>(form);
    }
  }
}

}  // namespace
}  // namespace copybridge::publishers
