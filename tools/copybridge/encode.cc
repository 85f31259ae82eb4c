// `copybridge encode`: JSON Lines to records on standard output.
#include "codecs/encode/encode.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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

using Plans = std::vector<mapping::LinePlan>;

encode::EncodeOptions options_for(const EncodeCommandOptions& options) {
  const CodecOptions& codec = options.type.codec;
  return mapping::framed_options(options.encode, codec.framing,
                                 codec.framing_given.contains("length_field"));
}

/// By mapping files; what is wrong is printed.
Result<Plans> compile_mappings(EncodeCommandOptions& options) {
  const auto mappings = load_mappings(options.type);
  if (!mappings) return pass_on(mappings);
  Result<void> completed = complete(options.type.codec, *mappings);
  if (!completed) {
    refuse(completed.error());
    return pass_on(completed);
  }
  Plans plans;
  Diagnostics diagnostics;
  for (const auto& mapping : *mappings)
    plans.push_back(mapping::LinePlan::compile(mapping, options_for(options), diagnostics));
  print_findings(diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  return plans;
}

/// By flags, headers and trailers by layouts of their own; likewise.
Result<Plans> compile_flags(EncodeCommandOptions& options) {
  const Result<RecordType> type = load_record_type(options.type);
  if (!type) return pass_on(type);
  Plans plans;
  Diagnostics diagnostics;
  const auto add = [&](const std::shared_ptr<const copybook::Layout>& layout,
                       framing::RecordPlace place) {
    if (layout == nullptr) return;
    const bool is_detail = place == framing::RecordPlace::detail;
    mapping::LinePlan& plan = plans.emplace_back();
    plan.place = place;
    plan.records = encode::EncodePlan::compile(
        layout, options_at(place, options.type.codec),
        is_detail ? type->alternatives : std::vector<plan::Alternative>(), options_for(options),
        diagnostics);
  };
  add(type->layout, framing::RecordPlace::detail);
  add(type->header, framing::RecordPlace::header);
  add(type->trailer, framing::RecordPlace::trailer);
  print_findings(diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  return plans;
}

bool has_places(const Plans& plans) {
  return std::ranges::any_of(
      plans, [](const auto& plan) { return plan.place != framing::RecordPlace::detail; });
}

int run(EncodeCommandOptions& options) {
  const Result<Plans> plans =
      options.type.mappings.empty() ? compile_flags(options) : compile_mappings(options);
  if (!plans) return exit_code(plans.error().kind);
  const framing::FramingOptions& framing = options.type.codec.framing;
  auto writer = framing::make_writer(framing);
  if (!writer) return refuse(writer.error());
  const auto inputs = inputs_of(options);
  if (!inputs) return refuse(inputs.error());
  if (inputs->size() > 1 && has_places(*plans))
    return refuse({ErrorKind::usage,
                   "encode: several inputs become one stream, which has one header and trailer; "
                   "encode them one by one, or hand them over as one (cat FILE... | copybridge "
                   "encode)",
                   {}});
  EncodeLoop loop(mapping::LineEncoder(*plans, framing, std::move(*writer)),
                  options.type.codec.compression);
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
  command->get_option("--mapping")
      ->description(
          "Mapping file that describes the records, in place of -c and the shape's flags; may be "
          "repeated: a line is for the first that takes it and matches its record");
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
