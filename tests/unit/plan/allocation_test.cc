// Decoding allocates nothing once its buffer has grown: operator new is counted.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/plan/support.h"

namespace {

std::atomic<std::size_t> allocations{0};  // NOLINT: what this executable is for

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace copybridge::test {
namespace {

constexpr const char* kEverything =
    "01 R. 05 A PIC X(10). 88 IS-A VALUE 'a'. 05 B PIC S9(9)V99. 05 C PIC S9(20) COMP-3. "
    "05 D COMP-2. 05 E PIC 9(8). 05 N PIC 9. 05 T OCCURS 0 TO 5 DEPENDING ON N. 10 U PIC X. "
    "10 V PIC 9 OCCURS 2. 05 G PIC X(4). 05 H REDEFINES G PIC 9(4).";

std::string everything_hex(std::string_view last) {
  return hex_of("some \"text") + hex_of("0000001234") + "D0" + "000000012345678901234C" +
         "4019999999999999" + hex_of("20240229") + hex_of("2x12y34") + hex_of(last);
}

TEST(Decode, AllocatesNothingAfterItsBufferHasGrown) {
  plan::PlanOptions options = options_of();
  options.conditions = true;
  options.list_errors = true;
  options.keep_raw = true;
  options.on_bad_field = plan::OnBadField::null;
  plan::FieldRule rule;
  const auto layout = layout_of(kEverything);
  rule.item = copybook::find_item(*layout, "E");
  rule.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  options.rules = {rule};
  const auto plan = plan_of(layout, options);
  const ByteBuffer good = record_of(everything_hex("1234"));
  const ByteBuffer bad = record_of(everything_hex("12?4"));
  TextBuffer out;
  ASSERT_TRUE(plan->decode(good.view(), out)) << plan->explain(good.view()).message;
  ASSERT_TRUE(plan->decode(bad.view(), out));
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    out.clear();
    EXPECT_TRUE(plan->decode(good.view(), out));
    EXPECT_TRUE(plan->decode(bad.view(), out));
  }
  EXPECT_EQ(allocations, before);
}

TEST(Evaluate, AllocatesNothing) {
  condition::Reading reading;
  reading.code_page = options_of().code_page;
  Diagnostics diagnostics;
  const auto condition =
      condition::Condition::compile("IS-A OR B < 0 AND G = '1234' AND V(2, 1) = 3", {},
                                    layout_of(kEverything), reading, diagnostics);
  const ByteBuffer record = record_of(everything_hex("1234"));
  ASSERT_EQ(condition.evaluate(record.view()), condition::Truth::yes)
      << condition.explain(record.view());
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) static_cast<void>(condition.evaluate(record.view()));
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace copybridge::test
