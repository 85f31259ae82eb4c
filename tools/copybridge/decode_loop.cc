// Records in, lines out.
#include "tools/copybridge/decode_loop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include "bridge/core/ordered_loop.h"

namespace copybridge::cli {

namespace {

Result<InputStream> open_input(const std::string& file, Compression compression) {
  if (file != "-") return InputStream::open(file, compression);
  return InputStream::adopt(STDIN_FILENO, "standard input", compression);
}

std::string prefix(const std::string& label) { return label.empty() ? label : label + ": "; }

/// Reading is the part of the work that threads take turns at.
constexpr std::size_t kThreadsMax = 8;
/// 4 MiB: what other threads would take over must be worth more than their start.
constexpr std::uint64_t kAlonePieces = 4;
/// Of all pieces and their text.
constexpr std::size_t kBytesMax = std::size_t{24} << 20;
constexpr std::size_t kPieceBytesMin = std::size_t{16} << 10;
/// What a piece may take with its text: most records' JSON is up to three times as long.
constexpr std::size_t kJobFactor = 4;

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

/// One more per thread, so that none waits for the one that writes.
std::size_t jobs_of(std::size_t threads) { return threads == 1 ? 1 : 2 * threads; }

std::size_t piece_bytes(std::size_t threads) {
  return std::clamp(kBytesMax / (kJobFactor * jobs_of(threads)), kPieceBytesMin,
                    RecordReader::kPieceBytes);
}

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

DecodeLoop::DecodeLoop(DecodeRules rules, const CodecOptions& options, std::size_t threads)
    : rules_(std::move(rules)),
      options_(options),
      threads_(threads > 0 ? threads : std::min(kThreadsMax, processors())),
      alone_(threads > 0 ? 1 : kAlonePieces),
      output_(STDOUT_FILENO) {}

void DecodeLoop::decode(const std::string& file, const std::string& label) {
  Result<InputStream> input = open_input(file, options_.compression);
  if (!input) return report(input.error(), {}, {});
  Result<RecordReader> reader =
      RecordReader::open(std::move(*input), options_.framing, piece_bytes(threads_));
  if (!reader) return report(reader.error(), label, {});
  decode_records(*reader, label);
}

void DecodeLoop::decode_records(RecordReader& reader, const std::string& label) {
  const auto size = reader.input().raw_size();
  // A thread that waits for a pipe could not be told that the limit is reached.
  const bool may_share = size || (alone_ < kAlonePieces && rules_.limit == 0);
  const std::size_t threads = may_share ? threads_ : 1;
  std::uint64_t read = 0;
  std::optional<Error> fault;
  const auto count = [&](DecodeJob& job, const Result<bool>& is_read) {
    if (!is_read) fault = is_read.error();
    if (!is_read || !*is_read) return false;
    job.first = read;
    read += job.piece.records.size();
    return true;
  };
  OrderedLoop<DecodeJob>::Steps steps{
      [&](DecodeJob& job) { return count(job, reader.next(job.piece)); },
      [this](DecodeJob& job) { decode_job(job, rules_.limit); },
      [&](DecodeJob& job) { return deliver(job, label, size); }};
  if (threads > 1 && reader.may_share()) {
    steps.take = [&](DecodeJob& job) {
      reader.claim(job.piece);
      return true;
    };
    steps.fetch = [&](DecodeJob& job) { reader.fetch(job.piece); };
    steps.cut = [&](DecodeJob& job) { return count(job, reader.cut(job.piece)); };
  }
  progress_.begin();
  OrderedLoop<DecodeJob> loop(
      {.threads = threads, .jobs_max = jobs_of(threads), .bytes_max = kBytesMax, .alone = alone_},
      std::move(steps));
  loop.run();
  if (fault && !is_done_) report(*fault, label, fmt::format(" (after record {})", read));
}

void DecodeLoop::decode_job(DecodeJob& job, std::uint64_t lines_max) const {
  job.decoded.clear();
  cli::decode_records(rules_, job.piece.view, job.piece.records, lines_max, rejects_.left(),
                      job.decoded);
}

/// In the order of the input: the only place that writes and counts.
bool DecodeLoop::deliver(DecodeJob& job, const std::string& label,
                         std::optional<std::uint64_t> size) {
  const std::uint64_t left = rules_.limit - records_written_;
  // How many lines were still wanted is known only here.
  if (rules_.limit > 0 && job.decoded.lines > left) decode_job(job, left);
  const Decoded& decoded = job.decoded;
  for (const Reject& one : decoded.rejects) reject(label, job.first + one.record + 1, one.message);
  records_read_ += decoded.read;
  records_written_ += decoded.lines;
  counts_.unmapped += decoded.counts.unmapped;
  counts_.bad_fields += decoded.counts.bad_fields;
  write_out(decoded.text.view());
  if (rules_.limit > 0 && records_written_ == rules_.limit) is_done_ = true;
  progress_.show({job.first + decoded.read, job.piece.raw_position, size});
  return !is_done_;
}

void DecodeLoop::reject(const std::string& label, std::uint64_t number,
                        const std::string& message) {
  if (rejects_.is_shown()) progress_.clear();
  rejects_.add(label, number, message);
  exit_code_ = std::max(exit_code_, exit_code(ErrorKind::bad_record));
}

void DecodeLoop::write_out(std::string_view text) {
  const Result<void> written = output_.write(text);
  if (!written) report(written.error(), {}, {});
  if (!written || output_.is_closed()) is_done_ = true;
}

void DecodeLoop::report(const Error& error, const std::string& label, const std::string& ending) {
  progress_.clear();
  fmt::print(stderr, "{}{}{}\n", prefix(label), to_string(error), ending);
  exit_code_ = std::max(exit_code_, exit_code(error.kind));
}

int DecodeLoop::conclude() {
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
