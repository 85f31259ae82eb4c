// Flags to framing and plan options.
#include "tools/copybridge/codec_options.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codecs/framing/options.h"
#include "codecs/mapping/records.h"
#include "codecs/measure/expression.h"
#include "codecs/measure/layout_length.h"
#include "tools/copybridge/choice.h"

namespace copybridge::cli {

namespace {

using framing::Recfm;

constexpr const char* kDefaultGroup = "Options";
constexpr const char* kFormatGroup = "Format (how records lie in the input)";
constexpr const char* kShapeGroup = "Shape (how records look in JSON)";

std::vector<std::string> words_of(std::string_view choices) {
  std::vector<std::string> words;
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    words.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return words;
}

std::string help_of(const OptionSpec& spec) {
  std::string help(spec.help);
  if (help.ends_with('.')) help.pop_back();
  const bool has_default = !spec.default_value.empty() && spec.default_value != "0";
  if (has_default) help += " (default " + std::string(spec.default_value) + ")";
  return help;
}

/// One flag per row of the table of framing; what is given is kept as text.
void add_framing_option(CLI::App& app, const OptionSpec& spec, CodecOptions& codec) {
  const std::string name(spec.name);
  CLI::Option* option = app.add_option_function<std::string>(
      framing::flag_of(spec),
      [&codec, name](const std::string& text) { codec.framing_given[name] = text; }, help_of(spec));
  if (spec.type == OptionType::choice) {
    option->check(CLI::IsMember(words_of(spec.choices)).description(""))
        ->type_name(std::string(spec.choices));
  } else if (spec.type == OptionType::boolean) {
    option->check(CLI::IsMember({"yes", "no"}).description(""))->type_name("yes|no");
  } else if (spec.type == OptionType::integer) {
    const std::int64_t most = std::min(spec.max, std::int64_t{1} << 53);
    option->check(CLI::Range(spec.min, most).description(""))->type_name("N");
  } else {
    option->type_name(spec.type == OptionType::text_map ? "VALUE=BYTES,..." : "FIELD");
  }
}

/// `A=100,B=240` as the map that a bridge file has.
ConfigNode map_of(const std::string& text) {
  ConfigNode map;
  map.type = ConfigNode::Type::map;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string entry = text.substr(at, comma - at);
    const std::size_t equals = std::min(entry.find('='), entry.size());
    ConfigNode value;
    value.type = ConfigNode::Type::scalar;
    if (equals < entry.size()) value.scalar = entry.substr(equals + 1);
    map.members.push_back({entry.substr(0, equals), {}, std::move(value)});
    at = comma + 1;
  }
  return map;
}

/// What was given, as a bridge file would have it.
ConfigNode framing_node(const CodecOptions& codec) {
  ConfigNode node;
  node.type = ConfigNode::Type::map;
  for (const OptionSpec& spec : framing::framing_options()) {
    const auto given = codec.framing_given.find(std::string(spec.name));
    if (given == codec.framing_given.end()) continue;
    ConfigNode value;
    value.type = ConfigNode::Type::scalar;
    value.scalar = given->second;
    if (spec.type == OptionType::text_map) value = map_of(given->second);
    value.where.file = framing::flag_of(spec);
    node.members.push_back({given->first, {}, std::move(value)});
  }
  return node;
}

void add_value_options(CLI::App& app, CodecOptions& options) {
  app.add_option("--codepage", options.code_page, "Code page, ICU name or CCSID (default IBM-037)")
      ->type_name("NAME");
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

condition::Reading reading_of(const plan::PlanOptions& options) {
  return {options.code_page, options.float_format == plan::FloatFormat::ieee,
          options.native_order == plan::ByteOrder::little, options.odo == plan::OdoStorage::fixed};
}

/// Fills options.framing by what was given.
Options read_framing_options(CodecOptions& options, const charset::CodePage& code_page,
                             Diagnostics& diagnostics) {
  constexpr std::uint8_t kAsciiLineFeed = 0x0A;
  const bool is_ascii = code_page.byte_of('\n') == kAsciiLineFeed;
  Options given = read_options(framing_node(options), framing::framing_options(), {}, diagnostics);
  options.framing = framing::read_framing(
      given, is_ascii ? framing::LineEnds::ascii : framing::LineEnds::ebcdic, diagnostics);
  return given;
}

/// What says how long a record is: a field, an expression, or the copybook.
std::shared_ptr<const framing::RecordMeasure> measure_of(
    const CodecOptions& options, const Options& given,
    const std::shared_ptr<const copybook::Layout>& layout, Diagnostics& diagnostics) {
  const condition::Reading reading = reading_of(options.plan);
  if (given.is_given("length_field")) {
    return measure::compile_length(given.text("length_field"), given.map("length_map"),
                                   {"--length-field", 0, 0}, layout, reading, diagnostics);
  }
  measure::RecordKind kind;
  kind.name = layout->name();
  kind.layout = layout;
  kind.reading = reading;
  return measure::measure_by_layout({std::move(kind)});
}

}  // namespace

void add_format_options(CLI::App& app, CodecOptions& options) {
  app.option_defaults()->group(kFormatGroup);
  for (const OptionSpec& spec : framing::framing_options()) add_framing_option(app, spec, options);
  add_value_options(app, options);
  app.option_defaults()->group(kDefaultGroup);
}

void add_shape_options(CLI::App& app, CodecOptions& options) {
  app.option_defaults()->group(kShapeGroup);
  add_text_options(app, options.plan);
  add_acceptance_options(app, options.plan);
  app.option_defaults()->group(kDefaultGroup);
}

bool is_shape_option(const CLI::Option& option) { return option.get_group() == kShapeGroup; }

Result<void> complete(CodecOptions& options,
                      const std::shared_ptr<const copybook::Layout>& layout) {
  auto code_page = charset::CodePage::load(options.code_page);
  if (!code_page) return pass_on(code_page);
  options.plan.code_page = *code_page;
  Diagnostics diagnostics;
  const Options given = read_framing_options(options, **code_page, diagnostics);
  if (options.framing.recfm == Recfm::measured)
    options.framing.measure = measure_of(options, given, layout, diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  if (options.framing.recfm == Recfm::fixed && options.framing.lrecl == 0)
    options.framing.lrecl = layout->size_max;
  return {};
}

Result<void> complete(CodecOptions& options,
                      std::span<const std::shared_ptr<const mapping::Mapping>> mappings) {
  Diagnostics diagnostics;
  const Options given =
      read_framing_options(options, *mappings.front()->options.code_page, diagnostics);
  mapping::describe_records(mappings, given, options.framing, diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  return {};
}

bool is_beside_mappings(const CLI::Option& option) {
  const std::vector<std::string> others = {"--help", "--mapping", "--compression", "--limit",
                                           "FILE"};
  const auto is_named = [&](const std::string& name) { return option.check_name(name); };
  if (std::any_of(others.begin(), others.end(), is_named)) return true;
  const auto rows = framing::framing_options();
  return std::any_of(rows.begin(), rows.end(), [&](const OptionSpec& spec) {
    return option.check_name(framing::flag_of(spec));
  });
}

}  // namespace copybridge::cli
