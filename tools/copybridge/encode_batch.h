// JSON Lines of one piece of input to framed records: the work of `encode`, and what
// `bench --encode` measures.
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

namespace copybridge::cli {

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

/// Encodes and frames; one object for one stream.
class LineEncoder {
 public:
  /// `plan` must outlive the encoder.
  LineEncoder(const encode::EncodePlan& plan, std::unique_ptr<framing::FrameWriter> writer)
      : encoder_(std::make_unique<encode::Encoder>(plan)), writer_(std::move(writer)) {}
  /// The same for lines that become several records each.
  LineEncoder(const mapping::DocumentPlan& plan, std::unique_ptr<framing::FrameWriter> writer)
      : documents_(std::make_unique<mapping::DocumentEncoder>(plan)), writer_(std::move(writer)) {}

  /// Encodes lines of `text` to `done`, behind what it holds, and returns the characters that are
  /// done with: fewer than there are where the last line has no end (and `is_end` does not say that
  /// it needs none), or where much has been written. kReadableTail bytes behind the text must be
  /// readable. Reasons are given for the first `messages_max` rejected lines.
  std::size_t encode(std::string_view text, bool is_end, std::size_t messages_max,
                     EncodedLines& done);

  /// Appends what ends the stream.
  Result<void> finish(ByteBuffer& framed) { return writer_->finish(framed); }

 private:
  encode::LinesDone encode_run(std::string_view text, bool is_end);
  [[nodiscard]] encode::Refusal refusal() const;
  void frame(std::uint64_t first_line, std::size_t messages_max, EncodedLines& done);

  std::unique_ptr<encode::Encoder> encoder_;             ///< null: documents
  std::unique_ptr<mapping::DocumentEncoder> documents_;  ///< null: records
  std::unique_ptr<framing::FrameWriter> writer_;
  ByteBuffer bytes_;
  std::vector<encode::LineRecord> records_;
};

}  // namespace copybridge::cli
