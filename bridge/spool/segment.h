// A segment file of the spool: a header and frames one behind the other, then zeros up to where the
// file was extended to. Reading finds the frames, and around damaged bytes the next sound ones.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bridge/spool/frame.h"
#include "bridge/spool/storage.h"

namespace copybridge::spool {

inline constexpr std::uint64_t kSegmentHeaderSize = 64;

/// What a segment is. The file's name says it and the header repeats it; whoever loses one has the
/// other.
struct SegmentIdentity {
  FrameHome home;
  std::uint64_t first_sequence = 0;

  bool operator==(const SegmentIdentity& other) const {
    return home.epoch == other.home.epoch && home.segment == other.home.segment &&
           first_sequence == other.first_sequence;
  }
};

[[nodiscard]] std::string segment_name(const SegmentIdentity& identity);
/// Nothing where the name is none of a segment.
[[nodiscard]] std::optional<SegmentIdentity> read_segment_name(std::string_view name);
void append_segment_header(ByteBuffer& out, const SegmentIdentity& identity);
/// Nothing where the header is damaged.
[[nodiscard]] Result<std::optional<SegmentIdentity>> read_segment_header(StoredFile& file);

/// What lies next in a segment.
struct Piece {
  enum class Kind : std::uint8_t {
    frame,
    damage,  ///< bytes up to the next sound frame, or up to the limit
    end
  };
  Kind kind = Kind::end;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;      ///< of frame or damage, in the file
  std::uint64_t sequence = 0;  ///< of a frame
  ByteView payload = {};       ///< of a frame, until the next call of next()
};

/// Reads a segment from its first frame on. Not thread-safe.
class SegmentReader {
 public:
  SegmentReader(std::unique_ptr<StoredFile> file, const FrameHome& home)
      : file_(std::move(file)), home_(home) {}

  /// Never looks at bytes from `limit` on. From `synced` on an unsound frame is the end: what was
  /// not synced may be torn, or be zeros.
  [[nodiscard]] Result<Piece> next(std::uint64_t limit, std::uint64_t synced);
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] StoredFile& file() { return *file_; }

 private:
  [[nodiscard]] Result<ByteView> view(std::uint64_t offset, std::uint64_t size,
                                      std::uint64_t limit);
  [[nodiscard]] Result<std::optional<Piece>> frame_at(std::uint64_t offset, std::uint64_t limit);
  [[nodiscard]] Result<std::uint64_t> end_before_zeros(std::uint64_t from, std::uint64_t to);
  [[nodiscard]] Result<std::uint64_t> next_sound(std::uint64_t from, std::uint64_t limit);

  std::unique_ptr<StoredFile> file_;
  FrameHome home_;
  std::uint64_t offset_ = kSegmentHeaderSize;
  ByteBuffer buffer_;
  std::uint64_t buffer_offset_ = 0;
};

}  // namespace copybridge::spool
