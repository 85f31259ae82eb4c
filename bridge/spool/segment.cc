// Names, headers and frames of segment files.
#include "bridge/spool/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "bridge/spool/wire.h"

namespace copybridge::spool {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'C', 'B', 's', 'p', 's', 'e', 'g', 1};
constexpr std::size_t kCheckOffset = kSegmentHeaderSize - 8;
constexpr std::string_view kSuffix = ".segment";
constexpr std::uint64_t kReadSize = 1U << 18U;

/// Takes a number and the separator behind it off the front of a name.
bool take(std::string_view& name, int base, char separator, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, base);
  if (error != std::errc()) return false;
  name.remove_prefix(static_cast<std::size_t>(end - name.data()));
  if (!name.starts_with(separator)) return false;
  if (separator != kSuffix.front()) name.remove_prefix(1);
  return true;
}

}  // namespace

std::string segment_name(const SegmentIdentity& identity) {
  return fmt::format("{:010}-{:020}-{:016x}{}", identity.home.segment, identity.first_sequence,
                     identity.home.epoch, kSuffix);
}

std::optional<SegmentIdentity> read_segment_name(std::string_view name) {
  SegmentIdentity identity;
  const std::string_view whole = name;
  const bool is_one = take(name, 10, '-', identity.home.segment) &&
                      take(name, 10, '-', identity.first_sequence) &&
                      take(name, 16, kSuffix.front(), identity.home.epoch);
  if (!is_one || segment_name(identity) != whole) return std::nullopt;
  return identity;
}

void append_segment_header(ByteBuffer& out, const SegmentIdentity& identity) {
  std::array<std::uint8_t, kSegmentHeaderSize> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  put_number(header.data() + 8, identity.home.epoch);
  put_number(header.data() + 16, identity.home.segment);
  put_number(header.data() + 24, identity.first_sequence);
  put_number(header.data() + kCheckOffset, check_of(ByteView(header).first(kCheckOffset), 0));
  out.append(header);
}

Result<std::optional<SegmentIdentity>> read_segment_header(StoredFile& file) {
  std::array<std::uint8_t, kSegmentHeaderSize> header{};
  const Result<std::size_t> got = file.read_at(0, header);
  if (!got) return pass_on(got);
  const bool is_sound = *got == header.size() &&
                        std::memcmp(header.data(), kMagic.data(), kMagic.size()) == 0 &&
                        get_number<std::uint64_t>(header.data() + kCheckOffset) ==
                            check_of(ByteView(header).first(kCheckOffset), 0);
  if (!is_sound) return std::optional<SegmentIdentity>();
  return std::optional(SegmentIdentity{
      {get_number<std::uint64_t>(header.data() + 8), get_number<std::uint64_t>(header.data() + 16)},
      get_number<std::uint64_t>(header.data() + 24)});
}

Result<Piece> SegmentReader::next(std::uint64_t limit, std::uint64_t synced) {
  if (offset_ >= limit) return Piece{.offset = offset_};
  Result<std::optional<Piece>> frame = frame_at(offset_, limit);
  if (!frame) return pass_on(frame);
  if (*frame) {
    offset_ += (*frame)->size;
    return **frame;
  }
  if (offset_ >= synced) return Piece{.offset = offset_};
  const Result<std::uint64_t> sound = next_sound(offset_ + 1, limit);
  if (!sound) return pass_on(sound);
  Piece damage{Piece::Kind::damage, offset_, *sound - offset_};
  // Zeros up to the limit were never anything else, as far as anybody can tell.
  if (*sound >= limit) {
    const Result<std::uint64_t> end = end_before_zeros(offset_, *sound);
    if (!end) return pass_on(end);
    damage.size = *end - offset_;
    if (damage.size == 0) damage.kind = Piece::Kind::end;
  }
  offset_ = *sound;
  return damage;
}

Result<std::uint64_t> SegmentReader::end_before_zeros(std::uint64_t from, std::uint64_t to) {
  std::uint64_t end = from;
  while (from < to) {
    const Result<ByteView> bytes = view(from, kReadSize, to);
    if (!bytes) return pass_on(bytes);
    if (bytes->empty()) break;
    const auto last =
        std::find_if(bytes->rbegin(), bytes->rend(), [](auto byte) { return byte != 0; });
    const auto zeros = static_cast<std::uint64_t>(last - bytes->rbegin());
    if (zeros < bytes->size()) end = from + bytes->size() - zeros;
    from += bytes->size();
  }
  return end;
}

/// Bytes of the file, fewer than asked for only at the limit or the file's end. Views handed out
/// before are gone.
Result<ByteView> SegmentReader::view(std::uint64_t offset, std::uint64_t size,
                                     std::uint64_t limit) {
  size = std::min(size, limit - offset);
  const std::uint64_t buffer_end = buffer_offset_ + buffer_.size();
  if (offset < buffer_offset_ || offset > buffer_end) {
    buffer_.clear();
    buffer_offset_ = offset;
  } else if (offset + size > buffer_end) {
    buffer_.consume(static_cast<std::size_t>(offset - buffer_offset_));
    buffer_offset_ = offset;
  }
  const std::uint64_t begin = offset - buffer_offset_;
  if (begin + size > buffer_.size()) {
    const std::size_t old_size = buffer_.size();
    const std::uint64_t wanted =
        std::min(std::max(begin + size, kReadSize), limit - buffer_offset_);
    buffer_.resize(static_cast<std::size_t>(wanted));
    const Result<std::size_t> got = file_->read_at(
        buffer_offset_ + old_size, {buffer_.data() + old_size, buffer_.size() - old_size});
    buffer_.resize(old_size + got.value_or(0));
    if (!got) return pass_on(got);
  }
  const std::uint64_t there = buffer_.size() - std::min<std::uint64_t>(begin, buffer_.size());
  return buffer_.view().subspan(buffer_.size() - static_cast<std::size_t>(there),
                                static_cast<std::size_t>(std::min(size, there)));
}

Result<std::optional<Piece>> SegmentReader::frame_at(std::uint64_t offset, std::uint64_t limit) {
  Result<ByteView> bytes = view(offset, kFrameHeaderSize, limit);
  if (!bytes) return pass_on(bytes);
  const std::optional<FrameHeader> header = read_frame_header(*bytes, home_);
  const bool fits = header && header->payload_size <= limit - offset - kFrameHeaderSize;
  if (!fits) return std::optional<Piece>();
  const std::uint64_t size = kFrameHeaderSize + header->payload_size;
  bytes = view(offset, size, limit);
  if (!bytes) return pass_on(bytes);
  if (bytes->size() < size) return std::optional<Piece>();
  const ByteView payload = bytes->subspan(kFrameHeaderSize);
  if (check_of(payload, home_.seed()) != header->payload_check) return std::optional<Piece>();
  return std::optional(Piece{Piece::Kind::frame, offset, size, header->sequence, payload});
}

/// Where the next sound frame begins; `limit` or the file's end where there is none.
Result<std::uint64_t> SegmentReader::next_sound(std::uint64_t from, std::uint64_t limit) {
  while (from < limit) {
    const Result<ByteView> bytes = view(from, kReadSize, limit);
    if (!bytes) return pass_on(bytes);
    if (bytes->empty()) return from;
    const std::size_t found = find_marker(*bytes, 0);
    if (found == bytes->size()) {
      from += found;
      continue;
    }
    from += found;
    const Result<std::optional<Piece>> frame = frame_at(from, limit);
    if (!frame) return pass_on(frame);
    if (*frame) return from;
    ++from;
  }
  return limit;
}

}  // namespace copybridge::spool
