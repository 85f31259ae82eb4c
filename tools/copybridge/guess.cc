// All record formats together: chains of lengths, lines, records of one size.
#include "tools/copybridge/guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace copybridge::cli {
namespace {

/// What speaks for less is no proposal.
constexpr double kLeastScore = 0.02;

struct LineKind {
  std::uint8_t end;
  std::uint8_t other_end;  ///< that the option line_end must exclude where it occurs
  bool is_ascii;
  std::string_view word;
};
constexpr std::array<LineKind, 3> kLineKinds = {
    {{0x0A, 0, true, "lf"}, {0x15, 0x25, false, "nel"}, {0x25, 0x15, false, "ebcdic-lf"}}};

bool is_text_byte(std::uint8_t byte, bool is_ascii) {
  if (is_ascii) return (byte >= 0x20 && byte != 0x7F) || byte == '\r' || byte == '\t';
  // SO and SI stand around characters of two bytes.
  return (byte >= 0x40 && byte != 0xFF) || byte == 0x0E || byte == 0x0F;
}

std::string line_flags(const LineKind& kind, bool has_other_end, const std::vector<Guess>& pages) {
  if (!kind.is_ascii)
    return "--recfm line" + (has_other_end ? " --line-end " + std::string(kind.word) : "");
  const auto page = std::find_if(pages.begin(), pages.end(), is_ascii_page);
  return "--recfm line" + (page == pages.end() ? std::string() : " " + page->flags);
}

// Lines: an end now and then, text between them.
void add_lines(ByteView bytes, const std::vector<Guess>& pages, std::vector<Guess>& guesses) {
  for (const LineKind& kind : kLineKinds) {
    std::size_t lines = 0;
    std::size_t text = 0;
    bool has_other_end = false;
    for (const std::uint8_t byte : bytes) {
      if (byte == kind.end) ++lines;
      if (byte == kind.other_end) has_other_end = true;
      if (byte == kind.end || is_text_byte(byte, kind.is_ascii)) ++text;
    }
    if (lines < 2 || bytes.empty()) continue;
    const double share = static_cast<double>(text) / static_cast<double>(bytes.size());
    if (share < 0.98) continue;
    guesses.push_back({line_flags(kind, has_other_end, pages), 0.95 * share,
                       fmt::format("{} line ends {:02X}, {:.1f} % of the bytes are text", lines,
                                   kind.end, 100 * share)});
  }
}

}  // namespace

std::vector<Guess> guess_formats(const Sample& sample, const std::vector<Guess>& pages) {
  const bool is_ascii = !pages.empty() && pages.front().score > 0 && is_ascii_page(pages.front());
  std::vector<Guess> guesses = guess_chains(sample, is_ascii);
  add_lines(sample.bytes, pages, guesses);
  for (Guess& guess : guess_fixed(sample.bytes, sample.file_size, sample.file_size))
    guesses.push_back(std::move(guess));
  std::erase_if(guesses, [](const Guess& guess) { return guess.score < kLeastScore; });
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const Guess& left, const Guess& right) { return left.score > right.score; });
  return guesses;
}

}  // namespace copybridge::cli
