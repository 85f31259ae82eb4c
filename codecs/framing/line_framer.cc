// Cutting of lines.
#include "codecs/framing/line_framer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace copybridge::framing {

namespace {

constexpr std::uint8_t kAsciiLineFeed = 0x0A;
constexpr std::uint8_t kCarriageReturn = 0x0D;

}  // namespace

LineFramer::LineFramer(const FramingOptions& options)
    : StreamFramer(options),
      record_bytes_max_(options.lrecl > 0 ? options.lrecl : options.record_bytes_max),
      drops_carriage_return_(std::ranges::find(options.line_ends, kAsciiLineFeed) !=
                             options.line_ends.end()),
      wraps_(options.wraps_lines) {
  for (const std::uint8_t byte : options.line_ends) searches_[search_count_++].byte = byte;
}

void LineFramer::restore(const State& state) {
  StreamFramer::restore(state);
  for (Search& search : searches_) search.searched = search.found = 0;
}

void LineFramer::Search::advance(const Piece& piece, std::uint64_t from) {
  if (is_found() && found >= from) return;
  const std::uint64_t piece_end = piece.position + piece.bytes.size();
  const std::uint64_t begin = std::max(from, searched);
  if (begin >= piece_end) return;
  const std::uint8_t* first = piece.bytes.data() + (begin - piece.position);
  const void* hit = std::memchr(first, byte, piece_end - begin);
  if (hit == nullptr) {
    found = searched = piece_end;
    return;
  }
  found = begin + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(hit) - first);
  searched = found + 1;
}

/// Position of the first line end at or behind `from`; the piece's end where there is none.
std::uint64_t LineFramer::find_end(const Piece& piece, std::uint64_t from) {
  std::uint64_t nearest = piece.position + piece.bytes.size();
  for (std::size_t i = 0; i < search_count_; ++i) {
    Search& search = searches_[i];
    search.advance(piece, from);
    if (search.is_found() && search.found >= from) nearest = std::min(nearest, search.found);
  }
  return nearest;
}

Result<void> LineFramer::cut(const Piece& piece, Cuts& cuts) {
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const std::uint64_t begin = piece.position + cuts.consumed;
    const std::uint64_t end = find_end(piece, begin);
    const bool is_ended = end < piece.position + piece.bytes.size();
    std::uint64_t size = end - begin;
    if (!is_ended && !piece.is_end && size <= record_bytes_max_ + 1) return {};
    const std::uint8_t* line = piece.bytes.data() + cuts.consumed;
    if (drops_carriage_return_ && size > 0 && line[size - 1] == kCarriageReturn) --size;
    if (size > record_bytes_max_ && wraps_) {
      Result<void> added = cuts.add(cuts.consumed, record_bytes_max_);
      if (!added) return added;
      cuts.consumed += record_bytes_max_;
      continue;
    }
    if (size > record_bytes_max_) {
      return fail(ErrorKind::framing,
                  fmt::format("framing: line at byte {}: found no line end in {} bytes, expected "
                              "one after at most {}",
                              begin, size, record_bytes_max_));
    }
    Result<void> added = cuts.add(cuts.consumed, size);
    if (!added) return added;
    cuts.consumed += (end - begin) + (is_ended ? 1 : 0);
  }
  return {};
}

}  // namespace copybridge::framing
