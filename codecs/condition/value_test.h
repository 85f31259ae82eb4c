// Whether an item holds one of the values of a level-88 condition name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/condition/field.h"

namespace copybridge::condition {

/// A value that a field is compared with, brought to the field's form at compile time.
struct Comparand {
  bool is_number = false;
  Decimal number;
  std::string bytes;  ///< in the field's encoding
  bool fills = false; ///< `bytes` repeat to the field's size (figurative constants, ALL)
};

/// The values of one condition name over one field. Immutable.
class ValueTest {
 public:
  /// Mistakes (a value that the field cannot hold) are reported at the condition's place.
  static ValueTest compile(const copybook::Item& item, const copybook::ConditionName& name,
                           const Reading& reading, Diagnostics& diagnostics);

  /// `bytes` is the field's first byte, all of it readable.
  [[nodiscard]] Truth test(const std::uint8_t* bytes) const;
  [[nodiscard]] const Field& field() const { return field_; }

 private:
  struct Range {
    Comparand from;
    Comparand through;
    bool is_range = false;
  };
  Field field_;
  std::vector<Range> ranges_;
};

/// Brings a literal to the form in which it is compared with a field; false, with the reason,
/// where it cannot be.
[[nodiscard]] bool make_comparand(const copybook::Literal& literal, const Field& field,
                                  const charset::CodePage& page, Comparand& comparand,
                                  std::string& reason);

/// Compares bytes as COBOL compares text: the shorter is padded with `pad`. <0, 0, >0.
[[nodiscard]] int compare_bytes(const std::uint8_t* left, std::size_t left_size,
                                const std::uint8_t* right, std::size_t right_size,
                                std::uint8_t pad);

/// Compares a field's bytes with a comparand's: <0, 0, >0.
[[nodiscard]] int compare_bytes(const Field& field, const std::uint8_t* bytes,
                                const Comparand& comparand);

}  // namespace copybridge::condition
