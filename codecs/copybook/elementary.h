// Elementary items: how USAGE and PICTURE together make bytes.
#pragma once

#include "codecs/copybook/entry.h"
#include "codecs/copybook/parser.h"
#include "codecs/copybook/report.h"

namespace copybridge::copybook {

/// What an item takes over from the groups around it where it says nothing itself.
struct Inherited {
  std::optional<UsageWord> usage;
  bool is_unsigned = false;  ///< of BINARY-LONG UNSIGNED
  std::optional<SignClause> sign;
  bool synchronized = false;
};

/// Fills usage, category, picture, digits, sign and size of an elementary item. Mistakes are
/// reported, and the item then has no size.
void describe(const Entry& entry, const Inherited& inherited, const ParseOptions& options,
              Item& item, Report& report);

/// Whether an item of this usage has a size without a PICTURE.
[[nodiscard]] bool has_own_size(UsageWord usage);

/// Bytes whose multiple a SYNCHRONIZED item's offset must be; 1 for all other items.
[[nodiscard]] std::uint32_t alignment_of(const Item& item, const ParseOptions& options);

/// Bytes of pointers.
[[nodiscard]] std::uint32_t address_size(const ParseOptions& options);

}  // namespace copybridge::copybook
