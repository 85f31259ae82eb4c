// Every instruction set gives the same text and refuses the same records at the same place.
#include "codecs/plan/instruction_set.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/unit/plan/support.h"

namespace copybridge::test {
namespace {

using plan::InstructionSet;

class Generator {
 public:
  Generator(std::uint32_t seed, bool is_ascii) : random_(seed), is_ascii_(is_ascii) {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  /// Digits and scale as a picture, from all whole to all decimals.
  std::string picture() {
    const std::uint32_t digits = 1 + below(below(4) == 0 ? 31 : 18);
    const std::uint32_t scale = below(3) == 0 ? 0 : below(digits + 1);
    std::string text = below(3) == 0 ? "9" : "S9";
    text = "PIC " + text;
    if (scale == digits) {
      text.back() = 'V';
    } else {
      text += "(" + std::to_string(digits - scale) + ")";
      if (scale > 0) text += "V";
    }
    if (scale > 0) text += "9(" + std::to_string(scale) + ")";
    return text;
  }

  std::string clauses() {
    const std::uint32_t kind = below(12);
    if (kind == 10) return "PIC N(" + std::to_string(1 + below(80)) + ") NATIONAL";
    if (kind == 11) return "PIC G(" + std::to_string(1 + below(60)) + ") DISPLAY-1";
    if (kind < 4) return "PIC X(" + std::to_string(1 + below(below(3) == 0 ? 200 : 40)) + ")";
    const std::string number = picture();
    const bool is_signed = number[4] == 'S';
    if (kind < 6) {
      static constexpr std::array<const char*, 5> kSigns = {
          "", " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE",
          " BLANK WHEN ZERO"};
      return number + (is_signed ? kSigns[below(4)] : kSigns[4 * below(2)]);
    }
    if (kind < 8) return number + " COMP-3";
    if (kind == 8 && !is_signed) return number + " COMP-6";
    static constexpr std::array<const char*, 2> kUsages = {" COMP", " COMP-5"};
    return small_picture() + kUsages[below(2)];
  }

  std::string small_picture() {
    const std::uint32_t digits = 1 + below(18);
    const std::uint32_t scale = below(2) == 0 ? 0 : below(digits);
    return "PIC " + std::string(below(2) == 0 ? "S" : "") + "9(" + std::to_string(digits - scale) +
           ")" + (scale > 0 ? "V9(" + std::to_string(scale) + ")" : "");
  }

  std::string copybook() {
    if (below(5) == 0) return relatives();
    std::string text = "01 R.";
    const std::uint32_t count = 1 + below(6);
    for (std::uint32_t i = 0; i < count; ++i) text += fields(i);
    return text;
  }

  /// Fields of one usage, each with a picture of its own: they share a kernel, not its parameters.
  std::string relatives() {
    static constexpr std::array<const char*, 4> kUsages = {" COMP", " COMP-5", " COMP-3", ""};
    const std::string usage = kUsages[below(4)];
    std::string text = "01 R.";
    const std::uint32_t count = 2 + below(5);
    for (std::uint32_t i = 0; i < count; ++i)
      text += " 05 F" + std::to_string(i) + " " + small_picture() + usage + ".";
    return text;
  }

  /// One field, or a few of the same kind: rows of those have kernels of their own.
  std::string fields(std::uint32_t number) {
    const std::string picture = clauses();
    const std::uint32_t count = below(4) == 0 ? 4 + below(3) : 1;
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
      // Names of all sizes: constant text is copied in chunks.
      text += " 05 F" + std::to_string(number) + "-" + std::to_string(i) +
              (below(4) == 0 ? std::string(below(24) + 1, 'X') : "") + " " + picture + ".";
    }
    return text;
  }

  /// Bytes of one item that mostly fit it.
  void fill(const copybook::Item& item, std::uint8_t* bytes) {
    if (item.usage == copybook::Usage::national) return fill_units(item, bytes);
    if (item.usage == copybook::Usage::dbcs) return fill_graphic(item, bytes);
    const bool is_packed = item.usage == copybook::Usage::packed;
    const bool is_wild = below(12) == 0;
    const std::uint32_t kept = below(item.size + 1);
    const std::uint32_t leading = below(4) == 0 ? below(item.size + 1) : 0;
    for (std::uint32_t i = 0; i < item.size; ++i) {
      if (item.category == copybook::Category::alphanumeric) {
        bytes[i] = i >= kept && below(3) != 0 ? space() : character(is_wild);
      } else if (is_packed || item.usage == copybook::Usage::unsigned_packed) {
        const std::uint32_t digits = i < leading ? 0 : (below(10) << 4U) | below(10);
        bytes[i] = static_cast<std::uint8_t>(digits);
      } else if (item.usage == copybook::Usage::display) {
        bytes[i] = static_cast<std::uint8_t>(zone() | (i < leading ? 0 : below(10)));
      } else {
        bytes[i] = static_cast<std::uint8_t>(i < leading ? 0 : below(256));
      }
    }
    if (item.category != copybook::Category::alphanumeric) fill_sign(item, bytes);
    if (item.category == copybook::Category::alphanumeric && below(3) == 0) fill_pairs(item, bytes);
    if (item.blank_when_zero && below(4) == 0) std::fill_n(bytes, item.size, space());
    if (is_wild) bytes[below(item.size)] = static_cast<std::uint8_t>(below(256));
  }

