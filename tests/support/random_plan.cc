// What items are, how they nest, and bytes for them.
#include "tests/support/random_plan.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "codecs/charset/code_page.h"

namespace copybridge::test {

using copybook::Category;
using copybook::Item;
using copybook::ItemIndex;
using copybook::SignPlace;
using copybook::Usage;

namespace {

template <std::size_t kSize>
const char* one_of(Choices& choices, const std::array<const char*, kSize>& texts) {
  return texts[choices.below(static_cast<std::uint32_t>(kSize))];
}

std::string number(std::uint32_t value) { return std::to_string(value); }

// S9(5)V99 of at most `digits_max` digits.
std::string picture(Choices& choices, bool is_signed, std::uint32_t digits_max) {
  const std::uint32_t digits = 1 + choices.below(digits_max);
  const std::uint32_t scale = choices.once_in(2) ? choices.below(digits + 1) : 0;
  std::string text = is_signed ? "S" : "";
  if (scale < digits) text += "9(" + number(digits - scale) + ")";
  if (scale > 0) text += "V9(" + number(scale) + ")";
  if (scale == 0 && choices.once_in(12)) text += "P(" + number(1 + choices.below(3)) + ")";
  return "PIC " + text;
}

std::string zoned_clauses(Choices& choices) {
  static constexpr std::array<const char*, 5> kSigns = {
      "", " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE", " SIGN TRAILING"};
  const bool is_signed = choices.below(3) != 0;
  const std::string text = picture(choices, is_signed, choices.once_in(4) ? 31 : 18);
  if (is_signed) return text + one_of(choices, kSigns);
  return text + (choices.once_in(4) ? " BLANK WHEN ZERO" : "");
}

std::string number_clauses(Choices& choices) {
  const bool is_signed = choices.below(3) != 0;
  switch (choices.below(8)) {
    case 0:
    case 1:
      return zoned_clauses(choices);
    case 2:
    case 3:
      return picture(choices, is_signed, choices.once_in(4) ? 31 : 18) + " COMP-3";
    case 4:
      return picture(choices, false, 18) + " COMP-6";
    case 5:
      return picture(choices, is_signed, 18) + " COMP" + (choices.once_in(4) ? " SYNC" : "");
    case 6:
      return picture(choices, is_signed, 18) + " COMP-5";
    default:
      return picture(choices, is_signed, 12) + " NATIONAL" +
             (is_signed ? " SIGN TRAILING SEPARATE" : "");
  }
}

std::string text_clauses(Choices& choices) {
  const std::string size = "(" + number(1 + choices.below(choices.once_in(6) ? 200 : 30)) + ")";
  switch (choices.below(8)) {
    case 0:
      return "PIC A" + size;
    case 1:
      return "PIC X" + size + " JUST";
    case 2:
      return "PIC N" + size + " NATIONAL";
    case 3:
      return "PIC G" + size + " DISPLAY-1";
    case 4:
      return "PIC U" + size;
    case 5:
      return "PIC XX/XX0X";
    default:
      return "PIC X" + size;
  }
}

std::string other_clauses(Choices& choices) {
  static constexpr std::array<const char*, 15> kClauses = {"COMP-1",
                                                           "COMP-2",
                                                           "POINTER",
                                                           "INDEX",
                                                           "PROCEDURE-POINTER",
                                                           "PIC ZZ9.99-",
                                                           "PIC $$,$$9.99CR",
                                                           "PIC **9",
                                                           "PIC -(5)9V99",
                                                           "PIC 99/99/9999",
                                                           "PIC Z,ZZZ.ZZ",
                                                           "PIC +ZZ9 NATIONAL",
                                                           "PIC +9.99E+99",
                                                           "PIC 9(3).9 BLANK WHEN ZERO",
                                                           "PIC S9(4) COMP SYNC"};
  return one_of(choices, kClauses);
}

/// Writes items, level by level.
class CopybookMaker {
 public:
  CopybookMaker(Choices& choices, const CopybookShape& shape) : choices_(choices), shape_(shape) {}

  std::string make() { return "01 R." + items(2); }

 private:
  static constexpr std::uint32_t kLevelMax = 6;

  std::string items(std::uint32_t level) {
    std::string text;
    const std::uint32_t count = 1 + choices_.below(shape_.items_max);
    for (std::uint32_t i = 0; i < count; ++i) text += item(level);
    return text;
  }

