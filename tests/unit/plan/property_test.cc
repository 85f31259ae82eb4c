// Seeded random layouts and bytes: decoding is total, says the same twice, prints valid JSON, and
// fast and slow kernels agree.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <random>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(random_() % std::uint64_t{limit});
  }

  std::string number_clauses() {
    const std::uint32_t whole = 1 + below(14);
    const std::uint32_t decimals = below(4) == 0 ? 0 : below(5);
    std::string picture =
        "PIC " + std::string(below(3) == 0 ? "" : "S") + "9(" + std::to_string(whole) + ")";
    const bool is_signed = picture[4] == 'S';
    if (decimals > 0) picture += "V9(" + std::to_string(decimals) + ")";
    static constexpr std::array<const char*, 6> kUsages = {"",        " COMP-3", " COMP",
                                                           " COMP-5", "",        " BINARY"};
    static constexpr std::array<const char*, 4> kSigns = {
        " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE", ""};
    const std::uint32_t usage = below(7);
    if (usage == 6) return picture.replace(4, is_signed ? 1 : 0, "") + " COMP-6";
    if (usage == 4 && is_signed) return picture + kSigns[below(4)];
    return picture + kUsages[usage];
  }

  std::string clauses() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return "PIC X(" + std::to_string(1 + below(40)) + ")";
      case 3:
        return std::string(below(2) == 0 ? "COMP-1" : "COMP-2");
      case 4:
        return "PIC N(" + std::to_string(1 + below(5)) + ") NATIONAL";
      default:
        return number_clauses();
    }
  }

  // Children at a level; returns the text.
  std::string items(int level, int depth) {
    std::string text;
    const std::uint32_t count = 1 + below(5);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string head = " " + std::to_string(level) + " ";
      const std::string name = below(8) == 0 ? "FILLER" : "F" + std::to_string(next_++);
      const std::uint32_t kind = below(10);
      if (kind < 2 && depth < 4) {
        const std::string occurs =
            below(2) == 0 ? " OCCURS " + std::to_string(1 + below(3)) + " TIMES" : "";
        text += head + name + occurs + "." + items(level + 1, depth + 1);
      } else if (kind == 2) {
        const std::string counter = "C" + std::to_string(next_++);
        text += head + counter + " PIC 9." + head + name + " " + clauses() +
                " OCCURS 0 TO 9 DEPENDING ON " + counter + ".";
      } else if (kind == 3 && name != "FILLER") {
        text += head + name + " PIC X(4)." + head + "F" + std::to_string(next_++) + " REDEFINES " +
                name + " PIC 9(4).";
      } else {
        text += head + name + " " + clauses() + ".";
      }
    }
    return text;
  }

  // Bytes that are often, but not always, what a field wants.
  std::uint8_t byte() {
    switch (below(12)) {
      case 0:
        return static_cast<std::uint8_t>(below(256));
      case 1:
        return 0x40;
      case 2:
        return static_cast<std::uint8_t>((below(10) << 4U) | 0x0CU);
      case 3:
        return static_cast<std::uint8_t>((below(10) << 4U) | below(10));
      default:
        return static_cast<std::uint8_t>(0xF0U | below(10));
    }
  }

 private:
  std::mt19937 random_;
  int next_ = 1;
};

ByteBuffer random_record(Generator& generator, std::size_t size, std::uint8_t tail) {
  ByteBuffer record;
  record.resize(size);
  record.reserve(size + 1);
  for (std::size_t i = 0; i < size; ++i) record.data()[i] = generator.byte();
  std::fill_n(record.data() + size, kReadableTail, tail);
  return record;
}

void expect_json(std::string_view text) {
  static simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  EXPECT_EQ(parser.parse(padded).error(), simdjson::SUCCESS) << text;
}

