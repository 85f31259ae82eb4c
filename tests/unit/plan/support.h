// Copybook text and hexadecimal in, JSON out: what the tests of plans share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/copybook/layout.h"
#include "codecs/plan/plan.h"

namespace copybridge::test {

/// The only record of a copybook in free format; the test fails where it has mistakes.
std::shared_ptr<const copybook::Layout> layout_of(
    std::string_view copybook, copybook::Dialect dialect = copybook::Dialect::ibm);

/// Options over IBM-1047 (or another code page) with everything else as it is by default.
plan::PlanOptions options_of(std::string_view code_page = "IBM-1047");

/// Compiles; the test fails where there are diagnostics of errors.
std::unique_ptr<const plan::Plan> plan_of(std::shared_ptr<const copybook::Layout> layout,
                                          const plan::PlanOptions& options,
                                          std::vector<plan::Alternative> alternatives = {});

/// All diagnostics of a compilation, one per line.
std::string mistakes_of(std::string_view copybook, const plan::PlanOptions& options);

/// Decodes a record given in hexadecimal; "misfit: " and the message where it does not fit.
std::string decode(const plan::Plan& plan, std::string_view hex);
std::string decode(std::string_view copybook, std::string_view hex,
                   const plan::PlanOptions& options = options_of());

/// Text in a code page as hexadecimal.
std::string hex_of(std::string_view text, std::string_view code_page = "IBM-1047");

/// A buffer of a record with the readable tail filled with bytes that fit nothing.
ByteBuffer record_of(std::string_view hex);

}  // namespace copybridge::test