  std::string item(std::uint32_t level) {
    const std::string head = " " + number(level) + " ";
    const std::uint32_t kind = choices_.below(16);
    const bool may_nest = level < kLevelMax;
    if (kind < 2 && may_nest) return head + name() + occurs() + "." + items(level + 1);
    if (kind == 2 && shape_.has_tables) return variable_table(level, head, may_nest);
    if (kind == 3 && shape_.has_redefines) return redefined(level, head, may_nest);
    const std::string text = head + name() + " " + clauses();
    if (kind == 4) return text + occurs() + ".";
    if (kind == 5 && shape_.has_conditions)
      return head + new_name() + " PIC X(3) VALUE 'abc'. 88 C" + number(next_++) +
             " VALUE 'abc' 'A' THRU 'J'.";
    return text + ".";
  }

  std::string variable_table(std::uint32_t level, const std::string& head, bool may_nest) {
    static constexpr std::array<const char*, 5> kCounters = {
        "PIC 9", "PIC S9(3) COMP-3", "PIC 9(4) COMP", "PIC 99", "PIC S9(4) COMP-5"};
    const std::string counter = new_name();
    std::string text = head + counter + " " + one_of(choices_, kCounters) + ".";
    const std::string table = head + new_name();
    const std::string depending = " OCCURS " + number(choices_.below(2)) + " TO " +
                                  number(2 + choices_.below(7)) + " DEPENDING ON " + counter;
    if (may_nest && choices_.once_in(2)) return text + table + depending + "." + items(level + 1);
    return text + table + " " + clauses() + depending + ".";
  }

  // What is redefined is as long as what redefines it, or longer.
  std::string redefined(std::uint32_t level, const std::string& head, bool may_nest) {
    static constexpr std::array<const char*, 6> kShort = {
        "PIC 9(4)", "PIC S9(5) COMP-3", "PIC X(3)", "PIC S9(9) COMP", "PIC 9(3)V9", "COMP-1"};
    const std::string first = new_name();
    std::string text = head + first + " PIC X(" + number(8 + choices_.below(4)) + ").";
    const std::uint32_t count = 1 + choices_.below(2);
    for (std::uint32_t i = 0; i < count; ++i) {
      text += head + new_name() + " REDEFINES " + first;
      if (may_nest && choices_.once_in(2)) {
        const std::string inner = " " + number(level + 1) + " ";
        text += "." + inner + new_name() + " " + one_of(choices_, kShort) + "." + inner + name() +
                " " + one_of(choices_, kShort) + ".";
      } else {
        text += std::string(" ") + one_of(choices_, kShort) + ".";
      }
    }
    return text;
  }

  std::string occurs() {
    if (!shape_.has_tables || choices_.below(3) != 0) return "";
    return " OCCURS " + number(1 + choices_.below(4)) + " TIMES";
  }

  std::string clauses() {
    const std::uint32_t kind = choices_.below(10);
    if (kind < 4) return text_clauses(choices_);
    return kind < 8 ? number_clauses(choices_) : other_clauses(choices_);
  }

  std::string name() { return choices_.once_in(10) ? "FILLER" : new_name(); }
  std::string new_name() { return "F" + number(next_++); }

  Choices& choices_;
  CopybookShape shape_;
  std::uint32_t next_ = 1;
};

/// Bytes of a record, item by item in storage order.
class RecordMaker {
 public:
  RecordMaker(Choices& choices, const copybook::Layout& layout, const plan::PlanOptions& options)
      : choices_(choices), layout_(layout), options_(options) {
    for (ItemIndex item = 0; item < layout.items.size(); ++item)
      if (layout.items[item].depending_on != copybook::kNoItem)
        counted_[layout.items[item].depending_on] = item;
  }

  ByteBuffer make() {
    put_item(0);
    record_.reserve(record_.size() + 1);
    std::fill_n(record_.data() + record_.size(), kReadableTail, std::uint8_t{0xFF});
    return std::move(record_);
  }

 private:
  void put_item(ItemIndex index) {
    const Item& item = layout_.items[index];
    std::uint64_t count = item.is_table ? item.occurs_max : 1;
    const bool is_moving = options_.odo == plan::OdoStorage::moving;
    if (item.depending_on != copybook::kNoItem && is_moving) count = counts_[item.depending_on];
    for (std::uint64_t i = 0; i < count; ++i) {
      if (item.is_group()) {
        put_group(item);
      } else {
        put_elementary(index);
      }
    }
  }

