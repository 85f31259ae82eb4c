// From what was noted to a sentence, a path and what was expected.
#include "codecs/encode/explain.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace copybridge::encode {
namespace {

constexpr std::size_t kFoundMax = 64;

std::string path_of(const Failure& failure) {
  std::string path;
  for (std::size_t i = 0; i < failure.path_size; ++i) {
    const PathStep& step = failure.path[i];
    if (step.name != nullptr) {
      json::append_pointer_step(path, *step.name);
    } else {
      path += '/' + std::to_string(step.index);
    }
  }
  if (failure.member != nullptr) json::append_pointer_step(path, *failure.member);
  return path;
}

std::string code_point(std::uint64_t code) {
  static constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string text = "U+";
  for (int shift = code > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4)
    text += kHexDigits[(code >> static_cast<unsigned>(shift)) & 0x0FU];
  return text;
}

std::string decimal(json::Uint128 value) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return text;
}

// A magnitude in units of the last decimal, with its point.
std::string scaled(json::Uint128 magnitude, int scale) {
  std::string text = decimal(magnitude);
  if (scale < 0) return text + std::string(static_cast<std::size_t>(-scale), '0');
  const auto decimals = static_cast<std::size_t>(scale);
  if (text.size() <= decimals) text.insert(0, decimals - text.size() + 1, '0');
  if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
  return text;
}

/// What was wrong, and what would have been right. Words in braces are filled in.
struct Words {
  Fault fault;
  std::string_view wrong;
  std::string_view expected;
};

constexpr Words kWords[] = {
    {Fault::none, "the record fits", "nothing"},
    {Fault::no_json, "the text is not JSON: {json error}", "one JSON object"},
    {Fault::not_object, "the value is no object", "an object"},
    {Fault::not_array, "the value is no array", "an array"},
    {Fault::wants_string, "the value is no text, which {picture} holds", "a string"},
    {Fault::wants_number, "the value is no number, which {picture} holds", "a number"},
    {Fault::wants_boolean, "the value is neither true nor false", "true or false"},
    {Fault::no_value, "null is no value of {picture}",
     "a value; 'empty' of a mapping says what null means"},
    {Fault::bad_escape, "the text has a broken escape or half of a UTF-16 pair", "JSON text"},
    {Fault::too_long, "{count} characters, but {picture} has room for {room}",
     "at most {room} characters"},
    {Fault::character, "the code page has no character {character}", "characters of the code page"},
    {Fault::wants_hex, "the value is not {hex digits} hexadecimal digits",
     "{hex digits} hexadecimal digits"},
    {Fault::decimals, "the value has more decimals than {picture}",
     "digits behind the decimal point: at most {decimals}"},
    {Fault::whole_digits, "the value has more digits than {picture}", "{range}"},
    {Fault::storage, "the value is beyond what {picture} holds", "{range}"},
    {Fault::minus, "the value is negative, but {picture} is unsigned", "{range}"},
    {Fault::float_range, "the value is beyond the range or the digits of {picture}",
     "a number in range"},
    {Fault::date, "the value is no date or time that the field's pattern can say",
     "ISO 8601 text as decoding prints it"},
    {Fault::masked, "the value is masked: its characters are not known", "the whole value"},
    {Fault::edited, "the text is no value of {picture}",
     "a number, or text as the picture edits it"},
    {Fault::unknown_member, "the copybook has no member {token} here", "members of the copybook"},
    {Fault::twice, "the member is there twice", "each member once"},
    {Fault::missing, "the member is missing", "every member of the copybook"},
    {Fault::few_elements, "{count} elements, but {occurs}", "{occurs}"},
    {Fault::many_elements, "{count} elements, but {occurs}", "{occurs}"},
    {Fault::count, "{counter} is {count}, but {name} {occurs}", "{counter} of {occurs}"},
    {Fault::counter, "{count} elements, but {counter} says otherwise",
     "as many elements as the counter says, in every table that depends on it"},
    {Fault::all_null, "all alternatives are null", "a value for one of them"},
    {Fault::two_alternatives, "a second alternative has a value", "one alternative"},
    {Fault::other_alternative,
     "the record would decode to another value: {name} shares its bytes with an alternative that "
     "stands in front of it",
     "alternatives of the same bytes, or only one of them"},
    {Fault::null_alternative,
     "is null, but the record would decode to a value: {name} shares its bytes with another "
     "alternative",
     "the value, or no such member"},
    {Fault::condition_of, "the record's fields choose {chosen}",
     "the alternative whose condition holds"},
    {Fault::condition_name, "is {truth}, but the value of {name} says otherwise",
     "what the item's value says"},
    {Fault::raw_hex,
     "the value is no text of hexadecimal digits in pairs, as many as there are "
     "bytes",
     "bytes in hexadecimal"},
    {Fault::raw_record, "the record in _raw does not fit the copybook", "a record of the copybook"},
    {Fault::renamed, "{name} renames items whose values say otherwise",
     "what these items say, or no such member"},
    {Fault::behind_end, "a value stands behind the first null, where the record ends",
     "nulls at the record's end only"},
};

