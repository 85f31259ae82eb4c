// A code page as tables, made once from ICU or from a file: bytes to UTF-8 and back. No ICU call
// is made per record.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "codecs/charset/code_point_map.h"

namespace copybridge::charset {

/// Which bytes stand for characters in a field.
enum class Form : std::uint8_t {
  text,    ///< PIC X: single bytes, and what else the page mixes with them (SO … SI, lead bytes)
  graphic  ///< PIC G, DISPLAY-1: two bytes per character, without SO and SI
};

/// What bytes 0x15 and 0x25 of an EBCDIC page are. Tables follow CDRA (0x15 is NEL); z/OS UNIX
/// ends its lines with 0x15 and calls it LF.
enum class NewLine : std::uint8_t {
  page,  ///< as the page's table says
  nel,   ///< 0x15 is NEL (U+0085), 0x25 is LF (U+000A)
  lf     ///< 0x15 is LF, 0x25 is NEL
};

/// What becomes of a character that the other side does not have.
enum class Unmappable : std::uint8_t { replace, reject };

inline constexpr std::uint8_t kShiftOut = 0x0E;  ///< two-byte characters follow
inline constexpr std::uint8_t kShiftIn = 0x0F;   ///< single-byte characters follow
inline constexpr std::uint32_t kReplacement = 0xFFFD;

/// Beside the name: what load() needs to know.
struct LoadOptions {
  NewLine new_line = NewLine::page;
  std::filesystem::path folder;  ///< that relative paths of table files begin in
};

/// What encode() made of a text.
struct Encoded {
  enum class Fault : std::uint8_t {
    none,
    not_utf8,   ///< at byte `at` of the text
    unmappable  ///< `code_point`, at byte `at` of the text, is not in the page
  };
  Fault fault = Fault::none;
  std::size_t size = 0;      ///< bytes the text takes: more than the target has where it is cut
  std::size_t replaced = 0;  ///< characters that became the page's substitute
  std::size_t at = 0;
  std::uint32_t code_point = 0;
};

/// A code page. Immutable after load; shared between plans and threads.
class CodePage {
 public:
  enum class Kind : std::uint8_t {
    single_byte,
    shifted,      ///< EBCDIC mixed: single bytes, and pairs between SO and SI
    lead_byte,    ///< ASCII mixed (Shift-JIS, Big5, GBK): some bytes begin a pair
    utf8,         ///< ASCII and UTF-8 sequences
    double_byte,  ///< pairs only: for PIC G items
  };

  /// What one byte becomes: up to 4 bytes of UTF-8, U+FFFD where the page has no such character.
  struct Entry {
    std::array<char, 4> utf8;
    std::uint8_t size;         ///< 1..4
    std::uint32_t code_point;  ///< kReplacement where there is none
  };
  /// What two bytes become: one character, or one with a combining mark.
  struct Pair {
    std::array<char, 7> utf8;
    std::uint8_t size;  ///< 0 where the page has no such character
  };

  /// Loads a code page by ICU name ("IBM-1047", "cp037", "iso-8859-1"), by CCSID number ("1047",
  /// "CCSID 1047"), or from a table file ("file:PATH", format in docs/codepages.md). A name that is
  /// not known, a page of characters of three bytes and more, and a table with a mistake are
  /// ErrorKind::config.
  static Result<std::shared_ptr<const CodePage>> load(std::string_view name,
                                                      const LoadOptions& options = {});
  /// A page from a table's text: 256 code points in hexadecimal; `shown` names it in messages.
  static Result<std::shared_ptr<const CodePage>> parse_table(std::string_view text,
                                                             const std::string& shown,
                                                             const LoadOptions& options = {});

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The text of a table file, for hashes of what decides a record's reading; else empty.
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_single_byte() const { return kind_ == Kind::single_byte; }
  [[nodiscard]] bool is_ebcdic() const { return byte_of('0') == 0xF0; }
  /// Whether PIC G items can be read: the page has pairs.
  [[nodiscard]] bool has_pairs() const { return !pairs_.empty(); }
  /// Whether the byte begins a pair, in a lead-byte page.
  [[nodiscard]] bool is_lead(std::uint8_t byte) const { return is_lead_[byte]; }

  [[nodiscard]] const Entry& entry(std::uint8_t byte) const { return entries_[byte]; }
  /// Only where has_pairs(); `code` has the first byte in its high half.
  [[nodiscard]] const Pair& pair(std::uint16_t code) const { return pairs_[code]; }
  /// Byte of an ASCII character ('0', ' ', '-'); -1 where the page lacks it.
  [[nodiscard]] int byte_of(char ascii) const {
    return from_ascii_[static_cast<unsigned char>(ascii) & 0x7F];
  }
  /// The pair that a character is in PIC G items; CodePointMap::kNone where it has none, or is a
  /// mark that may share one with the character before it.
  [[nodiscard]] std::uint16_t pair_of(std::uint32_t code_point) const;
  /// The pair that pads PIC G items: the ideographic space; 0 where the page has no pairs.
  [[nodiscard]] std::uint16_t pair_space() const { return pair_space_; }

  /// UTF-8 of bytes, every one translated: what is no character is U+FFFD.
  [[nodiscard]] std::string to_utf8(ByteView bytes, Form form = Form::text) const;
  /// Bytes of UTF-8 text, with SO and SI where the page needs them; ErrorKind::bad_record naming
  /// the first character the page lacks.
  [[nodiscard]] Result<std::string> from_utf8(std::string_view text, Form form = Form::text) const;
  /// The same into a field's bytes, without allocation. Of a text that takes more than `target`
  /// has, `size` says how much it takes; the target's contents are then unspecified.
  /// `unmappable`: replace puts SUB (0x3F in EBCDIC, 0x1A in ASCII, 0xFEFE in pairs) and counts.
  [[nodiscard]] Encoded encode(std::string_view text, Form form, std::span<std::uint8_t> target,
                               Unmappable unmappable = Unmappable::reject) const;

 private:
  friend class CodePageBuilder;
  class Writer;

  std::string name_;
  std::string source_;
  Kind kind_ = Kind::single_byte;
  std::array<Entry, 256> entries_{};
  std::array<std::int16_t, 128> from_ascii_{};
  std::array<bool, 256> is_lead_{};
  std::vector<Pair> pairs_;  ///< 65536, or none
  std::uint16_t pair_space_ = 0;
  std::uint16_t pair_substitute_ = 0;
  CodePointMap singles_;      ///< code point to byte
  CodePointMap pair_codes_;   ///< code point to pair
  CodePointMap pair_starts_;  ///< first code points of sequences_: where they begin there
  struct Sequence {
    std::uint32_t first;
    std::uint32_t second;
    std::uint16_t code;
  };
  std::vector<Sequence> sequences_;  ///< characters with a mark that have one pair, sorted
};

}  // namespace copybridge::charset
