// Formats that tell by themselves where records end. Each reading of the option table is tried with
// the framer that `decode` would use, and weighed in one way: how unlike the lengths along its
// chain are to those that any place of the file would give, and how many bytes it explains.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>

#include "bridge/core/config.h"
#include "codecs/framing/framing.h"
#include "codecs/framing/options.h"
#include "tools/copybridge/guess.h"

namespace copybridge::cli {
namespace {

using framing::RecordSpan;

constexpr std::size_t kRecordsMax = 200000;
constexpr std::size_t kPlacesMax = 512;
/// Longer records than a mainframe has are rather a sign of other data.
constexpr std::uint32_t kRecordBytesMax = 1U << 20U;
/// Records beyond these add nothing to what they prove.
constexpr std::size_t kRecordsThatCount = 2000;
/// A chain that explains fewer bytes than another one has overlooked lengths.
constexpr double kLeastShare = 0.6;

/// The reading for which a BDW is the RDW of one record.
constexpr std::string_view kBlocksAlone = "--recfm V --bdw no";

/// An option and the values that are tried, those of most files first. Of options that flags need
/// not name the first one is the default.
struct Axis {
  std::string_view option;
  std::vector<std::string_view> values;
  bool is_named = false;
};

struct Family {
  std::string_view recfm;
  double ebcdic;  ///< how likely it is beside others that give the same records
  double ascii;
  std::vector<Axis> axes;
};

std::vector<Family> families() {
  const Axis rdw_endian{"rdw_endian", {"big", "little"}};
  const Axis rdw_counts{"rdw_includes_itself", {"yes", "no"}};
  const Axis bdw_endian{"bdw_endian", {"big", "little"}};
  const Axis bdw_counts{"bdw_includes_itself", {"yes", "no"}};
  const std::vector<Axis> records = {{"bdw", {"no"}, true}, rdw_endian, rdw_counts};
  const std::vector<Axis> blocks = {
      {"bdw", {"yes"}, true}, rdw_endian, rdw_counts, bdw_endian, bdw_counts};
  return {{"VB", 1.0, 1.0, blocks},
          {"V", 0.99, 0.98, records},
          {"VBS", 0.97, 0.97, blocks},
          {"VS", 0.96, 0.96, records},
          {"length-prefixed", 0.98, 0.97, {{"length_bytes", {"4", "2", "1"}, true}, rdw_endian}},
          {"zosmf", 0.95, 0.9, {}},
          {"ims-llzz", 0.95, 0.9, {rdw_endian}},
          {"gnucobol", 0.94, 0.99, {{"varseq_format", {"0", "1", "2", "3"}, true}}},
          {"micro-focus", 1.0, 1.0, {}},
          {"ftp-block", 1.0, 1.0, {}}};
}

/// One way to read the file.
struct Reading {
  std::string flags;
  framing::FramingOptions options;
  double weight = 1;
  std::vector<RecordSpan> records;
  std::uint64_t consumed = 0;
  double bits = 0;       ///< of evidence
  double explained = 0;  ///< bytes that are lengths, as far as their records are not empty
};

using Settings = std::vector<std::pair<std::string_view, std::string_view>>;

Reading reading_of(const Family& family, const Settings& settings, bool is_ascii) {
  Reading reading;
  reading.flags = "--recfm " + std::string(family.recfm);
  reading.weight = is_ascii ? family.ascii : family.ebcdic;
  ConfigNode node;
  node.type = ConfigNode::Type::map;
  const auto add = [&](std::string_view name, std::string_view value) {
    ConfigNode scalar;
    scalar.type = ConfigNode::Type::scalar;
    scalar.scalar = value;
    node.members.push_back({std::string(name), {}, std::move(scalar)});
  };
  add("recfm", family.recfm);
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto& [option, value] = settings[i];
    const Axis& axis = family.axes[i];
    const bool is_usual = value == axis.values.front();
    if (!is_usual) reading.weight *= 0.995;
    if (is_usual && !axis.is_named) continue;
    add(option, value);
    for (const OptionSpec& spec : framing::framing_options())
      if (spec.name == option)
        reading.flags += " " + framing::flag_of(spec) + " " + std::string(value);
  }
  Diagnostics unheard;
  const Options given = read_options(node, framing::framing_options(), {}, unheard);
  reading.options = framing::read_framing(given, framing::LineEnds::ebcdic, unheard);
  reading.options.record_bytes_max = kRecordBytesMax;
  return reading;
}

/// Every combination of the family's options.
void add_readings(const Family& family, bool is_ascii, std::vector<Reading>& readings) {
  std::vector<Settings> all = {{}};
  for (const Axis& axis : family.axes) {
    std::vector<Settings> longer;
    for (const Settings& settings : all)
      for (const std::string_view value : axis.values) {
        longer.push_back(settings);
        longer.back().emplace_back(axis.option, value);
      }
    all = std::move(longer);
  }
  for (const Settings& settings : all) readings.push_back(reading_of(family, settings, is_ascii));
}

bool frame_all(const Sample& sample, Reading& reading) {
  const auto framer = framing::make_framer(reading.options);
  if (!framer) return false;
  const auto framed = (*framer)->next(sample.bytes, sample.is_whole, kRecordsMax, reading.records);
  if (!framed) return false;
  reading.consumed = framed->consumed;
  const bool is_full = reading.records.size() == kRecordsMax;
  // At the end of a piece a record may be cut off, more must not be.
  const bool is_used_up = sample.is_whole ? reading.consumed == sample.bytes.size()
                                          : 2 * reading.consumed > sample.bytes.size();
  return !reading.records.empty() && (is_used_up || is_full);
}

/// Lengths by their size; what is no length first.
constexpr std::size_t kBuckets = 48;
std::size_t bucket_of(std::uint64_t size) {
  if (size == 0) return 1;
  const auto log = static_cast<std::size_t>(std::bit_width(size)) - 1;
  const std::size_t half = log == 0 ? 0 : (size >> (log - 1)) & 1U;
  return std::min(kBuckets - 1, 2 + 2 * log + half);
}

using Histogram = std::array<double, kBuckets>;

/// What stands at places of the file that nothing chose, read as the beginning of a record.
Histogram anywhere(const Sample& sample, const framing::FramingOptions& options) {
  Histogram counts{};
  const std::size_t places = std::min(kPlacesMax, sample.bytes.size());
  std::uint64_t random = 1;
  std::vector<RecordSpan> records;
  for (std::size_t i = 0; i < places; ++i) {
    // A generator of fixed seed: the same file always gives the same answer.
    random = random * 6364136223846793005U + 1442695040888963407U;
    const std::size_t at =
        places == sample.bytes.size() ? i : (random >> 16U) % sample.bytes.size();
    records.clear();
    const auto framer = framing::make_framer(options);
    const bool is_length =
        framer && (*framer)->next(sample.bytes.subspan(at), false, 1, records) && !records.empty();
    counts[is_length ? bucket_of(records.front().size) : 0] += 1;
  }
  return counts;
}

/// How much the chain's lengths say that those of any place do not: the divergence of the two, less
/// what so many numbers say by chance, and that the chain ends where the file ends.
double bits_of(const Sample& sample, const Reading& reading) {
  const Histogram other = anywhere(sample, reading.options);
  Histogram own{};
  for (const RecordSpan& record : reading.records) own[bucket_of(record.size)] += 1;
  const auto count = static_cast<double>(reading.records.size());
  double places = 0;
  for (const double number : other) places += number;
  double divergence = 0;
  double kinds = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (own[i] == 0) continue;
    kinds += 1;
    const double by_chance = (other[i] + 0.5) / (places + 0.5 * kBuckets);
    divergence += own[i] / count * std::log2(own[i] / count / by_chance);
  }
  const double counted = std::min<double>(count, kRecordsThatCount);
  const double mean = static_cast<double>(reading.consumed) / count;
  const double end = sample.is_whole ? std::log2(mean + 1) : 0;
  return counted * divergence - 0.5 * kinds * std::log2(count + 1) + end - 4;
}

