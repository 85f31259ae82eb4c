// Tables of words.
#include "codecs/plan/option_words.h"

#include <algorithm>
#include <array>

namespace copybridge::plan {
namespace {

// In the order of FieldKind.
constexpr std::array<std::string_view, kFieldKinds> kKinds = {
    "zoned", "packed", "binary", "float", "edited", "text", "national", "dbcs", "utf-8", "pointer"};

}  // namespace

bool add_leniency(std::string_view word, Leniency& leniency) {
  if (word == "all") {
    for (const condition::LeniencyWord& known : condition::kLeniencyWords)
      leniency.*known.flag = true;
    return true;
  }
  for (const condition::LeniencyWord& known : condition::kLeniencyWords) {
    if (known.word != word) continue;
    leniency.*known.flag = true;
    return true;
  }
  return false;
}

bool add_empty_form(std::string_view word, EmptyForms& forms) {
  if (word == "spaces") return forms.spaces = true;
  if (word == "low-values") return forms.low_values = true;
  return word == "high-values" && (forms.high_values = true);
}

bool set_bad_kind(std::string_view kind, std::string_view fate, PlanOptions& options) {
  const auto* const found = std::find(kKinds.begin(), kKinds.end(), kind);
  if (found == kKinds.end()) return false;
  auto& target = options.on_bad_kind[static_cast<std::size_t>(found - kKinds.begin())];
  if (fate == "reject") target = OnBadField::reject;
  if (fate == "null") target = OnBadField::null;
  if (fate == "raw") target = OnBadField::raw;
  return fate == "reject" || fate == "null" || fate == "raw";
}

std::string leniency_words() {
  std::string text;
  for (const condition::LeniencyWord& known : condition::kLeniencyWords)
    text += std::string(known.word) + ", ";
  return text + "all";
}

std::string field_kind_words() {
  std::string text;
  for (const std::string_view kind : kKinds) text += (text.empty() ? "" : ", ") + std::string(kind);
  return text;
}

}  // namespace copybridge::plan