 private:
  std::uint8_t character(bool is_wild) {
    if (is_wild) return static_cast<std::uint8_t>(below(256));
    static constexpr std::array<std::uint8_t, 6> kOften = {0xC1, 0x81, 0xF5, 0x40, 0x4B, 0xE9};
    if (below(30) == 0) return static_cast<std::uint8_t>(0x41 + below(0xBF));
    return kOften[below(6)];
  }

  [[nodiscard]] std::uint8_t space() const { return is_ascii_ ? 0x20 : 0x40; }
  [[nodiscard]] std::uint8_t zone() const { return is_ascii_ ? 0x30 : 0xF0; }

  /// UTF-16 of one or several scripts, mostly sound, in the item's byte order or not.
  void fill_units(const copybook::Item& item, std::uint8_t* bytes) {
    static constexpr std::array<std::uint32_t, 8> kFirst = {0x41,   0x20,   0xC0,   0x391,
                                                            0x3041, 0x4E00, 0xFF00, 0x700};
    const std::uint32_t script = below(2) == 0 ? 8 : below(8);
    const std::uint32_t kept = below(item.size / 2 + 1);
    const bool is_wild = below(6) == 0;
    for (std::uint32_t i = 0; i < item.size / 2; ++i) {
      std::uint32_t unit = kFirst[script == 8 ? below(8) : script] + below(0x1A);
      if (is_wild && below(10) == 0) unit = below(0x10000);
      if (is_wild && below(10) == 0) unit = below(0x80);
      if (i >= kept && below(40) != 0) unit = ' ';
      bytes[2 * i] = static_cast<std::uint8_t>(unit >> 8U);
      bytes[2 * i + 1] = static_cast<std::uint8_t>(unit);
    }
    if (!is_wild || item.size < 4 || below(2) == 0) return;
    static constexpr std::array<std::uint8_t, 4> kSurrogates = {0xD8, 0x3D, 0xDE, 0x00};
    std::copy(kSurrogates.begin(), kSurrogates.end(), bytes + 2 * below(item.size / 2 - 1));
  }

  void fill_graphic(const copybook::Item& item, std::uint8_t* bytes) {
    const std::uint32_t kept = below(item.size / 2 + 1);
    const bool is_wild = below(6) == 0;
    for (std::uint32_t i = 0; i < item.size; ++i) {
      const bool is_first = i % 2 == 0;
      bytes[i] = i >= 2 * kept ? 0x40
                 : is_first    ? static_cast<std::uint8_t>(0x42 + below(16))
                               : static_cast<std::uint8_t>(0x41 + below(0xBE));
    }
    if (is_wild) bytes[below(item.size)] = static_cast<std::uint8_t>(below(256));
  }

  /// Two-byte characters between SO and SI, where the page has them; else just other bytes.
  void fill_pairs(const copybook::Item& item, std::uint8_t* bytes) {
    const std::uint32_t begin = below(item.size);
    const std::uint32_t count = below((item.size - begin + 1) / 2);
    if (count == 0) return;
    std::uint8_t* out = bytes + begin;
    *out++ = 0x0E;
    for (std::uint32_t i = 1; i < count; ++i) {
      *out++ = static_cast<std::uint8_t>(0x42 + below(16));
      *out++ = static_cast<std::uint8_t>(0x41 + below(0xBE));
    }
    *out = 0x0F;
  }

