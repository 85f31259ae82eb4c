// The words of options that take several of a few: shared by command line and mapping files.
#pragma once

#include <string>
#include <string_view>

#include "codecs/plan/options.h"

namespace copybridge::plan {

/// Sets what a word stands for; false where it is none of the option's words.
bool add_leniency(std::string_view word, Leniency& leniency);
bool add_empty_form(std::string_view word, EmptyForms& forms);
/// `packed`, `null`: what becomes of bad fields of a kind.
bool set_bad_kind(std::string_view kind, std::string_view fate, PlanOptions& options);

/// `blanks, overpunch, …`: for messages and help.
[[nodiscard]] std::string leniency_words();
[[nodiscard]] std::string field_kind_words();
inline constexpr std::string_view kEmptyFormWords = "spaces, low-values, high-values";

}  // namespace copybridge::plan
