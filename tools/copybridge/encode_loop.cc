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
  number_ = 0;
  progress_.begin();
  // A pipe may pause for long; what has been encoded must not wait for it.
  const bool is_paused_by_writer = !lines.input().raw_size().has_value();
  while (!is_done_) {
    write_out(is_paused_by_writer);
    progress_.show({number_, lines.input().raw_position(), lines.input().raw_size()});
    const auto piece = lines.next();
    if (!piece) {
      write_out(true);
      return report(piece.error(), label, fmt::format(" (after line {})", number_));
    }
    if (!piece->has_value()) return;
    encoder_.holds_back() ? hold(**piece, label) : encode_piece(**piece, label);
  }
}

void EncodeLoop::encode_piece(std::string_view piece, const std::string& label) {
  // The reader hands out whole lines.
  while (!piece.empty() && !is_done_) piece.remove_prefix(encode_some(piece, true, label));
}

// The last lines wait until it is known that nothing follows them.
void EncodeLoop::hold(std::string_view piece, const std::string& label) {
  held_.resize(held_size_);
  held_.append(piece);
  if (held_.back() != '\n') held_ += '\n';
  held_size_ = held_.size();
  held_.append(kReadableTail, '\n');
  std::size_t done = 0;
  for (std::size_t more = 1; more > 0 && !is_done_; done += more)
    more = encode_some(std::string_view(held_).substr(done, held_size_ - done), false, label);
  held_.erase(0, done);
  held_size_ -= done;
}

std::size_t EncodeLoop::encode_some(std::string_view text, bool is_end, const std::string& label) {
  done_.clear();
  const std::size_t consumed = encoder_.encode(text, is_end, Rejects::kShown, done_);
  for (const mapping::RejectedLine& rejected : done_.rejects)
    reject(label, number_ + rejected.line + 1, rejected.message);
  number_ += done_.lines;
  lines_read_ += done_.records + done_.rejects.size();
  take_framed();
  write_out(false);
  return consumed;
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
  for (std::string_view rest = std::string_view(held_).substr(0, held_size_);
       !rest.empty() && !is_done_;)
    rest.remove_prefix(encode_some(rest, true, {}));
  const Result<void> finished = encoder_.finish(done_.framed);
  if (!finished) report(finished.error(), {}, {});
  take_framed();
  write_out(true);
  progress_.clear();
  rejects_.conclude(lines_read_);
  return exit_code_;
}

}  // namespace copybridge::cli
