// The records a command works on: described by a copybook and flags, or by a mapping file.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/mapping/mapping.h"
#include "codecs/plan/plan.h"
#include "tools/copybridge/codec_options.h"
#include "tools/copybridge/copybook_options.h"

namespace copybridge::cli {

/// Flags that say what the records are.
struct RecordTypeOptions {
  CopybookOptions copybook;
  CodecOptions codec;
  std::vector<std::string> mappings;  ///< files; none: the flags describe the records
  std::vector<std::string> redefines;
  const CLI::App* command = nullptr;  ///< that the flags were given to
};

/// What encoding, schemas and inspection are compiled from.
struct RecordType {
  std::shared_ptr<const copybook::Layout> layout;
  plan::PlanOptions options;
  std::vector<plan::Alternative> alternatives;                ///< of a mapping or --redefines
  std::shared_ptr<const copybook::Layout> header = nullptr;   ///< of header records; null: none
  std::shared_ptr<const copybook::Layout> trailer = nullptr;  ///< likewise
  /// Of a mapping for documents of several records; all else is about the root then.
  std::shared_ptr<const mapping::Hierarchy> hierarchy = nullptr;
};

/// Adds -c and what belongs to it, --mapping (which may be repeated), --redefines, --dialect,
/// format and shape.
void add_record_type_options(CLI::App& command, RecordTypeOptions& options);

/// Loads what the flags name and completes options.codec. What is wrong is printed on stderr; the
/// Error serves the exit code.
[[nodiscard]] Result<RecordType> load_record_type(RecordTypeOptions& options);

using Mappings = std::vector<std::shared_ptr<const mapping::Mapping>>;
/// Loads the mapping files alone; likewise. Framing is the caller's to complete.
[[nodiscard]] Result<Mappings> load_mappings(const RecordTypeOptions& options);

/// Prints findings on stderr, one line each.
void print_findings(const Diagnostics& diagnostics);

/// Prints an error on stderr; returns the exit code.
int refuse(const Error& error);

}  // namespace copybridge::cli
