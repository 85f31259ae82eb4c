// `copybridge inspect`: one record, its bytes, characters and values side by side; or what an
// unknown file may be.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/copybridge/commands.h"
#include "tools/copybridge/guess.h"
#include "tools/copybridge/record_reader.h"
#include "tools/copybridge/record_type.h"
#include "tools/copybridge/record_view.h"

namespace copybridge::cli {
namespace {

constexpr std::size_t kBytesPerLine = 16;
constexpr std::size_t kGuessBytes = std::size_t{4} << 20U;
constexpr std::size_t kGuessesShown = 5;

struct InspectOptions {
  RecordTypeOptions type;
  std::uint64_t at = 1;
  bool guesses = false;
  std::string file;
};

/// Escape sequences, where standard output is a terminal.
struct Colours {
  bool is_on = ::isatty(STDOUT_FILENO) == 1;
  [[nodiscard]] const char* bad() const { return is_on ? "\x1b[1;31m" : ""; }
  [[nodiscard]] const char* dim() const { return is_on ? "\x1b[2m" : ""; }
  [[nodiscard]] const char* off() const { return is_on ? "\x1b[0m" : ""; }
};

Result<InputStream> open_input(const InspectOptions& options) {
  const Compression compression = options.type.codec.compression;
  if (options.file != "-") return InputStream::open(options.file, compression);
  return InputStream::adopt(STDIN_FILENO, "standard input", compression);
}

/// `C1C2C3 40`: the bytes of one line, filled up to the column's width.
std::string hex_of(ByteView bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 4 == 0) text += ' ';
    text += to_hex(bytes.subspan(i, 1));
  }
  return text;
}

/// The characters of bytes, one column each; `.` for what a terminal must not be shown.
std::string characters_of(ByteView bytes, const charset::CodePage& page, std::size_t& columns) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::string one = page.to_utf8(bytes.subspan(i, 1));
    const auto first = static_cast<unsigned char>(one.front());
    const bool is_control = first < 0x20 || first == 0x7F ||
                            (first == 0xC2 && static_cast<unsigned char>(one[1]) < 0xA0);
    const bool is_wide = one.size() != 1 && one.size() != 2;
    text += is_control || is_wide ? "." : one;
  }
  columns = bytes.size();
  return text;
}

/// The value, and what is wrong with the bytes.
std::string words_of(const FieldView& field) {
  std::string fault;
  if (field.is_bad) fault = "is no value of " + (field.picture.empty() ? "it" : field.picture);
  if (field.is_cut) fault = "the record ends here";
  if (fault.empty() || field.value.empty()) return field.value + fault;
  return field.value + ": " + fault;
}

/// `is_mistake`: decode finds its bytes bad.
void print_field(const FieldView& field, bool is_mistake, std::size_t width,
                 const Colours& colours) {
  const bool is_item = !field.name.empty() && field.name.front() != '(';
  const std::string what = words_of(field);
  const char* const begin = is_mistake ? colours.bad() : is_item ? "" : colours.dim();
  const char mark = is_mistake ? '!' : field.is_alternative ? '|' : ' ';
  for (std::size_t at = 0; at == 0 || at < field.bytes.size(); at += kBytesPerLine) {
    const ByteView line = field.bytes.subspan(at, std::min(kBytesPerLine, field.bytes.size() - at));
    std::size_t columns = 0;
    const std::string characters = characters_of(line, *field.page, columns);
    const bool is_first = at == 0;
    std::string text =
        fmt::format("{}{} {:06X}  {:<{}}  {:<35}  {}{:{}}  {}", begin, is_first ? mark : ' ',
                    field.offset + at, is_first ? field.name : "", width, hex_of(line), characters,
                    "", kBytesPerLine - columns, is_first ? what : "");
    text.erase(text.find_last_not_of(' ') + 1);
    fmt::print("{}{}\n", text, begin[0] == '\0' ? "" : colours.off());
  }
}

/// Names of the fields that are bad by what the record's conditions choose, each with quotes, as in
/// the member `_errors`.
std::string bad_fields_of(const RecordType& type, ByteView record) {
  plan::PlanOptions options = type.options;
  options.on_bad_field = plan::OnBadField::null;
  options.on_bad_kind = {};
  options.list_errors = true;
  options.keep_raw = false;
  options.select.clear();
  for (plan::FieldRule& rule : options.rules) rule.on_bad_field = {};
  Diagnostics diagnostics;
  const auto plan = plan::Plan::compile(type.layout, options, type.alternatives, diagnostics);
  TextBuffer json;
  if (plan == nullptr || !plan->decode(record, json)) return {};
  const std::string_view text = json.view();
  const std::size_t errors = text.rfind("\"_errors\":[");
  return errors == std::string_view::npos ? std::string() : std::string(text.substr(errors));
}

/// What shares its storage need not fit, unless a condition chose it.
bool is_mistake(const FieldView& field, const plan::BadField& refused,
                const std::string& bad_fields) {
  if (field.name == refused.path && field.offset == refused.offset) return true;
  if (!field.is_bad || field.is_shared) return false;
  return !field.is_chosen || bad_fields.find('"' + field.name + '"') != std::string::npos;
}

