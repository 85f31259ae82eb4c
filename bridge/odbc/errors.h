// What an SQLSTATE asks for.
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/core/error.h"

namespace copybridge::odbc {

/// Whether a row is refused because one with its key is there.
[[nodiscard]] bool is_duplicate(const Error& error);

/// The first diagnostic of a handle, as one sentence; by the class of its state config for what
/// somebody has to correct, bad_record for what a row's own values are refused for, else source.
/// What drivers say of a row's values is left out: it may quote them.
[[nodiscard]] Error error_of(std::int16_t handle_type, void* handle, std::string_view what);

}  // namespace copybridge::odbc
