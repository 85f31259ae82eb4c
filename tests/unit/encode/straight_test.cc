// The straight way against the JSON parser: what either makes of a text, the other makes, too, with
// every instruction set. A blank in front of a text sends it to the parser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/random_plan.h"
#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using plan::InstructionSet;

constexpr std::array kSets = {InstructionSet::portable, InstructionSet::avx2,
                              InstructionSet::avx512};

/// The record in hexadecimal, or why there is none.
std::string outcome(encode::Encoder& encoder, std::string_view json) {
  std::string text(json);
  // Behind the text stands what would make a longer value of its last one.
  text.append(kReadableTail, '9');
  ByteBuffer out;
  if (encoder.encode(std::string_view(text).substr(0, json.size()), out)) return to_hex(out.view());
  return "refused: " + encoder.refusal().message;
}

/// Small changes that leave most of the text as it is: what people and programs write.
std::string altered(Choices& choices, std::string json) {
  static constexpr std::array<const char*, 24> kPieces = {"0",
                                                          "-",
                                                          "e2",
                                                          ".",
                                                          ".0",
                                                          "\"",
                                                          "\\\"",
                                                          "\\u00e9",
                                                          "\xC3\xA9",
                                                          "\xE2\x82\xAC",
                                                          "{",
                                                          "]",
                                                          ",",
                                                          "}",
                                                          "null",
                                                          " ",
                                                          "\xC3",
                                                          "\xED\xA0\x80",
                                                          "\xE6\x97\xA5",
                                                          "\x01",
                                                          "[]",
                                                          "true",
                                                          "9999",
                                                          "\\n"};
  const std::size_t at = choices.below(static_cast<std::uint32_t>(json.size()));
  const std::string piece = kPieces[choices.below(kPieces.size())];
  switch (choices.below(4)) {
    case 0:
      return json.insert(at, piece);
    case 1:
      return json.erase(at, 1 + choices.below(3));
    case 2:
      return json.replace(at, 1, piece);
    default: {
      // A character for one of its kind.
      char& character = json[at];
      if (character >= '0' && character <= '9')
        character = static_cast<char>('0' + choices.below(10));
      if (character >= 'a' && character <= 'z')
        character = static_cast<char>('a' + choices.below(26));
      return json;
    }
  }
}

struct Encoders {
  std::vector<std::unique_ptr<const encode::EncodePlan>> plans;
  std::vector<std::unique_ptr<encode::Encoder>> encoders;
};

Encoders encoders_of(const std::shared_ptr<const copybook::Layout>& layout,
                     plan::PlanOptions options, const encode::EncodeOptions& encode_options) {
  Encoders all;
  for (const InstructionSet set : kSets) {
    if (set > plan::best_instruction_set()) continue;
    options.instruction_set = set;
    all.plans.push_back(encode_plan_of(layout, options, {}, encode_options));
    all.encoders.push_back(std::make_unique<encode::Encoder>(*all.plans.back()));
  }
  return all;
}

