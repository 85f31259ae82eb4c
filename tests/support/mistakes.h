// Tables of mistakes in configuration text: each row is a text with one mistake, the place of it,
// and what the message says.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "bridge/core/diagnostics.h"

namespace copybridge::support {

/// One row. `text` is the file, with a `§` before the very character that must be reported.
struct Mistake {
  std::string_view title;  ///< letters and digits: the name of the test
  std::string_view text;
  std::string_view message;  ///< part of the message or of its hint
};

inline void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.title; }

/// A row's text without its mark, and the line and column the mark stood at.
struct MarkedText {
  std::string text;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// Takes the mark out. A text without one, or with several, is a mistake of the table.
inline MarkedText take_mark(std::string_view marked) {
  constexpr std::string_view kMark = "§";
  const std::size_t position = marked.find(kMark);
  EXPECT_NE(position, std::string_view::npos) << "the row has no mark";
  MarkedText result;
  for (const char character : marked.substr(0, position)) {
    const bool is_line_end = character == '\n';
    result.line += is_line_end ? 1 : 0;
    result.column = is_line_end ? 1 : result.column + 1;
  }
  result.text = marked.substr(0, position);
  if (position != std::string_view::npos) result.text += marked.substr(position + kMark.size());
  EXPECT_EQ(result.text.find(kMark), std::string::npos) << "the row has several marks";
  return result;
}

/// Reads a text as the file `file_name`.
using ReadText = std::function<void(const std::string& text, const std::string& file_name,
                                    Diagnostics& diagnostics)>;

/// Expects that reading the row's text finds its mistake at its line and column, and no other.
inline void expect_mistake(const Mistake& mistake, const ReadText& read) {
  constexpr const char* kFile = "mistake.yaml";
  const MarkedText marked = take_mark(mistake.text);
  Diagnostics diagnostics;
  read(marked.text, kFile, diagnostics);
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics.all()) all += to_string(diagnostic) + "\n";
  ASSERT_EQ(diagnostics.error_count(), 1U) << all;
  const Error error = diagnostics.first_error(ErrorKind::config);
  EXPECT_EQ(to_string(error.where), to_string(Where{kFile, marked.line, marked.column})) << all;
  EXPECT_NE(error.message.find(mistake.message), std::string::npos) << all;
}

/// The name of a row's test, for INSTANTIATE_TEST_SUITE_P.
inline std::string title_of(const ::testing::TestParamInfo<Mistake>& row) {
  return std::string(row.param.title);
}

}  // namespace copybridge::support
