// What a message says of its own bytes: CCSID and Encoding, as IBM MQ has them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "bridge/core/error.h"
#include "bridge/core/options.h"
#include "bridge/core/source_attributes.h"
#include "codecs/copybook/layout.h"
#include "codecs/plan/options.h"

namespace copybridge::mapping {

/// The word under `codepage` that leaves the code page to the message.
inline constexpr std::string_view kFromMessage = "from-message";

/// CCSID and the parts of Encoding that count. Packed and zoned digits have one order on every
/// platform, whatever Encoding says of them: clients fill it in from theirs.
struct MessageForm {
  std::uint32_t ccsid = 0;
  std::uint32_t integers = 0;  ///< 0: not said, 1: big-endian, 2: little-endian
  std::uint32_t floats = 0;  ///< 0: not said, 1: IEEE big-endian, 2: little-endian, 3: hexadecimal

  auto operator<=>(const MessageForm&) const = default;  // NOLINT(modernize-use-nullptr)

  /// Of a message's attributes. ErrorKind::bad_record where they name no CCSID.
  [[nodiscard]] static Result<MessageForm> read(const SourceAttributes& source);
};

/// Puts code page and byte orders of a message in the place of a mapping's; what the mapping gives
/// under `endian` and `float` stays. Fails where the page or an order that the layout needs is not
/// known.
[[nodiscard]] Result<void> apply(const MessageForm& form, const Options& given,
                                 const charset::LoadOptions& pages, const copybook::Layout* layout,
                                 plan::PlanOptions& shape);

/// What a message says otherwise than a mapping that has a code page of its own; empty: nothing.
[[nodiscard]] std::string difference(const MessageForm& form, const copybook::Layout& layout,
                                     const plan::PlanOptions& shape);

}  // namespace copybridge::mapping
