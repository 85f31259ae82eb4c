// Cutting of V, VB and FB with BDWs, and what is said where the descriptors do not fit.
#include "codecs/framing/descriptor_framer.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::framing {

namespace {

constexpr std::int64_t kBlockBytesMax = 0x7FFFFFFF;

DescriptorRule bdw_rule(const FramingOptions& options, std::size_t fixed_size) {
  const std::size_t least = fixed_size > 0 ? fixed_size : kDescriptorBytes;
  return {"BDW",
          options.bdw_little_endian,
          options.bdw_includes_itself,
          options.bdw_adjust,
          true,
          static_cast<std::int64_t>(least),
          kBlockBytesMax};
}

DescriptorRule rdw_rule(const FramingOptions& options) {
  const std::uint32_t largest = options.lrecl > 0 ? options.lrecl : kRdwMax;
  return {"RDW",
          options.rdw_little_endian,
          options.rdw_includes_itself,
          options.rdw_adjust,
          false,
          0,
          std::int64_t{largest} - std::int64_t{kDescriptorBytes}};
}

std::string hex_at(ByteView bytes, std::size_t at) {
  return to_hex(bytes.subspan(at, std::min(kDescriptorBytes, bytes.size() - at)));
}

}  // namespace

DescriptorFramer::DescriptorFramer(const FramingOptions& options)
    : StreamFramer(options), bdw_presence_(options.bdw), rdw_(rdw_rule(options)) {
  if (options.recfm == Recfm::fixed) fixed_size_ = options.lrecl;
  bdw_ = bdw_rule(options, fixed_size_);
  DescriptorFramer::restore({});
}

void DescriptorFramer::restore(const State& state) {
  StreamFramer::restore(state);
  has_cut_ = false;
  if (bdw_presence_ != Presence::automatic)
    state_.bdw_found = bdw_presence_ == Presence::yes ? 1 : 0;
}

Result<void> DescriptorFramer::cut(const Piece& piece, Cuts& cuts) {
  if (state_.bdw_found < 0) {
    const Fit fit = begins_with_block(piece.bytes, piece.is_end, bdw_, rdw_);
    if (fit == Fit::undecided) return {};
    state_.bdw_found = fit == Fit::yes ? 1 : 0;
  }
  while (!cuts.is_full()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const Piece here{rest, piece.position + cuts.consumed, piece.is_end};
    if (rest.empty() && (!piece.is_end || state_.block_left == 0)) return {};
    const Extent extent = measure(rest);
    if (extent.flaw == Flaw::more) {
      if (!piece.is_end) return {};
      return tl::make_unexpected(ended_early(here));
    }
    if (extent.flaw != Flaw::none) return tl::make_unexpected(broken(here, extent));
    cuts.add(cuts.consumed + extent.offset, extent.size);
    cuts.consumed += extent.offset + extent.size;
    state_.block_left = extent.block_left;
    has_cut_ = true;
  }
  return {};
}

DescriptorFramer::Extent DescriptorFramer::measure(ByteView rest) const {
  std::uint64_t left = state_.block_left;
  std::size_t at = 0;
  // A BDW is taken together with its first record, so that a stream always goes on at a record.
  if (has_blocks() && left == 0) {
    if (rest.size() < kDescriptorBytes) return {.flaw = Flaw::more};
    const Descriptor block = read_descriptor(rest, bdw_);
    if (block.flaw != Flaw::none) return {.flaw = block.flaw, .is_block_flaw = true};
    left = static_cast<std::uint64_t>(block.payload);
    at = kDescriptorBytes;
  }
  const std::size_t head = fixed_size_ > 0 ? 0 : kDescriptorBytes;
  if (has_blocks() && left < std::max(head, fixed_size_))
    return {.flaw = Flaw::block_remainder, .flaw_at = at};
  if (rest.size() - at < head) return {.flaw = Flaw::more, .flaw_at = at};
  std::size_t size = fixed_size_;
  if (head > 0) {
    const Descriptor record = read_descriptor(rest.subspan(at), rdw_);
    if (record.flaw != Flaw::none) return {.flaw = record.flaw, .flaw_at = at};
    size = static_cast<std::size_t>(record.payload);
  }
  if (has_blocks() && head + size > left) return {.flaw = Flaw::across_block, .flaw_at = at};
  if (rest.size() - at - head < size) return {.flaw = Flaw::more, .flaw_at = at};
  return {.offset = at + head,
          .size = size,
          .block_left = has_blocks() ? left - head - size : 0,
          .flaw = Flaw::none};
}

Error DescriptorFramer::broken(const Piece& rest, const Extent& extent) const {
  const DescriptorRule& rule = extent.is_block_flaw ? bdw_ : rdw_;
  const ByteView bytes = rest.bytes;
  const std::uint64_t left = extent.flaw_at > 0
                                 ? static_cast<std::uint64_t>(read_descriptor(bytes, bdw_).payload)
                                 : state_.block_left;
  std::string text = fmt::format("framing: {} at byte {}: found {}", rule.name,
                                 rest.position + extent.flaw_at, hex_at(bytes, extent.flaw_at));
  switch (extent.flaw) {
    case Flaw::none:
    case Flaw::more:
      break;
    case Flaw::too_small:
    case Flaw::too_large:
      text += fmt::format(", a length of {}, expected {}",
                          read_descriptor(bytes.subspan(extent.flaw_at), rule).length,
                          expected_length(rule));
      break;
    case Flaw::spanned:
      text +=
          ", a segment of a spanned record, expected RECFM V or VB without segments "
          "(VBS is not read)";
      break;
    case Flaw::reserved:
      text += ", expected zeros beside the length";
      break;
    case Flaw::across_block:
      text += fmt::format(", a length of {}, expected at most the {} bytes left of its block",
                          read_descriptor(bytes.subspan(extent.flaw_at), rule).length, left);
      break;
    case Flaw::block_remainder:
      text = fmt::format(
          "framing: block ends at byte {}: found {} bytes behind its last record, "
          "expected {}",
          rest.position + extent.flaw_at + left, left,
          fixed_size_ > 0 ? fmt::format("records of {} bytes", fixed_size_)
                          : std::string("records that fill it"));
      break;
  }
  return Error{ErrorKind::framing, text + other_reading(rest), {}};
}

Error DescriptorFramer::ended_early(const Piece& rest) const {
  const std::uint64_t end = rest.position + rest.bytes.size();
  std::string text = fmt::format("framing: the stream ends at byte {}, ", end);
  const std::size_t shown = std::min(kDescriptorBytes, rest.bytes.size());
  if (rest.bytes.empty()) {
    text += fmt::format("within a block, expected {} more bytes of it", state_.block_left);
  } else {
    text += fmt::format(
        "within the record at byte {}: found {} bytes that begin with {}, "
        "expected all of the record",
        rest.position, rest.bytes.size(), to_hex(rest.bytes.first(shown)));
  }
  return Error{ErrorKind::framing, text + other_reading(rest), {}};
}

std::string DescriptorFramer::other_reading(const Piece& rest) const {
  if (fixed_size_ > 0) return {};
  if (!has_blocks()) {
    const Fit fit = begins_with_block(rest.bytes, rest.is_end, bdw_, rdw_);
    return fit == Fit::yes ? "; read with BDWs (VB, --bdw yes) the bytes in sight fit" : "";
  }
  // Behind a record that fitted its block, blocks are no longer in doubt.
  if (has_cut_ || !begins_with_records(rest.bytes, rest.is_end, rdw_)) return {};
  return "; read without BDWs (V, --bdw no) the bytes in sight fit";
}

}  // namespace copybridge::framing
