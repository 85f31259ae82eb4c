// UTF-16BE, as PIC N items hold it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codecs/charset/code_page.h"

namespace copybridge::charset {

/// UTF-16BE of UTF-8 text into a field's bytes, without allocation; as CodePage::encode().
[[nodiscard]] Encoded encode_utf16(std::string_view text, std::span<std::uint8_t> target);

}  // namespace copybridge::charset
