// Flags to framing and plan options.
#include "tools/copybridge/codec_options.h"

#include <optional>
#include <utility>
#include <vector>

namespace copybridge::cli {

namespace {

using framing::Presence;
using framing::Recfm;

constexpr const char* kDefaultGroup = "Options";
constexpr const char* kFormatGroup = "Format (how records lie in the input)";
constexpr const char* kShapeGroup = "Shape (how records look in JSON)";

template <typename T>
using Choices = std::vector<std::pair<std::string, T>>;

/// An option that takes one of a few words.
template <typename T>
CLI::Option* add_choice(CLI::App& app, const char* name, T& target, Choices<T> choices,
                        const char* help) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto take = [&target, choices = std::move(choices)](const std::string& word) {
    for (const auto& [name_of_choice, value] : choices) {
      if (name_of_choice == word) target = value;
    }
  };
  std::string shown;
  for (const std::string& word : words) shown += (shown.empty() ? "" : "|") + word;
  return app.add_option_function<std::string>(name, take, help)
      ->check(CLI::IsMember(words).description(""))
      ->type_name(shown);
}

const Choices<bool>& yes_no() {
  static const Choices<bool> choices = {{"yes", true}, {"no", false}};
  return choices;
}

const Choices<bool>& endian() {
  static const Choices<bool> choices = {{"big", false}, {"little", true}};
  return choices;
}

void add_record_options(CLI::App& app, CodecOptions& codec) {
  framing::FramingOptions& options = codec.framing;
  add_choice<Recfm>(app, "--recfm", options.recfm,
                    {{"F", Recfm::fixed},
                     {"FB", Recfm::fixed},
                     {"V", Recfm::variable},
                     {"VB", Recfm::variable_blocked},
                     {"line", Recfm::line},
                     {"length-prefixed", Recfm::length_prefixed}},
                    "Record format (default F)");
  app.add_option("--lrecl", options.lrecl,
                 "F: bytes of a record (default: the copybook's); V: largest RDW; line: longest "
                 "line")
      ->check(CLI::Range(1U, options.record_bytes_max).description(""))
      ->type_name("N");
  app.add_option("--length-bytes", options.length_bytes,
                 "length-prefixed: bytes of the length (default 4)")
      ->check(CLI::IsMember({1U, 2U, 4U}).description(""))
      ->type_name("1|2|4");
  app.add_option("--length-field", codec.length_field,
                 "Item that holds the record's length, all of the record counted")
      ->type_name("FIELD");
  app.add_option("--skip-header", options.skip_header, "Bytes before the first record")
      ->type_name("BYTES");
  app.add_option("--skip-trailer", options.skip_trailer, "Bytes after the last record")
      ->type_name("BYTES");
}

void add_descriptor_options(CLI::App& app, framing::FramingOptions& options) {
  add_choice<Presence>(
      app, "--bdw", options.bdw,
      {{"auto", Presence::automatic}, {"yes", Presence::yes}, {"no", Presence::no}},
      "V and VB: whether blocks begin with a BDW (default auto: looked for in the first bytes)");
  add_choice<bool>(app, "--rdw-endian", options.rdw_little_endian, endian(),
                   "Byte order of RDWs (default big)");
  add_choice<bool>(app, "--rdw-includes-itself", options.rdw_includes_itself, yes_no(),
                   "Whether an RDW counts its own 4 bytes (default yes)");
  app.add_option("--rdw-adjust", options.rdw_adjust,
                 "Added to the length in every RDW or length field")
      ->type_name("N");
  add_choice<bool>(app, "--bdw-endian", options.bdw_little_endian, endian(),
                   "Byte order of BDWs (default big)");
  add_choice<bool>(app, "--bdw-includes-itself", options.bdw_includes_itself, yes_no(),
                   "Whether a BDW counts its own 4 bytes (default yes)");
  app.add_option("--bdw-adjust", options.bdw_adjust, "Added to the length in every BDW")
      ->type_name("N");
}

void add_value_options(CLI::App& app, CodecOptions& options) {
  app.add_option("--codepage", options.code_page,
                 "Code page: ICU name, CCSID or file:PATH of a table (default IBM-037)")
      ->type_name("NAME");
  add_choice<charset::NewLine>(app, "--newline", options.new_line,
                               {{"page", charset::NewLine::page},
                                {"nel", charset::NewLine::nel},
                                {"lf", charset::NewLine::lf}},
                               "EBCDIC: whether 0x15 is NEL and 0x25 LF (nel), the other way round "
                               "(lf), or as the code page says (default page)");
  add_choice<plan::FloatFormat>(
      app, "--float", options.plan.float_format,
      {{"ibm", plan::FloatFormat::ibm}, {"ieee", plan::FloatFormat::ieee}},
      "Form of COMP-1 and COMP-2 (default ibm, hexadecimal)");
  add_choice<plan::ByteOrder>(app, "--endian", options.plan.native_order,
                              {{"big", plan::ByteOrder::big}, {"little", plan::ByteOrder::little}},
                              "Byte order of COMP-5 (default big)");
  add_choice<Compression>(app, "--compression", options.compression,
                          {{"auto", Compression::automatic},
                           {"none", Compression::none},
                           {"gzip", Compression::gzip},
                           {"zstd", Compression::zstd}},
                          "Compression of the input (default auto: by its first bytes)");
}

void add_text_options(CLI::App& app, plan::PlanOptions& options) {
  add_choice<plan::Names>(
      app, "--names", options.names,
      {{"as-is", plan::Names::as_is}, {"snake", plan::Names::snake}, {"camel", plan::Names::camel}},
      "Names of members (default as-is)");
  add_choice<plan::Trim>(
      app, "--trim", options.trim,
      {{"right", plan::Trim::right}, {"both", plan::Trim::both}, {"none", plan::Trim::none}},
      "Spaces taken off text (default right)");
  add_choice<plan::Numbers>(app, "--numbers", options.numbers,
                            {{"number", plan::Numbers::number},
                             {"string", plan::Numbers::string},
                             {"safe", plan::Numbers::safe}},
                            "Numbers as JSON numbers or strings; safe: strings where the picture "
                            "has more than 15 digits (default number)");
  add_choice<bool>(app, "--fillers", options.keep_fillers, {{"drop", false}, {"keep", true}},
                   "Elementary FILLER items (default drop)");
  add_choice<plan::OdoStorage>(
      app, "--odo", options.odo,
      {{"moving", plan::OdoStorage::moving}, {"fixed", plan::OdoStorage::fixed}},
      "OCCURS DEPENDING ON: whether items after a table move up (default moving)");
  app.add_flag("--conditions", options.conditions, "A member for every level-88 name that is true");
  app.add_flag("--keep-raw", options.keep_raw, "A member _raw with the record's bytes");
  app.add_option("--select", options.select, "Only these items, names or paths")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("PATH,...");
}

void add_acceptance_options(CLI::App& app, plan::PlanOptions& options) {
  using plan::Acceptance;
  const Choices<Acceptance> acceptance = {{"reject", Acceptance::reject},
                                          {"accept", Acceptance::accept}};
  add_choice<plan::OnBadField>(app, "--on-bad-field", options.on_bad_field,
                               {{"reject", plan::OnBadField::reject},
                                {"null", plan::OnBadField::null},
                                {"raw", plan::OnBadField::raw}},
                               "A field whose bytes do not fit: reject the record, null, or its "
                               "bytes in hexadecimal (default reject)");
  add_choice<Acceptance>(app, "--short-records", options.short_records, acceptance,
                         "Records shorter than the copybook (default reject)");
  add_choice<Acceptance>(app, "--long-records", options.long_records, acceptance,
                         "Records longer than the copybook (default reject)");
  app.add_flag("--list-errors", options.list_errors,
               "A member _errors that names the fields that did not fit");
}

tl::unexpected<Error> wrong_length_field(const std::string& name, const char* what) {
  return fail(ErrorKind::config, "--length-field: " + name + " " + what);
}

/// How the digits of a length stand in an item; nothing where it cannot hold a length.
std::optional<framing::LengthField::Form> length_form(const copybook::Item& item,
                                                      plan::ByteOrder native_order) {
  using copybook::Usage;
  using Form = framing::LengthField::Form;
  const bool is_integer = item.category == copybook::Category::numeric && item.scale == 0;
  const bool has_separate_sign = item.sign == copybook::SignPlace::leading_separate ||
                                 item.sign == copybook::SignPlace::trailing_separate;
  if (!is_integer || has_separate_sign) return std::nullopt;
  if (item.usage == Usage::display) return Form::zoned;
  if (item.usage == Usage::packed) return Form::packed;
  if (item.usage == Usage::binary) return Form::binary_big;
  if (item.usage != Usage::native_binary) return std::nullopt;
  return native_order == plan::ByteOrder::big ? Form::binary_big : Form::binary_little;
}

Result<void> place_length_field(CodecOptions& options, const copybook::Layout& layout) {
  const std::string& name = options.length_field;
  const copybook::ItemIndex index = copybook::find_item(layout, name);
  if (index == copybook::kNoItem)
    return wrong_length_field(name, "is not the name of one item of the record");
  const copybook::Item& item = layout.items[index];
  const auto form = length_form(item, options.plan.native_order);
  if (!form) return wrong_length_field(name, "is not an item that can hold a length");
  // Up to here the offset of an item is the same in every record.
  for (copybook::ItemIndex before = 0; before < index; ++before) {
    if (layout.items[before].depending_on != copybook::kNoItem)
      return wrong_length_field(name, "lies behind a table with DEPENDING ON");
  }
  options.framing.length_field = framing::LengthField{item.offset, item.size, *form};
  return {};
}

}  // namespace

