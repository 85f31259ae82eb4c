// JSON Lines of one piece of input to framed records: the work of `encode`, and what
// `bench --encode` measures and the library offers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/encode/encode.h"
#include "codecs/framing/writer.h"
#include "codecs/mapping/document_encoder.h"
#include "codecs/mapping/mapping.h"

namespace copybridge::mapping {

/// A line that became no record.
struct RejectedLine {
  std::uint64_t line = 0;  ///< among the lines of the piece, from 0
  std::string message;     ///< empty behind the first `messages_max` of a piece
};

/// What became of the lines of one piece. Used again and again.
struct EncodedLines {
  ByteBuffer framed;
  std::uint64_t lines = 0;    ///< empty ones too
  std::uint64_t records = 0;  ///< in `framed`, or held by the writer for a block
  std::vector<RejectedLine> rejects;

  void clear();
};

/// What lines are encoded by: one of both. Immutable, used from any number of threads.
struct LinePlan {
  std::unique_ptr<const encode::EncodePlan> records;
  std::unique_ptr<const DocumentPlan> documents;  ///< of a mapping with children

  /// Mistakes go to `diagnostics`; neither is there where there are errors.
  [[nodiscard]] static LinePlan compile(const Mapping& mapping,
                                        const encode::EncodeOptions& options,
                                        Diagnostics& diagnostics);
  [[nodiscard]] bool is_empty() const { return records == nullptr && documents == nullptr; }
};

/// Encodes and frames; one object for one stream.
class LineEncoder {
 public:
  /// `plan` is not empty and must outlive the encoder.
  LineEncoder(const LinePlan& plan, std::unique_ptr<framing::FrameWriter> writer);

  /// Encodes lines of `text` to `done`, behind what it holds, and returns the characters that are
  /// done with: fewer than there are where the last line has no end (and `is_end` does not say that
  /// it needs none), or where much has been written. kReadableTail bytes behind the text must be
  /// readable. Reasons are given for the first `messages_max` rejected lines.
  std::size_t encode(std::string_view text, bool is_end, std::size_t messages_max,
                     EncodedLines& done);

  /// Appends the record of one JSON object to `out`, unframed: of a document its records, each
  /// behind its length. As encode::Encoder::encode().
  [[nodiscard]] bool encode_record(std::string_view json, ByteBuffer& out);

  /// Why the last encode_record() was refused; its text must still be there.
  [[nodiscard]] encode::Refusal refusal() const;

  /// Appends what ends the stream.
  Result<void> finish(ByteBuffer& framed) { return writer_->finish(framed); }

 private:
  encode::LinesDone encode_run(std::string_view text, bool is_end);
  void frame(std::uint64_t first_line, std::size_t messages_max, EncodedLines& done);

  std::unique_ptr<encode::Encoder> encoder_;    ///< null: documents
  std::unique_ptr<DocumentEncoder> documents_;  ///< null: records
  std::unique_ptr<framing::FrameWriter> writer_;
  ByteBuffer bytes_;
  std::vector<encode::LineRecord> records_;
};

}  // namespace copybridge::mapping