double share_of_full(const Reading& reading) {
  std::size_t full = 0;
  for (const RecordSpan& record : reading.records) full += record.size > 0 ? 1U : 0U;
  return static_cast<double>(full) / static_cast<double>(reading.records.size());
}

void weigh(const Sample& sample, Reading& reading) {
  reading.bits = bits_of(sample, reading);
  std::uint64_t payload = 0;
  for (const RecordSpan& record : reading.records) payload += record.size;
  const double full = share_of_full(reading);
  const double lengths = static_cast<double>(reading.consumed) - static_cast<double>(payload);
  reading.explained = reading.bits > 0 ? lengths * full * full : 0;
  reading.weight *= full * (1.0 - std::exp2(-std::max(0.0, reading.bits) / 6));
}

std::string sizes_of(const std::vector<RecordSpan>& records) {
  const auto [least, most] = std::minmax_element(
      records.begin(), records.end(),
      [](const auto& left, const auto& right) { return left.size < right.size; });
  return least->size == most->size ? fmt::format("{} bytes each", least->size)
                                   : fmt::format("{} to {} bytes", least->size, most->size);
}

/// Blocks are of one size but for the last one, which is shorter.
bool end_short(const std::vector<RecordSpan>& blocks) {
  const auto first = blocks.front().size;
  return blocks.size() > 1 && blocks.back().size < first &&
         std::all_of(blocks.begin(), blocks.end() - 1,
                     [&](const RecordSpan& block) { return block.size == first; });
}