  void put_group(const Item& group) {
    std::uint64_t end = group.offset;
    for (const ItemIndex child : group.children) {
      const Item& item = layout_.items[child];
      if (item.offset < end) continue;  // shares storage with the item before it
      put_bytes(item.offset - end, 0);
      put_item(child);
      end = item.offset + std::uint64_t{item.size} * (item.is_table ? item.occurs_max : 1);
    }
    put_bytes(group.offset + group.size - std::min(end, group.offset + std::uint64_t{group.size}),
              0);
  }

  void put_bytes(std::uint64_t count, std::uint8_t byte) {
    for (; count > 0; --count) record_.append({&byte, 1});
  }

  void put_elementary(ItemIndex index) {
    const Item& item = layout_.items[index];
    std::uint8_t* const bytes = record_.extend(item.size);
    const auto counted = counted_.find(index);
    if (counted != counted_.end()) {
      const Item& table = layout_.items[counted->second];
      counts_[index] = table.occurs_min + choices_.below(table.occurs_max - table.occurs_min + 1);
      return put_number(item, std::to_string(counts_[index]), bytes);
    }
    if (choices_.once_in(30)) {
      for (std::uint32_t i = 0; i < item.size; ++i)
        bytes[i] = static_cast<std::uint8_t>(choices_.below(256));
    } else if (item.category == Category::numeric && item.usage != Usage::national) {
      put_number(item, digits(), bytes);
    } else {
      put_characters(item, bytes);
    }
  }

  std::string digits() {
    std::string text;
    for (std::uint32_t left = choices_.below(20); left > 0; --left)
      text += static_cast<char>('0' + choices_.below(10));
    return text;
  }

  void put_number(const Item& item, std::string text, std::uint8_t* bytes) {
    static constexpr std::array<std::uint8_t, 6> kSigns = {0xC, 0xD, 0xC, 0xD, 0xF, 0xA};
    const std::uint8_t sign = !item.is_signed                      ? 0xF
                              : counted_.count(index_of(item)) > 0 ? 0xC
                                                                   : kSigns[choices_.below(6)];
    if (item.usage == Usage::display) return put_zoned(item, text, sign, bytes);
    if (item.usage == Usage::packed || item.usage == Usage::unsigned_packed)
      return put_packed(item, text, sign, bytes);
    std::uint64_t value = 0;
    for (const char digit : text) value = 10 * value + static_cast<unsigned>(digit - '0');
    const bool is_little =
        item.usage == Usage::native_binary && options_.native_order == plan::ByteOrder::little;
    for (std::uint32_t i = 0; i < item.size; ++i, value >>= 8U)
      bytes[is_little ? i : item.size - 1 - i] = static_cast<std::uint8_t>(value);
  }

  [[nodiscard]] ItemIndex index_of(const Item& item) const {
    return static_cast<ItemIndex>(&item - layout_.items.data());
  }

  static std::string fitted(std::string text, std::size_t size) {
    if (text.size() > size) return text.substr(text.size() - size);
    return std::string(size - text.size(), '0') + text;
  }

  void put_zoned(const Item& item, const std::string& text, unsigned sign, std::uint8_t* bytes) {
    const bool is_ascii = options_.code_page->byte_of('0') == 0x30;
    const bool is_first =
        item.sign == SignPlace::leading || item.sign == SignPlace::leading_separate;
    const bool is_separate =
        item.sign == SignPlace::leading_separate || item.sign == SignPlace::trailing_separate;
    const std::string all = fitted(text, item.size - (is_separate ? 1 : 0));
    std::uint8_t* at = bytes + (is_separate && is_first ? 1 : 0);
    for (const char digit : all)
      *at++ = static_cast<std::uint8_t>((is_ascii ? 0x30 : 0xF0) | (digit - '0'));
    std::uint8_t& place = bytes[is_first ? 0 : item.size - 1];
    const bool is_minus = sign == 0xD;
    if (is_separate) {
      place = static_cast<std::uint8_t>(options_.code_page->byte_of(is_minus ? '-' : '+'));
    } else if (item.is_signed) {
      const unsigned zone = is_ascii ? (is_minus ? 7U : 3U) : sign;
      place = static_cast<std::uint8_t>((zone << 4U) | (place & 0x0FU));
    }
  }

