// Code pages of one's own: a text of 256 code points.
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "codecs/charset/builder.h"

namespace copybridge::charset {
namespace {

constexpr std::size_t kTextMax = std::size_t{1} << 16;
constexpr std::size_t kCodePoints = 256;
constexpr std::uint32_t kUnicodeMax = 0x10FFFF;
constexpr std::string_view kFilePrefix = "file:";

bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n' ||
         character == ',';
}

/// One code point's text and where it stands.
struct Word {
  std::string_view text;
  std::size_t line = 1;
};

/// The words of a table, comments left out.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  bool next(Word& word) {
    skip();
    if (at_ == text_.size()) return false;
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '#') ++at_;
    word = {text_.substr(begin, at_ - begin), line_};
    return true;
  }

 private:
  void skip() {
    bool is_comment = false;
    for (; at_ < text_.size(); ++at_) {
      const char character = text_[at_];
      if (character == '\n') {
        ++line_;
        is_comment = false;
      } else if (character == '#') {
        is_comment = true;
      } else if (!is_comment && !is_blank(character)) {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// 0041, 0x0041, U+0041; false where it is no code point.
bool read_code_point(std::string_view word, std::uint32_t& code_point) {
  if (word == "-") {
    code_point = kReplacement;
    return true;
  }
  for (const std::string_view prefix : {"0x", "0X", "U+", "u+"})
    if (word.substr(0, 2) == prefix) {
      word.remove_prefix(2);
      break;
    }
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, code_point, 16);
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return !word.empty() && error == std::errc() && stop == end && code_point <= kUnicodeMax &&
         !is_surrogate;
}

tl::unexpected<Error> wrong(const std::string& shown, std::size_t line, const std::string& what) {
  return fail(ErrorKind::config, "code page: " + shown + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

Result<std::shared_ptr<const CodePage>> CodePage::parse_table(std::string_view text,
                                                              const std::string& shown,
                                                              const LoadOptions& options) {
  CodePageBuilder builder(shown, Kind::single_byte);
  builder.set_source(text);
  Words words(text.substr(0, kTextMax));
  Word word;
  std::size_t count = 0;
  while (words.next(word)) {
    std::uint32_t code_point = 0;
    if (!read_code_point(word.text, code_point))
      return wrong(shown, word.line,
                   "'" + std::string(word.text.substr(0, 20)) +
                       "' is no code point; write 0041, U+0041 or - for none");
    if (count == kCodePoints) return wrong(shown, word.line, "there are more than 256 code points");
    builder.set_single(static_cast<std::uint8_t>(count++), code_point);
  }
  if (count != kCodePoints)
    return wrong(shown, word.line,
                 "a table has 256 code points, this one " + std::to_string(count));
  return builder.finish(options.new_line);
}

Result<std::shared_ptr<const CodePage>> CodePage::load(std::string_view name,
                                                       const LoadOptions& options) {
  const std::string shown(name);
  if (name.substr(0, kFilePrefix.size()) != kFilePrefix)
    return load_from_icu(shown, options.new_line);
  const std::filesystem::path path = options.folder / shown.substr(kFilePrefix.size());
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path, error))
    return fail(ErrorKind::config, "code page: the table " + path.string() + " cannot be read");
  std::string text(kTextMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_table(text, path.string(), options);
}

}  // namespace copybridge::charset