// Decodes twice, with different bytes behind the record.
void check_record(const plan::Plan& plan, ByteBuffer& record, const std::string& copybook) {
  TextBuffer first;
  TextBuffer second;
  second.append(std::string(3, ' '));
  const bool fits = plan.decode(record.view(), first);
  std::fill_n(record.data() + record.size(), kReadableTail, std::uint8_t{0xF1});
  ASSERT_EQ(plan.decode(record.view(), second), fits) << copybook;
  if (fits) {
    EXPECT_EQ(first.view(), second.view().substr(3)) << copybook;
    expect_json(first.view());
    return;
  }
  EXPECT_EQ(first.size(), 0U);
  const plan::BadField bad = plan.explain(record.view());
  EXPECT_FALSE(bad.message.empty());
  EXPECT_EQ(bad.message.find("the bytes fit"), std::string::npos) << copybook;
  EXPECT_LE(bad.offset, record.size());
}

TEST(Property, DecodingIsTotalAndPrintsJson) {
  std::size_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R." + generator.items(2, 0);
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr) << copybook;
    plan::PlanOptions options = options_of(seed % 3 == 0 ? "ISO-8859-1" : "IBM-1047");
    options.keep_fillers = seed % 2 == 0;
    options.on_bad_field = static_cast<plan::OnBadField>(seed % 3);
    options.short_records = options.long_records =
        seed % 4 == 0 ? plan::Acceptance::accept : plan::Acceptance::reject;
    options.list_errors = seed % 5 == 0;
    options.keep_raw = seed % 7 == 0;
    options.trim = static_cast<plan::Trim>(seed % 3);
    options.odo = seed % 11 == 0 ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
    const auto plan = plan_of(layout, options);
    ASSERT_NE(plan, nullptr) << copybook;
    for (int i = 0; i < 40; ++i) {
      const std::size_t size =
          i % 4 == 0 ? generator.below(layout->size_max + 3) : layout->size_max;
      ByteBuffer record = random_record(generator, size, 0xFF);
      check_record(*plan, record, copybook);
      TextBuffer out;
      if (plan->decode(record.view(), out)) ++fitting;
    }
  }
  EXPECT_GT(fitting, 300U) << "the generator must make records that fit";
}

TEST(Property, FastAndSlowNumbersAgree) {
  std::size_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    Generator generator(seed);
    const std::string copybook = "01 R. 05 A " + generator.number_clauses() + ".";
    const auto layout = layout_of(copybook);
    plan::PlanOptions options = options_of(seed % 3 == 0 ? "ISO-8859-1" : "IBM-1047");
    options.native_order = seed % 2 == 0 ? plan::ByteOrder::big : plan::ByteOrder::little;
    const auto fast = plan_of(layout, options);
    options.numbers = plan::Numbers::string;
    const auto slow = plan_of(layout, options);
    for (int i = 0; i < 60; ++i) {
      ByteBuffer record = random_record(generator, layout->size_max, 0xF9);
      if (seed % 3 == 0)
        for (std::size_t at = 0; at < record.size(); ++at)
          if ((record.data()[at] & 0xF0) == 0xF0) record.data()[at] ^= 0xC0;
      TextBuffer fast_text;
      TextBuffer slow_text;
      const bool fits = fast->decode(record.view(), fast_text);
      ASSERT_EQ(slow->decode(record.view(), slow_text), fits)
          << copybook << " " << to_hex(record.view());
      std::string unquoted(slow_text.view());
      unquoted.erase(std::remove(unquoted.begin() + 4, unquoted.end(), '"'), unquoted.end());
      std::string plain(fast_text.view());
      plain.erase(std::remove(plain.begin() + std::min<std::ptrdiff_t>(4, std::ssize(plain)),
                              plain.end(), '"'),
                  plain.end());
      EXPECT_EQ(plain, unquoted) << copybook << " " << to_hex(record.view());
      if (fits) ++fitting;
    }
  }
  EXPECT_GT(fitting, 2000U) << "the generator must make numbers that fit";
}

}  // namespace
}  // namespace copybridge::test
