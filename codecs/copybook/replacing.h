// REPLACING and REPLACE: exchanges words of copied text before it is parsed.
#pragma once

#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// One `from BY to`. `whole` exchanges sequences of words; `leading` and `trailing` the begin or
/// end of single words.
struct Replacement {
  enum class Mode : std::uint8_t { whole, leading, trailing };
  Mode mode = Mode::whole;
  std::vector<Token> from;  ///< never empty
  std::vector<Token> to;
};

/// `tokens` with all replacements made, first match wins, replaced text not looked at again. A
/// word of `from` in colons, and text in parentheses, also replaces parts of words and pictures.
/// `budget` is the text that replacements may still add; used up, it is reported and the rest
/// stays as it is.
[[nodiscard]] std::vector<Token> replace(const std::vector<Token>& tokens,
                                         const std::vector<Replacement>& replacements,
                                         const ParseOptions& options, Sources& sources,
                                         Report& report, std::size_t& budget);

}  // namespace copybridge::copybook
