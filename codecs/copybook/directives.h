// Compiler directives in copybook text: source format, conditional compilation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// The directives of one file: `>>SOURCE FORMAT`, `>>DEFINE`, `>>IF`, `>>ELIF`, `>>ELSE`,
/// `>>END-IF`, `>>EVALUATE`, `>>WHEN`, `>>END-EVALUATE`, and Micro Focus' `$SET`, `$IF`, `$ELSE`,
/// `$END`. Others say nothing about data and are left out.
/// A condition that cannot be decided is reported: text is never chosen by chance.
class Directives {
 public:
  Directives(std::uint16_t file, SourceFormat format, Report& report)
      : file_(file), format_(format), report_(report) {}

  /// Whether a line is a directive and no COBOL text.
  [[nodiscard]] static bool is_directive(std::string_view line);
  /// Carries out a directive.
  void take(std::string_view line, std::uint32_t number);
  /// Whether the text here is compiled.
  [[nodiscard]] bool is_active() const;
  /// Format of the lines that follow.
  [[nodiscard]] SourceFormat format() const { return format_; }
  /// To be called at the end of the file.
  void finish();

 private:
  /// An open IF or EVALUATE: text is compiled where `active` holds and held in all around it.
  struct Branch {
    bool active = false;
    bool taken = false;
    std::uint32_t line = 0;
    bool is_evaluate = false;
    bool ends = false;                   ///< ELSE or WHEN OTHER has been there
    std::optional<std::string> subject;  ///< of an EVALUATE; none: conditions are evaluated
  };
  using Words = std::vector<std::string>;

  void set_format(const Words& words);
  void define(const Words& words);
  void open(const Words& words);
  void open_evaluate(const Words& words);
  /// The next branch of what is open; false, with a report, where none may follow.
  bool begin_branch(const Words& words, bool is_evaluate, bool ends);
  void otherwise(const Words& words);
  void otherwise_if(const Words& words);
  void when(const Words& words);
  void close(const Words& words);
  void choose(std::optional<bool> holds);
  [[nodiscard]] std::optional<bool> is_subject(const Words& words) const;
  std::optional<bool> condition(const Words& words, std::size_t& at);
  std::optional<bool> relation(const Words& words, std::size_t& at);
  std::optional<std::string> value(const std::string& word) const;
  void wrong(std::string message);

  std::uint16_t file_;
  SourceFormat format_;
  Report& report_;
  std::uint32_t line_ = 0;
  std::map<std::string, std::string> constants_;
  std::vector<Branch> branches_;
};

}  // namespace copybridge::copybook