TEST(EncodeStraight, IsAsTheParserReadsTheText) {
  std::size_t records = 0;
  std::size_t altered_records = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    RandomChoices choices(seed);
    CopybookShape shape;
    // Alternatives and level-88 members are the parser's.
    shape.has_redefines = shape.has_conditions = seed % 8 == 0;
    const std::string copybook = random_copybook(choices, shape);
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr) << copybook;
    const plan::PlanOptions options = random_plan_options(choices);
    encode::EncodeOptions encode_options;
    encode_options.missing = static_cast<encode::Missing>(choices.below(2));
    encode_options.unknown = static_cast<encode::Unknown>(choices.below(2));
    encode_options.rounding = static_cast<encode::Rounding>(choices.below(3));
    encode_options.truncates_binary = choices.once_in(2);
    const auto decoding = plan_of(layout, options);
    const Encoders all = encoders_of(layout, options, encode_options);
    for (int i = 0; i < 12; ++i) {
      const ByteBuffer record = random_record(choices, *layout, options);
      TextBuffer out;
      if (!decoding->decode(record.view(), out)) continue;
      const std::string json(out.view());
      for (int change = 0; change < 12; ++change) {
        const std::string text = change == 0 ? json : altered(choices, json);
        const std::string expected = outcome(*all.encoders.front(), " " + text);
        if (expected.front() != 'r') ++(change == 0 ? records : altered_records);
        for (std::size_t set = 0; set < all.encoders.size(); ++set)
          ASSERT_EQ(outcome(*all.encoders[set], text), expected)
              << "seed " << seed << " " << name_of(kSets[set]) << "\n"
              << copybook << "\n"
              << text;
      }
    }
  }
  EXPECT_GT(records, 1'000U) << "the generator must make records that fit";
  EXPECT_GT(altered_records, 1'000U);
}

/// Numbers side by side, of few pictures, and their text in a line.
class NumberRow {
 public:
  explicit NumberRow(RandomChoices& choices) : copybook("01 R.") {
    const std::uint32_t count = 1 + choices.below(choices.once_in(4) ? 70 : 12);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i == 0 || choices.once_in(4)) choose(choices);
      // Some names are longer than a register.
      const std::string name =
          "N" + std::to_string(i) + std::string(choices.once_in(8) ? 26 : 2, 'X');
      copybook += " 05 " + name + " " + clause_ + ".";
      members_.push_back({name, whole_, scale_, is_signed_});
    }
  }

  std::string line(RandomChoices& choices) const {
    std::string text;
    for (const Member& member : members_) {
      text += (text.empty() ? "{\"" : ",\"") + member.name + "\":";
      if (member.is_signed && choices.once_in(2)) text += '-';
      text += digits(choices, member.whole == 0 ? 0 : choices.below(member.whole + 1));
      if (member.scale == 0) continue;
      text += '.';
      for (std::uint32_t i = 0; i < member.scale; ++i)
        text += static_cast<char>('0' + (choices.once_in(3) ? 0 : choices.below(10)));
    }
    return text + "}";
  }

  std::string copybook;

 private:
  struct Member {
    std::string name;
    std::uint32_t whole;
    std::uint32_t scale;
    bool is_signed;
  };

  void choose(RandomChoices& choices) {
    constexpr std::array<const char*, 6> kUsages = {"",        " COMP-3", " COMP",
                                                    " COMP-5", " COMP-6", " SIGN LEADING SEPARATE"};
    const std::string usage = kUsages[choices.below(kUsages.size())];
    whole_ = choices.below(14);
    scale_ = whole_ == 0 ? 1 + choices.below(4) : choices.below(5);
    is_signed_ = usage.find("SEPARATE") != usage.npos ||
                 (usage.find('6') == usage.npos && choices.once_in(2));
    clause_ = std::string("PIC ") + (is_signed_ ? "S" : "") +
              (whole_ == 0 ? "" : "9(" + std::to_string(whole_) + ")") +
              (scale_ == 0 ? "" : "V9(" + std::to_string(scale_) + ")") + usage;
  }

  // Without zeros in front.
  static std::string digits(RandomChoices& choices, std::uint32_t count) {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i)
      text += static_cast<char>('0' + (i == 0 ? 1 + choices.below(9) : choices.below(10)));
    return text.empty() ? "0" : text;
  }

  std::string clause_;
  std::uint32_t whole_ = 0;
  std::uint32_t scale_ = 0;
  bool is_signed_ = false;
  std::vector<Member> members_;
};

// Their lines one by one, behind each other, and as the parser reads them.
TEST(EncodeStraight, NumbersSideBySideAreAsTheParserReadsThem) {
  std::size_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    RandomChoices choices(seed);
    const NumberRow row(choices);
    const auto layout = layout_of(row.copybook);
    ASSERT_NE(layout, nullptr) << row.copybook;
    const Encoders all = encoders_of(layout, options_of(), {});
    std::string text;
    std::string expected;
    for (int i = 0; i < 20; ++i) {
      const std::string line = row.line(choices);
      const std::string json = choices.once_in(4) ? altered(choices, line) : line;
      const std::string wanted = outcome(*all.encoders.front(), " " + json);
      for (const auto& encoder : all.encoders)
        ASSERT_EQ(outcome(*encoder, json), wanted) << row.copybook << "\n" << json;
      if (wanted.front() == 'r' || json.find('\n') != json.npos) continue;
      ++fitting;
      text += json + "\n";
      expected += wanted;
    }
    const std::size_t size = text.size();
    text.append(kReadableTail, ',');
    for (const auto& encoder : all.encoders) {
      ByteBuffer out;
      std::vector<encode::LineRecord> records;
      const encode::LinesDone done = encoder->encode_lines(std::string_view(text).substr(0, size),
                                                           true, size + 1, out, records);
      EXPECT_FALSE(done.is_refused);
      ASSERT_EQ(to_hex(out.view()), expected) << row.copybook << "\n" << text;
    }
  }
  EXPECT_GT(fitting, 4'000U);
}

enum class PairUsage : std::uint8_t { graphic, mixed, national };

std::string clause_of(PairUsage usage, std::uint32_t size) {
  const std::string length = "(" + std::to_string(size) + ")";
  if (usage == PairUsage::mixed) return "PIC X" + length;
  return usage == PairUsage::graphic ? "PIC G" + length + " DISPLAY-1"
                                     : "PIC N" + length + " USAGE NATIONAL";
}

// Those with one pair, with one only beside a mark (IBM-1399), with none, and with escapes; texts
// of characters of three bytes alone, of fewer, of what is no UTF-8.
std::string pair_text(RandomChoices& choices, PairUsage usage, std::uint32_t size) {
  constexpr std::array<const char*, 19> kCharacters = {
      "日", "本", "語",      "　", "Ａ", "Ω", "か",           "か゚",           "A",       "é",
      " ",  "ｱ",  "\\u65e5", "𠀋", "한", "ก", "\xE0\x80\xA0", "\xED\xA0\x80", "\xE6\x97"};
  constexpr std::array<std::size_t, 4> kMost = {2, 6, 11, kCharacters.size()};
  const std::size_t most = kMost.at(choices.below(kMost.size()));
  const bool is_long = usage != PairUsage::mixed || choices.once_in(4);
  std::string text;
  for (std::uint32_t i = choices.below(is_long ? size + 2 : size / 3 + 1); i > 0; --i)
    text += kCharacters.at(choices.below(static_cast<std::uint32_t>(most)));
  return text;
}

