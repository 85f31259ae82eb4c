// Checks framing options and picks the framer.
#include "codecs/framing/framing.h"

#include <fmt/format.h>

#include "codecs/framing/block_framer.h"
#include "codecs/framing/descriptor_framer.h"
#include "codecs/framing/group_framer.h"
#include "codecs/framing/line_framer.h"
#include "codecs/framing/sized_framer.h"
#include "codecs/framing/trailer_framer.h"

namespace copybridge::framing {

namespace {

constexpr std::uint32_t kRecordBytesLeast = 16;
constexpr std::uint32_t kRecordBytesLimit = std::uint32_t{1} << 30;
/// An RDW's length has 16 bits.
constexpr std::uint32_t kVariableLreclMax = 65535;
constexpr std::uint32_t kVarseqFormatMax = 3;

tl::unexpected<Error> mistake(std::string message) {
  return fail(ErrorKind::config, "framing: " + std::move(message));
}

Result<void> check_descriptors(const FramingOptions& options) {
  if (is_spanned(options) && options.keep_prefix)
    return mistake("a record that is put together from segments has no RDW to keep");
  if (options.lrecl == 0) return {};
  if (!is_spanned(options) && options.block_size > 0 &&
      options.lrecl > options.block_size - kDescriptorBytes) {
    return mistake(fmt::format("LRECL {} and a BDW do not fit into a block of {} bytes",
                               options.lrecl, options.block_size));
  }
  const std::uint32_t most = is_spanned(options) ? options.record_bytes_max : kVariableLreclMax;
  if (options.lrecl <= kDescriptorBytes || options.lrecl > most) {
    return mistake(
        fmt::format("LRECL {} of RECFM V must lie from 5 to {}, the RDW's 4 bytes "
                    "counted",
                    options.lrecl, most));
  }
  return {};
}

Result<void> check_recfm(const FramingOptions& options) {
  switch (options.recfm) {
    case Recfm::fixed:
      if (options.lrecl == 0) return mistake("RECFM F needs the record's size (LRECL)");
      return {};
    case Recfm::variable:
    case Recfm::variable_blocked:
    case Recfm::spanned:
    case Recfm::spanned_blocked:
      return check_descriptors(options);
    case Recfm::line:
      if (options.line_ends.empty() || options.line_ends.size() > kLineEndsMax)
        return mistake(fmt::format("lines need 1 to {} line-end bytes", kLineEndsMax));
      if (options.wraps_lines && options.lrecl == 0)
        return mistake("wrapped lines need the size of the records they become (LRECL)");
      return {};
    case Recfm::length_prefixed:
      if (options.length_bytes == 1 || options.length_bytes == 2 || options.length_bytes == 4)
        return {};
      return mistake(
          fmt::format("a length prefix has 1, 2 or 4 bytes, not {}", options.length_bytes));
    case Recfm::gnucobol:
      if (options.varseq_format <= kVarseqFormatMax) return {};
      return mistake(
          fmt::format("COB_VARSEQ_FORMAT is 0, 1, 2 or 3, not {}", options.varseq_format));
    case Recfm::measured:
      if (options.measure != nullptr) return {};
      return mistake("nothing says how long a record is");
    case Recfm::ims_llzz:
    case Recfm::micro_focus:
    case Recfm::ftp_block:
      return {};
  }
  return {};
}

/// The bytes around and between records, and how many may be cut off them.
Result<void> check_sizes(const FramingOptions& options) {
  const std::uint64_t largest = options.lrecl > 0 ? options.lrecl : options.record_bytes_max;
  const std::uint64_t cut_off = std::uint64_t{options.record_prefix} + options.record_suffix;
  if (options.lrecl > options.record_bytes_max) {
    return mistake(fmt::format("LRECL {} is more than the largest record of {} bytes",
                               options.lrecl, options.record_bytes_max));
  }
  if (options.skip_trailer > options.record_bytes_max)
    return mistake(fmt::format("a trailer has at most {} bytes", options.record_bytes_max));
  if (cut_off >= largest)
    return mistake(
        fmt::format("{} bytes cut off records of at most {} leave nothing", cut_off, largest));
  if (options.block_size > 0 &&
      (options.block_size < kBlockBytesLeast || options.block_size > kBlockBytesMost))
    return mistake(fmt::format("a block has {} to {} bytes", kBlockBytesLeast, kBlockBytesMost));
  return {};
}

/// Whether --keep-prefix has something to keep.
bool has_prefix(Recfm recfm) {
  return recfm == Recfm::variable || recfm == Recfm::variable_blocked || recfm == Recfm::spanned ||
         recfm == Recfm::spanned_blocked || recfm == Recfm::length_prefixed ||
         recfm == Recfm::ims_llzz;
}

}  // namespace

Result<void> check(const FramingOptions& options) {
  if (options.record_bytes_max < kRecordBytesLeast || options.record_bytes_max > kRecordBytesLimit)
    return mistake(fmt::format("the largest record must have {} to {} bytes", kRecordBytesLeast,
                               kRecordBytesLimit));
  if (options.keep_prefix && !has_prefix(options.recfm))
    return mistake("records of this format begin with no length that could be kept");
  if (options.keep_prefix && options.record_prefix > 0)
    return mistake("a length that is kept and bytes that are cut off before it exclude each other");
  Result<void> sizes = check_sizes(options);
  if (!sizes) return sizes;
  return check_recfm(options);
}

namespace {

std::unique_ptr<Framer> make(const FramingOptions& options) {
  switch (options.recfm) {
    case Recfm::fixed:
      if (options.bdw == Presence::yes) return std::make_unique<DescriptorFramer>(options);
      return std::make_unique<FixedFramer>(options);
    case Recfm::variable:
    case Recfm::variable_blocked:
    case Recfm::spanned:
    case Recfm::spanned_blocked:
      return std::make_unique<DescriptorFramer>(options);
    case Recfm::line:
      return std::make_unique<LineFramer>(options);
    case Recfm::length_prefixed:
    case Recfm::ims_llzz:
    case Recfm::gnucobol:
      return std::make_unique<PrefixedFramer>(options);
    case Recfm::micro_focus:
      return std::make_unique<MicroFocusFramer>(options);
    case Recfm::ftp_block:
      return std::make_unique<FtpBlockFramer>(options);
    case Recfm::measured:
      return std::make_unique<MeasuredFramer>(options);
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Framer>> make_framer(const FramingOptions& options) {
  const Result<void> checked = check(options);
  if (!checked) return pass_on(checked);
  std::unique_ptr<Framer> framer = make(options);
  if (options.trailer_records > 0)
    framer = std::make_unique<TrailerFramer>(std::move(framer), options);
  if (options.grouper != nullptr)
    framer = std::make_unique<GroupFramer>(std::move(framer), options);
  return framer;
}

}  // namespace copybridge::framing
