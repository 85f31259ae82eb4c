// What an unknown file may be: record format, record length and code page, with what speaks for it.
#pragma once

#include <string>
#include <vector>

#include "bridge/core/bytes.h"

namespace copybridge::cli {

/// One reading of the file.
struct Guess {
  std::string flags;     ///< `--recfm VB`, `--codepage IBM-037`
  double score = 0;      ///< 0 to 1
  std::string evidence;  ///< `489 records fill 57274 bytes exactly`
};

/// Readings of the beginning of a file, the best first. `is_whole`: nothing follows it.
[[nodiscard]] std::vector<Guess> guess_formats(ByteView bytes, bool is_whole,
                                               std::uint64_t file_size);
[[nodiscard]] std::vector<Guess> guess_code_pages(ByteView bytes);

}  // namespace copybridge::cli
