// Pieces in, pieces out, and the clock.
#include "tools/copybridge/bench_pass.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "bridge/core/ordered_loop.h"
#include "codecs/framing/writer.h"
#include "tools/copybridge/cycle_counter.h"

namespace copybridge::cli {

namespace {

/// Pieces stay in a core's own cache together with what they become.
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

Result<Pass> DecodeBench::run(const Sink& sink) {
  Pass pass;
  auto framer = framing::make_framer(framing_);
  if (!framer) return pass_on(framer);
  const Watch watch;
  std::size_t position = 0;
  std::optional<Error> fault;
  const auto take = [&](Job& job) {
    if (position >= input_.size()) return false;
    job.records.clear();
    job.decoded.clear();
    const Result<std::size_t> consumed = cut(**framer, position, job);
    if (!consumed) fault = consumed.error();
    if (consumed) position += *consumed;
    return consumed.has_value();
  };
  const auto decode = [this](Job& job) {
    decode_records(rules_, job.piece, job.records, 0, 0, job.decoded);
  };
  const auto deliver = [&](Job& job) {
    count(job, sink, pass);
    return true;
  };
  // One piece more than threads: each further one would need more of the caches they share.
  OrderedLoop<Job> loop({.threads = threads_,
                         .jobs_max = threads_ == 1 ? 1 : threads_ + 1,
                         .bytes_max = std::numeric_limits<std::size_t>::max()},
                        {take, decode, deliver});
  loop.run();
  if (fault) return tl::make_unexpected(*fault);
  watch.stop(pass);
  return pass;
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

void DecodeBench::count(const Job& job, const Sink& sink, Pass& pass) {
  pass.records += job.decoded.read;
  pass.rejected += job.decoded.rejects.size();
  const std::string_view text = job.decoded.text.view();
  pass.bytes_out += text.size();
  put(sink, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
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
