// Copybook options to a layout, with all mistakes shown in their source lines.
#include "tools/copybridge/copybook_options.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "codecs/copybook/file_text.h"
#include "tools/copybridge/choice.h"

namespace copybridge::cli {
namespace {

/// The lines of source files, read when they are first shown.
class SourceLines {
 public:
  explicit SourceLines(const copybook::ParseOptions& options) : options_(options) {}

  /// A line without its end; empty where the file cannot be read.
  std::string line(const Where& where) {
    auto [place, is_new] = files_.try_emplace(where.file);
    if (is_new) read(where.file, place->second);
    const std::vector<std::string>& lines = place->second;
    return where.line > 0 && where.line <= lines.size() ? lines[where.line - 1] : std::string();
  }

 private:
  void read(const std::string& path, std::vector<std::string>& lines) const {
    std::ifstream input(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(input), {}};
    std::istringstream file(copybook::text_of_file(bytes, options_));
    for (std::string line; std::getline(file, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      lines.push_back(std::move(line));
    }
  }

  const copybook::ParseOptions& options_;
  std::map<std::string, std::vector<std::string>> files_;
};

/// Control characters would move the cursor of a terminal; tabs stay.
std::string printable(std::string line) {
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F'; },
      '?');
  return line;
}

/// Blanks as wide as the line up to the column, so that a caret stands under it.
std::string indent(const std::string& line, std::uint32_t column) {
  std::string blanks;
  for (std::size_t i = 0; i + 1 < column && i < line.size(); ++i) {
    const bool is_utf8_tail = (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80;
    if (!is_utf8_tail) blanks += line[i] == '\t' ? '\t' : ' ';
  }
  return blanks;
}

void print(const Diagnostics& diagnostics, const copybook::ParseOptions& options) {
  SourceLines lines(options);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    std::cerr << to_string(diagnostic) << '\n';
    const std::string line = printable(lines.line(diagnostic.where));
    if (line.empty() || diagnostic.where.column == 0) continue;
    std::cerr << line << '\n' << indent(line, diagnostic.where.column) << "^\n";
  }
}

tl::unexpected<Error> refuse(std::string message) {
  std::cerr << message << '\n';
  return fail(ErrorKind::usage, std::move(message));
}

using LayoutPointer = std::shared_ptr<const copybook::Layout>;

/// The records of a copybook, of which options name up to three.
class Records {
 public:
  Records(copybook::Copybook copybook, std::string path)
      : copybook_(std::move(copybook)), path_(std::move(path)) {}

  /// The record of that name; null where none is asked for.
  Result<LayoutPointer> find(const std::string& name) {
    if (name.empty()) return LayoutPointer();
    const std::vector<std::size_t> found = copybook::find_records(copybook_, name);
    if (found.size() == 1) return take(found.front());
    return refuse("copybook: " + path_ +
                  (found.empty() ? " has no record " : " has several records ") + name +
                  "; it has:" + names());
  }

  /// The only one that is not found yet.
  Result<LayoutPointer> find_rest() {
    std::vector<std::size_t> found = copybook::find_records(copybook_, "");
    std::erase_if(found, [this](std::size_t record) { return taken_.contains(record); });
    if (found.size() == 1) return take(found.front());
    if (found.empty()) return refuse("copybook: " + path_ + " has no record of details");
    return refuse("copybook: " + path_ +
                  " has several records; choose one with --record:" + names());
  }

 private:
  Result<LayoutPointer> take(std::size_t record) {
    taken_.insert(record);
    return std::make_shared<const copybook::Layout>(copybook_.records[record]);
  }

  [[nodiscard]] std::string names() const {
    std::string names;
    for (const std::string& record : copybook::names_of_records(copybook_))
      names += "\n  " + record;
    return names;
  }

