// Cutting of FTP blocks and of Micro Focus variable files.
#include "codecs/framing/block_framer.h"

#include <fmt/format.h>

#include <algorithm>

#include "codecs/framing/prefix.h"

namespace copybridge::framing {

namespace {

std::size_t largest(const FramingOptions& options) {
  return options.lrecl > 0 ? options.lrecl : options.record_bytes_max;
}

std::string hex_of(ByteView bytes, std::size_t count) {
  return to_hex(bytes.first(std::min(count, bytes.size())));
}

tl::unexpected<Error> wrong(const char* what, std::uint64_t position, const std::string& found,
                            const std::string& expected) {
  return fail(ErrorKind::framing, fmt::format("framing: {} at byte {}: found {}, expected {}", what,
                                              position, found, expected));
}

tl::unexpected<Error> ended(const char* within, std::uint64_t end, std::uint64_t begin,
                            const char* expected) {
  return fail(ErrorKind::framing,
              fmt::format("framing: the stream ends at byte {}, within the {} at byte {}, expected "
                          "{}",
                          end, within, begin, expected));
}

}  // namespace

FtpBlockFramer::FtpBlockFramer(const FramingOptions& options)
    : StreamFramer(options, true), record_bytes_max_(largest(options)) {}

Result<void> FtpBlockFramer::cut(const Piece& piece, Cuts& cuts) {
  while (!cuts.is_full()) {
    const Piece rest{piece.bytes.subspan(cuts.consumed), piece.position + cuts.consumed,
                     piece.is_end};
    if (rest.bytes.empty() && (is_behind_end() || !piece.is_end)) return {};
    if (is_behind_end())
      return wrong("block", rest.position, hex_of(rest.bytes, kFtpHeaderBytes),
                   "nothing behind the block with EOF");
    if (rest.bytes.empty())
      return fail(ErrorKind::framing, fmt::format("framing: the stream ends at byte {}, expected a "
                                                  "block with EOF",
                                                  rest.position));
    const std::size_t begin = assembled_.size();
    const Result<Run> found = run(rest);
    if (!found || found->size == 0) assembled_.resize(begin);
    if (!found) return pass_on(found);
    if (found->size == 0) return {};
    if (found->is_record) {
      Result<void> added = cuts.add(begin, assembled_.size() - begin);
      if (!added) return added;
    }
    if (found->is_last) state_.bdw_found = 1;
    cuts.consumed += found->size;
  }
  return {};
}

Result<FtpBlockFramer::Run> FtpBlockFramer::run(const Piece& rest) {
  const std::size_t begin = assembled_.size();
  Run found;
  std::size_t at = 0;
  while (true) {
    const ByteView bytes = rest.bytes.subspan(at);
    if (bytes.size() < kFtpHeaderBytes ||
        bytes.size() - kFtpHeaderBytes < read_number(bytes.subspan(1, 2), false)) {
      if (!rest.is_end) return Run{};
      return ended("record", rest.position + rest.bytes.size(), rest.position,
                   "blocks up to one with EOR or EOF");
    }
    const std::uint8_t code = bytes[0];
    const std::size_t size = read_number(bytes.subspan(1, 2), false);
    if ((code & 0x0F) != 0 || (code & kFtpSuspect) != 0) {
      return wrong("block", rest.position + at, hex_of(bytes, kFtpHeaderBytes),
                   (code & kFtpSuspect) != 0 ? "data that the sender does not suspect of errors"
                                             : "a descriptor of EOR, EOF and restart marker");
    }
    at += kFtpHeaderBytes + size;
    if ((code & kFtpRestartMarker) != 0) {
      if (assembled_.size() == begin && !found.is_record) return Run{.size = at};
      continue;
    }
    assembled_.append(bytes.subspan(kFtpHeaderBytes, size));
    if (assembled_.size() - begin > record_bytes_max_)
      return wrong("record", rest.position, fmt::format("{} bytes", assembled_.size() - begin),
                   fmt::format("at most {}", record_bytes_max_));
    found.is_last = (code & kFtpEndOfFile) != 0;
    found.is_record = (code & kFtpEndOfRecord) != 0 || assembled_.size() > begin;
    found.size = at;
    if ((code & (kFtpEndOfRecord | kFtpEndOfFile)) != 0) return found;
    found.is_record = false;
  }
}

std::size_t micro_focus_extent(std::size_t head, std::size_t size) {
  constexpr std::size_t kAlignment = 4;
  constexpr std::size_t kLeast = 8;
  return std::max(kLeast, (head + size + kAlignment - 1) / kAlignment * kAlignment);
}

MicroFocusFramer::MicroFocusFramer(const FramingOptions& options)
    : StreamFramer(options), record_bytes_max_(largest(options)) {}

Result<void> MicroFocusFramer::cut(const Piece& piece, Cuts& cuts) {
  if (state_.bdw_found < 0) {
    if (piece.bytes.empty()) return {};
    const Result<bool> begun = begin(piece, cuts);
    if (!begun) return pass_on(begun);
    if (!*begun) return {};
  }
  while (!cuts.is_full() && cuts.consumed < piece.bytes.size()) {
    const Result<bool> is_whole = cut_one(
        {piece.bytes.subspan(cuts.consumed), piece.position + cuts.consumed, piece.is_end}, cuts);
    if (!is_whole) return pass_on(is_whole);
    if (!*is_whole) return {};
  }
  return {};
}

Result<bool> MicroFocusFramer::begin(const Piece& piece, Cuts& cuts) {
  constexpr std::uint32_t kShortHeads = 0x307E0000;
  constexpr std::uint32_t kLongHeads = 0x3000007C;
  constexpr std::size_t kOrganization = 39;
  constexpr std::size_t kCompression = 41;
  constexpr std::uint8_t kSequential = 1;
  const ByteView bytes = piece.bytes;
  const std::size_t seen = std::min<std::size_t>(4, bytes.size());
  const std::uint32_t first = read_number(bytes.first(seen), false) << (8 * (4 - seen));
  const std::uint32_t mask = seen == 4 ? ~0U : ~(~0U >> (8 * seen));
  if (first != (kShortHeads & mask) && first != (kLongHeads & mask))
    return wrong("file header", piece.position, hex_of(bytes, 4), "307E0000 or 3000007C");
  if (bytes.size() < kMicroFocusHeaderBytes) {
    if (!piece.is_end) return false;
    return ended("file header", piece.position + bytes.size(), piece.position, "128 bytes of it");
  }
  if (bytes[kOrganization] != kSequential)
    return wrong("organization", piece.position + kOrganization,
                 to_hex(bytes.subspan(kOrganization, 1)),
                 "01, a sequential file (not an indexed or relative one)");
  if (bytes[kCompression] != 0)
    return wrong("data compression", piece.position + kCompression,
                 to_hex(bytes.subspan(kCompression, 1)), "00, none");
  state_.bdw_found = first == kShortHeads ? 2 : 4;
  cuts.consumed = kMicroFocusHeaderBytes;
  return true;
}

Result<bool> MicroFocusFramer::cut_one(const Piece& rest, Cuts& cuts) {
  // Types of records: 4 data, 7 data that a pointer leads to, 10 data within a transaction;
  // 1 and 3 the system's, 2 deleted.
  constexpr std::uint32_t kData = 1U << 4 | 1U << 7 | 1U << 10;
  constexpr std::uint32_t kSkipped = 1U << 1 | 1U << 2 | 1U << 3;
  const auto head = std::size_t{state_.bdw_found == 2 ? 2U : 4U};
  const std::uint64_t end = rest.position + rest.bytes.size();
  if (rest.bytes.size() < head) {
    if (!rest.is_end) return false;
    return ended("record", end, rest.position, "all of it");
  }
  const std::uint32_t word = read_number(rest.bytes.first(head), false);
  const std::uint32_t type = word >> (8 * head - 4);
  const std::size_t size = word & (head == 2 ? 0x0FFFU : 0x0FFFFFFFU);
  if (((kData | kSkipped) >> type & 1) == 0)
    return wrong("record header", rest.position, to_hex(rest.bytes.first(head)),
                 "a data record (type 4)");
  if (size > record_bytes_max_)
    return wrong("record header", rest.position, to_hex(rest.bytes.first(head)),
                 fmt::format("a length of at most {}", record_bytes_max_));
  const std::size_t extent = micro_focus_extent(head, size);
  // The padding behind the last record need not be there.
  const std::size_t least = rest.is_end ? head + size : extent;
  if (rest.bytes.size() < least) {
    if (!rest.is_end) return false;
    return ended("record", end, rest.position, "all of it");
  }
  if ((kData >> type & 1) != 0) {
    const Result<void> added = cuts.add(cuts.consumed + head, size);
    if (!added) return pass_on(added);
  }
  cuts.consumed += std::min(extent, rest.bytes.size());
  return true;
}

}  // namespace copybridge::framing
