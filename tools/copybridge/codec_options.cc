// Flags to framing and plan options.
#include "tools/copybridge/codec_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "codecs/framing/options.h"
#include "codecs/mapping/fields.h"
#include "codecs/mapping/records.h"
#include "codecs/measure/expression.h"
#include "codecs/measure/layout_length.h"
#include "codecs/plan/option_words.h"
#include "tools/copybridge/choice.h"

namespace copybridge::cli {

namespace {

using framing::Recfm;
using framing::RecordPlace;

constexpr const char* kDefaultGroup = "Options";
constexpr const char* kFormatGroup = "Format (how records lie in the input)";
constexpr const char* kFieldCodePage = "--field-codepage";
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
  app.add_option("--codepage", options.code_page,
                 "Code page: ICU name, CCSID or file:PATH of a table (default IBM-037; "
                 "dialects gnucobol and micro-focus: ISO-8859-1)")
      ->type_name("NAME");
  app.add_option(kFieldCodePage, options.field_code_pages,
                 "Code page of one field, where it is not the record's; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FIELD=NAME");
  add_choice<charset::NewLine>(app, "--newline", options.new_line,
                               {{"page", charset::NewLine::page},
                                {"nel", charset::NewLine::nel},
                                {"lf", charset::NewLine::lf}},
                               "EBCDIC: whether 0x15 is NEL and 0x25 LF (nel), the other way round "
                               "(lf), or as the code page says (default page)");
  add_choice<std::optional<plan::FloatFormat>>(
      app, "--float", options.float_format,
      {{"ibm", plan::FloatFormat::ibm},
       {"ibm-little", plan::FloatFormat::ibm_little},
       {"ieee", plan::FloatFormat::ieee}},
      "Form of COMP-1 and COMP-2: ibm, hexadecimal; ibm-little, the same with the low byte first "
      "(default ibm; dialects gnucobol and micro-focus: ieee)");
  add_choice<std::optional<plan::ByteOrder>>(
      app, "--endian", options.native_order,
      {{"big", plan::ByteOrder::big}, {"little", plan::ByteOrder::little}},
      "Byte order of COMP-5 and of IEEE floats (default big; dialects gnucobol and micro-focus: "
      "little)");
  add_choice<plan::ByteOrder>(app, "--national", options.plan.national_order,
                              {{"big", plan::ByteOrder::big}, {"little", plan::ByteOrder::little}},
                              "Byte order of UTF-16 in PIC N (default big)");
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
  add_choice<plan::OdoRange>(
      app, "--odo-range", options.odo_range,
      {{"reject", plan::OdoRange::reject},
       {"clamp", plan::OdoRange::clamp},
       {"from-zero", plan::OdoRange::from_zero}},
      "OCCURS m TO n DEPENDING ON: a counter that is not m to n rejects the "
      "record, is the nearest of the two, or may be 0 to n (default reject)");
  add_choice<plan::RecordEnd>(
      app, "--record-end", options.record_end,
      {{"storage", plan::RecordEnd::storage}, {"alternative", plan::RecordEnd::alternative}},
      "REDEFINES at a record's end: the record has all of their storage, or ends with the "
      "alternative that --redefines chooses (default storage, but for alternatives with tables "
      "that vary)");
  add_choice<bool>(
      app, "--numproc", options.preferred_signs, {{"nopfd", false}, {"pfd", true}},
      "Signs of zoned and packed items: nopfd, every valid one; pfd, C and D only, and "
      "F in unsigned items, other signs are bad data (default nopfd)");
  add_choice<plan::Edited>(
      app, "--edited", options.edited,
      {{"number", plan::Edited::number}, {"text", plan::Edited::text}},
      "Numeric-edited items: their value, or their characters (default number)");
  add_choice<plan::Varchar>(
      app, "--varchar", options.varchar,
      {{"group", plan::Varchar::group}, {"string", plan::Varchar::string}},
      "Length and text of level 49, as DCLGEN writes a VARCHAR: both, or the text that the length "
      "says (default group)");
  app.add_flag("--renames", options.renames, "A member for every level 66, behind all others");
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
  Choices<Acceptance> short_acceptance = acceptance;
  short_acceptance.emplace_back("pad", Acceptance::pad);
  add_choice<plan::OnBadField>(app, "--on-bad-field", options.on_bad_field,
                               {{"reject", plan::OnBadField::reject},
                                {"null", plan::OnBadField::null},
                                {"raw", plan::OnBadField::raw}},
                               "A field whose bytes do not fit: reject the record, null, or its "
                               "bytes in hexadecimal (default reject)");
  add_choice<Acceptance>(app, "--short-records", options.short_records, std::move(short_acceptance),
                         "Records shorter than the copybook: reject, accept what there is, or pad "
                         "with spaces (default reject)");
  add_choice<Acceptance>(app, "--long-records", options.long_records, acceptance,
                         "Records longer than the copybook (default reject)");
  app.add_flag("--list-errors", options.list_errors,
               "A member _errors that names the fields that did not fit");
}

/// An option that takes several words, each handed to `take`.
void add_words(CLI::App& app, const char* name, const std::function<bool(std::string_view)>& take,
               const std::string& words, const std::string& help, const char* type = "WORD,...") {
  const auto take_all = [name, take, words](const std::vector<std::string>& given) {
    for (const std::string& word : given) {
      if (!take(word))
        throw CLI::ValidationError(name, fmt::format("{} is not one of {}", word, words));
    }
  };
  app.add_option_function<std::vector<std::string>>(name, take_all, help + ": " + words)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name(type);
}

void add_leniency_options(CLI::App& app, plan::PlanOptions& options) {
  add_choice<charset::Unmappable>(
      app, "--unmappable", options.unmappable,
      {{"replace", charset::Unmappable::replace}, {"reject", charset::Unmappable::reject}},
      "Bytes that are no character: U+FFFD and counted, or bad data "
      "(default replace)");
  const auto set_kind = [&options](std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != std::string_view::npos &&
           plan::set_bad_kind(word.substr(0, equals), word.substr(equals + 1), options);
  };
  const auto add_empty = [&options](std::string_view word) {
    return plan::add_empty_form(word, options.empty_numbers);
  };
  const auto add_empty_text = [&options](std::string_view word) {
    return plan::add_empty_form(word, options.empty_text);
  };
  const auto add_lenient = [&options](std::string_view word) {
    return plan::add_leniency(word, options.lenient);
  };
  add_words(app, "--on-bad-kind", set_kind, plan::field_kind_words(),
            "As --on-bad-field, for fields of a kind", "KIND=reject|null|raw,...");
  add_words(app, "--empty", add_empty, std::string(plan::kEmptyFormWords),
            "Bad numbers of only these bytes are null");
  add_words(app, "--empty-text", add_empty_text, std::string(plan::kEmptyFormWords),
            "Text of only these is null");
  add_words(app, "--lenient", add_lenient, plan::leniency_words(),
            "Readings beyond IBM's rules that are to be accepted");
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

std::shared_ptr<const framing::RecordMeasure> measure_by_layouts(
    const CodecOptions& options, const Layouts& layouts,
    const std::vector<plan::Alternative>& alternatives) {
  std::vector<measure::RecordKind> kinds;
  const auto add = [&](const std::shared_ptr<const copybook::Layout>& layout, RecordPlace place) {
    measure::RecordKind kind;
    kind.name = layout->name();
    kind.layout = layout;
    const plan::PlanOptions own =
        options_at(layout == layouts.detail ? RecordPlace::detail : place, options);
    kind.reading = plan::reading_of(own);
    kind.place = place;
    if (place == RecordPlace::detail)
      kind.endings = mapping::endings_of(*layout, own, alternatives);
    kinds.push_back(std::move(kind));
  };
  add(layouts.detail, RecordPlace::detail);
  add(layouts.header == nullptr ? layouts.detail : layouts.header, RecordPlace::header);
  return measure::measure_by_layout(std::move(kinds));
}

/// What says how long a record is: a field, an expression, or the copybook.
std::shared_ptr<const framing::RecordMeasure> measure_of(const CodecOptions& options,
                                                         const Options& given,
                                                         const Layouts& layouts,
                                                         Diagnostics& diagnostics) {
  if (given.is_given("length_field")) {
    return measure::compile_length(given.text("length_field"), given.map("length_map"),
                                   {"--length-field", 0, 0}, layouts.detail,
                                   plan::reading_of(options.plan), diagnostics);
  }
  if (options.framing.trailer_records > 0) {
    diagnostics.error({"--recfm", 0, 0},
                      "with --recfm copybook the length of a trailer is not known before its place",
                      "describe it by a mapping with a match");
  }
  return measure_by_layouts(options, layouts, {});
}

/// `FIELD=NAME` texts as the map under `fields:` of a mapping file.
ConfigNode field_pages_node(const std::vector<std::string>& texts) {
  ConfigNode fields;
  fields.type = ConfigNode::Type::map;
  for (const std::string& text : texts) {
    const std::size_t equals = std::min(text.find('='), text.size());
    ConfigNode page;
    page.type = ConfigNode::Type::scalar;
    page.scalar = text.substr(std::min(equals + 1, text.size()));
    page.where.file = kFieldCodePage;
    ConfigNode rule;
    rule.type = ConfigNode::Type::map;
    rule.members.push_back({"codepage", page.where, page});
    fields.members.push_back({text.substr(0, equals), page.where, std::move(rule)});
  }
  return fields;
}

/// Those of the texts whose field a layout has; of the records' own layout all that none has.
std::vector<std::string> texts_of(const std::shared_ptr<const copybook::Layout>& layout,
                                  const CodecOptions& options, const Layouts& layouts) {
  const auto is_in = [](const std::shared_ptr<const copybook::Layout>& one,
                        const std::string& text) {
    std::size_t candidates = 0;
    return one != nullptr && (copybook::find_item(*one, text.substr(0, text.find('=')),
                                                  &candidates) != copybook::kNoItem ||
                              candidates > 1);
  };
  std::vector<std::string> texts;
  for (const std::string& text : options.field_code_pages) {
    const bool is_elsewhere = is_in(layouts.header, text) || is_in(layouts.trailer, text);
    if (is_in(layout, text) || (layout == layouts.detail && !is_elsewhere)) texts.push_back(text);
  }
  return texts;
}

/// The code pages of single fields, by the rules of mapping files.
Result<void> complete_field_pages(CodecOptions& options, const Layouts& layouts) {
  Diagnostics diagnostics;
  const mapping::SourceText source("");
  const auto rules_of = [&](const std::shared_ptr<const copybook::Layout>& layout) {
    const std::vector<std::string> texts = texts_of(layout, options, layouts);
    const mapping::Context context{source, layout, diagnostics, {options.new_line, {}}};
    return texts.empty()
               ? std::vector<plan::FieldRule>()
               : mapping::read_field_rules(field_pages_node(texts), options.plan, context);
  };
  options.header_rules = rules_of(layouts.header);
  options.trailer_rules = rules_of(layouts.trailer);
  options.plan.rules = rules_of(layouts.detail);
  if (!diagnostics.has_errors()) return {};
  return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
}

/// Headers and trailers that have a layout are there.
void complete_places(const Options& given, const Layouts& layouts,
                     framing::FramingOptions& framing) {
  if (layouts.header != nullptr && !given.is_given("header_records")) framing.header_records = 1;
  if (layouts.trailer != nullptr && !given.is_given("trailer_records")) framing.trailer_records = 1;
}

/// RECFM F: the largest record's size.
void complete_lrecl(const Layouts& layouts, framing::FramingOptions& framing) {
  if (framing.recfm != Recfm::fixed || framing.lrecl > 0) return;
  for (const auto& layout : {layouts.detail, layouts.header, layouts.trailer})
    if (layout != nullptr) framing.lrecl = std::max(framing.lrecl, layout->size_max);
  framing.lrecl += framing.record_prefix + framing.record_suffix;
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
  add_leniency_options(app, options.plan);
  app.option_defaults()->group(kDefaultGroup);
}

plan::PlanOptions options_at(RecordPlace place, const CodecOptions& options) {
  plan::PlanOptions own = options.plan;
  if (place == RecordPlace::detail) return own;
  own.select.clear();
  own.rules = place == RecordPlace::header ? options.header_rules : options.trailer_rules;
  return own;
}

bool is_shape_option(const CLI::Option& option) { return option.get_group() == kShapeGroup; }

Result<void> complete(CodecOptions& options, const Layouts& layouts) {
  const plan::DialectDefaults defaults = plan::defaults_of(layouts.detail->dialect);
  options.plan.float_format = options.float_format.value_or(defaults.float_format);
  options.plan.native_order = options.native_order.value_or(defaults.native_order);
  auto code_page = charset::CodePage::load(
      options.code_page.empty() ? defaults.code_page : std::string_view(options.code_page),
      {options.new_line, {}});
  if (!code_page) return pass_on(code_page);
  options.plan.code_page = *code_page;
  Result<void> pages = complete_field_pages(options, layouts);
  if (!pages) return pages;
  Diagnostics diagnostics;
  const Options given = read_framing_options(options, **code_page, diagnostics);
  complete_places(given, layouts, options.framing);
  if (options.framing.recfm == Recfm::measured)
    options.framing.measure = measure_of(options, given, layouts, diagnostics);
  if (diagnostics.has_errors())
    return tl::make_unexpected(diagnostics.first_error(ErrorKind::config));
  complete_lrecl(layouts, options.framing);
  if (options.plan.short_records != plan::Acceptance::reject)
    options.framing.accepts_short_last = true;
  return {};
}

void complete_endings(CodecOptions& options, const Layouts& layouts,
                      const std::vector<plan::Alternative>& alternatives) {
  const bool is_measured =
      options.framing.recfm == Recfm::measured && !options.framing_given.contains("length_field");
  if (is_measured) options.framing.measure = measure_by_layouts(options, layouts, alternatives);
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
  const std::vector<std::string> others = {"--help",  "--mapping", "--compression",
                                           "--limit", "--threads", "FILE"};
  const auto is_named = [&](const std::string& name) { return option.check_name(name); };
  if (std::any_of(others.begin(), others.end(), is_named)) return true;
  const auto rows = framing::framing_options();
  return std::any_of(rows.begin(), rows.end(), [&](const OptionSpec& spec) {
    return option.check_name(framing::flag_of(spec));
  });
}

}  // namespace copybridge::cli