  void fill_sign(const copybook::Item& item, std::uint8_t* bytes) {
    static constexpr std::array<std::uint8_t, 8> kSigns = {0xC, 0xD, 0xF, 0xA, 0xB, 0xE, 0xC, 0xD};
    const std::uint8_t sign = kSigns[below(8)];
    if (item.usage == copybook::Usage::packed) {
      bytes[item.size - 1] = static_cast<std::uint8_t>((bytes[item.size - 1] & 0xF0U) | sign);
      return;
    }
    if (item.usage != copybook::Usage::display) return;
    const bool is_leading = item.sign == copybook::SignPlace::leading ||
                            item.sign == copybook::SignPlace::leading_separate;
    std::uint8_t& place = bytes[is_leading ? 0 : item.size - 1];
    if (item.sign == copybook::SignPlace::leading_separate ||
        item.sign == copybook::SignPlace::trailing_separate) {
      place = below(2) == 0 ? (is_ascii_ ? '+' : 0x4E) : (is_ascii_ ? '-' : 0x60);
    } else if (is_ascii_ && item.sign != copybook::SignPlace::none) {
      static constexpr std::string_view kOverpunched = "0123456789{ABCDEFGHI}JKLMNOPQRpqrstuvwxy";
      place = static_cast<std::uint8_t>(kOverpunched[below(kOverpunched.size())]);
    } else if (item.sign != copybook::SignPlace::none || below(10) == 0) {
      place = static_cast<std::uint8_t>((unsigned{sign} << 4U) | (place & 0x0FU));
    }
  }

