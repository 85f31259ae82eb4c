// The loop of `copybridge decode`: inputs to JSON Lines, rejects to stderr.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/copybridge/codec_options.h"
#include "tools/copybridge/decode_batch.h"
#include "tools/copybridge/progress.h"
#include "tools/copybridge/record_reader.h"
#include "tools/copybridge/text_output.h"

namespace copybridge::cli {

/// Reports what was rejected: the first ten records in full, the others by their number only.
class Rejects {
 public:
  /// `command` and what it reads: decode and record, encode and line.
  Rejects(const char* command, const char* unit) : command_(command), unit_(unit) {}

  /// One line on stderr: `record 12: message`, the input's name before it where there are several.
  void add(const std::string& input, std::uint64_t record_number, const std::string& message);
  /// The closing count; nothing where nothing was rejected.
  void conclude(std::uint64_t records) const;
  /// Whether the next add() writes its line, or only counts; the message need not be made then.
  [[nodiscard]] bool is_shown() const { return left() > 0; }
  /// How many more lines add() writes. Asked by any thread, the others by one at a time.
  [[nodiscard]] std::size_t left() const { return kShown - std::min(kShown, count_.load()); }

  static constexpr std::size_t kShown = 10;

 private:
  const char* command_;
  const char* unit_;
  std::atomic<std::size_t> count_{0};
};

/// A piece of the input on its way through the threads.
struct DecodeJob {
  RecordPiece piece;
  Decoded decoded;
  std::uint64_t first = 0;  ///< records of the input in front of the piece

  [[nodiscard]] std::size_t bytes_held() const {
    return piece.bytes_held() + decoded.text.size() + decoded.text.room();
  }
};

/// Decodes one input after the other to standard output. A fault of one input is reported, after
/// everything in front of it has been written, and the next input follows.
class DecodeLoop {
 public:
  /// `threads`: 0 for as many as the machine has processors.
  DecodeLoop(DecodeRules rules, const CodecOptions& options, std::size_t threads);

  /// Decodes a file, or standard input for "-". `label` is put before messages where it is not
  /// empty.
  void decode(const std::string& file, const std::string& label);
  /// Whether there is nothing left to do: the limit is reached, or nobody takes the output.
  [[nodiscard]] bool is_done() const { return is_done_; }
  /// Writes what is left and the counts; returns the process's exit code, the highest of those
  /// that apply.
  int conclude();

 private:
  void decode_records(RecordReader& reader, const std::string& label);
  void decode_job(DecodeJob& job, std::uint64_t lines_max) const;
  [[nodiscard]] bool deliver(DecodeJob& job, const std::string& label,
                             std::optional<std::uint64_t> size);
  void reject(const std::string& label, std::uint64_t number, const std::string& message);
  void write_out(std::string_view text);
  void report(const Error& error, const std::string& label, const std::string& ending);

  DecodeRules rules_;
  const CodecOptions& options_;
  std::size_t threads_;
  std::uint64_t alone_;  ///< pieces before other threads are worth their start
  TextOutput output_;
  Progress progress_;
  Rejects rejects_{"decode", "record"};
  std::uint64_t records_read_ = 0;
  std::uint64_t records_written_ = 0;
  plan::Plan::Counts counts_;
  int exit_code_ = 0;
  bool is_done_ = false;
};

}  // namespace copybridge::cli
