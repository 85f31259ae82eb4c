// Compiling the trailer check and running it on records.
#include "adapters/file/trailer.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/core/options.h"
#include "codecs/charset/code_page.h"
#include "codecs/condition/condition.h"
#include "codecs/copybook/parser.h"
#include "codecs/plan/text_template.h"

namespace copybridge::adapters::file {
namespace {

using condition::Condition;
using condition::Truth;
using LayoutPointer = std::shared_ptr<const copybook::Layout>;

constexpr std::array kOptions = {
    OptionSpec{.name = "copybook", .required = true, .help = "Copybook of the trailer record."},
    OptionSpec{.name = "record", .help = "Its 01 level, where the copybook has several."},
    OptionSpec{.name = "codepage",
               .default_value = "IBM-037",
               .help = "Code page of trailer and detail records."},
    OptionSpec{.name = "match",
               .help = "COBOL condition on the trailer's fields that only the trailer meets; not "
                       "needed where trailer_records tell it by its place."},
    OptionSpec{.name = "count", .help = "Trailer field with the number of detail records."},
    OptionSpec{.name = "totals",
               .type = OptionType::text_map,
               .help = "Trailer fields and the detail fields they are the sums of."},
    OptionSpec{.name = "detail_copybook",
               .help = "Copybook of the detail records; default: that of the trailer."},
    OptionSpec{.name = "detail_record", .help = "Its 01 level, where the copybook has several."},
    OptionSpec{.name = "detail_match",
               .help = "COBOL condition of the records that are counted and added up; default: all "
                       "but the trailer."},
    OptionSpec{.name = "verify",
               .type = OptionType::choice,
               .default_value = "after",
               .help = "Whether the file is checked at its end, or as a whole before any of it is "
                       "published.",
               .choices = "before|after"},
};

/// A numeric field of a record.
struct NumericField {
  std::string name;
  unsigned scale = 0;
  std::shared_ptr<const plan::TextTemplate> text;
};

struct Total {
  NumericField trailer;
  NumericField detail;
  unsigned scale = 0;  ///< of both
};

/// Nothing where the field's bytes are no value of its picture.
std::optional<WideInteger> value_of(const NumericField& field, ByteView record, unsigned scale) {
  thread_local TextBuffer text;
  text.clear();
  if (!field.text->render(record, {}, text)) return std::nullopt;
  return parse_decimal(text.view(), scale);
}

class Compiler {
 public:
  Compiler(const AdapterContext& context, const Options& options, Diagnostics& diagnostics)
      : context_(context), options_(options), diagnostics_(diagnostics) {
    auto page = charset::CodePage::load(options.text("codepage"));
    if (page) {
      plan_options_.code_page = *page;
    } else {
      diagnostics.error(options.where("codepage"), page.error().message);
    }
  }

  [[nodiscard]] bool has_code_page() const { return plan_options_.code_page != nullptr; }

  LayoutPointer layout(const char* copybook, const char* record) {
    const std::filesystem::path path = context_.directory / options_.text(copybook);
    copybook::ParseOptions parse;
    parse.libraries = {path.parent_path()};
    copybook::ParseOutcome outcome = copybook::load(path, parse);
    const bool is_broken = outcome.diagnostics.has_errors();
    diagnostics_.append(std::move(outcome.diagnostics));
    if (is_broken) return nullptr;
    return choose(outcome.copybook.records, record, options_.where(copybook));
  }

  Condition condition(const char* name, const LayoutPointer& layout) {
    if (!options_.is_given(name)) return {};
    return Condition::compile(options_.text(name), options_.where(name), layout,
                              {plan_options_.code_page}, diagnostics_);
  }

  NumericField field(const std::string& name, const Where& where, const LayoutPointer& layout) {
    NumericField field{name, 0, nullptr};
    field.text =
        plan::TextTemplate::compile("{" + name + "}", where, layout, plan_options_, diagnostics_);
    if (field.text == nullptr) return field;
    const std::string unsubscripted = name.substr(0, name.find_first_of(" ("));
    const copybook::ItemIndex index =
        copybook::find_item(*layout, name.find('(') == std::string::npos ? name : unsubscripted);
    if (index == copybook::kNoItem) return field;
    const copybook::Item& item = layout->items[index];
    if (item.category != copybook::Category::numeric) {
      diagnostics_.error(where, "'" + name + "' is not numeric");
    }
    field.scale = static_cast<unsigned>(std::max<int>(item.scale, 0));
    return field;
  }

