// The loop of `copybridge encode`: JSON Lines to framed records, rejects to stderr.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/input_stream.h"
#include "codecs/encode/encode.h"
#include "codecs/framing/writer.h"
#include "codecs/mapping/line_encoder.h"
#include "tools/copybridge/decode_loop.h"
#include "tools/copybridge/line_reader.h"
#include "tools/copybridge/progress.h"
#include "tools/copybridge/text_output.h"

namespace copybridge::cli {

/// Encodes one input after the other to standard output, as one stream of records. Empty lines
/// are passed over.
class EncodeLoop {
 public:
  EncodeLoop(mapping::LineEncoder encoder, Compression compression);

  /// Encodes a file, or standard input for "-". `label` is put before messages where it is not
  /// empty.
  void encode(const std::string& file, const std::string& label);
  /// Whether nobody takes the output any more.
  [[nodiscard]] bool is_done() const { return is_done_; }
  /// Ends the stream and writes the counts; returns the process's exit code, the highest of those
  /// that apply.
  int conclude();

 private:
  void encode_lines(LineReader& lines, const std::string& label);
  void encode_piece(std::string_view piece, const std::string& label);
  void hold(std::string_view piece, const std::string& label);
  /// Encodes what is there; returns the characters that are done with.
  std::size_t encode_some(std::string_view text, bool is_end, const std::string& label);
  void reject(const std::string& label, std::uint64_t number, const std::string& message);
  void take_framed();
  void write_out(bool is_forced);
  void report(const Error& error, const std::string& label, const std::string& ending);

  mapping::LineEncoder encoder_;
  Compression compression_;
  mapping::EncodedLines done_;
  TextOutput output_;
  Progress progress_;
  Rejects rejects_{"encode", "line"};
  std::uint64_t number_ = 0;  ///< lines of the input that are done with
  std::string held_;          ///< lines that may be trailers, with readable bytes behind them
  std::size_t held_size_ = 0;
  std::uint64_t lines_read_ = 0;
  int exit_code_ = 0;
  bool is_done_ = false;
};

}  // namespace copybridge::cli
