// Cutting of V, VB and FB with BDWs, and what is said where the descriptors do not fit.
#include "codecs/framing/descriptor_framer.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::framing {

namespace {

std::string hex_at(ByteView bytes, std::size_t at) {
  return to_hex(bytes.subspan(at, std::min(kDescriptorBytes, bytes.size() - at)));
}

}  // namespace

DescriptorFramer::DescriptorFramer(const FramingOptions& options)
    : StreamFramer(options, is_spanned(options)),
      bdw_presence_(options.bdw),
      rdw_(rdw_rule(options)),
      keeps_prefix_(options.keep_prefix),
      record_bytes_max_(options.lrecl > kDescriptorBytes ? options.lrecl - kDescriptorBytes
                                                         : options.record_bytes_max) {
  if (options.recfm == Recfm::fixed) fixed_size_ = options.lrecl;
  bdw_ = any_bdw_ = bdw_rule(options, fixed_size_);
  if (options.block_size > 0)
    bdw_.payload_max = std::int64_t{options.block_size} - std::int64_t{kDescriptorBytes};
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
    const Fit fit = begins_with_block(piece.bytes, piece.is_end, any_bdw_, rdw_);
    if (fit == Fit::undecided) return {};
    state_.bdw_found = fit == Fit::yes ? 1 : 0;
  }
  while (!cuts.is_full()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const Piece here{rest, piece.position + cuts.consumed, piece.is_end};
    if (rest.empty() && (!piece.is_end || state_.block_left == 0)) return {};
    const std::size_t before = cuts.count;
    Result<void> result = rdw_.has_segments ? cut_segments(here, cuts) : cut_one(here, cuts);
    if (!result || cuts.count == before) return result;
    has_cut_ = true;
  }
  return {};
}

/// The next record, where it is whole.
Result<void> DescriptorFramer::cut_one(const Piece& rest, Cuts& cuts) {
  const Extent extent = measure(rest.bytes, state_.block_left);
  if (extent.flaw == Flaw::more) {
    if (!rest.is_end) return {};
    return tl::make_unexpected(ended_early(rest));
  }
  if (extent.flaw != Flaw::none) return tl::make_unexpected(broken(rest, extent));
  const std::size_t head = keeps_prefix_ && fixed_size_ == 0 ? kDescriptorBytes : 0;
  Result<void> added = cuts.add(cuts.consumed + extent.offset - head, extent.size + head);
  if (!added) return added;
  cuts.consumed += extent.offset + extent.size;
  state_.block_left = extent.block_left;
  return {};
}

/// The next record of VS or VBS, where all its segments are there. They may lie in several blocks.
Result<void> DescriptorFramer::cut_segments(const Piece& rest, Cuts& cuts) {
  const std::size_t begin = assembled_.size();
  std::size_t at = 0;
  std::uint64_t block_left = state_.block_left;
  bool is_open = false;
  while (true) {
    const Piece here{rest.bytes.subspan(at), rest.position + at, rest.is_end};
    const Extent extent = measure(here.bytes, block_left);
    if (extent.flaw != Flaw::none) {
      assembled_.resize(begin);
      if (extent.flaw == Flaw::more && !rest.is_end) return {};
      return tl::make_unexpected(extent.flaw == Flaw::more ? segments_ended(rest, is_open)
                                                           : broken(here, extent));
    }
    const bool begins = extent.segment == Segment::complete || extent.segment == Segment::first;
    const std::uint64_t segment_at = here.position + extent.offset - kDescriptorBytes;
    const std::size_t size = assembled_.size() - begin + extent.size;
    if (begins == is_open || size > record_bytes_max_) {
      const std::size_t flaw_at = at + extent.offset - kDescriptorBytes;
      assembled_.resize(begin);
      return begins == is_open ? broken_chain(rest, flaw_at, segment_at, is_open)
                               : too_long(rest, size);
    }
    assembled_.append(here.bytes.subspan(extent.offset, extent.size));
    at += extent.offset + extent.size;
    block_left = extent.block_left;
    is_open = extent.segment == Segment::first || extent.segment == Segment::middle;
    if (!is_open) break;
  }
  Result<void> added = cuts.add(begin, assembled_.size() - begin);
  if (!added) return added;
  cuts.consumed += at;
  state_.block_left = block_left;
  return {};
}

