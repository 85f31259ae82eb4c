// Pieces in, pieces out, and the clock.
#include "tools/copybridge/bench_pass.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "codecs/framing/writer.h"
#include "tools/copybridge/cycle_counter.h"

namespace copybridge::cli {

namespace {

/// As the commands read: pieces that stay in a core's own cache together with what they become.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kBatchRecordsMax = std::size_t{64} << 10;

/// What a pass takes.
class Watch {
 public:
  void stop(Pass& pass) const {
    pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    pass.cycles = cycles_.count();
  }

 private:
  CycleCounter cycles_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

void put(const Sink& sink, ByteView bytes) {
  if (sink.digest != nullptr) sink.digest->add(bytes);
  if (sink.bytes != nullptr) sink.bytes->append(bytes);
}

}  // namespace

struct Digest::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
};

Digest::Digest() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr);
}
Digest::~Digest() { EVP_MD_CTX_free(context_->md); }

void Digest::add(ByteView bytes) { EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()); }

std::string Digest::hex() {
  std::array<std::uint8_t, 32> bytes{};
  EVP_DigestFinal_ex(context_->md, bytes.data(), nullptr);
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

DecodeBench::DecodeBench(ByteView input, const framing::FramingOptions& framing, DecodeRules rules,
                         std::size_t threads)
    : input_(input),
      framing_(framing),
      rules_(std::move(rules)),
      threads_(threads),
      work_(threads, [this](Job& job) { decode(job); }, {}) {
  if (threads_ > 1) work_.start();
}

Result<Pass> DecodeBench::run(const Sink& sink) {
  Pass pass;
  auto framer = framing::make_framer(framing_);
  if (!framer) return pass_on(framer);
  const Watch watch;
  std::size_t position = 0;
  while (position < input_.size()) {
    std::unique_ptr<Job> job = spare_job();
    const Result<std::size_t> consumed = cut(**framer, position, *job);
    if (!consumed) return pass_on(consumed);
    position += *consumed;
    if (threads_ == 1) {
      decode(*job);
      count(std::move(job), sink, pass);
      continue;
    }
    work_.submit(std::move(job));
    if (work_.size() > 2 * threads_) count(work_.wait(), sink, pass);
  }
  while (auto job = work_.wait()) count(std::move(job), sink, pass);
  watch.stop(pass);
  return pass;
}

std::unique_ptr<DecodeBench::Job> DecodeBench::spare_job() {
  if (spare_.empty()) return std::make_unique<Job>();
  std::unique_ptr<Job> job = std::move(spare_.back());
  spare_.pop_back();
  job->records.clear();
  job->decoded.clear();
  return job;
}

Result<std::size_t> DecodeBench::cut(framing::Framer& framer, std::size_t position, Job& job) {
  for (std::size_t size = kPieceBytes;; size *= 2) {
    const bool is_end = size >= input_.size() - position;
    job.piece = input_.subspan(position, std::min(size, input_.size() - position));
    const auto framed = framer.next(job.piece, is_end, kBatchRecordsMax, job.records);
    if (framer.take_assembled(job.assembled)) job.piece = job.assembled.view();
    if (!framed) return pass_on(framed);
    if (framed->consumed > 0) return framed->consumed;
    if (is_end) return input_.size() - position;
  }
}

void DecodeBench::count(std::unique_ptr<Job> job, const Sink& sink, Pass& pass) {
  pass.records += job->decoded.read;
  pass.rejected += job->decoded.rejects.size();
  const std::string_view text = job->decoded.text.view();
  pass.bytes_out += text.size();
  put(sink, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  spare_.push_back(std::move(job));
}

Result<Pass> EncodeBench::run(const Sink& sink) {
  auto writer = framing::make_writer(framing_);
  if (!writer) return pass_on(writer);
  Pass pass;
  mapping::EncodedLines done;
  const Watch watch;
  mapping::LineEncoder encoder(std::span(&plan_, 1), framing_, std::move(*writer));
  std::size_t size = kPieceBytes;
  for (std::string_view rest = lines_; !rest.empty();) {
    const std::string_view piece = rest.substr(0, size);
    const std::size_t consumed = encoder.encode(piece, piece.size() == rest.size(), 0, done);
    // A line that is longer than a piece gets a larger one.
    size = consumed == 0 ? 2 * size : kPieceBytes;
    rest.remove_prefix(consumed);
    take(done, sink, pass);
  }
  const Result<void> finished = encoder.finish(done.framed);
  if (!finished) return pass_on(finished);
  take(done, sink, pass);
  watch.stop(pass);
  return pass;
}

void EncodeBench::take(mapping::EncodedLines& done, const Sink& sink, Pass& pass) const {
  pass.records += done.records + done.rejects.size();
  pass.rejected += done.rejects.size();
  pass.bytes_out += done.framed.size();
  put(sink, done.framed.view());
  done.clear();
}

}  // namespace copybridge::cli
