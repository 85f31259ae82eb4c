// Short ways to parse copybook text in tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codecs/copybook/parser.h"

namespace copybridge::copybook {

/// Parses free-format text named TEST.cpy.
inline ParseOutcome parse_free(const std::string& text, ParseOptions options = {}) {
  options.source_format = SourceFormat::free;
  return parse(text, "TEST.cpy", options);
}

/// Parses text in columns, named TEST.cpy.
inline ParseOutcome parse_fixed(const std::string& text, const ParseOptions& options = {}) {
  return parse(text, "TEST.cpy", options);
}

/// `severity line:column message` of all findings.
inline std::vector<std::string> findings(const ParseOutcome& outcome) {
  std::vector<std::string> texts;
  for (const Diagnostic& diagnostic : outcome.diagnostics.all()) {
    texts.push_back((diagnostic.severity == Severity::error ? "error " : "warning ") +
                    std::to_string(diagnostic.where.line) + ":" +
                    std::to_string(diagnostic.where.column) + " " + diagnostic.message);
  }
  return texts;
}

/// The only record of text that must have no findings at all.
inline Layout layout_of(const ParseOutcome& outcome) {
  EXPECT_THAT(findings(outcome), testing::IsEmpty());
  EXPECT_EQ(outcome.copybook.records.size(), 1U);
  if (!outcome.copybook.records.empty()) return outcome.copybook.records[0];
  Layout none;
  none.items.emplace_back();
  return none;
}

inline Layout free_layout(const std::string& text, const ParseOptions& options = {}) {
  return layout_of(parse_free(text, options));
}

/// The item of a name; a failed test and an empty item where there is none.
inline Item item_of(const Layout& layout, const std::string& name) {
  const ItemIndex index = find_item(layout, name);
  EXPECT_NE(index, kNoItem) << name;
  return index == kNoItem ? Item{} : layout.items[index];
}

/// The only elementary item `clauses` describe.
inline Item item_with(const std::string& clauses, const ParseOptions& options = {}) {
  return item_of(free_layout("01 R. 05 A " + clauses + ".", options), "A");
}

/// The only finding of text that must have exactly one; empty otherwise.
inline std::string only_finding(const ParseOutcome& outcome) {
  const auto texts = findings(outcome);
  EXPECT_EQ(texts.size(), 1U) << testing::PrintToString(texts);
  return texts.size() == 1 ? texts.front() : std::string();
}

inline ParseOptions with_dialect(Dialect dialect) {
  ParseOptions options;
  options.dialect = dialect;
  return options;
}

}  // namespace copybridge::copybook
