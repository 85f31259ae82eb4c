// Words of mapping files as options of parser and plan.
#include "codecs/mapping/shape.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "codecs/mapping/context.h"
#include "codecs/mapping/fields.h"
#include "codecs/mapping/message_form.h"
#include "codecs/plan/option_words.h"

namespace copybridge::mapping {
namespace {

copybook::SourceFormat source_format_of(std::string_view word) {
  if (word == "free") return copybook::SourceFormat::free;
  return word == "variable" ? copybook::SourceFormat::variable : copybook::SourceFormat::fixed;
}

copybook::Dialect dialect_of(std::string_view word) {
  if (word == "gnucobol") return copybook::Dialect::gnucobol;
  if (word == "gnucobol-ibm") return copybook::Dialect::gnucobol_ibm;
  return word == "micro-focus" ? copybook::Dialect::micro_focus : copybook::Dialect::ibm;
}

plan::Names names_of(std::string_view word) {
  if (word == "snake") return plan::Names::snake;
  return word == "camel" ? plan::Names::camel : plan::Names::as_is;
}

plan::Trim trim_of(std::string_view word) {
  if (word == "both") return plan::Trim::both;
  return word == "none" ? plan::Trim::none : plan::Trim::right;
}

plan::Numbers numbers_of(std::string_view word) {
  if (word == "string") return plan::Numbers::string;
  return word == "safe" ? plan::Numbers::safe : plan::Numbers::number;
}

copybook::AddressSize address_size_of(std::string_view word) {
  if (word.empty()) return copybook::AddressSize::by_dialect;
  return word == "64" ? copybook::AddressSize::lp_64 : copybook::AddressSize::lp_32;
}

plan::Acceptance acceptance_of(std::string_view word) {
  if (word == "pad") return plan::Acceptance::pad;
  return word == "accept" ? plan::Acceptance::accept : plan::Acceptance::reject;
}

std::shared_ptr<const charset::CodePage> read_code_page(const Options& options,
                                                        const charset::LoadOptions& pages,
                                                        Diagnostics& diagnostics) {
  const plan::DialectDefaults defaults = plan::defaults_of(dialect_of(options.text("dialect")));
  const bool is_named = options.is_given("codepage") && options.text("codepage") != kFromMessage;
  auto page = charset::CodePage::load(
      is_named ? std::string_view(options.text("codepage")) : defaults.code_page, pages);
  if (page) return *page;
  // A value that is no single word is reported already.
  if (options.node("codepage").type == ConfigNode::Type::scalar) {
    diagnostics.error(options.where("codepage"), page.error().message);
  }
  auto standing_in = charset::CodePage::load("IBM-037");
  return standing_in ? *standing_in : nullptr;
}

/// Of the copybook's text. A record's page that is not known is reported by who reads records.
std::shared_ptr<const charset::CodePage> read_copybook_page(const Options& options,
                                                            const charset::LoadOptions& pages,
                                                            Diagnostics& diagnostics) {
  const bool is_own = has_scalar(options, "copybook_codepage");
  if (!is_own && !has_scalar(options, "codepage")) return nullptr;
  // The copybook is read once, whatever the messages say.
  if (!is_own && options.text("codepage") == kFromMessage) return nullptr;
  auto page =
      charset::CodePage::load(options.text(is_own ? "copybook_codepage" : "codepage"), pages);
  if (page) return *page;
  if (is_own) diagnostics.error(options.where("copybook_codepage"), page.error().message);
  return nullptr;
}

}  // namespace

copybook::ParseOptions read_parse_options(const Options& options,
                                          const std::filesystem::path& folder, const Files& files,
                                          const charset::LoadOptions& pages,
                                          Diagnostics& diagnostics) {
  copybook::ParseOptions parse;
  parse.code_page = read_copybook_page(options, pages, diagnostics);
  parse.source_format = source_format_of(options.text("source_format"));
  parse.dialect = dialect_of(options.text("dialect"));
  parse.address_size = address_size_of(options.text("lp"));
  if (options.text("nsymbol") == "dbcs") parse.n_symbol = copybook::NSymbol::dbcs;
  parse.decimal_point_is_comma = options.boolean("decimal_point_is_comma");
  parse.currency_signs.clear();
  for (const std::string& text : options.list("currency")) {
    auto sign = copybook::parse_currency_sign(text);
    if (sign) {
      parse.currency_signs.push_back(std::move(*sign));
    } else {
      diagnostics.error(options.where("currency"), "'currency': " + sign.error().message);
    }
  }
  const ConfigNode& libraries = options.node("libraries");
  for (const std::string& library : options.list("libraries")) {
    const std::size_t number = parse.libraries.size();
    const bool is_item = number < libraries.items.size();
    const std::filesystem::path path = folder / library;
    if (!files.is_folder(path)) {
      diagnostics.error(is_item ? libraries.items[number].where : libraries.where,
                        "there is no folder " + path.string());
    }
    parse.libraries.push_back(path);
  }
  return parse;
}

charset::LoadOptions read_page_options(const Options& options,
                                       const std::filesystem::path& folder) {
  charset::LoadOptions pages;
  pages.folder = folder;
  if (options.text("newline") == "nel") pages.new_line = charset::NewLine::nel;
  if (options.text("newline") == "lf") pages.new_line = charset::NewLine::lf;
  return pages;
}

namespace {

plan::FloatFormat float_format_of(std::string_view word) {
  if (word == "ibm-little") return plan::FloatFormat::ibm_little;
  return word == "ieee" ? plan::FloatFormat::ieee : plan::FloatFormat::ibm;
}

/// What a file of the layout's dialect is, where the mapping does not say.
void read_machine(const Options& options, copybook::Dialect dialect, plan::PlanOptions& shape) {
  const plan::DialectDefaults defaults = plan::defaults_of(dialect);
  shape.float_format = defaults.float_format;
  shape.native_order = defaults.native_order;
  if (options.is_given("float")) shape.float_format = float_format_of(options.text("float"));
  if (options.is_given("endian"))
    shape.native_order =
        options.text("endian") == "little" ? plan::ByteOrder::little : plan::ByteOrder::big;
  if (options.text("national") == "little") shape.national_order = plan::ByteOrder::little;
}

/// A list of words, each handed to `take`; others are reported at their place.
template <typename Take>
void read_words(const Options& options, std::string_view key, std::string_view words,
                Diagnostics& diagnostics, Take take) {
  const ConfigNode& node = options.node(key);
  std::size_t number = 0;
  for (const std::string& word : options.list(key)) {
    const Where& where = number < node.items.size() ? node.items[number].where : node.where;
    ++number;
    if (!take(word))
      diagnostics.error(where, in_quotes(word) + " is not one of " + std::string(words));
  }
}

void read_fates(const Options& options, Diagnostics& diagnostics, plan::PlanOptions& shape) {
  shape.on_bad_field = on_bad_field_of(options.text("on_bad_field"));
  for (const auto& [kind, fate] : options.map("on_bad_kind")) {
    if (!plan::set_bad_kind(kind, fate, shape))
      diagnostics.error(options.where("on_bad_kind"),
                        fmt::format("'{}: {}' is not one of {} with reject, null or raw", kind,
                                    fate, plan::field_kind_words()));
  }
  if (options.text("unmappable") == "reject") shape.unmappable = charset::Unmappable::reject;
  read_words(options, "lenient", plan::leniency_words(), diagnostics,
             [&](std::string_view word) { return plan::add_leniency(word, shape.lenient); });
  shape.preferred_signs = options.text("numproc") == "pfd";
  read_words(options, "empty", plan::kEmptyFormWords, diagnostics, [&](std::string_view word) {
    return plan::add_empty_form(word, shape.empty_numbers);
  });
  read_words(options, "empty_text", plan::kEmptyFormWords, diagnostics,
             [&](std::string_view word) { return plan::add_empty_form(word, shape.empty_text); });
}

plan::OdoRange odo_range_of(std::string_view word) {
  if (word == "clamp") return plan::OdoRange::clamp;
  return word == "from-zero" ? plan::OdoRange::from_zero : plan::OdoRange::reject;
}

}  // namespace

plan::PlanOptions read_shape(const Options& options, const charset::LoadOptions& pages,
                             Diagnostics& diagnostics) {
  plan::PlanOptions shape;
  shape.code_page = read_code_page(options, pages, diagnostics);
  read_machine(options, dialect_of(options.text("dialect")), shape);
  shape.names = names_of(options.text("names"));
  shape.trim = trim_of(options.text("trim"));
  shape.numbers = numbers_of(options.text("numbers"));
  shape.keep_fillers = options.text("fillers") == "keep";
  read_fates(options, diagnostics, shape);
  shape.short_records = acceptance_of(options.text("short_records"));
  shape.long_records = acceptance_of(options.text("long_records"));
  shape.odo = options.text("odo") == "fixed" ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
  shape.odo_range = odo_range_of(options.text("odo_range"));
  if (options.is_given("record_end"))
    shape.record_end = options.text("record_end") == "storage" ? plan::RecordEnd::storage
                                                               : plan::RecordEnd::alternative;
  if (options.text("edited") == "text") shape.edited = plan::Edited::text;
  if (options.text("varchar") == "string") shape.varchar = plan::Varchar::string;
  shape.renames = options.boolean("renames");
  shape.conditions = options.boolean("conditions");
  shape.list_errors = options.boolean("list_errors");
  shape.keep_raw = options.boolean("keep_raw");
  return shape;
}

}  // namespace copybridge::mapping
