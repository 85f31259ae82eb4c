// Copybooks that come as EBCDIC bytes, straight from a mainframe's library.
#pragma once

#include <string>
#include <string_view>

namespace copybridge::copybook {

/// Whether text seems to be EBCDIC: full of EBCDIC blanks, without ASCII ones.
[[nodiscard]] bool is_ebcdic(std::string_view text);

/// EBCDIC text as ASCII. COBOL's own characters are the same in all EBCDIC code pages; others,
/// which only stand in comments and literals, become '?'. Records of 80 bytes without line ends
/// become lines.
[[nodiscard]] std::string from_ebcdic(std::string_view text);

}  // namespace copybridge::copybook
