// Cutting of F, of lengths in front of records, and of records that are measured.
#include "codecs/framing/sized_framer.h"

#include <fmt/format.h>

#include <algorithm>

namespace copybridge::framing {

namespace {

constexpr std::size_t kShownBytes = 4;

tl::unexpected<Error> ended_early(ByteView rest, std::uint64_t position) {
  return fail(ErrorKind::framing,
              fmt::format("framing: the stream ends at byte {}, within the record at byte {}: "
                          "found {} bytes that begin with {}, expected all of the record",
                          position + rest.size(), position, rest.size(),
                          to_hex(rest.first(std::min(kShownBytes, rest.size())))));
}

tl::unexpected<Error> wrong_prefix(const PrefixRule& rule, ByteView prefix,
                                   std::uint64_t position) {
  const std::uint32_t length = read_number(prefix.first(rule.length_bytes), rule.is_little_endian);
  const std::int64_t least = std::max<std::int64_t>(0, rule.own() - rule.adjust);
  const std::int64_t most = std::int64_t{rule.payload_max} + rule.own() - rule.adjust;
  return fail(ErrorKind::framing,
              fmt::format("framing: {} at byte {}: found {}, a length of {}, expected {}",
                          rule.name, position, to_hex(prefix), length,
                          least == 0 ? fmt::format("at most {}", most)
                                     : fmt::format("one from {} to {}", least, most)));
}

}  // namespace

Result<void> FixedFramer::cut(const Piece& piece, Cuts& cuts) {
  const std::size_t count = std::min(piece.bytes.size() / lrecl_, cuts.records_max);
  for (std::size_t i = 0; i < count; ++i) {
    Result<void> added = cuts.add(i * lrecl_, lrecl_);
    if (!added) return added;
  }
  cuts.consumed = count * lrecl_;
  const std::size_t rest = piece.bytes.size() - cuts.consumed;
  if (!piece.is_end || rest == 0 || rest >= lrecl_) return {};
  if (!accepts_short_last_)
    return tl::make_unexpected(ended_early(piece.position + cuts.consumed, rest));
  if (cuts.is_full()) return {};
  Result<void> added = cuts.add(cuts.consumed, rest);
  if (added) cuts.consumed += rest;
  return added;
}

/// What the whole stream would be in records a little longer, which line ends or RDWs make them.
Error FixedFramer::ended_early(std::uint64_t position, std::size_t found) const {
  std::string text = fmt::format(
      "framing: the stream ends at byte {}, within the record at byte {}: found {} bytes, expected "
      "{} (LRECL)",
      position + found, position, found, lrecl_);
  const std::uint64_t size = position + found - std::min(position, skip_header());
  for (const std::size_t more : {1U, 2U, 4U}) {
    if (size % (lrecl_ + more) != 0 || size == lrecl_ + more) continue;
    text += fmt::format("; its {} bytes are whole records of {} (LRECL and {})", size,
                        lrecl_ + more, more == 4 ? "an RDW" : "a line end");
    break;
  }
  text += "; short_last (--short-records accept) takes a short last record";
  return Error{ErrorKind::framing, std::move(text), {}};
}

std::optional<std::uint64_t> adjusted(std::uint64_t size, std::int32_t adjust) {
  const std::int64_t result = static_cast<std::int64_t>(size) + adjust;
  if (result <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(result);
}

PrefixedFramer::PrefixedFramer(const FramingOptions& options)
    : StreamFramer(options), rule_(prefix_rule(options)), keeps_prefix_(options.keep_prefix) {}

Result<void> PrefixedFramer::cut(const Piece& piece, Cuts& cuts) {
  const std::size_t head = rule_.size();
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const std::uint64_t position = piece.position + cuts.consumed;
    if (rest.size() < head) {
      if (!piece.is_end) return {};
      return ended_early(rest, position);
    }
    const std::int64_t payload = rule_.payload(rest);
    if (payload < 0 || payload > std::int64_t{rule_.payload_max})
      return wrong_prefix(rule_, rest.first(head), position);
    if (!rule_.is_tail_sound(rest)) {
      return fail(ErrorKind::framing,
                  fmt::format("framing: {} at byte {}: found {}, expected zeros behind the length",
                              rule_.name, position, to_hex(rest.first(head))));
    }
    const auto size = static_cast<std::size_t>(payload);
    if (rest.size() - head < size) {
      if (!piece.is_end) return {};
      return ended_early(rest, position);
    }
    const std::size_t cut_off = keeps_prefix_ ? 0 : head;
    Result<void> added = cuts.add(cuts.consumed + cut_off, head + size - cut_off);
    if (!added) return added;
    cuts.consumed += head + size;
  }
  return {};
}

MeasuredFramer::MeasuredFramer(const FramingOptions& options)
    : StreamFramer(options),
      measure_(options.measure),
      adjust_(options.rdw_adjust),
      prefix_(options.record_prefix),
      suffix_(options.record_suffix),
      record_bytes_max_(options.lrecl > 0 ? options.lrecl : options.record_bytes_max) {}

Result<std::uint64_t> MeasuredFramer::size_of(ByteView rest, std::uint64_t position,
                                              RecordPlace place) const {
  if (rest.size() < prefix_) return 0;
  const Measured measured = measure_->measure(rest.subspan(prefix_), place);
  if (measured.kind == Measured::Kind::more) return 0;
  if (measured.kind == Measured::Kind::bad) {
    return fail(ErrorKind::framing, fmt::format("framing: record at byte {}: {}", position,
                                                measure_->explain(rest.subspan(prefix_), place)));
  }
  const std::uint64_t size = adjusted(measured.size, adjust_).value_or(0);
  const std::uint64_t cut_off = prefix_ + suffix_;
  if (size >= measured.size_min && size <= record_bytes_max_ - cut_off) return size + cut_off;
  return fail(ErrorKind::framing,
              fmt::format("framing: record at byte {}: found a length of {}, expected one from {} "
                          "to {}",
                          position, size, measured.size_min, record_bytes_max_ - cut_off));
}

Result<void> MeasuredFramer::cut(const Piece& piece, Cuts& cuts) {
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const ByteView rest = piece.bytes.subspan(cuts.consumed);
    const std::uint64_t position = piece.position + cuts.consumed;
    const Result<std::uint64_t> size = size_of(rest, position, cuts.place());
    if (!size) return pass_on(size);
    if (*size == 0 || rest.size() < *size) {
      if (piece.is_end) return ended_early(rest, position);
      if (rest.size() <= record_bytes_max_) return {};
      return fail(ErrorKind::framing,
                  fmt::format("framing: record at byte {}: its length is not to be found in its "
                              "first {} bytes",
                              position, rest.size()));
    }
    Result<void> added = cuts.add(cuts.consumed, static_cast<std::size_t>(*size));
    if (!added) return added;
    cuts.consumed += static_cast<std::size_t>(*size);
  }
  return {};
}

}  // namespace copybridge::framing
