// Scores: chains of lengths that fill the file, periods of bytes, characters of code pages.
#include "tools/copybridge/guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string_view>

#include "codecs/charset/code_page.h"
#include "codecs/framing/framing.h"

namespace copybridge::cli {
namespace {

using framing::Presence;
using framing::Recfm;

constexpr std::size_t kRecordsMax = 200000;
constexpr std::uint32_t kLreclMax = 32760;

/// A format that tells by itself where records end.
struct Chained {
  const char* flags;
  framing::FramingOptions options;
  double weight;  ///< how unlikely it is that other data look like it
};

framing::FramingOptions with(Recfm recfm, Presence bdw = Presence::no) {
  framing::FramingOptions options;
  options.recfm = recfm;
  options.bdw = bdw;
  return options;
}

std::vector<Chained> chained_formats() {
  std::vector<Chained> formats = {
      {"--recfm VB --bdw yes", with(Recfm::variable_blocked, Presence::yes), 1.0},
      {"--recfm V --bdw no", with(Recfm::variable, Presence::no), 0.97},
      {"--recfm VBS --bdw yes", with(Recfm::spanned_blocked, Presence::yes), 0.93},
      {"--recfm length-prefixed --length-bytes 4", with(Recfm::length_prefixed), 0.95},
      {"--recfm length-prefixed --length-bytes 2", with(Recfm::length_prefixed), 0.88},
      {"--recfm V --bdw no --rdw-endian little", with(Recfm::variable), 0.85}};
  formats[4].options.length_bytes = 2;
  formats[5].options.rdw_little_endian = true;
  // Longer records than a mainframe has are rather a sign of other data.
  for (Chained& format : formats) format.options.record_bytes_max = 1U << 20U;
  return formats;
}

bool frame_all(const framing::FramingOptions& options, ByteView bytes, bool is_whole,
               std::vector<framing::RecordSpan>& records, std::uint64_t& consumed) {
  const auto framer = framing::make_framer(options);
  if (!framer) return false;
  const auto framed = (*framer)->next(bytes, is_whole, kRecordsMax, records);
  if (!framed) return false;
  consumed = framed->consumed;
  // At the end of a piece a record may be cut off, more must not be.
  const bool is_used_up = is_whole ? consumed == bytes.size() : 2 * consumed > bytes.size();
  return is_used_up || records.size() == kRecordsMax;
}

std::string sizes_of(const std::vector<framing::RecordSpan>& records) {
  const auto [least, most] = std::minmax_element(
      records.begin(), records.end(),
      [](const auto& left, const auto& right) { return left.size < right.size; });
  return least->size == most->size ? fmt::format("{} bytes each", least->size)
                                   : fmt::format("{} to {} bytes", least->size, most->size);
}

void add_chained(ByteView bytes, bool is_whole, std::vector<Guess>& guesses) {
  for (const Chained& format : chained_formats()) {
    std::vector<framing::RecordSpan> records;
    std::uint64_t consumed = 0;
    if (!frame_all(format.options, bytes, is_whole, records, consumed) || records.empty()) continue;
    // One length may be chance, many are not.
    const double chance = std::pow(0.5, static_cast<double>(records.size()));
    std::uint64_t empty = 0;
    for (const framing::RecordSpan& record : records) empty += record.size == 0 ? 1U : 0U;
    const double kept = 1.0 - static_cast<double>(empty) / static_cast<double>(records.size());
    guesses.push_back({format.flags, format.weight * (1.0 - chance) * kept,
                       fmt::format("{} records of {} fill {} bytes exactly", records.size(),
                                   sizes_of(records), consumed)});
  }
}

bool is_text_byte(std::uint8_t byte, bool is_ascii) {
  if (is_ascii) return byte >= 0x20 && byte < 0x7F;
  return byte >= 0x40 && byte != 0xFF;
}

// Lines: an end now and then, text between them.
void add_lines(ByteView bytes, std::vector<Guess>& guesses) {
  struct Kind {
    const char* flags;
    std::uint8_t end;
    bool is_ascii;
  };
  for (const Kind kind : {Kind{"--recfm line --codepage ISO-8859-1", 0x0A, true},
                          Kind{"--recfm line", 0x15, false}, Kind{"--recfm line", 0x25, false}}) {
    std::size_t lines = 0;
    std::size_t text = 0;
    for (const std::uint8_t byte : bytes) {
      if (byte == kind.end) ++lines;
      const bool is_blank = kind.is_ascii && (byte == '\r' || byte == '\t');
      if (byte == kind.end || is_blank || is_text_byte(byte, kind.is_ascii)) ++text;
    }
    if (lines < 2 || bytes.empty()) continue;
    const double share = static_cast<double>(text) / static_cast<double>(bytes.size());
    if (share < 0.98) continue;
    guesses.push_back({kind.flags, 0.9 * share,
                       fmt::format("{} line ends {:02X}, {:.1f} % of the bytes are text", lines,
                                   kind.end, 100 * share)});
  }
}

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

// Fixed records: the period of the bytes' kinds, of lengths that divide the file.
void add_fixed(ByteView bytes, std::uint64_t file_size, std::vector<Guess>& guesses) {
  std::vector<std::uint8_t> kinds;
  std::array<double, 7> shares{};
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 1U << 18U))) {
    kinds.push_back(kind_of(byte));
    shares[kinds.back()] += 1;
  }
  if (kinds.size() < 16) return;
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
    if (file_size % lrecl != 0 || std::size_t{2} * lrecl > kinds.size()) continue;
    periods.push_back({lrecl, likeness(kinds, lrecl, by_chance)});
  }
  double best = 0;
  for (const Period& period : periods) best = std::max(best, period.likeness);
  // A multiple of the length is as alike: the shortest that is nearly the best is the length.
  const auto found = std::find_if(periods.begin(), periods.end(), [&](const Period& period) {
    return period.likeness >= 0.95 * best;
  });
  if (found == periods.end() || best < 0.05) return;
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
    if (guesses.size() > 12) break;
  }
}

