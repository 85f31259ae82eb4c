// The loop of `copybridge decode`: inputs to JSON Lines, rejects to stderr.
#pragma once

#include <cstdint>
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
  [[nodiscard]] bool is_shown() const { return count_ < kShown; }

  static constexpr std::uint64_t kShown = 10;

 private:
  const char* command_;
  const char* unit_;
  std::uint64_t count_ = 0;
};

/// Decodes one input after the other to standard output. A fault of one input is reported, after
/// everything in front of it has been written, and the next input follows.
class DecodeLoop {
 public:
  DecodeLoop(DecodeRules rules, const CodecOptions& options);

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
  void decode_record(ByteView record, framing::RecordPlace place, const std::string& label,
                     std::uint64_t number);
  void reject(const std::string& label, std::uint64_t number, const std::string& message);
  void write_out(bool is_forced);
  void report(const Error& error, const std::string& label, const std::string& ending);

  DecodeRules rules_;
  const CodecOptions& options_;
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
