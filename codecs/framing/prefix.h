// A length in front of each record, in the forms of z/OSMF, IMS and GnuCOBOL.
#pragma once

#include <cstdint>
#include <string>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

inline constexpr std::size_t kPrefixBytesMax = 4;

/// How a length in front of a record is written.
struct PrefixRule {
  const char* name = "length prefix";
  std::size_t length_bytes = 4;
  std::size_t tail_bytes = 0;     ///< behind the length, not data
  bool must_tail_be_zero = true;  ///< IMS keeps flags in ZZ
  bool is_little_endian = false;
  bool includes_itself = false;  ///< the length counts itself and the tail
  std::int32_t adjust = 0;       ///< added to the length as written
  std::uint32_t payload_max = 0;

  [[nodiscard]] std::size_t size() const { return length_bytes + tail_bytes; }
  [[nodiscard]] std::int64_t own() const {
    return includes_itself ? static_cast<std::int64_t>(size()) : 0;
  }
  /// Bytes of data behind the prefix, which may be negative; `bytes` hold a whole prefix.
  [[nodiscard]] std::int64_t payload(ByteView bytes) const;
  /// Whether the tail is as it must be.
  [[nodiscard]] bool is_tail_sound(ByteView bytes) const;
  /// The largest payload that length and options allow.
  [[nodiscard]] std::uint64_t largest() const;
  /// Puts a prefix in front of `payload` bytes, at most largest().
  void append(std::size_t payload, ByteBuffer& out) const;
};

/// The rule of length_prefixed, ims_llzz and gnucobol.
[[nodiscard]] PrefixRule prefix_rule(const FramingOptions& options);

/// An unsigned number of 1 to 4 bytes.
[[nodiscard]] std::uint32_t read_number(ByteView bytes, bool is_little_endian);
/// Appends the low `count` bytes of a number.
void append_number(std::uint64_t number, std::size_t count, bool is_little_endian, ByteBuffer& out);

}  // namespace copybridge::framing
