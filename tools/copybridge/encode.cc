// `copybridge encode`: JSON Lines to records on standard output.
#include "codecs/encode/encode.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/framing/writer.h"
#include "tools/copybridge/choice.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/encode_loop.h"
#include "tools/copybridge/record_type.h"

namespace copybridge::cli {
namespace {

struct EncodeCommandOptions {
  RecordTypeOptions type;
  encode::EncodeOptions encode;
  std::vector<std::string> files;
};

/// The inputs; standard input where none is named. Nobody types JSON Lines into a terminal.
Result<std::vector<std::string>> inputs_of(const EncodeCommandOptions& options) {
  if (!options.files.empty()) return options.files;
  if (::isatty(STDIN_FILENO) == 1) {
    return fail(ErrorKind::usage,
                "encode: no input; name files, or - for standard input (see encode --help)");
  }
  return std::vector<std::string>{"-"};
}

/// Empty where there are errors, which are printed.
mapping::LinePlan compile(const RecordType& type, const encode::EncodeOptions& options) {
  mapping::LinePlan plan;
  Diagnostics diagnostics;
  if (type.mapping != nullptr) {
    plan = mapping::LinePlan::compile(*type.mapping, options, diagnostics);
  } else {
    plan.records = encode::EncodePlan::compile(type.layout, type.options, type.alternatives,
                                               options, diagnostics);
  }
  print_findings(diagnostics);
  return plan;
}

int run(EncodeCommandOptions& options) {
  Result<RecordType> type = load_record_type(options.type);
  if (!type) return exit_code(type.error().kind);
  auto writer = framing::make_writer(options.type.codec.framing);
  if (!writer) return refuse(writer.error());
  const auto inputs = inputs_of(options);
  if (!inputs) return refuse(inputs.error());
  const mapping::LinePlan plan = compile(*type, options.encode);
  if (plan.is_empty()) return exit_code(ErrorKind::config);
  EncodeLoop loop(mapping::LineEncoder(plan, std::move(*writer)), options.type.codec.compression);
  for (const std::string& file : *inputs) {
    if (loop.is_done()) break;
    loop.encode(file, inputs->size() > 1 ? file : std::string());
  }
  return loop.conclude();
}

}  // namespace

void add_encode(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<EncodeCommandOptions>();
  CLI::App* command = app.add_subcommand("encode", "Make records of JSON, one line each");
  add_record_type_options(*command, options->type);
  add_choice<encode::Missing>(
      *command, "--missing", options->encode.missing,
      {{"reject", encode::Missing::reject}, {"default", encode::Missing::initial}},
      "Members that are not there: reject the line, or take the item's VALUE, else zero or spaces "
      "(default reject)");
  add_choice<encode::Unknown>(
      *command, "--unknown", options->encode.unknown,
      {{"reject", encode::Unknown::reject}, {"ignore", encode::Unknown::ignore}},
      "Members that the copybook does not have (default reject)");
  add_choice<encode::Rounding>(
      *command, "--rounding", options->encode.rounding,
      {{"reject", encode::Rounding::reject},
       {"truncate", encode::Rounding::truncate},
       {"nearest", encode::Rounding::nearest}},
      "Numbers with more decimals than the picture: reject the line, cut them off as MOVE does, or "
      "round as ROUNDED does (default reject)");
  add_choice<bool>(*command, "--trunc", options->encode.truncates_binary,
                   {{"bin", false}, {"std", true}},
                   "Largest values of BINARY and COMP: what their bytes hold, or, std, their "
                   "picture (default bin)");
  command->add_option("FILE", options->files, "JSON Lines, - for standard input (the default)")
      ->type_name("");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
