// JSON in, hexadecimal out: what the tests of encoding share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/encode/encode.h"
#include "tests/unit/plan/support.h"

namespace copybridge::test {

/// Compiles; the test fails where there are errors.
std::unique_ptr<const encode::EncodePlan> encode_plan_of(
    std::shared_ptr<const copybook::Layout> layout, const plan::PlanOptions& options,
    std::vector<plan::Alternative> alternatives = {}, const encode::EncodeOptions& encode = {});

/// The record in hexadecimal; "refused: " and the message where there is none.
std::string encode(const encode::EncodePlan& plan, std::string_view json);
std::string encode(std::string_view copybook, std::string_view json,
                   const plan::PlanOptions& options = options_of(),
                   const encode::EncodeOptions& encode = {});

/// Decodes a record, encodes what was printed, and expects the same record; returns the JSON.
std::string round_trip(std::string_view copybook, std::string_view hex,
                       const plan::PlanOptions& options = options_of());

/// An alternative with its condition.
plan::Alternative alternative(const std::shared_ptr<const copybook::Layout>& layout,
                              std::string_view item, std::string_view condition,
                              const plan::PlanOptions& options);

/// An item by its name.
copybook::ItemIndex item_of(const copybook::Layout& layout, std::string_view name);

}  // namespace copybridge::test