  static void put_packed(const Item& item, const std::string& text, unsigned sign,
                         std::uint8_t* bytes) {
    const bool has_sign = item.usage == Usage::packed;
    std::string nibbles = fitted(text.size() > item.digits ? text.substr(0, item.digits) : text,
                                 2 * std::size_t{item.size} - (has_sign ? 1 : 0));
    if (has_sign) nibbles += static_cast<char>('0' + sign);
    for (std::uint32_t i = 0; i < item.size; ++i)
      bytes[i] =
          static_cast<std::uint8_t>(((nibbles[2 * i] - '0') << 4) | (nibbles[2 * i + 1] - '0'));
  }

  // Characters of the page; for edited items, floats and pointers whatever these then are.
  void put_characters(const Item& item, std::uint8_t* bytes) {
    static constexpr std::string_view kOften = "AJab z09.,-+$\"\\/";
    const std::uint32_t used = choices_.below(item.size + 1);
    for (std::uint32_t i = 0; i < item.size; ++i) {
      const char ascii = i < used ? kOften[choices_.below(kOften.size())] : ' ';
      const bool is_wild = choices_.once_in(40);
      if (item.usage == Usage::national) {
        const bool is_high = (i % 2 == 0) == (options_.national_order == plan::ByteOrder::big);
        bytes[i] = is_high ? 0 : static_cast<std::uint8_t>(ascii);
      } else if (item.usage == Usage::utf8) {
        bytes[i] = static_cast<std::uint8_t>(ascii);
      } else {
        bytes[i] = is_wild ? static_cast<std::uint8_t>(choices_.below(256))
                           : static_cast<std::uint8_t>(options_.code_page->byte_of(ascii));
      }
    }
  }

  Choices& choices_;
  const copybook::Layout& layout_;
  const plan::PlanOptions& options_;
  std::map<ItemIndex, ItemIndex> counted_;  ///< by counter: a table
  std::map<ItemIndex, std::uint32_t> counts_;
  ByteBuffer record_;
};

std::shared_ptr<const charset::CodePage> page(std::string_view name) {
  static std::map<std::string, std::shared_ptr<const charset::CodePage>, std::less<>> pages;
  auto found = pages.find(name);
  if (found == pages.end()) {
    const auto loaded = charset::CodePage::load(name);
    if (!loaded) std::abort();
    found = pages.emplace(name, *loaded).first;
  }
  return found->second;
}

}  // namespace

std::uint32_t InputChoices::below(std::uint32_t limit) {
  std::uint32_t value = 0;
  for (std::uint32_t most = limit - 1; most > 0 && !input_.empty(); most >>= 8U) {
    value = (value << 8U) | input_.front();
    input_ = input_.subspan(1);
  }
  return value % limit;
}

std::string random_copybook(Choices& choices, const CopybookShape& shape) {
  return CopybookMaker(choices, shape).make();
}

plan::PlanOptions random_plan_options(Choices& choices) {
  static constexpr std::array<const char*, 10> kPages = {
      "IBM-1047",   "IBM-1140", "IBM-273", "IBM-037", "IBM-1047",
      "ISO-8859-1", "IBM-939",  "UTF-8",   "IBM-875", "IBM-943"};
  plan::PlanOptions options;
  options.code_page = page(one_of(choices, kPages));
  options.float_format = static_cast<plan::FloatFormat>(choices.below(2));
  options.native_order = static_cast<plan::ByteOrder>(choices.below(2));
  options.national_order = static_cast<plan::ByteOrder>(choices.below(2));
  options.names = static_cast<plan::Names>(choices.below(3));
  options.trim = static_cast<plan::Trim>(choices.below(3));
  options.numbers = static_cast<plan::Numbers>(choices.below(3));
  options.keep_fillers = choices.once_in(2);
  options.on_bad_field = static_cast<plan::OnBadField>(choices.below(3));
  options.edited = static_cast<plan::Edited>(choices.below(2));
  options.odo = choices.once_in(4) ? plan::OdoStorage::fixed : plan::OdoStorage::moving;
  options.conditions = choices.once_in(4);
  options.list_errors = choices.once_in(4);
  const bool accepts = choices.once_in(4);
  options.short_records = options.long_records =
      accepts ? plan::Acceptance::accept : plan::Acceptance::reject;
  return options;
}

ByteBuffer random_record(Choices& choices, const copybook::Layout& layout,
                         const plan::PlanOptions& options) {
  return RecordMaker(choices, layout, options).make();
}

}  // namespace copybridge::test
