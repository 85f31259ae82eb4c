// The words for a refusal.
#pragma once

#include <string_view>

#include "codecs/encode/frame.h"

namespace copybridge::encode {

[[nodiscard]] Refusal explain(const Frame& frame, std::string_view text);

}  // namespace copybridge::encode
