// Framer of documents: records that belong together become one record of their parts.
#pragma once

#include <memory>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// Bytes of the length (big-endian, not counting itself) that stands before each part.
inline constexpr std::size_t kPartHeadBytes = 4;

/// The next part of a document, which is taken off its front; false where none stands there.
[[nodiscard]] inline bool next_part(ByteView& rest, ByteView& part) {
  if (rest.size() < kPartHeadBytes) return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kPartHeadBytes; ++i) size = size << 8 | rest[i];
  if (size > rest.size() - kPartHeadBytes) return false;
  part = rest.subspan(kPartHeadBytes, size);
  rest = rest.subspan(kPartHeadBytes + size);
  return true;
}

/// Whether the bytes are parts, at least one, that fill them exactly.
[[nodiscard]] inline bool is_document(ByteView bytes) {
  ByteView part;
  if (bytes.empty()) return false;
  while (!bytes.empty()) {
    if (!next_part(bytes, part)) return false;
  }
  return true;
}

/// Appends a part to a document.
void append_part(ByteView record, ByteBuffer& document);

/// Puts the records of another framer together, but headers and trailers. A document is handed out
/// when the record behind it, or the stream's end, is in sight; where framing breaks within one, it
/// is not.
class GroupFramer final : public Framer {
 public:
  GroupFramer(std::unique_ptr<Framer> records, const FramingOptions& options);

  Result<Framed> next(ByteView piece, bool end_of_stream, std::size_t records_max,
                      std::vector<RecordSpan>& records) override;
  bool take_assembled(ByteBuffer& bytes) override;
  [[nodiscard]] State state() const override { return state_; }
  void restore(const State& state) override;

 private:
  /// The records read ahead in one call of next().
  struct Run {
    ByteView piece;
    bool is_end = false;
    std::uint64_t begin = 0;  ///< stream position of the piece
    std::size_t records_max = 0;
    std::size_t count = 0;
    std::vector<RecordSpan>& documents;
    bool is_open = false;
    std::size_t open_at = 0;          ///< of the open document in assembled_
    std::uint64_t open_position = 0;  ///< in the stream
  };

  Result<void> gather(Run& run);
  Result<bool> read_one(const Run& run, ByteView& record);
  Result<void> take(Run& run, ByteView record, const State& before);
  [[nodiscard]] RecordGrouper::Role role(ByteView record) const;
  void close(Run& run, const State& end);

  std::unique_ptr<Framer> records_;
  std::shared_ptr<const RecordGrouper> grouper_;
  std::uint64_t skip_header_;
  std::size_t document_bytes_max_;
  State state_;  ///< of records_, behind the documents handed out
  ByteBuffer assembled_;
  ByteBuffer record_bytes_;  ///< of a record that records_ has put together
  std::vector<RecordSpan> spans_;
};

}  // namespace copybridge::framing
