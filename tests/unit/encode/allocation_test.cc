// Encoding allocates nothing once its buffers have grown: operator new is counted.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/encode/support.h"

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
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace copybridge::test {
namespace {

constexpr const char* kEverything =
    "01 R. 05 A PIC X(40). 88 IS-A VALUE 'a'. 05 B PIC S9(9)V99. 05 C PIC S9(20) COMP-3. "
    "05 D COMP-2. 05 E PIC 9(8). 05 N PIC 9. 05 T OCCURS 0 TO 5 DEPENDING ON N. 10 U PIC X. "
    "10 V PIC 9 OCCURS 2. 05 G PIC X(4). 05 H REDEFINES G PIC 9(4). 05 I PIC ZZ9.99-.";

TEST(Encode, AllocatesNothingAfterItsBuffersHaveGrown) {
  plan::PlanOptions options = options_of();
  options.conditions = true;
  const auto layout = layout_of(kEverything);
  plan::FieldRule date;
  date.item = item_of(*layout, "E");
  date.date = plan::DateRule{"yyyyMMdd", 1970, ""};
  date.empty = {{
      plan::EmptyValue::Kind::number,
      "0",
  }};
  options.rules.push_back(date);
  for (const bool keep_raw : {false, true}) {
    options.keep_raw = keep_raw;
    const auto plan = encode_plan_of(layout, options);
    encode::Encoder encoder(*plan);
    std::string json =
        R"({"\u0041":"some \"text\" longer than a short string","B":-12.34,)"
        R"("C":12345678901234567890,"D":0.1,"E":"2024-02-29",)"
        R"("T":[{"U":"x","V":[1,2]},{"U":"y","V":[3,4]}],"H":12,"N":2,"I":"  1.50-")";
    if (keep_raw) {
      const std::string record = encode(*plan, json + "}");
      json += ",\"_raw\":\"" + record + '"';
    }
    json += "}";
    const std::size_t size = json.size();
    json.append(kReadableTail, ' ');
    const std::string_view text = std::string_view(json).substr(0, size);
    ByteBuffer out;
    ASSERT_TRUE(encoder.encode(text, out)) << encoder.refusal().message;
    const std::size_t record_size = out.size();
    ASSERT_GT(record_size, 60U);
    out.clear();
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) {
      const bool fits = encoder.encode(text, out);
      if (!fits) break;
      out.clear();
    }
    EXPECT_EQ(allocations, before) << "keep_raw " << keep_raw;
    // Refusals allocate no more than records do.
    std::string bad = json;
    bad.replace(bad.find("-12.34"), 6, "1.2345");
    const std::size_t before_refusals = allocations;
    for (int i = 0; i < 100; ++i)
      if (encoder.encode(std::string_view(bad).substr(0, size), out)) break;
    EXPECT_EQ(allocations, before_refusals);
    EXPECT_EQ(encoder.refusal().path, "/B");
  }
}

// Lines as decoding prints them, which no parser sees, and others between them.
TEST(Encode, AllocatesNothingForLines) {
  const auto plan = encode_plan_of(
      layout_of("01 R. 05 A PIC X(90). 05 B PIC S9(9)V99 COMP-3. 05 C PIC ZZ9. 05 N PIC 9. "
                "05 T PIC S9(4) COMP OCCURS 0 TO 5 DEPENDING ON N. 05 D PIC N(3) NATIONAL. "
                "05 E COMP-2."),
      options_of());
  encode::Encoder encoder(*plan);
  const std::string line =
      R"({"A":"a name that is longer than a short string, and than a register of 64 bytes",)"
      R"("B":-12.34,"C":7,"N":2,"T":[1,-2],"D":"xyz","E":0.1})";
  std::string text;
  for (int i = 0; i < 50; ++i) text += line + "\n" + (i % 5 == 0 ? " " : "") + line + "\n";
  const std::size_t size = text.size();
  text.append(kReadableTail, ' ');
  const std::string_view lines = std::string_view(text).substr(0, size);
  ByteBuffer out;
  std::vector<encode::LineRecord> records;
  constexpr std::size_t kMost = 1'000'000;
  ASSERT_EQ(encoder.encode_lines(lines, true, kMost, out, records).lines, 100U);
  ASSERT_EQ(records.size(), 100U) << encoder.refusal().message;
  const std::size_t before = allocations;
  out.clear();
  records.clear();
  const encode::LinesDone done = encoder.encode_lines(lines, true, kMost, out, records);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(done.lines, 100U);
}

}  // namespace
}  // namespace copybridge::test
