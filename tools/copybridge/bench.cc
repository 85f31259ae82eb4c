// `copybridge bench`: how fast a file decodes, in memory and without output.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/input_stream.h"
#include "bridge/core/ordered_work.h"
#include "codecs/plan/instruction_set.h"
#include "tools/copybridge/codec_options.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/copybook_options.h"
#include "tools/copybridge/cycle_counter.h"
#include "tools/copybridge/decode_batch.h"

namespace copybridge::cli {
namespace {

/// As `decode` reads: pieces that stay in a core's own cache together with their JSON.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kBatchRecordsMax = std::size_t{64} << 10;

struct BenchOptions {
  CopybookOptions copybook;
  CodecOptions codec;
  std::size_t threads = 1;
  std::size_t runs = 5;
  bool as_json = false;
  std::string file;
};

/// A piece of the input on its way through the threads.
struct Job {
  ByteView piece;
  ByteBuffer assembled;  ///< records that framing has put together
  std::vector<framing::RecordSpan> records;
  Decoded decoded;
};

/// What one pass over the file came to.
struct Pass {
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes_out = 0;
  double seconds = 0;
  std::optional<std::uint64_t> cycles;  ///< of all threads; none where nobody counts them
};

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(std::string_view text) { EVP_DigestUpdate(context_, text.data(), text.size()); }
  std::string hex() {
    std::array<std::uint8_t, 32> bytes{};
    EVP_DigestFinal_ex(context_, bytes.data(), nullptr);
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  EVP_MD_CTX* context_;
};

/// Decodes the whole input in pieces, by one thread or several.
class Bench {
 public:
  Bench(ByteView input, const framing::FramingOptions& framing, DecodeRules rules,
        std::size_t threads)
      : input_(input),
        framing_(framing),
        rules_(std::move(rules)),
        threads_(threads),
        work_(threads, [this](Job& job) { decode(job); }, {}) {
    if (threads_ > 1) work_.start();
  }

  /// One pass; what was written goes to `digest` where there is one.
  Result<Pass> run(Digest* digest) {
    Pass pass;
    auto framer = framing::make_framer(framing_);
    if (!framer) return pass_on(framer);
    CycleCounter cycles;
    const auto begin = std::chrono::steady_clock::now();
    std::size_t position = 0;
    while (position < input_.size()) {
      std::unique_ptr<Job> job = spare_job();
      const Result<std::size_t> consumed = cut(**framer, position, *job);
      if (!consumed) return pass_on(consumed);
      position += *consumed;
      if (threads_ == 1) {
        decode(*job);
        count(std::move(job), digest, pass);
        continue;
      }
      work_.submit(std::move(job));
      if (work_.size() > 2 * threads_) count(work_.wait(), digest, pass);
    }
    while (auto job = work_.wait()) count(std::move(job), digest, pass);
    pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    pass.cycles = cycles.count();
    return pass;
  }

 private:
  std::unique_ptr<Job> spare_job() {
    if (spare_.empty()) return std::make_unique<Job>();
    std::unique_ptr<Job> job = std::move(spare_.back());
    spare_.pop_back();
    job->records.clear();
    job->decoded.clear();
    return job;
  }

