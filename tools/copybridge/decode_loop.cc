// Records in, lines out.
#include "tools/copybridge/decode_loop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace copybridge::cli {

namespace {

Result<InputStream> open_input(const std::string& file, Compression compression) {
  if (file != "-") return InputStream::open(file, compression);
  return InputStream::adopt(STDIN_FILENO, "standard input", compression);
}

std::string prefix(const std::string& label) { return label.empty() ? label : label + ": "; }

}  // namespace

void Rejects::add(const std::string& label, std::uint64_t record_number,
                  const std::string& message) {
  if (is_shown()) fmt::print(stderr, "{}{} {}: {}\n", prefix(label), unit_, record_number, message);
  ++count_;
}

void Rejects::conclude(std::uint64_t records) const {
  if (count_ == 0) return;
  fmt::print(stderr, "{}: {} of {} {}s rejected{}\n", command_, count_, records, unit_,
             count_ > kShown ? fmt::format(", the first {} shown", kShown) : "");
}

DecodeLoop::DecodeLoop(DecodeRules rules, const CodecOptions& options)
    : rules_(std::move(rules)), options_(options), output_(STDOUT_FILENO) {}

void DecodeLoop::decode(const std::string& file, const std::string& label) {
  Result<InputStream> input = open_input(file, options_.compression);
  if (!input) return report(input.error(), {}, {});
  Result<RecordReader> reader = RecordReader::open(std::move(*input), options_.framing);
  if (!reader) return report(reader.error(), label, {});
  decode_records(*reader, label);
}

void DecodeLoop::decode_records(RecordReader& reader, const std::string& label) {
  const std::uint64_t first = records_read_;
  progress_.begin();
  // A pipe may pause for long; what has been decoded must not wait for it.
  const bool is_paused_by_writer = !reader.input().raw_size().has_value();
  while (!is_done_) {
    const auto records = reader.next();
    if (!records) {
      write_out(true);
      return report(records.error(), label,
                    fmt::format(" (after record {})", records_read_ - first));
    }
    if (records->empty()) return;
    for (const framing::RecordSpan& record : *records) {
      ++records_read_;
      decode_record(reader.bytes(record), record.place, label, records_read_ - first);
      if (is_done_) return;
    }
    write_out(is_paused_by_writer);
    progress_.show(
        {records_read_ - first, reader.input().raw_position(), reader.input().raw_size()});
  }
}

void DecodeLoop::decode_record(ByteView record, framing::RecordPlace place,
                               const std::string& label, std::uint64_t number) {
  std::string reason;
  const Verdict verdict = decode_one(rules_, record, place, output_.text(),
                                     rejects_.is_shown() ? &reason : nullptr, &counts_);
  if (verdict == Verdict::left_out) return;
  if (verdict == Verdict::rejected) return reject(label, number, reason);
  output_.text().append('\n');
  ++records_written_;
  if (records_written_ == rules_.limit) is_done_ = true;
  write_out(false);
}

void DecodeLoop::reject(const std::string& label, std::uint64_t number,
                        const std::string& message) {
  if (rejects_.is_shown()) progress_.clear();
  rejects_.add(label, number, message);
  exit_code_ = std::max(exit_code_, exit_code(ErrorKind::bad_record));
}

void DecodeLoop::write_out(bool is_forced) {
  const Result<void> written = is_forced ? output_.flush() : output_.settle();
  if (!written) report(written.error(), {}, {});
  if (!written || output_.is_closed()) is_done_ = true;
}

void DecodeLoop::report(const Error& error, const std::string& label, const std::string& ending) {
  progress_.clear();
  fmt::print(stderr, "{}{}{}\n", prefix(label), to_string(error), ending);
  exit_code_ = std::max(exit_code_, exit_code(error.kind));
}

int DecodeLoop::conclude() {
  write_out(true);
  progress_.clear();
  rejects_.conclude(records_read_);
  if (counts_.unmapped > 0)
    fmt::print(stderr, "decode: {} characters are not in the code page and became U+FFFD\n",
               counts_.unmapped);
  if (counts_.bad_fields > 0)
    fmt::print(stderr, "decode: {} bad fields became null or their bytes in hexadecimal\n",
               counts_.bad_fields);
  return exit_code_;
}

}  // namespace copybridge::cli
