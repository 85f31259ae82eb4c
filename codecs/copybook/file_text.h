// Copybooks as files have them: in UTF-8, in EBCDIC straight from a mainframe's library, in other
// code pages, as records of 80 bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codecs/copybook/parser.h"

namespace copybridge::copybook {

/// Whether text seems to be EBCDIC: full of EBCDIC blanks, without ASCII ones.
[[nodiscard]] bool is_ebcdic(std::string_view text);

/// A file's bytes as lines of UTF-8. EBCDIC and what is no UTF-8 is read in the options' code
/// page; COBOL's own characters are the same in all EBCDIC code pages, others stand in literals and
/// comments only. Records of 80 bytes without line ends become lines.
[[nodiscard]] std::string text_of_file(std::string_view bytes, const ParseOptions& options);

/// The page that text_of_file() reads EBCDIC in; null where the bytes are not EBCDIC.
[[nodiscard]] std::shared_ptr<const charset::CodePage> ebcdic_page_of(std::string_view bytes,
                                                                      const ParseOptions& options);

/// What a character of a literal of EBCDIC text is where it stands outside of literals.
[[nodiscard]] std::string outside_of_literals(const std::string& character,
                                              const charset::CodePage& page);

}  // namespace copybridge::copybook
