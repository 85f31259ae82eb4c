// Access to the fields of one MQ header, in the byte order and kind of code page it is written in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/ibm_mq/headers.h"

namespace copybridge::adapters::ibm_mq {

enum class FieldKind : std::uint8_t { integer, text, bytes };

struct HeaderField {
  std::string_view name;
  std::size_t offset = 0;
  std::size_t size = 4;
  FieldKind kind = FieldKind::integer;
};

/// A header whose eye-catcher and version have been looked at. What they show outranks Encoding and
/// CCSID, which clients fill in from their own platform.
class HeaderReader {
 public:
  /// Nothing where the bytes do not begin with the eye-catcher, in ASCII or EBCDIC, and a version
  /// from 1 to `version_max` in one of the two byte orders. `bytes` has at least 8 bytes.
  static std::optional<HeaderReader> begin(ByteView bytes, std::string_view eye_catcher,
                                           std::int32_t version_max);

  /// The same header cut to its size.
  [[nodiscard]] HeaderReader within(std::size_t size) const;
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool is_big_endian() const { return is_big_endian_; }
  [[nodiscard]] bool is_ebcdic() const { return is_ebcdic_; }
  [[nodiscard]] std::int32_t integer(std::size_t offset) const;
  [[nodiscard]] ByteView bytes(std::size_t offset, std::size_t size) const {
    return bytes_.subspan(offset, size);
  }
  /// Appends `mq-NAME-FIELD` of every field that says something.
  void append_fields(std::string_view name, std::span<const HeaderField> fields, std::int32_t ccsid,
                     CodePages& pages, Attributes& attributes) const;

 private:
  ByteView bytes_;
  bool is_big_endian_ = true;
  bool is_ebcdic_ = false;
};

/// UTF-8 of an MQRFH2 folder; UTF-16 is in the header's byte order.
[[nodiscard]] std::string folder_text(ByteView bytes, std::int32_t ccsid, bool is_big_endian,
                                      CodePages& pages);

}  // namespace copybridge::adapters::ibm_mq
