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

}  // namespace

EncodeLoop::EncodeLoop(mapping::LineEncoder encoder, Compression compression)
    : encoder_(std::move(encoder)), compression_(compression), output_(STDOUT_FILENO) {}

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
    write_out(is_paused_by_writer);
    progress_.show({number, lines.input().raw_position(), lines.input().raw_size()});
    const auto piece = lines.next();
    if (!piece) {
      write_out(true);
      return report(piece.error(), label, fmt::format(" (after line {})", number));
    }
    if (!piece->has_value()) return;
    encode_piece(**piece, label, number);
  }
}

// `number`: lines before the piece, and then those up to its end.
void EncodeLoop::encode_piece(std::string_view piece, const std::string& label,
                              std::uint64_t& number) {
  while (!piece.empty() && !is_done_) {
    done_.clear();
    // The reader hands out whole lines.
    piece.remove_prefix(encoder_.encode(piece, true, Rejects::kShown, done_));
    for (const mapping::RejectedLine& rejected : done_.rejects)
      reject(label, number + rejected.line + 1, rejected.message);
    number += done_.lines;
    lines_read_ += done_.records + done_.rejects.size();
    take_framed();
    write_out(false);
  }
}

void EncodeLoop::take_framed() {
  output_.text().append({reinterpret_cast<const char*>(done_.framed.data()), done_.framed.size()});
  done_.framed.clear();
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
  const Result<void> finished = encoder_.finish(done_.framed);
  if (!finished) report(finished.error(), {}, {});
  take_framed();
  write_out(true);
  progress_.clear();
  rejects_.conclude(lines_read_);
  return exit_code_;
}

}  // namespace copybridge::cli
