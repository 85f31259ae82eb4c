// Checks framing options and picks the framer.
#include "codecs/framing/framing.h"

#include <fmt/format.h>

#include "codecs/framing/descriptor_framer.h"
#include "codecs/framing/line_framer.h"
#include "codecs/framing/sized_framer.h"

namespace copybridge::framing {

namespace {

constexpr std::uint32_t kRecordBytesLeast = 16;
constexpr std::uint32_t kRecordBytesLimit = std::uint32_t{1} << 30;
/// An RDW's length has 16 bits.
constexpr std::uint32_t kVariableLreclMax = 65535;

tl::unexpected<Error> mistake(std::string message) {
  return fail(ErrorKind::config, "framing: " + std::move(message));
}

Result<void> check_length_field(const FramingOptions& options) {
  // Ten bytes hold any length up to the limit, in every form, without overflow.
  constexpr std::uint32_t kFieldBytesMax = 10;
  const LengthField& field = *options.length_field;
  const bool is_binary =
      field.form == LengthField::Form::binary_big || field.form == LengthField::Form::binary_little;
  const std::uint32_t largest = is_binary ? 4 : kFieldBytesMax;
  if (options.recfm != Recfm::fixed)
    return mistake("a length field and a RECFM that has lengths of its own exclude each other");
  if (field.size == 0 || field.size > largest)
    return mistake(fmt::format("a length field of this kind has 1 to {} bytes", largest));
  if (field.offset > options.record_bytes_max - kFieldBytesMax)
    return mistake("the length field lies outside the largest record");
  return {};
}

Result<void> check(const FramingOptions& options) {
  if (options.record_bytes_max < kRecordBytesLeast || options.record_bytes_max > kRecordBytesLimit)
    return mistake(fmt::format("the largest record must have {} to {} bytes", kRecordBytesLeast,
                               kRecordBytesLimit));
  if (options.lrecl > options.record_bytes_max) {
    return mistake(fmt::format("LRECL {} is more than the largest record of {} bytes",
                               options.lrecl, options.record_bytes_max));
  }
  if (options.skip_trailer > options.record_bytes_max) {
    return mistake(fmt::format("a trailer has at most {} bytes", options.record_bytes_max));
  }
  if (options.length_field) return check_length_field(options);
  switch (options.recfm) {
    case Recfm::fixed:
      if (options.lrecl == 0) return mistake("RECFM F needs the record's size (LRECL)");
      return {};
    case Recfm::variable:
    case Recfm::variable_blocked:
      if (options.lrecl == 0) return {};
      if (options.lrecl <= kDescriptorBytes || options.lrecl > kVariableLreclMax) {
        return mistake(
            fmt::format("LRECL {} of RECFM V must lie from 5 to {}, the RDW's 4 bytes "
                        "counted",
                        options.lrecl, kVariableLreclMax));
      }
      return {};
    case Recfm::line:
      if (options.line_ends.empty() || options.line_ends.size() > kLineEndsMax)
        return mistake(fmt::format("lines need 1 to {} line-end bytes", kLineEndsMax));
      return {};
    case Recfm::length_prefixed:
      if (options.length_bytes == 1 || options.length_bytes == 2 || options.length_bytes == 4)
        return {};
      return mistake(
          fmt::format("a length prefix has 1, 2 or 4 bytes, not {}", options.length_bytes));
  }
  return {};
}

std::unique_ptr<Framer> make(const FramingOptions& options) {
  if (options.length_field) return std::make_unique<LengthFieldFramer>(options);
  switch (options.recfm) {
    case Recfm::fixed:
      if (options.bdw == Presence::yes) return std::make_unique<DescriptorFramer>(options);
      return std::make_unique<FixedFramer>(options);
    case Recfm::variable:
    case Recfm::variable_blocked:
      return std::make_unique<DescriptorFramer>(options);
    case Recfm::line:
      return std::make_unique<LineFramer>(options);
    case Recfm::length_prefixed:
      return std::make_unique<LengthPrefixedFramer>(options);
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Framer>> make_framer(const FramingOptions& options) {
  const Result<void> checked = check(options);
  if (!checked) return pass_on(checked);
  return make(options);
}

}  // namespace copybridge::framing