/// What a character says about the code page that made it.
double worth(std::uint32_t code) {
  const bool is_letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  if (is_letter || (code >= '0' && code <= '9') || code == ' ') return 1;
  if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0) || code == 0xFFFD) return -1;
  if (code < 0x80) return 0.8;
  // Letters with marks are words of a language; signs such as the broken bar are chance.
  const bool is_marked = code >= 0xC0 && code != 0xD7 && code != 0xF7;
  return is_marked ? 0.7 : 0.1;
}

// Bytes within text: others are numbers in binary or packed form, and say nothing.
std::array<std::uint64_t, 256> text_histogram(ByteView bytes, bool is_ascii) {
  constexpr std::size_t kRun = 4;
  std::array<std::uint64_t, 256> counts{};
  const auto is_sure = [&](std::uint8_t byte) {
    if (is_ascii) return byte >= 0x20 && byte < 0x7F;
    const unsigned low = byte & 0x0FU;
    const bool is_letter = (byte >= 0x81 && byte <= 0xA9 && low >= 1 && low <= 9) ||
                           (byte >= 0xC1 && byte <= 0xE9 && low >= 1 && low <= 9);
    return byte == 0x40 || is_letter || (byte >= 0xF0 && byte <= 0xF9);
  };
  // A byte counts where it stands among bytes that are text in every page of its family.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::size_t near = 0;
    for (std::size_t d = 1; d <= kRun; ++d) {
      near += i >= d && is_sure(bytes[i - d]) ? 1U : 0U;
      near += i + d < bytes.size() && is_sure(bytes[i + d]) ? 1U : 0U;
    }
    if (near >= 6) ++counts[bytes[i]];
  }
  return counts;
}

}  // namespace

std::vector<Guess> guess_formats(ByteView bytes, bool is_whole, std::uint64_t file_size) {
  std::vector<Guess> guesses;
  add_chained(bytes, is_whole, guesses);
  add_lines(bytes, guesses);
  add_fixed(bytes, file_size, guesses);
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const Guess& left, const Guess& right) { return left.score > right.score; });
  return guesses;
}

std::vector<Guess> guess_code_pages(ByteView bytes) {
  // Where the text does not tell pages apart, those that are common come first.
  struct Page {
    std::string_view name;
    double prior;
  };
  static constexpr std::array<Page, 19> kPages = {{
      {"IBM-037", 1.0},    {"IBM-1047", 1.0},  {"ISO-8859-1", 1.0}, {"IBM-500", 0.99},
      {"IBM-1140", 0.985}, {"IBM-1148", 0.98}, {"IBM-273", 0.98},   {"IBM-1141", 0.975},
      {"IBM-277", 0.97},   {"IBM-278", 0.97},  {"IBM-280", 0.97},   {"IBM-284", 0.97},
      {"IBM-285", 0.97},   {"IBM-297", 0.97},  {"IBM-871", 0.96},   {"IBM-870", 0.95},
      {"IBM-875", 0.95},   {"IBM-1025", 0.95}, {"IBM-1026", 0.95},
  }};
  std::vector<Guess> guesses;
  for (const auto& [name, prior] : kPages) {
    const auto page = charset::CodePage::load(name);
    if (!page) continue;
    const bool is_ascii = (*page)->byte_of('0') == 0x30;
    const std::array<std::uint64_t, 256> counts = text_histogram(bytes, is_ascii);
    double total = 0;
    double sum = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto value = static_cast<std::uint8_t>(byte);
      const std::string text = (*page)->to_utf8({&value, 1});
      const auto first = static_cast<unsigned char>(text.front());
      std::uint32_t code = first;
      if (text.size() == 2)
        code = ((first & 0x1FU) << 6U) | (static_cast<unsigned char>(text[1]) & 0x3FU);
      if (text.size() >= 3) code = 0xFFFD;
      total += static_cast<double>(counts[byte]);
      sum += worth(code) * static_cast<double>(counts[byte]);
    }
    const double share = bytes.empty() ? 0 : total / static_cast<double>(bytes.size());
    const double sense = total > 0 ? std::max(0.0, sum / total) : 0;
    guesses.push_back(
        {"--codepage " + std::string(name), prior * sense * std::sqrt(share),
         fmt::format("{:.0f} % of the bytes stand in text, {:.2f} % of it makes sense", 100 * share,
                     100 * sense)});
  }
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const Guess& left, const Guess& right) { return left.score > right.score; });
  return guesses;
}

}  // namespace copybridge::cli