tl::unexpected<Error> DescriptorFramer::broken_chain(const Piece& rest, std::size_t flaw_at,
                                                     std::uint64_t position, bool is_open) {
  return fail(ErrorKind::framing,
              fmt::format("framing: RDW at byte {}: found {}, expected {}", position,
                          hex_at(rest.bytes, flaw_at),
                          is_open ? fmt::format("a middle or last segment of the spanned record "
                                                "that begins at byte {}",
                                                rest.position)
                                  : std::string("a whole record or the first segment of one")));
}

tl::unexpected<Error> DescriptorFramer::too_long(const Piece& rest, std::size_t size) const {
  return fail(
      ErrorKind::framing,
      fmt::format("framing: spanned record at byte {}: found segments of {} bytes, expected "
                  "at most {}",
                  rest.position, size, record_bytes_max_));
}

Error DescriptorFramer::segments_ended(const Piece& rest, bool is_open) const {
  if (!is_open) return ended_early(rest);
  return Error{ErrorKind::framing,
               fmt::format("framing: the stream ends at byte {}, within the spanned record at byte "
                           "{}, expected its other segments",
                           rest.position + rest.bytes.size(), rest.position),
               {}};
}

DescriptorFramer::Extent DescriptorFramer::measure(ByteView rest, std::uint64_t block_left) const {
  std::uint64_t left = block_left;
  std::size_t at = 0;
  // A BDW is taken together with its first record, so that a stream always goes on at a record.
  if (has_blocks() && left == 0) {
    if (rest.size() < kDescriptorBytes) return {.flaw = Flaw::more};
    const Descriptor block = read_descriptor(rest, bdw_);
    if (block.flaw != Flaw::none)
      return {.block_left = left, .flaw = block.flaw, .is_block_flaw = true};
    left = static_cast<std::uint64_t>(block.payload);
    at = kDescriptorBytes;
  }
  const std::size_t head = fixed_size_ > 0 ? 0 : kDescriptorBytes;
  if (has_blocks() && left < std::max(head, fixed_size_))
    return {.block_left = left, .flaw = Flaw::block_remainder, .flaw_at = at};
  if (rest.size() - at < head) return {.flaw = Flaw::more, .flaw_at = at};
  std::size_t size = fixed_size_;
  Segment segment = Segment::complete;
  if (head > 0) {
    const Descriptor record = read_descriptor(rest.subspan(at), rdw_);
    if (record.flaw != Flaw::none) return {.flaw = record.flaw, .flaw_at = at};
    size = static_cast<std::size_t>(record.payload);
    segment = record.segment;
  }
  if (has_blocks() && head + size > left)
    return {.block_left = left, .flaw = Flaw::across_block, .flaw_at = at};
  if (rest.size() - at - head < size) return {.flaw = Flaw::more, .flaw_at = at};
  return {.offset = at + head,
          .size = size,
          .block_left = has_blocks() ? left - head - size : 0,
          .segment = segment,
          .flaw = Flaw::none};
}

Error DescriptorFramer::broken(const Piece& rest, const Extent& extent) const {
  const DescriptorRule& rule = extent.is_block_flaw ? bdw_ : rdw_;
  const ByteView bytes = rest.bytes;
  const std::uint64_t left = extent.block_left;
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
          ", a segment of a spanned record, expected whole records (read VS and VBS with --recfm "
          "VBS)";
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
    const Fit fit = begins_with_block(rest.bytes, rest.is_end, any_bdw_, rdw_);
    return fit == Fit::yes ? "; read with BDWs (VB, --bdw yes) the bytes in sight fit" : "";
  }
  // Behind a record that fitted its block, blocks are no longer in doubt.
  if (has_cut_ || !begins_with_records(rest.bytes, rest.is_end, rdw_)) return {};
  return "; read without BDWs (V, --bdw no) the bytes in sight fit";
}

}  // namespace copybridge::framing
