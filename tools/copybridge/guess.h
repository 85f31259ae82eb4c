// What an unknown file may be: record format, record length and code page, with what speaks for it.
#pragma once

#include <cstdint>
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

/// The beginning of a file, and what is known of the rest.
struct Sample {
  ByteView bytes;
  bool is_whole = true;  ///< nothing follows them
  std::uint64_t file_size = 0;
};

/// Code pages, the best first.
[[nodiscard]] std::vector<Guess> guess_code_pages(ByteView bytes);
/// Whether a guess of a code page is one of the ASCII family.
[[nodiscard]] bool is_ascii_page(const Guess& page);

/// Record formats, the best first, where the code pages are these.
[[nodiscard]] std::vector<Guess> guess_formats(const Sample& sample,
                                               const std::vector<Guess>& pages);

/// Of these: formats that tell by themselves where records end.
[[nodiscard]] std::vector<Guess> guess_chains(const Sample& sample, bool is_ascii);
/// And records of one size, by the distance at which bytes are alike. `divisor`: what that size
/// divides; of a file without blocks its size.
[[nodiscard]] std::vector<Guess> guess_fixed(ByteView bytes, std::uint64_t file_size,
                                             std::uint64_t divisor);

}  // namespace copybridge::cli