 private:
  LayoutPointer choose(std::vector<copybook::Layout>& records, const char* option,
                       const Where& copybook_where) {
    const std::string& wanted = options_.text(option);
    std::string names;
    for (copybook::Layout& record : records) {
      const bool is_it = wanted.empty() ? records.size() == 1
                                        : ::strcasecmp(record.name().c_str(), wanted.c_str()) == 0;
      if (is_it) return std::make_shared<copybook::Layout>(std::move(record));
      names += (names.empty() ? "" : ", ") + record.name();
    }
    diagnostics_.error(wanted.empty() ? copybook_where : options_.where(option),
                       wanted.empty() ? "the copybook has several records"
                                      : "the copybook has no record '" + wanted + "'",
                       std::string("name one under '") + option + "': " + names);
    return nullptr;
  }

  const AdapterContext& context_;
  const Options& options_;
  Diagnostics& diagnostics_;
  plan::PlanOptions plan_options_;
};

/// Numbers as text, apart by blanks.
class NumberReader {
 public:
  explicit NumberReader(std::string_view text) : text_(text) {}
  WideInteger wide() {
    const std::size_t end = std::min(text_.find(' '), text_.size());
    const std::optional<WideInteger> value = parse_decimal(text_.substr(0, end), 0);
    is_good_ = is_good_ && value.has_value();
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return value.value_or(0);
  }
  std::uint64_t count() { return static_cast<std::uint64_t>(wide()); }
  [[nodiscard]] bool is_whole() const { return is_good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool is_good_ = true;
};

}  // namespace

struct TrailerCheck::Impl {
  bool is_first = false;
  bool has_place = false;
  Condition match;
  Condition detail_match;
  std::optional<NumericField> count;
  std::vector<Total> totals;
};

TrailerCheck::TrailerCheck(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
TrailerCheck::~TrailerCheck() = default;

std::unique_ptr<const TrailerCheck> TrailerCheck::compile(const ConfigNode& node,
                                                          const AdapterContext& context,
                                                          bool has_place,
                                                          Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const Options options = read_options(node, kOptions, {}, diagnostics);
  if (!has_place && !options.is_given("match"))
    diagnostics.error(node.where, "'trailer' needs a 'match'",
                      "or 'trailer_records', which tell it by its place");
  if (diagnostics.error_count() > errors) return nullptr;
  Compiler compiler(context, options, diagnostics);
  const LayoutPointer trailer = compiler.layout("copybook", "record");
  const LayoutPointer detail =
      options.is_given("detail_copybook") || options.is_given("detail_record")
          ? compiler.layout(options.is_given("detail_copybook") ? "detail_copybook" : "copybook",
                            "detail_record")
          : trailer;
  if (trailer == nullptr || detail == nullptr || !compiler.has_code_page()) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->is_first = options.text("verify") == "before";
  impl->has_place = has_place;
  impl->match = compiler.condition("match", trailer);
  impl->detail_match = compiler.condition("detail_match", detail);
  if (options.is_given("count")) {
    impl->count = compiler.field(options.text("count"), options.where("count"), trailer);
  }
  for (const ConfigMember& member : options.node("totals").members) {
    Total total{compiler.field(member.key, member.where, trailer),
                compiler.field(member.value.scalar, member.value.where, detail), 0};
    total.scale = std::max(total.trailer.scale, total.detail.scale);
    impl->totals.push_back(std::move(total));
  }
  if (!impl->count && impl->totals.empty()) {
    diagnostics.error(node.where, "'trailer' has nothing to compare", "name 'count' or 'totals'");
  }
  if (diagnostics.error_count() > errors) return nullptr;
  return std::unique_ptr<const TrailerCheck>(new TrailerCheck(std::move(impl)));
}

bool TrailerCheck::is_first() const { return impl_->is_first; }

void TrailerCheck::add(ByteView record, framing::RecordPlace place, TrailerSums& sums) const {
  using framing::RecordPlace;
  if (place == RecordPlace::header) return;
  sums.sums.resize(impl_->totals.size());
  sums.expected.resize(impl_->totals.size());
  bool fits = true;
  const auto take = [&](const NumericField& field, unsigned scale, WideInteger& into) {
    const std::optional<WideInteger> value = value_of(field, record, scale);
    fits = fits && value && !__builtin_add_overflow(into, *value, &into);
  };
  const bool may_be = !impl_->has_place || place == RecordPlace::trailer;
  // Where the condition's fields lie outside a record, it is no trailer.
  if (may_be && impl_->match.evaluate(record) == Truth::yes) {
    ++sums.trailers;
    if (impl_->count) take(*impl_->count, impl_->count->scale, sums.expected_count);
    for (std::size_t i = 0; i < impl_->totals.size(); ++i) {
      take(impl_->totals[i].trailer, impl_->totals[i].scale, sums.expected[i]);
    }
  } else if (place == RecordPlace::detail) {
    if (sums.trailers > 0) ++sums.behind;
    const Truth is_detail = impl_->detail_match.evaluate(record);
    fits = is_detail != Truth::misfit;
    if (is_detail == Truth::yes) {
      ++sums.details;
      for (std::size_t i = 0; i < impl_->totals.size(); ++i) {
        take(impl_->totals[i].detail, impl_->totals[i].scale, sums.sums[i]);
      }
    }
  }
  if (!fits) ++sums.unreadable;
}

std::string TrailerCheck::mismatch(const TrailerSums& sums) const {
  if (sums.is_lost) return "the trailer option has changed since the file was begun";
  if (sums.trailers == 0) return "no record is a trailer";
  if (sums.trailers > 1) return std::to_string(sums.trailers) + " records are trailers";
  if (sums.behind > 0) return std::to_string(sums.behind) + " records stand behind the trailer";
  if (sums.unreadable > 0) {
    return std::to_string(sums.unreadable) + " records have a field that does not fit";
  }
  if (impl_->count) {
    const unsigned scale = impl_->count->scale;
    const std::string counted = print_decimal(WideInteger{sums.details}, 0);
    const std::string expected = print_decimal(sums.expected_count, scale);
    if (parse_decimal(counted, scale) != sums.expected_count) {
      return impl_->count->name + " says " + expected + ", the file has " + counted + " records";
    }
  }
  for (std::size_t i = 0; i < impl_->totals.size(); ++i) {
    const Total& total = impl_->totals[i];
    if (sums.sums[i] == sums.expected[i]) continue;
    return total.trailer.name + " says " + print_decimal(sums.expected[i], total.scale) + ", " +
           total.detail.name + " adds up to " + print_decimal(sums.sums[i], total.scale);
  }
  return {};
}

std::string TrailerCheck::describe(const TrailerSums& sums) const {
  if (sums.is_lost) return {};
  std::string text = "count=" + std::to_string(sums.details);
  for (std::size_t i = 0; i < impl_->totals.size() && i < sums.sums.size(); ++i) {
    const Total& total = impl_->totals[i];
    text += " " + total.detail.name + "=" + print_decimal(sums.sums[i], total.scale);
  }
  return text;
}

std::string TrailerCheck::save(const TrailerSums& sums) const {
  if (sums.is_lost) return "lost";
  std::string text;
  const auto add = [&](WideInteger value) {
    if (!text.empty()) text += ' ';
    text += print_decimal(value, 0);
  };
  for (const std::uint64_t count : {sums.details, sums.trailers, sums.behind, sums.unreadable}) {
    add(WideInteger{count});
  }
  add(sums.expected_count);
  for (std::size_t i = 0; i < impl_->totals.size(); ++i) {
    add(i < sums.sums.size() ? sums.sums[i] : 0);
    add(i < sums.expected.size() ? sums.expected[i] : 0);
  }
  return text;
}

TrailerSums TrailerCheck::load(std::string_view text) const {
  NumberReader numbers(text);
  TrailerSums sums;
  sums.details = numbers.count();
  sums.trailers = numbers.count();
  sums.behind = numbers.count();
  sums.unreadable = numbers.count();
  sums.expected_count = numbers.wide();
  for (std::size_t i = 0; i < impl_->totals.size(); ++i) {
    sums.sums.push_back(numbers.wide());
    sums.expected.push_back(numbers.wide());
  }
  if (numbers.is_whole()) return sums;
  TrailerSums lost;
  lost.is_lost = true;
  return lost;
}

}  // namespace copybridge::adapters::file
