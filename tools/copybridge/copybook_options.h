// The options that name a copybook, shared by all commands that read one.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/error.h"
#include "codecs/copybook/layout.h"
#include "codecs/copybook/parser.h"

namespace copybridge::cli {

/// Filled by the command line.
struct CopybookOptions {
  std::string path;
  std::vector<std::string> libraries;
  copybook::SourceFormat source_format = copybook::SourceFormat::fixed;
  copybook::Dialect dialect = copybook::Dialect::ibm;
  copybook::AddressSize address_size = copybook::AddressSize::by_dialect;
  copybook::NSymbol n_symbol = copybook::NSymbol::national;
  bool decimal_point_is_comma = false;
  std::vector<std::string> currency = {"$"};
  std::string code_page;       ///< of the copybook's text; empty: the record's
  std::string record;          ///< empty: the only one, beside header_record and trailer_record
  std::string header_record;   ///< the 01 of header records; empty: none
  std::string trailer_record;  ///< likewise
};

/// The records of a file.
struct Layouts {
  std::shared_ptr<const copybook::Layout> detail;
  std::shared_ptr<const copybook::Layout> header;  ///< null: none was named
  std::shared_ptr<const copybook::Layout> trailer;
};

/// Adds -c, -I, --source-format, --copybook-codepage, --decimal-point-is-comma, --currency, --lp,
/// --nsymbol and --record. `options` must live as long as the application.
void add_copybook_options(CLI::App& command, CopybookOptions& options);

/// Adds --dialect, which decides sizes as well as values.
void add_dialect_option(CLI::App& command, copybook::Dialect& dialect);

/// Reads the copybook and picks the records. All findings, and what is wrong with --record, are
/// printed on stderr; the Error serves the exit code and is not to be printed again.
/// `record_code_page`: as --codepage names it; empty where it does not.
[[nodiscard]] Result<Layouts> load_layouts(const CopybookOptions& options,
                                           const std::string& record_code_page);
/// Where only one kind of record has a meaning: headers and trailers are refused.
[[nodiscard]] Result<std::shared_ptr<const copybook::Layout>> load_layout(
    const CopybookOptions& options, const std::string& record_code_page = {});

}  // namespace copybridge::cli