class Explainer {
 public:
  explicit Explainer(const Frame& frame)
      : failure_(frame.failure), layout_(*frame.program->layout) {
    if (failure_.item != copybook::kNoItem) item_ = &layout_.items[failure_.item];
  }

  [[nodiscard]] const Words& words() const {
    return *std::find_if(std::begin(kWords), std::end(kWords) - 1,
                         [&](const Words& words) { return words.fault == failure_.fault; });
  }

  [[nodiscard]] std::string fill(std::string_view text) const {
    std::string filled;
    while (!text.empty()) {
      const std::size_t open = std::min(text.find('{'), text.size());
      filled += text.substr(0, open);
      text.remove_prefix(open);
      if (text.empty()) break;
      const std::size_t close = text.find('}');
      filled += value_of(text.substr(1, close - 1));
      text.remove_prefix(close + 1);
    }
    return filled;
  }

 private:
  [[nodiscard]] std::string value_of(std::string_view word) const {
    if (word == "picture") return picture();
    if (word == "name") return item_ == nullptr ? "the item" : item_->name;
    if (word == "count") return std::to_string(failure_.detail);
    if (word == "token") return std::string(failure_.token);
    if (word == "character") return code_point(failure_.detail);
    if (word == "truth") return failure_.detail != 0 ? "true" : "false";
    if (word == "json error")
      return simdjson::error_message(
          static_cast<simdjson::error_code>(static_cast<int>(failure_.detail)));
    if (word == "occurs") return occurs();
    if (word == "counter") return counter();
    if (word == "chosen") return chosen();
    if (failure_.field == nullptr) return "";
    const Field& field = *failure_.field;
    if (word == "room") return room(field);
    if (word == "hex digits") return std::to_string(2 * std::uint64_t{field.size});
    if (word == "decimals") return std::to_string(std::max<int>(field.scale, 0));
    return range(field);
  }

  [[nodiscard]] std::string picture() const {
    if (item_ == nullptr) return "the item";
    return item_->picture.empty() ? item_->name : "PIC " + item_->picture;
  }

  [[nodiscard]] static std::string room(const Field& field) {
    const bool is_national = field.storage.usage == copybook::Usage::national;
    const Field& text = field.varying != nullptr ? field.varying->text : field;
    if (text.storage.characters != 0) return std::to_string(text.storage.characters);
    const json::Uint128 size = is_national ? text.size / 2 : text.size;
    return decimal(field.varying == nullptr ? size : std::min(size, field.varying->length.most));
  }

  [[nodiscard]] std::string occurs() const {
    if (item_ == nullptr) return "";
    std::string text = "OCCURS ";
    if (item_->depending_on != copybook::kNoItem)
      text += std::to_string(item_->occurs_min) + " TO ";
    return text + std::to_string(item_->occurs_max);
  }

  [[nodiscard]] std::string counter() const {
    if (item_ == nullptr) return "the counter";
    return item_->depending_on == copybook::kNoItem ? item_->name
                                                    : layout_.items[item_->depending_on].name;
  }

  [[nodiscard]] std::string chosen() const {
    const auto item = static_cast<copybook::ItemIndex>(failure_.detail);
    return item < layout_.items.size() ? "alternative " + layout_.items[item].name
                                       : "no alternative by its condition";
  }

  [[nodiscard]] static std::string range(const Field& field) {
    const std::string low = field.is_signed ? "-" + scaled(field.least, field.scale) : "0";
    return low + " to " + scaled(field.most, field.scale);
  }

  const Failure& failure_;
  const copybook::Layout& layout_;
  const copybook::Item* item_ = nullptr;
};

}  // namespace

Refusal explain(const Frame& frame, std::string_view text) {
  const Failure& failure = frame.failure;
  Refusal refusal;
  refusal.path = path_of(failure);
  const Token token = failure.token;
  // As the text has it: what JSON escapes must not reach a terminal.
  if (failure.fault == Fault::unknown_member)
    json::append_pointer_step(refusal.path, token.substr(1, token.size() - 2));
  const bool is_within =
      !token.empty() && token.data() >= text.data() && token.data() < text.data() + text.size();
  if (is_within) refusal.offset = static_cast<std::size_t>(token.data() - text.data());
  const bool is_masked =
      failure.item != copybook::kNoItem && frame.program->is_masked[failure.item];
  if (is_within && !is_masked) refusal.found = token.substr(0, kFoundMax);
  const Explainer explainer(frame);
  const Words& words = explainer.words();
  refusal.expected = explainer.fill(words.expected);
  refusal.message = explainer.fill(words.wrong);
  if (!refusal.path.empty()) refusal.message.insert(0, refusal.path + ": ");
  return refusal;
}

}  // namespace copybridge::encode
