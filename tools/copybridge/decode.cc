// `copybridge decode`: records to JSON Lines on standard output.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/condition/condition.h"
#include "codecs/plan/plan.h"
#include "tools/copybridge/codec_options.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/copybook_options.h"
#include "tools/copybridge/decode_loop.h"
#include "tools/copybridge/diagnose.h"
#include "tools/copybridge/redefines_option.h"

namespace copybridge::cli {
namespace {

struct DecodeOptions {
  CopybookOptions copybook;
  std::vector<std::string> mappings;
  CodecOptions codec;
  std::string where;
  std::vector<std::string> redefines;
  std::uint64_t limit = 0;
  std::size_t threads = 0;
  std::vector<std::string> files;
};

/// What --where and the plans are compiled into.
struct Compiled {
  condition::Condition where;
  std::vector<plan::Alternative> alternatives;
  std::unique_ptr<const plan::Plan> plan;
  std::unique_ptr<const plan::Plan> header;  ///< null: there is no layout of headers
  std::unique_ptr<const plan::Plan> trailer;
};

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", to_string(error));
  return exit_code(error.kind);
}

/// The plan of headers or trailers, which --select, --redefines and --where are not about.
std::unique_ptr<const plan::Plan> compile_placed(
    framing::RecordPlace place, const CodecOptions& options,
    const std::shared_ptr<const copybook::Layout>& layout, Diagnostics& diagnostics) {
  if (layout == nullptr) return nullptr;
  return plan::Plan::compile(layout, options_at(place, options), {}, diagnostics);
}

/// Prints what was found; no plan where there were errors.
Compiled compile(const DecodeOptions& options, const Layouts& layouts) {
  const std::shared_ptr<const copybook::Layout>& layout = layouts.detail;
  Diagnostics diagnostics;
  Compiled compiled;
  const condition::Reading reading = plan::reading_of(options.codec.plan);
  if (!options.where.empty()) {
    compiled.where = condition::Condition::compile(options.where, {"--where", 1, 1}, layout,
                                                   reading, diagnostics);
  }
  compiled.alternatives = compile_redefines(options.redefines, layout, reading, diagnostics);
  compiled.plan =
      plan::Plan::compile(layout, options.codec.plan, compiled.alternatives, diagnostics);
  compiled.header =
      compile_placed(framing::RecordPlace::header, options.codec, layouts.header, diagnostics);
  compiled.trailer =
      compile_placed(framing::RecordPlace::trailer, options.codec, layouts.trailer, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all())
    fmt::print(stderr, "{}\n", to_string(diagnostic));
  if (diagnostics.has_errors()) compiled.plan = nullptr;
  return compiled;
}

/// The inputs; standard input where none is named. Nobody types records into a terminal.
Result<std::vector<std::string>> inputs_of(const DecodeOptions& options) {
  if (!options.files.empty()) return options.files;
  if (::isatty(STDIN_FILENO) == 1) {
    return fail(ErrorKind::usage,
                "decode: no input; name files, or - for standard input (see decode --help)");
  }
  return std::vector<std::string>{"-"};
}

int decode_all(DecodeOptions& options, DecodeRules rules) {
  // Asked once here, so that a wrong option is not taken for a broken input.
  const auto framer = framing::make_framer(options.codec.framing);
  if (!framer) return refuse(framer.error());
  const auto inputs = inputs_of(options);
  if (!inputs) return refuse(inputs.error());
  rules.limit = options.limit;
  DecodeLoop loop(std::move(rules), options.codec, options.threads);
  for (const std::string& file : *inputs) {
    if (loop.is_done()) break;
    loop.decode(file, inputs->size() > 1 ? file : std::string());
  }
  return loop.conclude();
}

/// With -m everything but framing is said in the mapping files.
int run_mapped(DecodeOptions& options, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || is_beside_mappings(*option)) continue;
    return refuse({ErrorKind::usage,
                   "decode: " + option->get_name() + " is the mapping file's to say, with -m",
                   {}});
  }
  Diagnostics diagnostics;
  DecodeRules rules;
  for (const std::string& file : options.mappings) {
    rules.mappings.push_back(mapping::load(file, diagnostics));
    mapping::refuse_by_message(rules.mappings.back().get(), diagnostics);
  }
  const Result<void> completed =
      diagnostics.has_errors() ? Result<void>() : complete(options.codec, rules.mappings);
  print_diagnostics(diagnostics);
  if (diagnostics.has_errors()) return exit_code(ErrorKind::config);
  if (!completed) return refuse(completed.error());
  return decode_all(options, std::move(rules));
}

int run(DecodeOptions& options, const CLI::App& command) {
  if (!options.mappings.empty()) return run_mapped(options, command);
  if (options.copybook.path.empty())
    return refuse({ErrorKind::usage, "decode: name a copybook (-c) or mapping files (-m)", {}});
  const auto layouts = load_layouts(options.copybook, options.codec.code_page);
  if (!layouts) return exit_code(layouts.error().kind);
  const Result<void> completed = complete(options.codec, *layouts);
  if (!completed) return refuse(completed.error());
  Compiled compiled = compile(options, *layouts);
  if (compiled.plan == nullptr) return exit_code(ErrorKind::config);
  complete_endings(options.codec, *layouts, compiled.alternatives);
  DecodeRules rules;
  rules.plan = compiled.plan.get();
  rules.header = compiled.header.get();
  rules.trailer = compiled.trailer.get();
  rules.where = std::move(compiled.where);
  return decode_all(options, std::move(rules));
}

}  // namespace

void add_decode(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App* command = app.add_subcommand("decode", "Print records as JSON, one line each");
  add_copybook_options(*command, options->copybook);
  command->get_option("--copybook")->required(false);
  command
      ->add_option("-m,--mapping", options->mappings,
                   "Mapping file, in place of -c; may be repeated: the first that matches counts")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_format_options(*command, options->codec);
  add_dialect_option(*command, options->copybook.dialect);
  add_shape_options(*command, options->codec);
  command
      ->add_option("--where", options->where, "Only records for which this COBOL condition holds")
      ->type_name("CONDITION");
  add_redefines_option(*command, options->redefines);
  command->add_option("--limit", options->limit, "Stop after this many lines")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  command
      ->add_option("--threads", options->threads,
                   "Threads that decode an input, in order all the same; default: one per "
                   "processor, 8 at most, once a file has proved larger than 4 MiB, one for a pipe")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command->add_option("FILE", options->files, "Inputs, - for standard input (the default)")
      ->type_name("");
  command->callback([options, command, &exit_code] { exit_code = run(*options, *command); });
}

}  // namespace copybridge::cli
