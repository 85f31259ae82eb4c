// The options of the command line about format (how records lie in a file) and shape (how they
// look in JSON), shared by the commands that read or write records.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/error.h"
#include "bridge/core/input_stream.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/mapping.h"
#include "codecs/plan/options.h"
#include "tools/copybridge/copybook_options.h"

namespace copybridge::cli {

/// Filled by the flags, completed by complete().
struct CodecOptions {
  /// Options of framing that were given, by their names in framing_options().
  std::map<std::string, std::string> framing_given;
  framing::FramingOptions framing;  ///< made of them by complete()
  plan::PlanOptions plan;
  Compression compression = Compression::automatic;
  std::string code_page;                      ///< empty: the dialect's
  std::vector<std::string> field_code_pages;  ///< `FIELD=NAME`
  std::vector<plan::FieldRule> header_rules;  ///< of fields of headers, made of them by complete()
  std::vector<plan::FieldRule> trailer_rules;
  charset::NewLine new_line = charset::NewLine::page;
  std::optional<plan::FloatFormat> float_format;  ///< none: the dialect's
  std::optional<plan::ByteOrder> native_order;    ///< likewise
};

/// How records of a place are read or written that have a layout of their own: `--select` is about
/// the others.
[[nodiscard]] plan::PlanOptions options_at(framing::RecordPlace place, const CodecOptions& options);

/// Adds --recfm, --lrecl, --codepage and all that tells records apart and reads their bytes.
/// `options` must outlive the application.
void add_format_options(CLI::App& app, CodecOptions& options);

/// Adds --names, --numbers, --on-bad-field and all that shapes the JSON. `options` must outlive
/// the application.
void add_shape_options(CLI::App& app, CodecOptions& options);
/// Whether an option is one of them.
[[nodiscard]] bool is_shape_option(const CLI::Option& option);

/// What follows from the flags and the layouts together: the code page's table, the bytes that end
/// lines in it, what measures records, headers and trailers where they have layouts, and the
/// records' largest size as LRECL where RECFM F is given without one. ErrorKind::config where a
/// name is unknown or does not fit.
Result<void> complete(CodecOptions& options, const Layouts& layouts);

/// After complete(): with --recfm copybook the alternatives at a record's end tell its length, too.
void complete_endings(CodecOptions& options, const Layouts& layouts,
                      const std::vector<plan::Alternative>& alternatives);

/// As the other, by mapping files, which say everything but how records lie in the input.
Result<void> complete(CodecOptions& options,
                      std::span<const std::shared_ptr<const mapping::Mapping>> mappings);

/// Whether an option of a command says something that mapping files do not.
[[nodiscard]] bool is_beside_mappings(const CLI::Option& option);

}  // namespace copybridge::cli