  /// Frames the next piece; a record that is longer than one gets a larger one.
  Result<std::size_t> cut(framing::Framer& framer, std::size_t position, Job& job) {
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

  void decode(Job& job) const { decode_records(rules_, job.piece, job.records, 0, job.decoded); }

  void count(std::unique_ptr<Job> job, Digest* digest, Pass& pass) {
    pass.records += job->decoded.read;
    pass.rejected += job->decoded.rejects.size();
    pass.bytes_out += job->decoded.text.size();
    if (digest != nullptr) digest->add(job->decoded.text.view());
    spare_.push_back(std::move(job));
  }

  ByteView input_;
  const framing::FramingOptions& framing_;
  DecodeRules rules_;
  std::size_t threads_;
  std::vector<std::unique_ptr<Job>> spare_;
  OrderedWork<Job> work_;
};

/// Elementary items of one record, every occurrence counted, tables at their largest.
std::uint64_t count_fields(const copybook::Layout& layout, copybook::ItemIndex index) {
  const copybook::Item& item = layout.items[index];
  std::uint64_t count = item.is_group() ? 0 : 1;
  for (const copybook::ItemIndex child : item.children) count += count_fields(layout, child);
  return count * item.occurs_max;
}

Result<ByteBuffer> read_all(const std::string& file, Compression compression) {
  auto input = InputStream::open(file, compression);
  if (!input) return pass_on(input);
  ByteBuffer bytes;
  bytes.reserve(static_cast<std::size_t>(input->raw_size().value_or(0)) + kPieceBytes);
  for (;;) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kPieceBytes);
    const Result<std::size_t> count = input->read({bytes.data() + size, kPieceBytes});
    if (!count) return pass_on(count);
    bytes.resize(size + *count);
    if (*count == 0) return bytes;
  }
}

struct Report {
  Pass pass;  ///< the median one
  std::uint64_t bytes_in = 0;
  std::uint64_t fields = 0;  ///< of one record
  std::string digest;
};

constexpr double kMega = 1e6;

void print_json(const Report& report, std::size_t threads) {
  const Pass& pass = report.pass;
  const auto in = static_cast<double>(report.bytes_in);
  const auto out = static_cast<double>(pass.bytes_out);
  fmt::print(
      "{{\"records\":{},\"rejected\":{},\"bytes_in\":{},\"bytes_out\":{},\"seconds\":{:.6f},"
      "\"mb_per_s_in\":{:.1f},\"mb_per_s_out\":{:.1f},\"records_per_s\":{:.0f},\"threads\":{},"
      "\"instruction_set\":\"{}\",\"ns_per_field\":{:.3f},",
      pass.records, pass.rejected, report.bytes_in, pass.bytes_out, pass.seconds,
      in / kMega / pass.seconds, out / kMega / pass.seconds,
      static_cast<double>(pass.records) / pass.seconds, threads,
      name_of(plan::best_instruction_set()),
      pass.seconds * 1e9 /
          static_cast<double>(std::max<std::uint64_t>(1, pass.records * report.fields)));
  if (pass.cycles)
    fmt::print("\"cycles_per_byte_in\":{:.3f},", static_cast<double>(*pass.cycles) / in);
  fmt::print("\"sha256\":\"{}\"}}\n", report.digest);
}

void print_text(const Report& report, std::size_t threads) {
  const Pass& pass = report.pass;
  const auto in = static_cast<double>(report.bytes_in);
  fmt::print("{} records, {} rejected, {} bytes in, {} bytes out, {} thread{}, {}\n", pass.records,
             pass.rejected, report.bytes_in, pass.bytes_out, threads, threads == 1 ? "" : "s",
             name_of(plan::best_instruction_set()));
  fmt::print("median of runs: {:.4f} s, {:.1f} MB/s in, {:.1f} MB/s out, {:.0f} records/s\n",
             pass.seconds, in / kMega / pass.seconds,
             static_cast<double>(pass.bytes_out) / kMega / pass.seconds,
             static_cast<double>(pass.records) / pass.seconds);
  fmt::print("{:.2f} ns per field",
             pass.seconds * 1e9 /
                 static_cast<double>(std::max<std::uint64_t>(1, pass.records * report.fields)));
  if (pass.cycles)
    fmt::print(", {:.3f} cycles per byte in", static_cast<double>(*pass.cycles) / in);
  fmt::print("\nsha256 of the output {}\n", report.digest);
}

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", to_string(error));
  return exit_code(error.kind);
}

int run(BenchOptions& options) {
  const auto layout = load_layout(options.copybook);
  if (!layout) return exit_code(layout.error().kind);
  const Result<void> completed = complete(options.codec, {*layout, nullptr, nullptr});
  if (!completed) return refuse(completed.error());
  Diagnostics diagnostics;
  const auto plan = plan::Plan::compile(*layout, options.codec.plan, {}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    fmt::print(stderr, "{}\n", to_string(diagnostic));
  if (plan == nullptr) return exit_code(ErrorKind::config);
  const auto input = read_all(options.file, options.codec.compression);
  if (!input) return refuse(input.error());

  DecodeRules rules;
  rules.plan = plan.get();
  Bench bench(input->view(), options.codec.framing, std::move(rules), options.threads);
  Digest digest;
  const Result<Pass> warm = bench.run(&digest);
  if (!warm) return refuse(warm.error());
  std::vector<Pass> passes;
  for (std::size_t i = 0; i < options.runs; ++i) passes.push_back(*bench.run(nullptr));
  const auto middle = passes.begin() + static_cast<std::ptrdiff_t>(passes.size() / 2);
  std::ranges::nth_element(passes, middle, {}, &Pass::seconds);
  const Report report{*middle, input->size(), count_fields(**layout, 0), digest.hex()};
  options.as_json ? print_json(report, options.threads) : print_text(report, options.threads);
  return report.pass.rejected > 0 ? exit_code(ErrorKind::bad_record) : 0;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure how fast a file decodes, in memory, after one pass to warm up");
  add_copybook_options(*command, options->copybook);
  add_format_options(*command, options->codec);
  add_dialect_option(*command, options->copybook.dialect);
  add_shape_options(*command, options->codec);
  command->add_option("--threads", options->threads, "Threads that decode; default 1")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command
      ->add_option("--runs", options->runs, "Timed passes, of which the median counts; default 5")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_flag("--json", options->as_json, "One JSON object instead of text");
  command->add_option("FILE", options->file, "Input")->required()->type_name("");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
