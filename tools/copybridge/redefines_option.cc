// `ITEM WHEN CONDITION` to the plan's choices.
#include "tools/copybridge/redefines_option.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "codecs/plan/alternatives.h"

namespace copybridge::cli {

namespace {

constexpr std::string_view kWhen = " WHEN ";

/// Where the first ` WHEN ` begins, in upper or lower case; npos where there is none.
std::size_t find_when(std::string_view text) {
  const auto same = [](char left, char right) {
    return std::toupper(static_cast<unsigned char>(left)) == right;
  };
  const auto* found = std::search(text.begin(), text.end(), kWhen.begin(), kWhen.end(), same);
  return found == text.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - text.begin());
}

/// The item that shares storage; kNoItem after a report.
copybook::ItemIndex find_alternative(const copybook::Layout& layout, const std::string& name,
                                     const Where& where, Diagnostics& diagnostics) {
  std::size_t candidates = 0;
  const copybook::ItemIndex item = copybook::find_item(layout, name, &candidates);
  if (item == copybook::kNoItem) {
    diagnostics.error(where, "'" + name + "' " +
                                 (candidates == 0 ? "is no item of the record"
                                                  : "is the name of several items: qualify it"));
    return item;
  }
  const copybook::ItemIndex alternative = plan::alternative_of(layout, item);
  if (alternative == copybook::kNoItem)
    diagnostics.error(where, "'" + name + "' neither redefines an item nor is redefined");
  return alternative;
}

}  // namespace

void add_redefines_option(CLI::App& app, std::vector<std::string>& texts) {
  app.add_option("--redefines", texts,
                 "Which item to take of those that share storage, for example: PAYMENT WHEN "
                 "KIND = 'P'; may be repeated, the first that holds is taken")
      ->allow_extra_args(false)
      ->type_name("ITEM WHEN CONDITION");
}

std::vector<plan::Alternative> compile_redefines(
    const std::vector<std::string>& texts, const std::shared_ptr<const copybook::Layout>& layout,
    const condition::Reading& reading, Diagnostics& diagnostics) {
  std::vector<plan::Alternative> alternatives;
  for (const std::string& text : texts) {
    const Where where{"--redefines", 1, 1};
    const std::size_t when = find_when(text);
    if (when == std::string::npos) {
      diagnostics.error(where, "'" + text + "' has no WHEN", "write ITEM WHEN CONDITION");
      continue;
    }
    plan::Alternative made;
    made.item = find_alternative(*layout, text.substr(0, when), where, diagnostics);
    const std::size_t begin = when + kWhen.size();
    const Where condition_where{"--redefines", 1, static_cast<std::uint32_t>(begin + 1)};
    made.condition =
        condition::Condition::compile(std::string_view(text).substr(begin), condition_where, layout,
                                      reading, diagnostics, made.item);
    const bool is_known =
        std::any_of(alternatives.begin(), alternatives.end(),
                    [&](const plan::Alternative& other) { return other.item == made.item; });
    if (is_known && made.item != copybook::kNoItem) {
      diagnostics.error(where, "'" + text.substr(0, when) + "' has a condition already",
                        "join them with OR");
    }
    if (made.item != copybook::kNoItem) alternatives.push_back(std::move(made));
  }
  return alternatives;
}

}  // namespace copybridge::cli