int print_record(const RecordType& type, ByteView record, std::uint64_t number,
                 const std::string& file) {
  Diagnostics diagnostics;
  const auto plan = plan::Plan::compile(type.layout, type.options, type.alternatives, diagnostics);
  print_findings(diagnostics);
  if (plan == nullptr) return exit_code(ErrorKind::config);
  const std::vector<FieldView> fields =
      RecordViewer(type.layout, type.options, type.alternatives).view(record);
  std::size_t width = 4;
  for (const FieldView& field : fields) width = std::max(width, field.name.size());
  const Colours colours;
  fmt::print("record {} of {}: {} bytes\n\n", number, file, record.size());
  fmt::print("  {:<6}  {:<{}}  {:<35}  {:<16}  {}\n", "offset", "item", width, "bytes",
             "characters", "value");
  TextBuffer json;
  const bool is_good = plan->decode(record, json);
  const plan::BadField bad = is_good ? plan::BadField() : plan->explain(record);
  const std::string bad_fields =
      type.alternatives.empty() ? std::string() : bad_fields_of(type, record);
  for (const FieldView& field : fields)
    print_field(field, is_mistake(field, bad, bad_fields), width, colours);
  if (is_good) return 0;
  fmt::print("\n{}{}{}\n", colours.bad(), bad.message, colours.off());
  return exit_code(ErrorKind::bad_record);
}

/// What describes a record that stands there.
RecordType of_place(const RecordType& type, framing::RecordPlace place,
                    const CodecOptions& options) {
  const auto& layout = place == framing::RecordPlace::header ? type.header : type.trailer;
  if (place == framing::RecordPlace::detail || layout == nullptr) return type;
  return {layout, options_at(place, options), {}};
}

int inspect_record(InspectOptions& options) {
  const Result<RecordType> type = load_record_type(options.type);
  if (!type) return exit_code(type.error().kind);
  Result<InputStream> input = open_input(options);
  if (!input) return refuse(input.error());
  auto reader = RecordReader::open(std::move(*input), options.type.codec.framing);
  if (!reader) return refuse(reader.error());
  std::uint64_t seen = 0;
  RecordPiece piece;
  while (true) {
    const Result<bool> is_read = reader->next(piece);
    if (!is_read) return refuse(is_read.error());
    if (!*is_read) break;
    if (options.at <= seen + piece.records.size()) {
      const framing::RecordSpan& record = piece.records[options.at - seen - 1];
      return print_record(of_place(*type, record.place, options.type.codec), piece.record(record),
                          options.at, options.file);
    }
    seen += piece.records.size();
  }
  return refuse(
      {ErrorKind::usage,
       fmt::format("inspect: there is no record {}: {} has {}", options.at, options.file, seen),
       {}});
}

void print_guesses(const char* title, const std::vector<Guess>& guesses) {
  fmt::print("{}\n", title);
  std::size_t width = 0;
  const std::size_t count = std::min(kGuessesShown, guesses.size());
  for (std::size_t i = 0; i < count; ++i) width = std::max(width, guesses[i].flags.size());
  for (std::size_t i = 0; i < count; ++i)
    fmt::print("  {:.2f}  {:<{}}  {}\n", guesses[i].score, guesses[i].flags, width,
               guesses[i].evidence);
  if (count == 0) fmt::print("  nothing fits\n");
}

int guess(const InspectOptions& options) {
  Result<InputStream> input = open_input(options);
  if (!input) return refuse(input.error());
  ByteBuffer bytes;
  bytes.resize(kGuessBytes);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const Result<std::size_t> count = input->read({bytes.data() + size, bytes.size() - size});
    if (!count) return refuse(count.error());
    if (*count == 0) break;
    size += *count;
  }
  bytes.resize(size);
  const bool is_whole = size < kGuessBytes;
  // Of a longer file that is not compressed the size is known; else that of what was read.
  const auto raw_size = input->raw_size();
  const bool is_plain = input->compression() == Compression::none;
  const std::uint64_t file_size = !is_whole && is_plain && raw_size ? *raw_size : size;
  fmt::print("{}: {} bytes{}\n\n", options.file, file_size,
             is_whole ? "" : ", of which the first 4 MiB were looked at");
  const std::vector<Guess> pages = guess_code_pages(bytes.view());
  const std::vector<Guess> formats = guess_formats({bytes.view(), is_whole, file_size}, pages);
  print_guesses("Record format", formats);
  print_guesses("\nCode page", pages);
  if (formats.empty() || pages.empty() || pages.front().score <= 0) return 0;
  const bool has_page = formats.front().flags.find("--codepage") != std::string::npos;
  fmt::print("\nTry: copybridge inspect -c COPYBOOK {}{} {}\n", formats.front().flags,
             has_page ? "" : " " + pages.front().flags, options.file);
  return 0;
}

int run(InspectOptions& options) {
  if (!options.guesses) return inspect_record(options);
  if (!options.type.copybook.path.empty() || !options.type.mappings.empty())
    return refuse(
        {ErrorKind::usage, "inspect: --guess looks at the bytes alone: leave out -c", {}});
  return guess(options);
}

}  // namespace

void add_inspect(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Print one record with its bytes, characters and values side by side");
  add_record_type_options(*command, options->type);
  command->get_option("--mapping")->expected(1);
  command->add_option("--at", options->at, "Number of the record, from 1 (default 1)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  command->add_flag("--guess", options->guesses,
                    "Propose record format, record length and code page of an unknown file");
  command->add_option("FILE", options->file, "Input, - for standard input")
      ->required()
      ->type_name("");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