/// Records that are put together of segments lie elsewhere: their sizes count.
bool are_same(const std::vector<RecordSpan>& left, const std::vector<RecordSpan>& right) {
  return std::ranges::equal(left, right, {}, &RecordSpan::size, &RecordSpan::size);
}

/// Whether an option that differs from an earlier reading of the same format changes nothing.
bool repeats(const std::vector<Reading>& readings, std::size_t index) {
  const Reading& reading = readings[index];
  return std::any_of(readings.begin(), readings.begin() + static_cast<std::ptrdiff_t>(index),
                     [&](const Reading& earlier) {
                       return earlier.options.recfm == reading.options.recfm &&
                              reading.flags.starts_with(earlier.flags) &&
                              are_same(earlier.records, reading.records);
                     });
}

/// FB with BDWs, which look like the RDWs of long records: their contents are records of one size.
std::vector<Guess> guess_fixed_blocks(const Sample& sample, const Reading& blocks) {
  ByteBuffer contents;
  std::uint64_t divisor = 0;
  for (const RecordSpan& block : blocks.records) {
    contents.append(sample.bytes.subspan(block.offset, block.size));
    divisor = std::gcd(divisor, std::uint64_t{block.size});
  }
  std::vector<Guess> guesses = guess_fixed(contents.view(), contents.size(), divisor);
  if (guesses.empty()) return guesses;
  guesses.resize(1);
  Guess& guess = guesses.front();
  const double likely = end_short(blocks.records) ? 1 - (1 - guess.score) / 10 : guess.score;
  guess = {"--recfm FB" + guess.flags.substr(std::string_view("--recfm F").size()) + " --bdw yes",
           blocks.weight * likely,
           fmt::format("{} blocks fill {} bytes exactly; in them {}", blocks.records.size(),
                       blocks.consumed, guess.evidence)};
  return guesses;
}

/// Where blocks end with a short one, readings of them as records are less likely.
std::vector<Guess> add_fixed_blocks(const Sample& sample, std::vector<Reading>& readings) {
  const auto blocks = std::find_if(readings.begin(), readings.end(), [](const Reading& reading) {
    return reading.flags == kBlocksAlone && reading.bits > 0;
  });
  if (blocks == readings.end()) return {};
  std::vector<Guess> guesses = guess_fixed_blocks(sample, *blocks);
  if (guesses.empty() || !end_short(blocks->records)) return guesses;
  const std::vector<RecordSpan> records = blocks->records;
  for (Reading& reading : readings)
    if (are_same(reading.records, records)) reading.weight *= kLeastShare;
  return guesses;
}

}  // namespace

std::vector<Guess> guess_chains(const Sample& sample, bool is_ascii) {
  std::vector<Reading> all;
  for (const Family& family : families()) add_readings(family, is_ascii, all);
  std::vector<Reading> readings;
  for (Reading& reading : all)
    if (frame_all(sample, reading)) readings.push_back(std::move(reading));
  double most = 1;
  for (Reading& reading : readings) {
    weigh(sample, reading);
    most = std::max(most, reading.explained);
  }
  std::vector<Guess> guesses = add_fixed_blocks(sample, readings);
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const Reading& reading = readings[i];
    if (repeats(readings, i)) continue;
    const double share = kLeastShare + (1 - kLeastShare) * reading.explained / most;
    guesses.push_back({reading.flags, reading.weight * share,
                       fmt::format("{} records of {} fill {} bytes exactly", reading.records.size(),
                                   sizes_of(reading.records), reading.consumed)});
  }
  return guesses;
}

}  // namespace copybridge::cli
