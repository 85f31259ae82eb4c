// How single values are written; the one place that chooses among the kernels.
#pragma once

#include "codecs/encode/program.h"

namespace copybridge::encode {

/// Fills what the field's storage decides: kernel, limits. `text` and `picture` are set before.
void choose_kernel(Field& field, const copybook::Item& item, bool truncates_binary);

/// Writes a value given as a single token, null too.
[[nodiscard]] Fault write_value(const Field& field, Token token, std::uint8_t* out, Frame& frame);

/// The zone of a zoned number's digit with the sign.
[[nodiscard]] std::uint8_t sign_zone(const Field& field, bool is_negative);
/// Writes a number that fits the field.
void write_magnitude(const Field& field, json::Uint128 magnitude, bool is_negative,
                     std::uint8_t* out);

/// Kernel of fields with a date rule.
[[nodiscard]] Fault write_date(const Field& field, Token token, std::uint8_t* out, Frame& frame);
/// Writes the characters of an edited number.
void write_positions(const Field& field, const condition::Position* text, std::uint8_t* out);
/// Writes characters of ASCII, at most as many as the field has, and fills with spaces.
void write_ascii(const Field& field, std::string_view text, std::uint8_t* out);

/// Kernels for text, by usage.
[[nodiscard]] Fault write_text(const Field& field, Token token, std::uint8_t* out, Frame& frame);
/// Of pages that are not single-byte, with SO and SI or lead bytes, and of PIC G.
[[nodiscard]] Fault write_mixed(const Field& field, Token token, std::uint8_t* out, Frame& frame);
[[nodiscard]] Fault write_national(const Field& field, Token token, std::uint8_t* out,
                                   Frame& frame);
[[nodiscard]] Fault write_utf8(const Field& field, Token token, std::uint8_t* out, Frame& frame);
[[nodiscard]] Fault write_hex(const Field& field, Token token, std::uint8_t* out, Frame& frame);
/// Of double-byte characters that no page has: as many as there are.
[[nodiscard]] Fault write_short_hex(const Field& field, Token token, std::uint8_t* out,
                                    Frame& frame);
/// A VARCHAR: its text and in front of it how much there is of it.
[[nodiscard]] Fault write_varying(const Field& field, Token token, std::uint8_t* out, Frame& frame);
/// The characters of an edited number, else its value.
[[nodiscard]] Fault write_edited_text(const Field& field, Token token, std::uint8_t* out,
                                      Frame& frame);
[[nodiscard]] Fault write_edited(const Field& field, Token token, std::uint8_t* out, Frame& frame);

/// Whether a text is what the field's mask makes of some text: writing it would lose the rest.
[[nodiscard]] bool is_masked_text(const Field& field, Token token);

}  // namespace copybridge::encode
