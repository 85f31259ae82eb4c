// Records of one size: the period of the bytes' kinds, of lengths that divide the file.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/copybridge/guess.h"

namespace copybridge::cli {
namespace {

constexpr std::uint32_t kLreclMax = 32760;
constexpr std::size_t kGuessesMax = 12;

// Kinds of bytes that a column of records has in common.
std::uint8_t kind_of(std::uint8_t byte) {
  if (byte == 0x40 || byte == 0x20) return 1;
  if ((byte >= 0xF0 && byte <= 0xF9) || (byte >= '0' && byte <= '9')) return 2;
  if (byte == 0) return 3;
  if (byte >= 0x81) return 4;
  return byte < 0x20 ? 5 : 6;
}

/// How much more alike bytes are that stand `lrecl` apart than any two bytes: 0 to 1.
double likeness(const std::vector<std::uint8_t>& kinds, std::size_t lrecl, double by_chance) {
  const std::size_t compared = std::min<std::size_t>(kinds.size() - lrecl, std::size_t{1} << 16U);
  std::size_t same = 0;
  for (std::size_t i = 0; i < compared; ++i) same += kinds[i] == kinds[i + lrecl] ? 1U : 0U;
  const double share = static_cast<double>(same) / static_cast<double>(compared);
  return by_chance >= 0.999 ? 0 : std::max(0.0, (share - by_chance) / (1 - by_chance));
}

}  // namespace

std::vector<Guess> guess_fixed(ByteView bytes, std::uint64_t file_size, std::uint64_t divisor) {
  std::vector<Guess> guesses;
  std::vector<std::uint8_t> kinds;
  std::array<double, 7> shares{};
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 1U << 18U))) {
    kinds.push_back(kind_of(byte));
    shares[kinds.back()] += 1;
  }
  if (kinds.size() < 16) return guesses;
  double by_chance = 0;
  for (double& share : shares) {
    share /= static_cast<double>(kinds.size());
    by_chance += share * share;
  }
  struct Period {
    std::uint32_t lrecl;
    double likeness;
  };
  std::vector<Period> periods;
  for (std::uint32_t lrecl = 4; lrecl <= kLreclMax && lrecl <= file_size / 2; ++lrecl) {
    if (divisor % lrecl != 0 || std::size_t{2} * lrecl > kinds.size()) continue;
    periods.push_back({lrecl, likeness(kinds, lrecl, by_chance)});
  }
  double best = 0;
  for (const Period& period : periods) best = std::max(best, period.likeness);
  // A multiple of the length is as alike: the shortest that is nearly the best is the length.
  const auto found = std::find_if(periods.begin(), periods.end(), [&](const Period& period) {
    return period.likeness >= 0.95 * best;
  });
  if (found == periods.end() || best < 0.05) return guesses;
  guesses.push_back(
      {fmt::format("--recfm F --lrecl {}", found->lrecl), 0.9 * found->likeness,
       fmt::format("{} records; bytes {} apart are {:.0f} % more alike than by chance",
                   file_size / found->lrecl, found->lrecl, 100 * found->likeness)});
  for (const Period& period : periods) {
    if (period.lrecl == found->lrecl || period.lrecl % found->lrecl == 0) continue;
    if (period.likeness < 0.6 * best) continue;
    guesses.push_back({fmt::format("--recfm F --lrecl {}", period.lrecl), 0.8 * period.likeness,
                       fmt::format("{} records; {:.0f} % more alike than by chance",
                                   file_size / period.lrecl, 100 * period.likeness)});
    if (guesses.size() >= kGuessesMax) break;
  }
  return guesses;
}

}  // namespace copybridge::cli
