// Flags or a mapping file to a layout with its options.
#include "tools/copybridge/record_type.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "tools/copybridge/diagnose.h"
#include "tools/copybridge/redefines_option.h"

namespace copybridge::cli {
namespace {

tl::unexpected<Error> refused(Error error) {
  refuse(error);
  return tl::make_unexpected(std::move(error));
}

/// The first flag that says what the mapping file says; empty where there is none.
std::string flag_of_mapping(const CLI::App& command) {
  for (const char* const flag :
       {"--copybook", "-I", "--source-format", "--copybook-codepage", "--decimal-point-is-comma",
        "--currency", "--record", "--lp", "--nsymbol", "--dialect", "--codepage",
        "--field-codepage", "--float", "--endian", "--redefines"})
    if (command.get_option(flag)->count() > 0) return flag;
  for (const CLI::Option* option : command.get_options())
    if (is_shape_option(*option) && option->count() > 0) return option->get_name();
  return {};
}

Result<RecordType> load_mapping(RecordTypeOptions& options) {
  const auto mappings = load_mappings(options);
  if (!mappings) return pass_on(mappings);
  const mapping::Mapping& mapping = *mappings->front();
  RecordType type{mapping.layout, mapping.options, mapping.alternatives};
  type.hierarchy = mapping.hierarchy;
  // Lines end as the mapping's code page has it.
  options.codec.code_page = type.options.code_page->name();
  const Result<void> completed = complete(options.codec, {type.layout, nullptr, nullptr});
  if (!completed) return refused(completed.error());
  return type;
}

}  // namespace

Result<Mappings> load_mappings(const RecordTypeOptions& options) {
  const std::string flag = flag_of_mapping(*options.command);
  if (!flag.empty())
    return refused(
        {ErrorKind::usage, flag + ": --mapping says that already; give one of them", {}});
  Diagnostics diagnostics;
  Mappings mappings;
  for (const std::string& file : options.mappings) {
    mappings.push_back(mapping::load(file, diagnostics));
    mapping::refuse_by_message(mappings.back().get(), diagnostics);
  }
  print_findings(diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  return mappings;
}

void print_findings(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all())
    fmt::print(stderr, "{}\n", to_string(diagnostic));
}

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", to_string(error));
  return exit_code(error.kind);
}

void add_record_type_options(CLI::App& command, RecordTypeOptions& options) {
  options.command = &command;
  add_copybook_options(command, options.copybook);
  command.get_option("--copybook")->required(false);
  command
      .add_option("--mapping", options.mappings,
                  "Mapping file that describes the records, in place of -c and the shape's flags")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_redefines_option(command, options.redefines);
  add_format_options(command, options.codec);
  add_dialect_option(command, options.copybook.dialect);
  add_shape_options(command, options.codec);
}

Result<RecordType> load_record_type(RecordTypeOptions& options) {
  if (!options.mappings.empty()) return load_mapping(options);
  if (options.copybook.path.empty())
    return refused({ErrorKind::usage, "no copybook: give -c COPYBOOK, or --mapping FILE", {}});
  const auto layouts = load_layouts(options.copybook, options.codec.code_page);
  if (!layouts) return pass_on(layouts);
  const Result<void> completed = complete(options.codec, *layouts);
  if (!completed) return refused(completed.error());
  Diagnostics diagnostics;
  auto alternatives = compile_redefines(options.redefines, layouts->detail,
                                        plan::reading_of(options.codec.plan), diagnostics);
  print_findings(diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  complete_endings(options.codec, *layouts, alternatives);
  return RecordType{layouts->detail, options.codec.plan, std::move(alternatives), layouts->header,
                    layouts->trailer};
}

}  // namespace copybridge::cli
