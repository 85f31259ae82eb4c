// Date rules: whether the item has room for the pattern. What a pattern may be decides the plan.
#include "codecs/mapping/date_rule.h"

#include <string>

#include "codecs/plan/date.h"
#include "codecs/plan/time_zone.h"

namespace copybridge::mapping {
namespace {

using copybook::Category;
using copybook::Item;

/// What speaks against a pattern in this item; empty where nothing does.
std::string misfit(const plan::DatePlan& pattern, const Item& item) {
  const std::string name = in_quotes(item.name);
  const std::string too_long = "'date': " + std::to_string(pattern.size()) + " characters, but " +
                               name + ", PIC " + item.picture + ", has ";
  switch (item.category) {
    case Category::numeric:
      if (item.scale != 0) return "'date' needs a whole number; " + name + " has decimals";
      if (!pattern.is_digits()) return "'date': the number " + name + " holds no separators";
      return pattern.size() <= item.digits ? "" : too_long + std::to_string(item.digits);
    case Category::alphabetic:
    case Category::alphanumeric:
    case Category::alphanumeric_edited:
    case Category::numeric_edited:
      return pattern.size() <= item.size ? "" : too_long + std::to_string(item.size);
    case Category::group:
    case Category::national:
    case Category::dbcs:
    case Category::utf8:
    case Category::floating:
    case Category::opaque:
      return "'date' needs digits or single-byte characters; " + name + " has none";
  }
  return {};
}

bool has_time(const plan::DateRule& rule) { return rule.pattern.find('H') != std::string::npos; }

void check_time_zone(const Options& options, const plan::DateRule& rule, const Context& context) {
  if (rule.time_zone.empty()) return;
  const Where where = options.where("time_zone");
  if (!has_time(rule)) {
    context.diagnostics.error(where, "'time_zone' goes with a time, and the pattern has none");
  }
  if (!plan::TimeZone().load(rule.time_zone)) {
    context.diagnostics.error(
        where, "'time_zone': " + in_quotes(rule.time_zone) + " is not known",
        "write Z, an offset such as +01:00, or an IANA name such as Europe/Berlin");
  }
}

}  // namespace

void check_date(const Options& options, const plan::DateRule& rule, const Item* item,
                const Context& context) {
  const Where where = options.where("date");
  Diagnostics found;
  const auto pattern =
      plan::DatePlan::compile({rule.pattern, rule.century_window, {}}, where, found);
  if (found.has_errors()) {
    // What is wrong with the parts says enough; the whole they make is wrong for that reason.
    const Diagnostic& first = found.all().front();
    context.diagnostics.error(where, first.message, first.hint);
  } else if (item != nullptr) {
    std::string reason = misfit(pattern, *item);
    if (!reason.empty()) context.diagnostics.error(where, std::move(reason));
  }
  check_time_zone(options, rule, context);
}

}  // namespace copybridge::mapping
