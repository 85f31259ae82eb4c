// Words of mapping files as options of parser and plan.
#include "codecs/mapping/shape.h"

#include <string_view>
#include <utility>

#include "codecs/mapping/context.h"
#include "codecs/mapping/fields.h"

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

plan::Acceptance acceptance_of(std::string_view word) {
  return word == "accept" ? plan::Acceptance::accept : plan::Acceptance::reject;
}

std::shared_ptr<const charset::CodePage> read_code_page(const Options& options,
                                                        Diagnostics& diagnostics) {
  auto page = charset::CodePage::load(options.text("codepage"));
  if (page) return *page;
  // A value that is no single word is reported already.
  if (options.node("codepage").type == ConfigNode::Type::scalar) {
    diagnostics.error(options.where("codepage"), page.error().message);
  }
  auto standing_in = charset::CodePage::load("IBM-037");
  return standing_in ? *standing_in : nullptr;
}

}  // namespace

copybook::ParseOptions read_parse_options(const Options& options,
                                          const std::filesystem::path& folder, const Files& files,
                                          Diagnostics& diagnostics) {
  copybook::ParseOptions parse;
  parse.source_format = source_format_of(options.text("source_format"));
  parse.dialect = dialect_of(options.text("dialect"));
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

plan::PlanOptions read_shape(const Options& options, Diagnostics& diagnostics) {
  plan::PlanOptions shape;
  shape.code_page = read_code_page(options, diagnostics);
  shape.float_format =
      options.text("float") == "ieee" ? plan::FloatFormat::ieee : plan::FloatFormat::ibm;
  shape.native_order =
      options.text("endian") == "little" ? plan::ByteOrder::little : plan::ByteOrder::big;
  shape.names = names_of(options.text("names"));
  shape.trim = trim_of(options.text("trim"));
  shape.numbers = numbers_of(options.text("numbers"));
  shape.keep_fillers = options.text("fillers") == "keep";
  shape.on_bad_field = on_bad_field_of(options.text("on_bad_field"));
  shape.short_records = acceptance_of(options.text("short_records"));
  shape.long_records = acceptance_of(options.text("long_records"));
  shape.odo = options.text("odo") == "fixed" ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
  shape.conditions = options.boolean("conditions");
  shape.list_errors = options.boolean("list_errors");
  shape.keep_raw = options.boolean("keep_raw");
  return shape;
}

condition::Reading reading_of(const plan::PlanOptions& shape) {
  return {shape.code_page, shape.float_format == plan::FloatFormat::ieee,
          shape.native_order == plan::ByteOrder::little, shape.odo == plan::OdoStorage::fixed};
}

}  // namespace copybridge::mapping