  std::mt19937 random_;
  bool is_ascii_;
};

/// The decoded text, or where and why not.
std::string outcome(const plan::Plan& plan, ByteView record) {
  TextBuffer out;
  if (plan.decode(record, out)) return std::string(out.view());
  return plan.explain(record).message;
}

/// What a record's text says in place of its bytes: characters and fields.
std::string counts(const plan::Plan& plan, ByteView record) {
  TextBuffer out;
  plan::Plan::Counts counts;
  if (!plan.decode(record, out, &counts)) return "none";
  return std::to_string(counts.unmapped) + " " + std::to_string(counts.bad_fields);
}

struct Page {
  const char* name;
  bool is_ascii;
};

plan::PlanOptions varied_options(std::uint32_t seed, const Page& page) {
  plan::PlanOptions options = options_of(page.name);
  options.trim = static_cast<plan::Trim>(seed % 3);
  options.numbers = static_cast<plan::Numbers>(seed % 7 < 3 ? seed % 7 : 0);
  options.on_bad_field = static_cast<plan::OnBadField>(seed % 5 == 0 ? 1 + seed % 2 : 0);
  options.list_errors = seed % 3 == 0;
  options.unmappable = static_cast<charset::Unmappable>(seed % 7 == 1 ? 1 : 0);
  options.national_order = seed % 11 < 3 ? plan::ByteOrder::little : plan::ByteOrder::big;
  options.lenient.text = seed % 13 == 0;
  options.native_order = seed % 2 == 0 ? plan::ByteOrder::big : plan::ByteOrder::little;
  return options;
}

ByteBuffer record_for(const copybook::Layout& layout, Generator& generator, std::uint8_t tail) {
  ByteBuffer record;
  record.resize(layout.size_max);
  record.reserve(layout.size_max + 1);
  std::fill_n(record.data() + record.size(), kReadableTail, tail);
  for (std::size_t item = 1; item < layout.items.size(); ++item)
    generator.fill(layout.items[item], record.data() + layout.items[item].offset);
  return record;
}

/// The outcome of lines of one record and the same again: as decode_lines() finds them.
std::string lines_of(const plan::Plan& plan, ByteView record) {
  const auto size = static_cast<std::uint32_t>(record.size());
  const std::array<RecordSpan, 2> records = {RecordSpan{0, size}, RecordSpan{0, size}};
  TextBuffer out;
  const std::size_t count = plan.decode_lines(record, records, out);
  return std::to_string(count) + " " + std::string(out.view());
}

TEST(InstructionSet, DecodesAsThePortableKernelsDo) {
  if (plan::best_instruction_set() == InstructionSet::portable)
    GTEST_SKIP() << "this machine has no other instruction set";
  std::size_t fitting = 0;
  static constexpr std::array<Page, 9> kPages = {{{"IBM-1047", false},
                                                  {"IBM-424", false},
                                                  {"IBM-273", false},
                                                  {"IBM-1140", false},
                                                  {"IBM-037", false},
                                                  {"IBM-930", false},
                                                  {"IBM-939", false},
                                                  {"ISO-8859-1", true},
                                                  {"IBM-943", true}}};
  for (std::uint32_t seed = 1; seed <= 800; ++seed) {
    const Page& page = kPages[seed % kPages.size()];
    Generator generator(seed, page.is_ascii);
    const std::string copybook = generator.copybook();
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr) << copybook;
    plan::PlanOptions options = varied_options(seed, page);
    options.instruction_set = InstructionSet::portable;
    const auto portable = plan_of(layout, options);
    ASSERT_NE(portable, nullptr) << copybook;
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (set > plan::best_instruction_set()) continue;
      options.instruction_set = set;
      const auto other = plan_of(layout, options);
      for (int i = 0; i < 30; ++i) {
        const ByteBuffer record = record_for(*layout, generator, static_cast<std::uint8_t>(i));
        const std::string expected = outcome(*portable, record.view());
        const std::string place = std::string(name_of(set)) + " " + page.name + " " + copybook +
                                  " " + to_hex(record.view());
        ASSERT_EQ(outcome(*other, record.view()), expected) << place;
        ASSERT_EQ(counts(*other, record.view()), counts(*portable, record.view())) << place;
        const bool fits = expected[0] == '{';
        ASSERT_EQ(lines_of(*other, record.view()),
                  fits ? "2 " + expected + "\n" + expected + "\n" : "0 ")
            << place;
        if (fits) ++fitting;
      }
    }
  }
  EXPECT_GT(fitting, 10'000U) << "the generator must make records that fit";
}

// They share a kernel and the form of their numbers, but neither size nor sign.
TEST(InstructionSet, TellsNeighboursOfOtherSizeOrSignApart) {
  struct Row {
    const char* items;
    const char* hex;
    const char* line;
  };
  static constexpr std::array<Row, 6> kRows = {{
      {"05 A PIC 9(4) COMP. 05 B PIC S9(4) COMP.", "0001FFFF", R"({"A":1,"B":-1})"},
      {"05 A PIC S9(4) COMP-5. 05 B PIC 9(4) COMP-5.", "FFFFFFFF", R"({"A":-1,"B":65535})"},
      {"05 A PIC S9(9) COMP. 05 B PIC S9(9) COMP. 05 C PIC S9(12) COMP.",
       "00000001000000020000000000000003", R"({"A":1,"B":2,"C":3})"},
      {"05 A PIC S9(15) COMP. 05 B PIC S9(9) COMP.", "000000000000000200000001",
       R"({"A":2,"B":1})"},
      {"05 A PIC S9(9)V99 COMP. 05 B PIC S9(7)V99 COMP.", "000000000000000200000001",
       R"({"A":0.02,"B":0.01})"},
      {"05 A BINARY-CHAR. 05 B BINARY-SHORT.", "010002", R"({"A":1,"B":2})"},
  }};
  for (const InstructionSet set :
       {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set > plan::best_instruction_set()) continue;
    for (const Row& row : kRows) {
      plan::PlanOptions options = options_of();
      options.instruction_set = set;
      const auto plan = plan_of(layout_of("01 R. " + std::string(row.items)), options);
      const ByteBuffer record = record_of(row.hex);
      const std::string line(row.line);
      EXPECT_EQ(lines_of(*plan, record.view()), "2 " + line + "\n" + line + "\n")
          << name_of(set) << " " << row.items;
      EXPECT_EQ(outcome(*plan, record.view()), line) << name_of(set) << " " << row.items;
    }
  }
}

/// Records one behind the other, of which the last may not fit.
struct Piece {
  ByteBuffer bytes;
  std::vector<RecordSpan> records;
  std::string lines;        ///< of those that fit, in order up to the first that does not
  std::size_t fitting = 0;  ///< how many these are
};

Piece piece_for(const plan::Plan& plan, const copybook::Layout& layout, Generator& generator,
                std::size_t fitting_max) {
  Piece piece;
  bool is_over = false;
  for (int i = 0; i < 200 && !is_over; ++i) {
    const ByteBuffer record = record_for(layout, generator, 0);
    const std::string text = outcome(plan, record.view());
    is_over = text[0] != '{' && piece.fitting >= fitting_max;
    if (text[0] != '{' && !is_over) continue;
    piece.records.push_back({static_cast<std::uint32_t>(piece.bytes.size()),
                             static_cast<std::uint32_t>(record.size())});
    piece.bytes.append(record.view());
    if (is_over) break;
    piece.lines += text + "\n";
    ++piece.fitting;
  }
  return piece;
}

// Kernels that go from record to record look at faults in groups: where the first that does not fit
// lies within a group must not matter.
TEST(InstructionSet, DecodesLinesUpToTheFirstRecordThatDoesNotFit) {
  std::size_t stopped = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    const Page page = {"IBM-273", false};
    Generator generator(seed, page.is_ascii);
    const auto layout = layout_of(generator.copybook());
    plan::PlanOptions options = varied_options(seed, page);
    options.instruction_set = InstructionSet::portable;
    const auto portable = plan_of(layout, options);
    const Piece piece = piece_for(*portable, *layout, generator, seed % 50);
    if (piece.fitting < piece.records.size()) ++stopped;
    for (const InstructionSet set :
         {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
      if (set > plan::best_instruction_set()) continue;
      options.instruction_set = set;
      const auto plan = plan_of(layout, options);
      TextBuffer out;
      EXPECT_EQ(plan->decode_lines(piece.bytes.view(), piece.records, out), piece.fitting)
          << name_of(set) << " seed " << seed;
      EXPECT_EQ(out.view(), piece.lines) << name_of(set) << " seed " << seed;
    }
  }
  EXPECT_GT(stopped, 50U) << "the generator must make records that do not fit";
}

// Fields with the same picture, one behind the other and with gaps between them.
TEST(InstructionSet, DecodesLinesOfLikeFields) {
  std::size_t fitting = 0;
  std::uint32_t seed = 0;
  for (const char* clause :
       {"PIC S9(9)V99 COMP-3", "PIC 9(7) COMP-3", "PIC S9(21)V9 COMP-3", "PIC 9(6) COMP-6",
        "PIC S9(9)V99", "PIC 9(5)", "PIC S9(18)V99", "PIC S9(5) SIGN LEADING SEPARATE",
        "PIC S9(4) COMP", "PIC S9(9) COMP", "PIC 9(18) COMP-5", "PIC VPP9 COMP-3"}) {
    for (const char* gap : {"", " 05 FILLER PIC X."}) {
      std::string copybook = "01 R.";
      for (const char* name : {"A", "B-LONGER-THAN-SIXTEEN", "C", "D", "E"})
        copybook += std::string(" 05 ") + name + " " + clause + "." + gap;
      const auto layout = layout_of(copybook);
      plan::PlanOptions options = options_of();
      options.instruction_set = InstructionSet::portable;
      const auto portable = plan_of(layout, options);
      Generator generator(++seed, false);
      const Piece piece = piece_for(*portable, *layout, generator, 60);
      const auto plan = plan_of(layout, options_of());
      TextBuffer out;
      EXPECT_EQ(plan->decode_lines(piece.bytes.view(), piece.records, out), piece.fitting)
          << copybook;
      EXPECT_EQ(out.view(), piece.lines) << copybook;
      fitting += piece.fitting;
    }
  }
  EXPECT_GT(fitting, 1'000U);
}

TEST(InstructionSet, DecodesNoLineOfARecordOfAnotherSize) {
  const auto layout = layout_of("01 R. 05 A PIC X(4). 05 B PIC 9(4).");
  const auto plan = plan_of(layout, options_of());
  static constexpr std::array<std::uint8_t, 8> kRecord = {0xC1, 0xC2, 0xC3, 0xC4,
                                                          0xF0, 0xF1, 0xF2, 0xF3};
  ByteBuffer bytes;
  bytes.append(kRecord);
  bytes.append(kRecord);
  const std::array<RecordSpan, 3> records = {RecordSpan{0, 8}, RecordSpan{8, 7}, RecordSpan{8, 8}};
  TextBuffer out;
  EXPECT_EQ(plan->decode_lines(bytes.view(), records, out), 1U);
  EXPECT_EQ(out.view(), "{\"A\":\"ABCD\",\"B\":123}\n");
}

// Each 8-digit group of a binary number is one multiplication: every group must come out exactly.
TEST(InstructionSet, PrintsEveryBinaryDigitGroupExactly) {
  const auto layout = layout_of("01 R. 05 A PIC S9(18) COMP-5.");
  plan::PlanOptions options = options_of();
  const auto plan = plan_of(layout, options);
  std::mt19937_64 random(1);
  ByteBuffer record;
  record.resize(8);
  const auto check = [&](std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i)
      record.data()[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    ASSERT_EQ(outcome(*plan, record.view()),
              "{\"A\":" + std::to_string(static_cast<std::int64_t>(value)) + "}");
  };
  std::uint64_t power = 1;
  for (int digits = 0; digits < 19; ++digits, power *= 10) {
    for (std::uint64_t factor = 1; factor < 10; ++factor) {
      check(power * factor - 1);
      check(power * factor);
      check(power * factor + 1);
      check(0 - power * factor);
    }
  }
  for (std::uint64_t value = 0; value < 200'000; ++value) check(value * 499);
  for (int i = 0; i < 200'000; ++i) check(random() >> (random() % 64));
}

}  // namespace
}  // namespace copybridge::test
