// The invariant characters of EBCDIC, and those of code pages.
#include "codecs/copybook/file_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "bridge/core/bytes.h"
#include "codecs/charset/code_page.h"
#include "codecs/charset/utf8.h"

namespace copybridge::copybook {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineEnds = "\x15\x25\x0D";
constexpr char kEbcdicBlank = '\x40';
constexpr char kQuestionMark = '\x6F';
constexpr char kUnknown = '?';
constexpr std::size_t kCardSize = 80;
// Columns 8 to 72, from 0.
constexpr std::size_t kTextBegin = 7;
constexpr std::size_t kTextEnd = 72;

constexpr std::array<char, 256> make_table() {
  std::array<char, 256> table{};
  for (char& character : table) character = kUnknown;
  const auto run = [&table](std::size_t first, std::string_view characters) {
    for (std::size_t i = 0; i < characters.size(); ++i) table[first + i] = characters[i];
  };
  run(0x40, " ");
  run(0x4B, ".<(+");
  run(0x50, "&");
  run(0x5B, "$*);");
  run(0x60, "-/");
  run(0x6B, ",%_>?");
  run(0x7A, ":#@'=\"");
  run(0x81, "abcdefghi");
  run(0x91, "jklmnopqr");
  run(0xA2, "stuvwxyz");
  run(0xC1, "ABCDEFGHI");
  run(0xD1, "JKLMNOPQR");
  run(0xE2, "STUVWXYZ");
  run(0xF0, "0123456789");
  run(0x05, "\t");
  run(0x0D, "\r");
  run(0x15, "\n");
  run(0x25, "\n");
  return table;
}

constexpr std::array<char, 256> kTable = make_table();

ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_utf8(std::string_view text) {
  for (std::size_t size = 0; !text.empty(); text.remove_prefix(size)) {
    size = charset::utf8_size(view_of(text).data(), text.size());
    if (size == 0) return false;
  }
  return true;
}

/// One line of EBCDIC to UTF-8.
class LineReader {
 public:
  /// `page`: null where none is known.
  explicit LineReader(const charset::CodePage* page) : page_(page) {}

  void read(std::string_view line, bool is_fixed, std::string& out) {
    const std::size_t start = out.size();
    std::size_t lost = 0;
    quote_ = '\0';
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t size = shifted_size(line.substr(at));
      if (size == 0) {
        single(line[at++], out);
        continue;
      }
      const std::string text = page_->to_utf8(view_of(line.substr(at, size)));
      if (at >= kTextBegin && at < kTextEnd) lost += size - std::min(size, columns_of(text));
      out += text;
      at += size;
    }
    // SO, SI and every other byte of two took a column: the text must still end where it did.
    if (is_fixed && lost > 0) out.insert(start + kTextBegin, lost, ' ');
  }

 private:
  /// Bytes from SO to SI; 0 where none begin here.
  [[nodiscard]] std::size_t shifted_size(std::string_view rest) const {
    const bool begins = page_ != nullptr && page_->kind() == charset::CodePage::Kind::shifted &&
                        static_cast<std::uint8_t>(rest.front()) == charset::kShiftOut;
    if (!begins) return 0;
    return std::min(rest.find(static_cast<char>(charset::kShiftIn)), rest.size() - 1) + 1;
  }

  static std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    }));
  }

  void single(char byte, std::string& out) {
    const char plain = kTable[static_cast<unsigned char>(byte)];
    const bool is_quote = plain == '\'' || plain == '"';
    const bool is_own = quote_ == '\0' ? plain != kUnknown || byte == kQuestionMark : is_quote;
    if (is_quote && quote_ == '\0') {
      quote_ = plain;
    } else if (plain == quote_) {
      quote_ = '\0';
    }
    if (is_own || page_ == nullptr) {
      out += plain;
    } else {
      const charset::CodePage::Entry& entry = page_->entry(static_cast<std::uint8_t>(byte));
      out.append(entry.utf8.data(), entry.size);
    }
  }

  const charset::CodePage* page_;
  char quote_ = '\0';  ///< of the literal at hand
};

std::string from_ebcdic(std::string_view text, const charset::CodePage* page,
                        const ParseOptions& options) {
  std::string result;
  result.reserve(text.size() + text.size() / kCardSize + 1);
  const bool has_lines = text.find_first_of(kLineEnds) != std::string_view::npos;
  LineReader reader(page);
  while (!text.empty()) {
    const std::size_t size =
        std::min(has_lines ? text.find_first_of(kLineEnds) : kCardSize, text.size());
    reader.read(text.substr(0, size), options.source_format == SourceFormat::fixed, result);
    text.remove_prefix(size);
    if (text.empty()) break;
    result += has_lines ? kTable[static_cast<unsigned char>(text.front())] : '\n';
    if (has_lines) text.remove_prefix(1);
  }
  return result;
}

/// Card images: a library member that was transferred in binary has no line ends. Free text may be
/// one line.
std::string in_lines(std::string_view text, SourceFormat format) {
  const bool is_cards = format != SourceFormat::free && text.size() > kCardSize &&
                        text.size() % kCardSize == 0 &&
                        text.find_first_of("\r\n") == std::string_view::npos;
  if (!is_cards) return std::string(text);
  std::string lines;
  lines.reserve(text.size() + text.size() / kCardSize);
  for (std::size_t at = 0; at < text.size(); at += kCardSize)
    lines.append(text.substr(at, kCardSize)) += '\n';
  return lines;
}

}  // namespace

bool is_ebcdic(std::string_view text) {
  const auto blanks = std::count(text.begin(), text.end(), kEbcdicBlank);
  const auto ascii = std::count_if(text.begin(), text.end(),
                                   [](char c) { return c == ' ' || (c >= 'a' && c <= 'z'); });
  // 'a' to 'z' of ASCII are punctuation in EBCDIC: few against the blanks of any copybook.
  return blanks > 8 && blanks > 4 * ascii;
}

std::shared_ptr<const charset::CodePage> ebcdic_page_of(std::string_view bytes,
                                                        const ParseOptions& options) {
  if (!is_ebcdic(bytes)) return nullptr;
  if (options.code_page != nullptr && options.code_page->is_ebcdic()) return options.code_page;
  return charset::CodePage::load("IBM-037").value_or(nullptr);
}

std::string outside_of_literals(const std::string& character, const charset::CodePage& page) {
  const Result<std::string> bytes = page.from_utf8(character);
  if (!bytes || bytes->size() != 1) return character;
  const char plain = kTable[static_cast<unsigned char>(bytes->front())];
  return plain == kUnknown ? character : std::string(1, plain);
}

std::string text_of_file(std::string_view bytes, const ParseOptions& options) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const charset::CodePage* const page = options.code_page.get();
  if (is_ebcdic(bytes)) return from_ebcdic(bytes, ebcdic_page_of(bytes, options).get(), options);
  const bool is_in_page = page != nullptr && !page->is_ebcdic() && !is_utf8(bytes);
  if (!is_in_page) return in_lines(bytes, options.source_format);
  return page->to_utf8(view_of(in_lines(bytes, options.source_format)));
}

}  // namespace copybridge::copybook
