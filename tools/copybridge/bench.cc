// `copybridge bench`: how fast a file decodes, or what it decodes to encodes, in memory and without
// output.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/input_stream.h"
#include "codecs/plan/instruction_set.h"
#include "tools/copybridge/bench_pass.h"
#include "tools/copybridge/codec_options.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/copybook_options.h"

namespace copybridge::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

struct BenchOptions {
  CopybookOptions copybook;
  CodecOptions codec;
  std::size_t threads = 1;
  std::size_t runs = 5;
  bool as_json = false;
  bool encodes = false;
  std::string file;
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
  bytes.reserve(static_cast<std::size_t>(input->raw_size().value_or(0)) + kReadBytes);
  for (;;) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kReadBytes);
    const Result<std::size_t> count = input->read({bytes.data() + size, kReadBytes});
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
  /// Of encoding: its time against that of decoding the same records in turn, the median.
  std::optional<double> times_decode;
};

constexpr double kMega = 1e6;

double ns_per_field(const Report& report) {
  const std::uint64_t fields = report.pass.records * report.fields;
  return report.pass.seconds * 1e9 / static_cast<double>(std::max<std::uint64_t>(1, fields));
}

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
      name_of(plan::best_instruction_set()), ns_per_field(report));
  if (pass.cycles)
    fmt::print("\"cycles_per_byte_in\":{:.3f},", static_cast<double>(*pass.cycles) / in);
  if (report.times_decode) fmt::print("\"times_decode\":{:.3f},", *report.times_decode);
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
  fmt::print("{:.2f} ns per field", ns_per_field(report));
  if (pass.cycles)
    fmt::print(", {:.3f} cycles per byte in", static_cast<double>(*pass.cycles) / in);
  if (report.times_decode)
    fmt::print(", {:.2f} times decode's time for the same records", *report.times_decode);
  fmt::print("\nsha256 of the output {}\n", report.digest);
}

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", to_string(error));
  return exit_code(error.kind);
}

/// The one in the middle.
template <typename Value, typename Key>
Value median(std::vector<Value> values, Key key) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle, {}, key);
  return *middle;
}

/// One pass to warm up, whose output counts, and the timed ones.
Result<Report> measure_decode(DecodeBench& bench, const BenchOptions& options) {
  Digest digest;
  const Result<Pass> warm = bench.run({&digest});
  if (!warm) return pass_on(warm);
  std::vector<Pass> passes;
  for (std::size_t i = 0; i < options.runs; ++i) passes.push_back(*bench.run({}));
  Report report;
  report.pass = median(std::move(passes), &Pass::seconds);
  report.digest = digest.hex();
  return report;
}

/// Encodes what the input decodes to; each timed pass follows one of decoding.
Result<Report> measure_encode(DecodeBench& decode, const mapping::LinePlan& plan,
                              const BenchOptions& options) {
  ByteBuffer lines;
  const Result<Pass> decoded = decode.run({nullptr, &lines});
  if (!decoded) return pass_on(decoded);
  const std::string_view text(reinterpret_cast<const char*>(lines.data()), lines.size());
  EncodeBench bench(text, options.codec.framing, plan);
  Digest digest;
  const Result<Pass> warm = bench.run({&digest});
  if (!warm) return pass_on(warm);
  std::vector<Pass> passes;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < options.runs; ++i) {
    const double seconds = decode.run({})->seconds;
    passes.push_back(*bench.run({}));
    ratios.push_back(passes.back().seconds / seconds);
  }
  Report report;
  report.pass = median(std::move(passes), &Pass::seconds);
  report.bytes_in = text.size();
  report.digest = digest.hex();
  report.times_decode = median(std::move(ratios), std::identity{});
  return report;
}

int run(BenchOptions& options) {
  const auto layout = load_layout(options.copybook, options.codec.code_page);
  if (!layout) return exit_code(layout.error().kind);
  const Result<void> completed = complete(options.codec, {*layout, nullptr, nullptr});
  if (!completed) return refuse(completed.error());
  Diagnostics diagnostics;
  const auto plan = plan::Plan::compile(*layout, options.codec.plan, {}, diagnostics);
  mapping::LinePlan encoding;
  if (options.encodes && plan != nullptr)
    encoding.records =
        encode::EncodePlan::compile(*layout, options.codec.plan, {}, {}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    fmt::print(stderr, "{}\n", to_string(diagnostic));
  if (plan == nullptr || (options.encodes && encoding.is_empty()))
    return exit_code(ErrorKind::config);
  const auto input = read_all(options.file, options.codec.compression);
  if (!input) return refuse(input.error());

  DecodeRules rules;
  rules.plan = plan.get();
  DecodeBench bench(input->view(), options.codec.framing, std::move(rules), options.threads);
  Result<Report> report = encoding.is_empty() ? measure_decode(bench, options)
                                              : measure_encode(bench, encoding, options);
  if (!report) return refuse(report.error());
  if (encoding.is_empty()) report->bytes_in = input->size();
  report->fields = count_fields(**layout, 0);
  options.as_json ? print_json(*report, options.threads) : print_text(*report, options.threads);
  return report->pass.rejected > 0 ? exit_code(ErrorKind::bad_record) : 0;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure how fast a file decodes or encodes, in memory, after one pass to warm up");
  add_copybook_options(*command, options->copybook);
  add_format_options(*command, options->codec);
  add_dialect_option(*command, options->copybook.dialect);
  add_shape_options(*command, options->codec);
  CLI::Option* encodes = command->add_flag(
      "--encode", options->encodes,
      "Measure encoding, of the JSON that the file decodes to, in turn with decoding");
  command->add_option("--threads", options->threads, "Threads that decode; default 1")
      ->check(CLI::Range(1, 256))
      ->excludes(encodes)
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
