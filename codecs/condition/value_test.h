// Whether an item holds one of the values of a level-88 condition name.
#pragma once

#include <array>
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
  std::string bytes;   ///< in the field's encoding
  bool fills = false;  ///< `bytes` repeat to the field's size (figurative constants, ALL)
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
  /// The value that SET … TO TRUE moves there; null where there is none.
  [[nodiscard]] const Comparand* first() const {
    return ranges_.empty() ? nullptr : &ranges_.front().from;
  }

 private:
  struct Range {
    Comparand from;
    Comparand through;
    bool is_range = false;
  };
  Field field_;
  std::vector<Range> ranges_;
};

/// Brings a literal to the bytes of a field's encoding; false, with the reason, where it has none.
[[nodiscard]] bool make_bytes(const copybook::Literal& literal, const Field& field,
                              const charset::CodePage& page, Comparand& comparand,
                              std::string& reason);

/// The same, or a number where the field is one.
[[nodiscard]] bool make_comparand(const copybook::Literal& literal, const Field& field,
                                  const charset::CodePage& page, Comparand& comparand,
                                  std::string& reason);

/// A comparand's bytes as the field would hold them: repeated, or padded with spaces.
[[nodiscard]] std::string fill(const Comparand& comparand, const Field& field);

/// Bytes of text and what pads them: one byte, or the two of a UTF-16 blank.
struct TextView {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
};

/// Compares as COBOL compares text: the shorter is padded with blanks. <0, 0, >0.
[[nodiscard]] int compare_text(TextView left, TextView right, const Field& field);

/// Compares a field's bytes with a comparand's. <0, 0, >0.
[[nodiscard]] int compare_text(const Field& field, const std::uint8_t* bytes,
                               const Comparand& comparand);

/// A numeric field's digits as characters, for comparison with text. False where it is misfit.
[[nodiscard]] bool digits_as_text(const Field& field, const std::uint8_t* bytes,
                                  std::array<std::uint8_t, kDigitsMax>& text, std::size_t& size);

/// Compares one field with one comparand: <0, 0, >0; false where the bytes do not fit.
[[nodiscard]] bool compare_value(const Field& field, const std::uint8_t* bytes,
                                 const Comparand& comparand, int& order);

}  // namespace copybridge::condition