TEST(EncodeStraight, PairsAreAsTheParserReadsThem) {
  // What a register beyond the field's text reads is there, or is not.
  constexpr std::array<std::uint32_t, 2> kBehind = {1, 150};
  for (const char* const page : {"IBM-939", "IBM-1399", "IBM-935"}) {
    for (const std::uint32_t size : {1U, 8U, 21U, 25U, 32U, 33U, 70U}) {
      for (const PairUsage usage : {PairUsage::graphic, PairUsage::mixed, PairUsage::national}) {
        const std::string clause = clause_of(usage, size);
        std::string copybook = "01 R. 05 A PIC X. 05 G " + clause;
        copybook.append(". 05 H ").append(clause).append(". 05 B PIC X(150).");
        const auto layout = layout_of(copybook);
        const Encoders all = encoders_of(layout, options_of(page), {});
        std::size_t records = 0;
        for (std::uint32_t seed = 1; seed <= 120; ++seed) {
          RandomChoices choices(seed);
          const std::string json = R"({"A":"x","G":")" + pair_text(choices, usage, size) +
                                   R"(","H":")" + pair_text(choices, usage, size) + R"(","B":")" +
                                   std::string(kBehind.at(seed % 2), 'y') + R"("})";
          const std::string expected = outcome(*all.encoders.front(), " " + json);
          if (expected.front() != 'r') ++records;
          for (const auto& encoder : all.encoders)
            ASSERT_EQ(outcome(*encoder, json), expected) << page << " " << size << " " << json;
        }
        EXPECT_GT(records, 4U) << page << " " << clause;
      }
    }
  }
}

TEST(EncodeStraight, LinesBecomeTheRecordsThatTheirTextsDo) {
  const auto plan =
      encode_plan_of(layout_of("01 R. 05 A PIC X(3). 05 B PIC S9(3)V9 COMP-3."), options_of());
  encode::Encoder encoder(*plan);
  const std::string good = R"({"A":"abc","B":-1.5})";
  const std::string reordered = R"({"B":2, "A":"x"})";
  const std::string text = good + "\n\n" + good + "\r\n  \r\n" + reordered + "\n" + good;
  std::string padded = text + std::string(kReadableTail, '}');
  ByteBuffer out;
  std::vector<encode::LineRecord> records;
  const std::string_view lines = std::string_view(padded).substr(0, text.size());
  constexpr std::size_t kMost = 1000;
  const encode::LinesDone open = encoder.encode_lines(lines, false, kMost, out, records);
  EXPECT_EQ(open.consumed, text.size() - good.size()) << "a line without an end waits for it";
  EXPECT_EQ(open.lines, 5U);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[2].line, 4U);
  EXPECT_EQ(to_hex(out.view(records[2].offset, records[2].size)), encode(*plan, reordered));
  const encode::LinesDone closed =
      encoder.encode_lines(lines.substr(open.consumed), true, kMost, out, records);
  EXPECT_EQ(closed.lines, 1U);
  ASSERT_EQ(records.size(), 4U);
  for (const std::size_t i : {0U, 1U, 3U})
    EXPECT_EQ(to_hex(out.view(records[i].offset, records[i].size)), encode(*plan, good));
}

TEST(EncodeStraight, StopsBehindARefusedLineAndWhereEnoughIsWritten) {
  const auto plan = encode_plan_of(layout_of("01 R. 05 A PIC 9(2)."), options_of());
  encode::Encoder encoder(*plan);
  std::string text = "{\"A\":1}\n{\"A\":123}\n{\"A\":2}\n";
  const std::size_t size = text.size();
  text.append(kReadableTail, ' ');
  const std::string_view lines = std::string_view(text).substr(0, size);
  ByteBuffer out;
  std::vector<encode::LineRecord> records;
  const encode::LinesDone refused = encoder.encode_lines(lines, true, 100, out, records);
  EXPECT_TRUE(refused.is_refused);
  EXPECT_EQ(refused.lines, 2U);
  EXPECT_EQ(encoder.refusal().path, "/A");
  EXPECT_EQ(encoder.refusal().offset, 5U);
  EXPECT_EQ(to_hex(out.view()), "F0F1");
  const encode::LinesDone rest =
      encoder.encode_lines(lines.substr(refused.consumed), true, 100, out, records);
  EXPECT_FALSE(rest.is_refused);
  EXPECT_EQ(to_hex(out.view()), "F0F1F0F2");
  out.clear();
  EXPECT_EQ(encoder.encode_lines(lines, true, 2, out, records).lines, 1U);
}

}  // namespace
}  // namespace copybridge::test
