// The one walk over a text's bytes that all who read code pages share: which bytes make a
// character, and where the form of the text is broken.
#pragma once

#include <cstdint>

#include "codecs/charset/code_page.h"
#include "codecs/charset/utf8.h"

namespace copybridge::charset {

/// How mixed text can be broken. Enterprise COBOL does not look into PIC X items; other programs
/// do, and what a broken text means cannot be told from its bytes.
enum class TextFault : std::uint8_t {
  none,
  shift_in,      ///< SI without an SO before it
  shift_out,     ///< SO within two-byte characters
  half,          ///< one byte of two
  unterminated,  ///< the text ends without SI
  utf8           ///< a byte that begins no UTF-8 character
};

// A visitor has: void single(std::uint8_t), void pair(std::uint16_t), void sequence(begin, size)
// for UTF-8, and bool broken(TextFault, at), false to end the walk. A broken byte is passed over.

/// Two bytes per character.
template <typename Visitor>
bool walk_pairs(const std::uint8_t* begin, const std::uint8_t* end, Visitor& visitor) {
  const std::uint8_t* in = begin;
  for (; end - in >= 2; in += 2) visitor.pair(static_cast<std::uint16_t>((in[0] << 8U) | in[1]));
  return in == end || visitor.broken(TextFault::half, in);
}

/// Single bytes, and pairs between SO and SI.
template <typename Visitor>
bool walk_shifted(const std::uint8_t* in, const std::uint8_t* end, Visitor& visitor) {
  bool is_double = false;
  while (in != end) {
    const std::uint8_t byte = *in;
    if (byte == kShiftOut || byte == kShiftIn) {
      const bool goes_out = byte == kShiftOut;
      if (goes_out == is_double &&
          !visitor.broken(goes_out ? TextFault::shift_out : TextFault::shift_in, in))
        return false;
      is_double = goes_out;
      ++in;
    } else if (!is_double) {
      visitor.single(byte);
      ++in;
    } else if (end - in < 2 || in[1] == kShiftIn || in[1] == kShiftOut) {
      if (!visitor.broken(TextFault::half, in)) return false;
      ++in;
    } else {
      visitor.pair(static_cast<std::uint16_t>((byte << 8U) | in[1]));
      in += 2;
    }
  }
  return !is_double || visitor.broken(TextFault::unterminated, end);
}

/// Single bytes, and pairs that begin with a lead byte.
template <typename Visitor>
bool walk_lead_bytes(const CodePage& page, const std::uint8_t* in, const std::uint8_t* end,
                     Visitor& visitor) {
  while (in != end) {
    if (!page.is_lead(*in)) {
      visitor.single(*in++);
    } else if (end - in < 2) {
      return visitor.broken(TextFault::half, in);
    } else {
      visitor.pair(static_cast<std::uint16_t>((in[0] << 8U) | in[1]));
      in += 2;
    }
  }
  return true;
}

template <typename Visitor>
bool walk_utf8(const std::uint8_t* in, const std::uint8_t* end, Visitor& visitor) {
  while (in != end) {
    const std::uint32_t size = utf8_size(in, static_cast<std::size_t>(end - in));
    if (size == 0) {
      if (!visitor.broken(TextFault::utf8, in)) return false;
      ++in;
    } else if (size == 1) {
      visitor.single(*in++);
    } else {
      visitor.sequence(in, size);
      in += size;
    }
  }
  return true;
}

/// Calls the visitor for every character; false where it ended the walk.
template <typename Visitor>
bool walk(const CodePage& page, Form form, const std::uint8_t* begin, const std::uint8_t* end,
          Visitor& visitor) {
  if (form == Form::graphic) return walk_pairs(begin, end, visitor);
  switch (page.kind()) {
    case CodePage::Kind::shifted:
      return walk_shifted(begin, end, visitor);
    case CodePage::Kind::lead_byte:
      return walk_lead_bytes(page, begin, end, visitor);
    case CodePage::Kind::utf8:
      return walk_utf8(begin, end, visitor);
    case CodePage::Kind::double_byte:
      return walk_pairs(begin, end, visitor);
    case CodePage::Kind::single_byte:
      break;
  }
  for (; begin != end; ++begin) visitor.single(*begin);
  return true;
}

}  // namespace copybridge::charset
