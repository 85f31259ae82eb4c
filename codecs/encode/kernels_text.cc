// Characters to bytes: code pages, UTF-16, UTF-8, hexadecimal, and the characters of edited
// pictures.
#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "codecs/encode/frame.h"
#include "codecs/encode/kernels.h"

namespace copybridge::encode {

using condition::Position;
using copybook::Usage;

namespace {

bool is_string(Token token) { return token.size() >= 2 && token.front() == '"'; }

Fault refuse_character(std::uint32_t code, Frame& frame) {
  frame.detail = code;
  return code == json::kBadCharacter ? Fault::bad_escape : Fault::character;
}

std::size_t characters_in(Token token) {
  std::size_t count = 0;
  for (const char* at = token.data() + 1;; ++count) {
    const std::uint32_t code = json::next_character(at);
    if (code == json::kStringEnd || code == json::kBadCharacter) return count;
  }
}

Fault refuse_length(Token token, Frame& frame) {
  frame.detail = characters_in(token);
  return Fault::too_long;
}

std::uint8_t* put_unit(std::uint8_t* out, std::uint32_t unit, bool is_little = false) {
  const auto high = static_cast<std::uint8_t>(unit >> 8U);
  const auto low = static_cast<std::uint8_t>(unit & 0xFFU);
  *out++ = is_little ? low : high;
  *out++ = is_little ? high : low;
  return out;
}

std::uint8_t* put_character(const Field& field, std::uint32_t code, std::uint8_t* out) {
  if (field.storage.usage == Usage::national)
    return put_unit(out, code, field.storage.national_little_endian);
  *out++ = static_cast<std::uint8_t>(field.text->byte_of(code) & 0xFF);
  return out;
}

// Room that a text leaves in its field, where its spaces go: behind it, or, as JUSTIFIED, in front.
std::span<std::uint8_t> room_beside(const Field& field, std::uint8_t* out, std::size_t used) {
  const std::size_t room = field.size - used;
  if (!field.is_right_justified) return {out + used, room};
  std::memmove(out + room, out, used);
  return {out, room};
}

void fill_units(std::span<std::uint8_t> room, std::uint32_t space, bool is_little = false) {
  for (std::size_t at = 0; at + 2 <= room.size(); at += 2)
    put_unit(room.data() + at, space, is_little);
}

int hex_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  const char lower = static_cast<char>(character | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The bytes that a string of hexadecimal digits in pairs says.
bool put_hex(Token token, std::uint8_t* out) {
  for (std::size_t i = 1; i + 2 < token.size(); i += 2) {
    const int high = hex_digit(token[i]);
    const int low = hex_digit(token[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<std::uint8_t>(16 * high + low);
  }
  return true;
}

}  // namespace

void write_ascii(const Field& field, std::string_view text, std::uint8_t* out) {
  const std::uint32_t width = field.storage.usage == Usage::national ? 2 : 1;
  for (std::size_t i = 0; i < field.size / width; ++i)
    out = put_character(field, i < text.size() ? static_cast<unsigned char>(text[i]) : ' ', out);
}

void write_positions(const Field& field, const Position* text, std::uint8_t* out) {
  const std::u32string_view characters(text, field.picture->size());
  const std::u32string& currency = field.picture->currency();
  const std::vector<std::uint8_t>& bytes = field.picture->currency_bytes();
  // A sign in hexadecimal is these bytes, whatever they are in the code page.
  const bool has_bytes = !currency.empty() && bytes.size() == currency.size() &&
                         field.storage.usage != Usage::national;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (has_bytes && characters.substr(i, currency.size()) == currency) {
      out = std::copy(bytes.begin(), bytes.end(), out);
      i += currency.size() - 1;
    } else {
      out = put_character(field, characters[i], out);
    }
  }
}

Fault write_text(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (!is_string(token)) return Fault::wants_string;
  const std::array<std::uint16_t, 256>& fast = field.text->fast();
  const char* in = token.data() + 1;
  std::uint8_t* at = out;
  std::uint8_t* const end = out + field.size;
  while (true) {
    const std::uint16_t byte = fast[static_cast<unsigned char>(*in)];
    if (byte != TextEncoder::kSlow) {
      if (at == end) return refuse_length(token, frame);
      *at++ = static_cast<std::uint8_t>(byte);
      ++in;
      continue;
    }
    const std::uint32_t code = json::next_character(in);
    if (code == json::kStringEnd) break;
    const int slow = code == json::kBadCharacter ? -1 : field.text->byte_of(code);
    if (slow < 0) return refuse_character(code, frame);
    if (at == end) return refuse_length(token, frame);
    *at++ = static_cast<std::uint8_t>(slow);
  }
  frame.written = static_cast<std::size_t>(at - out);
  if (at == end) return Fault::none;
  const std::span<std::uint8_t> room = room_beside(field, out, frame.written);
  std::memset(room.data(), field.text->space(), room.size());
  return Fault::none;
}

Fault write_mixed(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (!is_string(token)) return Fault::wants_string;
  const auto text = json::unescape(token, frame.name);
  if (!text) return refuse_character(json::kBadCharacter, frame);
  const bool is_graphic = field.storage.usage == Usage::dbcs;
  const charset::CodePage& page = *field.storage.page;
  const charset::Encoded encoded = page.encode(
      *text, is_graphic ? charset::Form::graphic : charset::Form::text, {out, field.size});
  if (encoded.fault == charset::Encoded::Fault::not_utf8) return Fault::bad_escape;
  if (encoded.fault == charset::Encoded::Fault::unmappable)
    return refuse_character(encoded.code_point, frame);
  if (encoded.size > field.size) return refuse_length(token, frame);
  frame.written = encoded.size;
  const std::span<std::uint8_t> room = room_beside(field, out, encoded.size);
  if (is_graphic) {
    fill_units(room, page.pair_space());
  } else {
    std::memset(room.data(), field.text->space(), room.size());
  }
  return Fault::none;
}

Fault write_national(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (!is_string(token)) return Fault::wants_string;
  const char* in = token.data() + 1;
  std::uint8_t* at = out;
  std::uint8_t* const end = out + field.size;
  const bool is_little = field.storage.national_little_endian;
  while (true) {
    const std::uint32_t code = json::next_character(in);
    if (code == json::kStringEnd) break;
    if (code == json::kBadCharacter) return refuse_character(code, frame);
    if (end - at < (code < 0x10000 ? 2 : 4)) return refuse_length(token, frame);
    if (code < 0x10000) {
      at = put_unit(at, code, is_little);
    } else {
      at = put_unit(at, 0xD800 + ((code - 0x10000) >> 10U), is_little);
      at = put_unit(at, 0xDC00 + ((code - 0x10000) & 0x3FFU), is_little);
    }
  }
  frame.written = static_cast<std::size_t>(at - out);
  fill_units(room_beside(field, out, frame.written), ' ', is_little);
  return Fault::none;
}

Fault write_utf8(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (!is_string(token)) return Fault::wants_string;
  const char* in = token.data() + 1;
  std::uint8_t* at = out;
  std::uint8_t* const end = out + field.size;
  std::string character;  // of at most 4 bytes: not allocated
  const std::uint32_t most = field.storage.characters;
  for (std::uint32_t count = 0;; ++count) {
    const std::uint32_t code = json::next_character(in);
    if (code == json::kStringEnd) break;
    if (code == json::kBadCharacter) return refuse_character(code, frame);
    character.clear();
    json::append_utf8(character, code);
    const bool has_room = static_cast<std::size_t>(end - at) >= character.size();
    if (!has_room || (most != 0 && count == most)) return refuse_length(token, frame);
    at = std::copy(character.begin(), character.end(), at);
  }
  const std::span<std::uint8_t> room = room_beside(field, out, static_cast<std::size_t>(at - out));
  std::fill(room.begin(), room.end(), std::uint8_t{' '});
  return Fault::none;
}

Fault write_hex(const Field& field, Token token, std::uint8_t* out, Frame& /*frame*/) {
  if (!is_string(token) || token.size() != 2 * std::size_t{field.size} + 2) return Fault::wants_hex;
  return put_hex(token, out) ? Fault::none : Fault::wants_hex;
}

Fault write_short_hex(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  const std::size_t digits = is_string(token) ? token.size() - 2 : 1;
  const bool fits = digits % 4 == 0 && digits / 2 <= field.size && put_hex(token, out);
  if (!fits) return Fault::wants_hex;
  frame.written = digits / 2;
  std::memset(out + frame.written, field.storage.space, field.size - frame.written);
  return Fault::none;
}

Fault write_varying(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  const Varying& varying = *field.varying;
  const Fault fault = varying.text.kernel(varying.text, token, out + varying.length.size, frame);
  if (fault != Fault::none) return fault;
  const std::size_t length = frame.written / varying.unit;
  if (length > varying.length.most) return refuse_length(token, frame);
  write_magnitude(varying.length, length, false, out);
  return Fault::none;
}

// Whether the characters are what the picture makes of a number.
bool is_edited(const condition::EditedPicture& picture, const Position* text) {
  condition::Decimal value;
  return picture.read({text, picture.size()}, {}, value) && !(value.is_negative && value.is_zero());
}

// Text that is no number must be what the picture makes of one. It may lack spaces at both ends,
// as `trim` has it.
Fault write_edited(const Field& field, Token token, std::uint8_t* out, Frame& frame) {
  if (!is_string(token)) return Fault::wants_string;
  const std::size_t size = field.picture->size();
  std::array<Position, condition::kEditedMax> text{};
  std::size_t count = 0;
  for (const char* in = token.data() + 1;; ++count) {
    const std::uint32_t code = json::next_character(in);
    if (code == json::kStringEnd) break;
    if (code == json::kBadCharacter) return refuse_character(code, frame);
    if (count == size) return refuse_length(token, frame);
    text[count] = code;
  }
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(count), text.end(), U' ');
  if (field.picture->is_floating_point()) return Fault::edited;
  for (std::size_t shift = 0; shift <= size - count; ++shift) {
    if (is_edited(*field.picture, text.data())) {
      write_positions(field, text.data(), out);
      return Fault::none;
    }
    std::rotate(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size) - 1,
                text.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return Fault::edited;
}

bool is_masked_text(const Field& field, Token token) {
  if (!is_string(token) || !field.mask) return false;
  const std::size_t count = characters_in(token);
  const std::size_t keep = std::min<std::size_t>(field.mask->keep, count);
  std::size_t first_kept = 0;
  std::size_t kept = field.mask->kind == plan::MaskRule::Kind::all ? 0 : keep;
  if (field.mask->kind == plan::MaskRule::Kind::keep_last) first_kept = count - keep;
  std::size_t index = 0;
  for (const char* at = token.data() + 1;; ++index) {
    const std::uint32_t code = json::next_character(at);
    if (code == json::kStringEnd || code == json::kBadCharacter) break;
    const bool is_hidden = index < first_kept || index >= first_kept + kept;
    if (is_hidden && code != '*') return false;
  }
  return count > kept;
}

}  // namespace copybridge::encode
