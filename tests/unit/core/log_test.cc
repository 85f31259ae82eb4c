// Lines of the log: forms, hostile bytes, levels, counts.
#include "bridge/core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <thread>

namespace copybridge::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

constexpr LogEvent kEvent{"dead_letter", LogLevel::warn, "", ""};
constexpr LogEvent kDebug{"endpoint_detail", LogLevel::debug, "", ""};

/// 2026-11-23T04:05:06.007Z for ever.
class StandingClock : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return {}; }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime{Milliseconds{1'795'406'706'007}};
  }
};

/// A log and its lines.
struct Lines {
  explicit Lines(LogFormat format, LogLevel level = LogLevel::info)
      : log(level, format, clock, [this](std::string_view line) { all.emplace_back(line); }) {}

  std::string write(const std::vector<LogField>& fields) {
    log.write(kEvent, fields);
    return all.back();
  }

  StandingClock clock;
  std::vector<std::string> all;
  Log log;
};

/// What a JSON parser makes of a line's field `x`.
std::string parsed(const std::string& line) {
  simdjson::dom::parser parser;
  std::string_view value;
  const auto error = parser.parse(line)["x"].get_string().get(value);
  EXPECT_EQ(error, simdjson::SUCCESS) << line;
  return std::string(value);
}

std::string in_json(const std::string& value) {
  Lines lines(LogFormat::json);
  return parsed(lines.write({{"x", value}}));
}

std::string in_text(const std::string& value) {
  Lines lines(LogFormat::text);
  return lines.write({{"x", value}}).substr(std::string("2026-11-23T04:05:06.007Z WARN  ").size());
}

TEST(Log, WritesText) {
  Lines lines(LogFormat::text);
  EXPECT_EQ(lines.write({{"source", std::string("a")}, {"count", std::int64_t{-7}}}),
            "2026-11-23T04:05:06.007Z WARN  dead_letter source=a count=-7");
}

TEST(Log, WritesJson) {
  Lines lines(LogFormat::json);
  EXPECT_EQ(lines.write({{"source", std::string("a")}, {"count", std::int64_t{-7}}, {"rate", 0.5}}),
            R"({"time":"2026-11-23T04:05:06.007Z","level":"WARN","event":"dead_letter",)"
            R"("source":"a","count":-7,"rate":0.5})");
}

TEST(Log, KeepsEveryAsciiCharacterInJson) {
  std::string all;
  for (char character = 0; character < 127; ++character) all += character;
  all += '\x7F';
  EXPECT_EQ(in_json(all), all);
}

TEST(Log, KeepsUtf8InJson) { EXPECT_EQ(in_json("Zürich € 𝄞"), "Zürich € 𝄞"); }

TEST(Log, ReplacesWhatIsNoUtf8InJson) {
  EXPECT_EQ(in_json("a\xFF"
                    "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(in_json("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(in_json("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(in_json("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(in_json("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond Unicode";
  EXPECT_EQ(in_json("\xE2\x82"), "\uFFFD\uFFFD") << "cut off";
}

TEST(Log, IsJsonForEveryPairOfBytes) {
  simdjson::dom::parser parser;
  for (int pair = 0; pair < 0x10000; ++pair) {
    std::string json;
    append_json_string(
        json,
        {std::array<char, 2>{static_cast<char>(pair >> 8), static_cast<char>(pair & 0xFF)}.data(),
         2});
    ASSERT_EQ(parser.parse("[" + json + "]").error(), simdjson::SUCCESS) << pair;
  }
}

TEST(Log, WritesACharacterAsJsonWhereverItStands) {
  for (int byte = 0; byte < 0x100; ++byte) {
    const std::string own(1, static_cast<char>(byte));
    std::string alone = json_string(own);
    alone = alone.substr(1, alone.size() - 2);
    for (std::size_t before = 0; before < 18; ++before) {
      for (std::size_t behind = 0; behind < 18; ++behind) {
        const std::string left(before, 'x');
        const std::string right(behind, '~');
        const std::string json = json_string(left + own + right);
        ASSERT_EQ(json, '"' + left + alone + right + '"') << byte;
        ASSERT_EQ(json_string_size(left + own + right), json.size()) << byte;
      }
    }
  }
}

TEST(Log, WritesPlainWordsWithoutQuotesInText) {
  EXPECT_EQ(in_text("in/ACCT-1.dat"), "dead_letter x=in/ACCT-1.dat");
}

TEST(Log, QuotesInTextWhatCouldBeTakenForSomethingElse) {
  EXPECT_EQ(in_text(""), R"(dead_letter x="")");
  EXPECT_EQ(in_text("a b"), R"(dead_letter x="a b")");
  EXPECT_EQ(in_text("a=b"), R"(dead_letter x="a=b")");
  EXPECT_EQ(in_text("a\"b"), R"(dead_letter x="a\"b")");
  EXPECT_EQ(in_text("a\\b"), R"(dead_letter x="a\\b")");
}

TEST(Log, NeverWritesALineEndIntoALine) {
  EXPECT_EQ(in_text("a\nb\rc"), R"(dead_letter x="a\u000ab\u000dc")");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Lines lines(LogFormat::text, LogLevel::error);
  lines.log.write(kEvent, {});
  EXPECT_THAT(lines.all, IsEmpty());
}

TEST(Log, CountsAlsoWhatIsBelowItsLevel) {
  Lines lines(LogFormat::text, LogLevel::error);
  lines.log.write(kEvent, {});
  lines.log.write(kEvent, {});
  EXPECT_EQ(lines.log.count("dead_letter"), 2U);
  EXPECT_EQ(lines.log.count("endpoint_detail"), 0U);
}

TEST(Log, WritesEveryLevelFromItsOwnOn) {
  Lines lines(LogFormat::text, LogLevel::debug);
  lines.log.write(kDebug, {});
  EXPECT_THAT(lines.all, ElementsAre(EndsWith(" DEBUG endpoint_detail")));
}

TEST(Log, IsWrittenByManyThreads) {
  Lines lines(LogFormat::text);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < 250; ++line) lines.log.write(kEvent, {});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines.all.size(), 1'000U);
  EXPECT_EQ(lines.log.count("dead_letter"), 1'000U);
}

TEST(Log, WritesNoControlCharacterIntoALine) {
  EXPECT_EQ(in_text("\x1B[2J"), R"(dead_letter x="\u001b[2J")");
  EXPECT_EQ(in_text(std::string("a\0b", 3)), R"(dead_letter x="a\u0000b")");
  EXPECT_EQ(in_text("a\x7F"), R"(dead_letter x="a\u007f")");
  EXPECT_EQ(in_text("\u009B2J"), R"(dead_letter x="\u009b2J")");
}

TEST(Log, ReplacesWhatIsNoUtf8InText) { EXPECT_EQ(in_text("a\xFF"), "dead_letter x=\"a\uFFFD\""); }

TEST(Log, QuotesWhatIsNoAsciiInText) { EXPECT_EQ(in_text("Zürich"), "dead_letter x=\"Zürich\""); }

TEST(Log, IsJsonAlsoForWhatIsNoNumber) {
  Lines lines(LogFormat::json);
  simdjson::dom::parser parser;
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    EXPECT_EQ(parser.parse(lines.write({{"x", value}})).error(), simdjson::SUCCESS) << value;
  }
}

}  // namespace
}  // namespace copybridge::tests
