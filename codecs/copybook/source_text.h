// Reference format: which part of which line of a copybook is COBOL text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// The COBOL text of one source line: no sequence number, indicator, comment line or line end.
struct SourceLine {
  std::string_view text;
  std::uint32_t number = 0;            ///< from 1
  std::uint32_t column = 0;            ///< of text's first byte, from 1
  std::uint32_t blanks_to_margin = 0;  ///< blanks that a literal going on in the next line has
                                       ///< behind `text`; fixed format only
  bool continues = false;              ///< indicator '-': goes on where the last line ended
};

/// Splits text into its lines of COBOL. Comment and debugging lines and empty lines are left
/// out, compiler directives are carried out; a line whose indicator is no indicator is reported and
/// left out. CR LF, LF and lone CR end a line. Tabs stand for the blanks up to the next column of 1
/// + 8n.
[[nodiscard]] std::vector<SourceLine> split_lines(std::string_view text, std::uint16_t file,
                                                  SourceFormat format, Report& report);

}  // namespace copybridge::copybook