void add_format_options(CLI::App& app, CodecOptions& options) {
  app.option_defaults()->group(kFormatGroup);
  add_record_options(app, options);
  add_descriptor_options(app, options.framing);
  add_value_options(app, options);
  app.option_defaults()->group(kDefaultGroup);
}

void add_shape_options(CLI::App& app, CodecOptions& options) {
  app.option_defaults()->group(kShapeGroup);
  add_text_options(app, options.plan);
  add_acceptance_options(app, options.plan);
  app.option_defaults()->group(kDefaultGroup);
}

Result<void> complete(CodecOptions& options, const copybook::Layout& layout) {
  auto code_page = charset::CodePage::load(options.code_page, {options.new_line, {}});
  if (!code_page) return pass_on(code_page);
  options.plan.code_page = *code_page;
  constexpr std::uint8_t kNewLine = 0x15;
  constexpr std::uint8_t kLineFeed = 0x25;
  constexpr std::uint8_t kAsciiLineFeed = 0x0A;
  const bool is_ascii = (*code_page)->byte_of('\n') == kAsciiLineFeed;
  options.framing.line_ends = is_ascii ? std::vector<std::uint8_t>{kAsciiLineFeed}
                                       : std::vector<std::uint8_t>{kNewLine, kLineFeed};
  if (!options.length_field.empty()) return place_length_field(options, layout);
  if (options.framing.recfm == Recfm::fixed && options.framing.lrecl == 0)
    options.framing.lrecl = layout.size_max;
  return {};
}

}  // namespace copybridge::cli
