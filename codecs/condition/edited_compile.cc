// The copybook's numeric-edited pictures to compiled ones.
#include <algorithm>
#include <array>

#include "codecs/charset/utf8.h"
#include "codecs/condition/edited.h"
#include "codecs/copybook/picture.h"

namespace copybridge::condition {
namespace {

constexpr std::string_view kSigns = "+-$";
/// Above the size of any item; ten times as much is still a count.
constexpr std::uint32_t kRepeatMax = std::uint32_t{1} << 28U;

/// One symbol of a picture with its count.
struct Run {
  char symbol;
  std::uint32_t count;
};

char upper(char character) {
  return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A')
                                              : character;
}

// The picture's symbols; the decimal point as '.', the grouping character as ','. The copybook
// parser has checked it.
std::vector<Run> runs_of(std::string_view picture, bool point_is_comma, std::string_view currency) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < picture.size();) {
    const char raw = picture[at];
    char symbol = upper(raw);
    const char next = at + 1 < picture.size() ? upper(picture[at + 1]) : '\0';
    const bool is_currency = !currency.empty() && picture.substr(at).starts_with(currency);
    at += is_currency ? currency.size() : 1;
    if (is_currency) {
      symbol = '$';
    } else if ((symbol == 'C' && next == 'R') || (symbol == 'D' && next == 'B')) {
      ++at;
    } else if (raw == '.' || raw == ',') {
      symbol = (raw == ',') == point_is_comma ? '.' : ',';
    }
    std::uint32_t count = 1;
    if (at < picture.size() && picture[at] == '(') {
      count = 0;
      for (++at; at < picture.size() && picture[at] != ')'; ++at)
        count = std::min<std::uint32_t>(count * 10 + static_cast<std::uint32_t>(picture[at] - '0'),
                                        kRepeatMax);
      ++at;
    }
    runs.push_back({symbol, count});
  }
  return runs;
}

bool currency_of(const copybook::CurrencySign& sign, const charset::CodePage& page,
                 std::u32string& text, std::vector<std::uint8_t>& raw) {
  std::string utf8 = sign.text;
  if (sign.is_hex) {
    ByteBuffer bytes;
    if (!from_hex(sign.text, bytes)) return false;
    raw.assign(bytes.view().begin(), bytes.view().end());
    utf8 = page.to_utf8(bytes.view());
  }
  for (std::size_t at = 0; at < utf8.size();) {
    const charset::Utf8Character character =
        charset::first_of_utf8(std::string_view(utf8).substr(at));
    if (character.size == 0) return false;
    text += static_cast<char32_t>(character.code_point);
    at += character.size;
  }
  return !text.empty();
}

}  // namespace

void EditedPicture::set_properties(const copybook::Item& item, const SymbolCounts& counts) {
  const auto count_of = [&](char kind) { return counts[static_cast<unsigned char>(kind)]; };
  is_floating_point_ = count_of('E') > 0;
  for (const char sign : kSigns)
    if (count_of(sign) > 1 && !is_floating_point_) float_sign_ = sign;
  stars_ = count_of('*') > 0;
  all_suppressed_ = count_of('9') == 0;
  blank_when_zero_ = item.blank_when_zero;
  scale_ = item.scale;
  is_overpunched_ = count_of('S') > 0;
  shows_minus_ =
      is_overpunched_ || count_of('+') + count_of('-') + count_of('C') + count_of('D') > 0;
}

// What the picture's next character stands for.
EditedPicture::Symbol EditedPicture::next_symbol(char character, Progress& progress) const {
  Symbol next{character, 1};
  if (character == float_sign_ && float_sign_ != 0) {
    next.kind = progress.has_float ? "pmc"[kSigns.find(character)] : 'f';
    progress.has_float = true;
  }
  if (character == '$' && !progress.has_currency) {
    next.positions = static_cast<std::uint32_t>(currency_.size());
    progress.has_currency = true;
  }
  if (character == 'V' || character == 'P') next.positions = 0;
  if (character == 'C' || character == 'D') next.positions = 2;
  if (character == 'V' || character == '.') progress.is_behind_point = true;
  return next;
}

// False where the picture is too long.
bool EditedPicture::add(const Symbol& symbol, bool is_behind_point) {
  if (symbol.is_digit()) {
    ++(is_behind_point ? digits_behind_ : digits_before_);
    last_digit_ = size_;
  }
  size_ += symbol.positions;
  symbols_.push_back(symbol);
  return size_ <= kEditedMax;
}

std::shared_ptr<const EditedPicture> EditedPicture::compile(const copybook::Item& item,
                                                            bool decimal_point_is_comma,
                                                            const charset::CodePage& page) {
  auto picture = std::make_shared<EditedPicture>();
  const std::string currency = item.currency ? item.currency->symbol : std::string();
  if (item.currency &&
      !currency_of(*item.currency, page, picture->currency_, picture->currency_bytes_))
    return nullptr;
  if (decimal_point_is_comma) std::swap(picture->point_, picture->comma_);
  picture->overpunch_ = Overpunch(page);
  std::vector<Run> runs = runs_of(item.picture, decimal_point_is_comma, currency);
  SymbolCounts counts{};
  for (Run& run : runs) {
    run.count = std::min<std::uint32_t>(run.count, kEditedMax + 1);
    counts[static_cast<unsigned char>(run.symbol)] += run.count;
  }
  picture->set_properties(item, counts);
  Progress progress;
  for (const Run& run : runs) {
    for (std::uint32_t i = 0; i < run.count && run.symbol != 'S'; ++i) {
      const Symbol next = picture->next_symbol(run.symbol, progress);
      if (!picture->add(next, progress.is_behind_point)) return nullptr;
    }
  }
  const std::uint32_t digits = picture->digits_before_ + picture->digits_behind_;
  return digits == 0 || digits > kDigitsMax ? nullptr : picture;
}

bool has_currency_sign(const charset::CodePage& page, const copybook::Item& item) {
  const bool has_text = item.currency && !item.currency->is_hex;
  if (!has_text || item.usage == copybook::Usage::national) return true;
  const Result<std::string> bytes = page.from_utf8(item.currency->text);
  return bytes && bytes->size() == copybook::characters_of(*item.currency);
}

std::string moved_spaces(const copybook::Item& item) {
  std::string text;
  for (const Run& run : runs_of(item.picture, false, "")) {
    const bool is_inserted = run.symbol == '0' || run.symbol == '/';
    text.append(std::min<std::size_t>(run.count, item.size - text.size()),
                is_inserted ? run.symbol : ' ');
  }
  return text;
}

}  // namespace copybridge::condition