  copybook::Copybook copybook_;
  std::string path_;
  std::set<std::size_t> taken_;
};

Result<Layouts> pick(copybook::Copybook copybook, const CopybookOptions& options) {
  Records records(std::move(copybook), options.path);
  const auto header = records.find(options.header_record);
  if (!header) return pass_on(header);
  const auto trailer = records.find(options.trailer_record);
  if (!trailer) return pass_on(trailer);
  auto detail = options.record.empty() ? records.find_rest() : records.find(options.record);
  if (!detail) return pass_on(detail);
  return Layouts{*detail, *header, *trailer};
}

/// NAME, header=NAME or trailer=NAME.
void take_record(const std::string& text, CopybookOptions& options) {
  const std::size_t equals = text.find('=');
  const std::string place = equals == std::string::npos ? "" : text.substr(0, equals);
  const std::string name = equals == std::string::npos ? text : text.substr(equals + 1);
  std::string* const target = place.empty() && equals == std::string::npos ? &options.record
                              : place == "header"                          ? &options.header_record
                              : place == "trailer"                         ? &options.trailer_record
                                                                           : nullptr;
  if (target == nullptr || name.empty())
    throw CLI::ValidationError("--record", text + " is neither NAME, header=NAME nor trailer=NAME");
  if (!target->empty())
    throw CLI::ValidationError("--record", text + ": " + *target + " was named for that before");
  *target = name;
}

copybook::ParseOptions parse_options(const CopybookOptions& options) {
  copybook::ParseOptions result;
  result.source_format = options.source_format;
  result.dialect = options.dialect;
  result.address_size = options.address_size;
  result.n_symbol = options.n_symbol;
  result.decimal_point_is_comma = options.decimal_point_is_comma;
  result.currency_signs.clear();
  for (const std::string& text : options.currency) {
    if (auto sign = copybook::parse_currency_sign(text)) {
      result.currency_signs.push_back(std::move(*sign));
    }
  }
  result.libraries.assign(options.libraries.begin(), options.libraries.end());
  return result;
}

std::string check_currency(const std::string& text) {
  const auto sign = copybook::parse_currency_sign(text);
  return sign ? std::string() : sign.error().message;
}

/// Options of IBM's compiler that decide sizes.
void add_compiler_options(CLI::App& command, CopybookOptions& options) {
  using copybook::AddressSize;
  using copybook::NSymbol;
  add_choice<AddressSize>(
      command, "--lp", options.address_size,
      {{"32", AddressSize::lp_32}, {"64", AddressSize::lp_64}},
      "Bits of an address: POINTER, FUNCTION-POINTER and INDEX have 4 bytes under LP(32), 8 under "
      "LP(64) (default: 32 for ibm, else 64)");
  add_choice<NSymbol>(
      command, "--nsymbol", options.n_symbol,
      {{"national", NSymbol::national}, {"dbcs", NSymbol::dbcs}},
      "What PIC N without a USAGE is, as the compiler option NSYMBOL says (default national)");
}

}  // namespace

void add_copybook_options(CLI::App& command, CopybookOptions& options) {
  command.add_option("-c,--copybook", options.path, "Copybook that describes the records")
      ->required()
      ->type_name("FILE");
  command.add_option("-I", options.libraries, "Folder with COPY members; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  using copybook::SourceFormat;
  add_choice<SourceFormat>(command, "--source-format", options.source_format,
                           {{"fixed", SourceFormat::fixed},
                            {"free", SourceFormat::free},
                            {"variable", SourceFormat::variable}},
                           "Columns of the copybook's text");
  command
      .add_option("--copybook-codepage", options.code_page,
                  "Code page of the copybook's text where it is EBCDIC, or no UTF-8 (default: that "
                  "of --codepage)")
      ->type_name("NAME");
  command.add_flag("--decimal-point-is-comma", options.decimal_point_is_comma,
                   "Read the copybook as under DECIMAL-POINT IS COMMA");
  command
      .add_option("--currency", options.currency,
                  "Currency sign of pictures, or its picture symbol and sign: U=EUR; may be "
                  "repeated")
      ->check(check_currency, "")
      ->type_name("SIGN")
      ->allow_extra_args(false);
  add_compiler_options(command, options);
  command
      .add_option_function<std::vector<std::string>>(
          "--record",
          [&options](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) take_record(text, options);
          },
          "The record's 01 name, where there are several (REC OF PROGRAM); header=NAME and "
          "trailer=NAME name those "
          "of the first and last record (--header-records, --trailer-records)")
      ->allow_extra_args(false)
      ->type_name("[PLACE=]NAME");
}

void add_dialect_option(CLI::App& command, copybook::Dialect& dialect) {
  using copybook::Dialect;
  add_choice<Dialect>(command, "--dialect", dialect,
                      {{"ibm", Dialect::ibm},
                       {"gnucobol", Dialect::gnucobol},
                       {"gnucobol-ibm", Dialect::gnucobol_ibm},
                       {"micro-focus", Dialect::micro_focus}},
                      "Compiler that wrote the records; gnucobol-ibm: with -std=ibm");
}

Result<Layouts> load_layouts(const CopybookOptions& options, const std::string& record_code_page) {
  copybook::ParseOptions parse = parse_options(options);
  const std::string& name = options.code_page.empty() ? record_code_page : options.code_page;
  if (!name.empty()) {
    auto page = charset::CodePage::load(name);
    if (!page) return refuse(page.error().message);
    parse.code_page = std::move(*page);
  }
  copybook::ParseOutcome outcome = copybook::load(options.path, parse);
  print(outcome.diagnostics, parse);
  if (outcome.diagnostics.has_errors()) {
    return tl::make_unexpected(outcome.diagnostics.first_error(ErrorKind::copybook));
  }
  return pick(std::move(outcome.copybook), options);
}

Result<std::shared_ptr<const copybook::Layout>> load_layout(const CopybookOptions& options,
                                                            const std::string& record_code_page) {
  if (!options.header_record.empty() || !options.trailer_record.empty())
    return refuse("--record: headers and trailers have no meaning here; name one record");
  Result<Layouts> layouts = load_layouts(options, record_code_page);
  if (!layouts) return pass_on(layouts);
  return layouts->detail;
}

}  // namespace copybridge::cli
