// Lines in, records out.
#include "tools/copybridge/encode_loop.h"

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

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

}  // namespace

EncodeLoop::EncodeLoop(const encode::EncodePlan& plan, std::unique_ptr<framing::FrameWriter> writer,
                       Compression compression)
    : encoder_(plan),
      writer_(std::move(writer)),
      compression_(compression),
      output_(STDOUT_FILENO) {}

void EncodeLoop::encode(const std::string& file, const std::string& label) {
  Result<InputStream> input = open_input(file, compression_);
  if (!input) return report(input.error(), {}, {});
  LineReader lines(std::move(*input));
  encode_lines(lines, label);
}

void EncodeLoop::encode_lines(LineReader& lines, const std::string& label) {
  std::uint64_t number = 0;
  progress_.begin();
  // A pipe may pause for long; what has been encoded must not wait for it.
  const bool is_paused_by_writer = !lines.input().raw_size().has_value();
  while (!is_done_) {
    const bool waits = lines.is_drained();
    if (waits) {
      write_out(is_paused_by_writer);
      progress_.show({number, lines.input().raw_position(), lines.input().raw_size()});
    }
    const auto line = lines.next();
    if (!line) {
      write_out(true);
      return report(line.error(), label, fmt::format(" (after line {})", number));
    }
    if (!line->has_value()) return;
    ++number;
    if (!is_blank(**line)) encode_line(**line, label, number);
  }
}

void EncodeLoop::encode_line(std::string_view line, const std::string& label,
                             std::uint64_t number) {
  ++lines_read_;
  record_.clear();
  if (!encoder_.encode(line, record_))
    return reject(label, number, rejects_.is_shown() ? encoder_.refusal().message : "");
  const Result<void> written = writer_->write(record_.view(), framed_);
  if (!written) return reject(label, number, written.error().message);
  take_framed();
  write_out(false);
}

void EncodeLoop::take_framed() {
  output_.text().append({reinterpret_cast<const char*>(framed_.data()), framed_.size()});
  framed_.clear();
}

void EncodeLoop::reject(const std::string& label, std::uint64_t number,
                        const std::string& message) {
  if (rejects_.is_shown()) progress_.clear();
  rejects_.add(label, number, message);
  exit_code_ = std::max(exit_code_, exit_code(ErrorKind::bad_record));
}

void EncodeLoop::write_out(bool is_forced) {
  const Result<void> written = is_forced ? output_.flush() : output_.settle();
  if (!written) report(written.error(), {}, {});
  if (!written || output_.is_closed()) is_done_ = true;
}

void EncodeLoop::report(const Error& error, const std::string& label, const std::string& ending) {
  progress_.clear();
  fmt::print(stderr, "{}{}{}\n", prefix(label), to_string(error), ending);
  exit_code_ = std::max(exit_code_, exit_code(error.kind));
}

int EncodeLoop::conclude() {
  const Result<void> finished = writer_->finish(framed_);
  if (!finished) report(finished.error(), {}, {});
  take_framed();
  write_out(true);
  progress_.clear();
  rejects_.conclude(lines_read_);
  return exit_code_;
}

}  // namespace copybridge::cli
