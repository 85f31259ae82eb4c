// JSON Lines of one piece of input to framed records: the work of `encode`, and what
// `bench --encode` measures and the library offers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/encode/encode.h"
#include "codecs/framing/framing.h"
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

/// What lines of one record type are encoded by. Immutable, used from any number of threads.
struct LinePlan {
  /// One of both is there.
  std::unique_ptr<const encode::EncodePlan> records = nullptr;
  std::unique_ptr<const DocumentPlan> documents = nullptr;  ///< of a mapping with children
  framing::RecordPlace place = framing::RecordPlace::detail;
  std::shared_ptr<const Mapping> mapping = nullptr;  ///< whose match must hold; null: none

  /// Mistakes go to `diagnostics`; neither is there where there are errors.
  [[nodiscard]] static LinePlan compile(std::shared_ptr<const Mapping> mapping,
                                        const encode::EncodeOptions& options,
                                        Diagnostics& diagnostics);
  [[nodiscard]] bool is_empty() const { return records == nullptr && documents == nullptr; }
};

/// With what follows from the framing: records of a fixed size have all of the storage at their
/// end, and of records that their copybook measures the alternatives that conditions choose tell
/// how much they have.
[[nodiscard]] encode::EncodeOptions framed_options(encode::EncodeOptions options,
                                                   const framing::FramingOptions& framing,
                                                   bool has_length_field);

/// Encodes and frames; one object for one stream.
class LineEncoder {
 public:
  /// `plans` are not empty and must outlive the encoder. Of several for the same place a line is
  /// for the first that takes it and by whose mapping, as the first that matches, decoding reads
  /// the record. The stream's first lines are headers and its last ones trailers, as many as
  /// `options` say, where there are plans for them.
  LineEncoder(std::span<const LinePlan> plans, const framing::FramingOptions& options,
              std::unique_ptr<framing::FrameWriter> writer);
  ~LineEncoder();
  LineEncoder(LineEncoder&&) noexcept;
  LineEncoder& operator=(LineEncoder&&) = delete;

  /// Encodes lines of `text` to `done`, behind what it holds, and returns the characters that are
  /// done with: fewer than there are where the last line has no end or the last ones may be
  /// trailers (and `is_end` does not say that nothing follows), or where much has been written.
  /// kReadableTail bytes behind the text must be readable. Reasons are given for the first
  /// `messages_max` rejected lines.
  std::size_t encode(std::string_view text, bool is_end, std::size_t messages_max,
                     EncodedLines& done);

  /// Whether whole lines may be given back, for they may be trailers.
  [[nodiscard]] bool holds_back() const { return trailers_ > 0; }

  /// Appends the record of one JSON object to `out`, unframed: of a document its records, each
  /// behind its length. As encode::Encoder::encode(); the stream's place does not count.
  [[nodiscard]] bool encode_record(std::string_view json, ByteBuffer& out);

  /// The same where all plans are of mappings: those count whose match_source holds. The mapping
  /// that the record is of; null where it is refused.
  [[nodiscard]] const Mapping* encode_record(std::string_view json, const SourceAttributes& source,
                                             ByteBuffer& out);

  /// Whether it was for none of them: no match_source holds.
  [[nodiscard]] bool is_from_elsewhere() const { return is_from_elsewhere_; }

  /// Why the last encode_record() was refused; its text must still be there.
  [[nodiscard]] encode::Refusal refusal() const;

  /// Appends what ends the stream.
  Result<void> finish(ByteBuffer& framed) { return writer_->finish(framed); }

 private:
  class TypeEncoder;
  using TypeEncoders = std::vector<std::unique_ptr<TypeEncoder>>;
  /// Lines of the same place at the front of a text.
  struct Stretch {
    std::string_view text;
    framing::RecordPlace place = framing::RecordPlace::detail;
  };

  [[nodiscard]] Stretch next_stretch(std::string_view text, bool is_end) const;
  encode::LinesDone encode_run(std::string_view text, bool is_end, const TypeEncoders& types);
  bool encode_as(TypeEncoder& type, std::string_view json, ByteBuffer& out);
  /// Of the types whose source that may be; null: any. Null where none takes the text.
  const TypeEncoder* encode_one(std::string_view json, const SourceAttributes* source,
                                ByteBuffer& out, const TypeEncoders& types);
  void frame(std::uint64_t first_line, std::size_t messages_max, EncodedLines& done);
  bool frame_side_by_side(EncodedLines& done);
  [[nodiscard]] const TypeEncoders& types_at(framing::RecordPlace place) const;

  TypeEncoders details_;
  TypeEncoders headers_;
  TypeEncoders trailing_;
  std::uint64_t headers_left_ = 0;
  std::uint64_t trailers_ = 0;
  const TypeEncoder* refused_by_ = nullptr;  ///< null: refusal_ says why
  encode::Refusal refusal_;
  bool is_from_elsewhere_ = false;
  std::unique_ptr<framing::FrameWriter> writer_;
  ByteBuffer bytes_;
  std::vector<encode::LineRecord> records_;
  const TypeEncoder* run_type_ = nullptr;         ///< of all these records
  std::vector<const TypeEncoder*> record_types_;  ///< of each, where there may be several
};

}  // namespace copybridge::mapping
