// Basic types of IBM's Message Queue Interface on 64-bit platforms.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace copybridge::mqi {

using Long = std::int32_t;
using Byte = unsigned char;
using Hconn = Long;
using Hobj = Long;
using Hmsg = std::int64_t;

/// A name of fixed length: padded with blanks, or ended early by a NUL.
template <std::size_t kLength>
using Chars = std::array<char, kLength>;
template <std::size_t kLength>
using Bytes = std::array<Byte, kLength>;

/// The identifiers of a message, its group and its correlation: all zero is none.
using Id = Bytes<24>;
using ObjectName = Chars<48>;
using FormatName = Chars<8>;

inline constexpr Hconn kUnusableHconn = -1;
inline constexpr Hconn kUnassociatedHconn = -3;
inline constexpr Hconn kDefaultHconn = 0;
inline constexpr Hobj kUnusableHobj = -1;
inline constexpr Hobj kNoHobj = 0;
inline constexpr Hmsg kUnusableHmsg = -1;
inline constexpr Hmsg kNoHmsg = 0;

}  // namespace copybridge::mqi
